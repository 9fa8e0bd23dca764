#include "saved_out_of_fold.hpp"

#include "state_check.hpp"

namespace automill {
namespace {

constexpr std::int64_t out_of_fold_version = 1;

/// Where rows stand: none twice, none that is not there.
void check_rows(const OutOfFold& known, const ArchiveReader& in) {
  for (const std::int32_t fold : known.fold)
    if (fold < -1) in.fail("'fold' must be -1 or more");
  for (std::size_t i = 0; i < known.used_rows.size(); ++i)
    if (known.used_rows[i] >= known.fold.size() || (i > 0 && known.used_rows[i] <= known.used_rows[i - 1]))
      in.fail("'used_rows' must ascend and be rows of 'fold'");
}

}  // namespace

void save_out_of_fold(const OutOfFold& out_of_fold, ArchiveWriter& out) {
  out.set("type", "out_of_fold");
  out.set("state_version", out_of_fold_version);
  out.array("predictions", out_of_fold.predictions.values);
  out.array("fold", out_of_fold.fold);
  out.array("used_rows", out_of_fold.used_rows);
  out.array("weights", out_of_fold.weights);
}

std::shared_ptr<const OutOfFold> load_out_of_fold(const ArchiveReader& in, const ModelParts& parts) {
  check_state_version(in, static_cast<int>(in.integer("state_version", 1, 1 << 20)), out_of_fold_version);
  auto known = std::make_shared<OutOfFold>();
  known->fold = in.array<std::int32_t>("fold");
  known->predictions.width = parts.model->output_spec().width;
  known->predictions.values = in.array<double>("predictions", known->fold.size() * known->predictions.width);
  known->used_rows = in.array<std::uint32_t>("used_rows");
  check_rows(*known, in);
  known->weights = in.array<double>("weights");
  if (!known->weights.empty() && known->weights.size() != known->used_rows.size())
    in.fail("'weights' must be of 'used_rows'");
  check_finite(in, "weights", known->weights);
  return known;
}

}  // namespace automill
