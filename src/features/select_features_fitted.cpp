#include "features/select_features_fitted.hpp"

#include <automill/features/select_features.hpp>

#include "state_check.hpp"

namespace automill {
namespace {

bool names_other(Verdict verdict) { return verdict == Verdict::copy || verdict == Verdict::correlated; }

std::string reason(Verdict verdict, const std::string& other) {
  switch (verdict) {
    case Verdict::constant:
      return "has one value";
    case Verdict::copy:
      return "is a copy of " + other;
    case Verdict::no_signal:
      return "tells no more than shuffled columns";
    case Verdict::correlated:
      return "is in nearly the same order as " + other;
    case Verdict::beyond_most:
      return "is less important than max_features others";
    case Verdict::stays:
      break;
  }
  return {};
}

}  // namespace

FittedSelectFeatures::FittedSelectFeatures(const Schema& input, std::vector<Verdict> verdicts,
                                           std::vector<std::uint32_t> others)
    : verdicts_(std::move(verdicts)), others_(std::move(others)) {
  lay_out(input, [this](const ColumnSchema&, std::size_t source) {
    return Part{.changed = verdicts_[source] != Verdict::stays};
  });
}

void FittedSelectFeatures::apply(std::size_t, double, double*) const noexcept {}

void FittedSelectFeatures::save(ArchiveWriter& out) const {
  std::vector<std::uint8_t> verdicts;
  for (Verdict verdict : verdicts_) verdicts.push_back(static_cast<std::uint8_t>(verdict));
  out.array("verdicts", verdicts);
  out.array("others", others_);
}

std::string FittedSelectFeatures::describe(int indent) const {
  const std::string margin(static_cast<std::size_t>(indent), ' ');
  const auto stay = static_cast<std::size_t>(std::count(verdicts_.begin(), verdicts_.end(), Verdict::stays));
  std::string text = margin + "select_features: " + std::to_string(stay) + " of " + std::to_string(verdicts_.size()) +
                     " columns stay\n";
  const Schema& input = *input_schema();
  for (std::size_t c = 0; c < verdicts_.size(); ++c)
    if (verdicts_[c] != Verdict::stays)
      text += margin + "  " + input[c].name + ": " + reason(verdicts_[c], input[others_[c]].name) + "\n";
  return text;
}

std::unique_ptr<FittedTransformer> load_select_features(const ArchiveReader& in,
                                                        const std::shared_ptr<const Schema>& input, int state_version,
                                                        const Registry&) {
  check_state_version(in, state_version, 1);
  const auto stored = in.array<std::uint8_t>("verdicts", input->size());
  auto others = in.array<std::uint32_t>("others", input->size());
  std::vector<Verdict> verdicts;
  for (std::size_t c = 0; c < stored.size(); ++c) {
    if (stored[c] > static_cast<std::uint8_t>(Verdict::beyond_most)) in.fail("'verdicts' has an unknown one");
    verdicts.push_back(static_cast<Verdict>(stored[c]));
    const bool fits = names_other(verdicts[c]) ? others[c] < input->size() && others[c] != c : others[c] == 0;
    if (!fits) in.fail("'others' does not fit 'verdicts'");
  }
  return std::make_unique<FittedSelectFeatures>(*input, std::move(verdicts), std::move(others));
}

}  // namespace automill
