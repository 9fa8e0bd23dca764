#pragma once
// Cuts number columns into bins; other columns pass.
//
//   Pipeline{Impute{}, Bins{{.bins = 10}}, Ridge{}}
//   Bins{{.method = "uniform", .encode = "one_hot"}}       // '<name>_bin_0', '<name>_bin_1' ...

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct BinsParameters {
  int bins = 5;
  std::string method = "quantile";
  std::string encode = "ordinal";

  static auto declare() {
    return std::tuple{
        parameter("bins", &BinsParameters::bins, "Most bins of a column.").range(2, 10000).search(2, 64, Scale::log),
        parameter("method", &BinsParameters::method,
                  "Where bins end: with equal shares of the rows, or at equal distances.")
            .choices({"quantile", "uniform"}),
        parameter("encode", &BinsParameters::encode,
                  "What a column becomes: one column of the bin's number, from 0 on, or a 0/1 column a bin.")
            .choices({"ordinal", "one_hot"})};
  }
};

/// A value on an edge belongs to the bin above it, values beyond those of training to the first or last bin. Equal
/// quantiles are one edge, so that bins may be fewer. A missing value is a missing number, or zeros. Statistics are
/// over finite values, weights count as copies.
class AUTOMILL_EXPORT Bins final : public DeclaredTransformer<Bins, BinsParameters> {
 public:
  static constexpr const char* registered_name = "bins";
  using DeclaredTransformer::DeclaredTransformer;

  DataShape output_shape(const DataShape& input) const override;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

/// Loader of "bins" for Registry::add_transformer_loader.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_bins(const ArchiveReader& in,
                                                             const std::shared_ptr<const Schema>& input,
                                                             int state_version, const Registry& registry);

}  // namespace automill
