#pragma once
// Turns each category column into a number '<name>_count': how many training rows have the category. Other columns
// pass.
//
//   Pipeline{CountEncoder{{.value = "log_count"}}, GradientBoosting{}}

#include <automill/core/transformer.hpp>

namespace automill {

struct CountEncoderParameters {
  std::string value = "count";
  bool keep = false;

  static auto declare() {
    return std::tuple{
        parameter("value", &CountEncoderParameters::value,
                  "What a category becomes: its number of training rows, the logarithm of one more than that, or its "
                  "share of the training rows.")
            .choices({"count", "log_count", "frequency"})
            .search(0, 1),
        parameter("keep", &CountEncoderParameters::keep, "Whether the category column stays beside its count.")};
  }
};

/// Missing is counted as a category of its own; unseen categories have no rows. Weights count as copies. O(rows) a
/// column.
class AUTOMILL_EXPORT CountEncoder final : public DeclaredTransformer<CountEncoder, CountEncoderParameters> {
 public:
  static constexpr const char* registered_name = "count_encoder";
  using DeclaredTransformer::DeclaredTransformer;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

}  // namespace automill
