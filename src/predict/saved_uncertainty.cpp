#include "saved_uncertainty.hpp"

#include "spread_inputs.hpp"
#include "state_check.hpp"

namespace automill {
namespace {

constexpr std::int64_t state_version = 1;

ScoreRanks load_scores(const ArchiveReader& in, bool classes) {
  ScoreRanks scores{
      .rows = static_cast<std::uint32_t>(in.integer("rows", 1, std::numeric_limits<std::uint32_t>::max())),
      .ranks = in.array<std::uint32_t>("ranks")};
  scores.scores = in.array<double>("scores", scores.ranks.size());
  if (scores.ranks.empty() || scores.ranks.front() != 1 || scores.ranks.back() != scores.rows)
    in.fail("'ranks' must go from 1 to 'rows'");
  for (std::size_t i = 1; i < scores.ranks.size(); ++i)
    if (scores.ranks[i] <= scores.ranks[i - 1]) in.fail("'ranks' must ascend");
  check_finite(in, "scores", scores.scores);
  if (!std::is_sorted(scores.scores.begin(), scores.scores.end())) in.fail("'scores' must ascend");
  if (classes && (scores.scores.front() < 0 || scores.scores.back() > 1)) in.fail("'scores' of classes are in [0, 1]");
  return scores;
}

void load_limits(const ArchiveReader& in, Uncertainty& known) {
  known.least = in.number("least");
  known.most = in.number("most");
  if (!(known.least <= known.most)) in.fail("'least' must be at most 'most'");
  known.quantiles = in.array<double>("quantiles");
  for (const double level : known.quantiles)
    if (!(level > 0 && level < 1)) in.fail("'quantiles' must be above 0 and below 1");
}

}  // namespace

void save_uncertainty(const Uncertainty& uncertainty, ArchiveWriter& out) {
  out.set("type", "uncertainty");
  out.set("state_version", state_version);
  out.set("rows", static_cast<std::int64_t>(uncertainty.scores.rows));
  out.array("ranks", uncertainty.scores.ranks);
  out.array("scores", uncertainty.scores.scores);
  if (uncertainty.spread != nullptr)
    out.child("spread", [&](ArchiveWriter& part) { save_component(*uncertainty.spread, part); });
  out.set("least", uncertainty.least);
  out.set("most", uncertainty.most);
  out.array("quantiles", uncertainty.quantiles);
}

std::shared_ptr<const Uncertainty> load_uncertainty(const ArchiveReader& in, const ModelParts& parts,
                                                    const Registry& registry) {
  check_state_version(in, static_cast<int>(in.integer("state_version", 1, 1 << 20)), state_version);
  auto known = std::make_shared<Uncertainty>();
  known->scores = load_scores(in, is_classification(parts.target.task));
  if (in.contains("spread")) {
    if (is_classification(parts.target.task)) in.fail("'spread' is of numbers");
    known->spread = registry.load_model(in.child("spread"), {spread_schema(*parts.schema), OutputSpec{}});
  }
  load_limits(in, *known);
  return known;
}

}  // namespace automill
