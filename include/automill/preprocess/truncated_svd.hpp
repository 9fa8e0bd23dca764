#pragma once
// Turns all columns of numbers and booleans, sparse or dense, into few: their coordinates along the directions in which
// they are largest; other columns pass.
//
//   TransformerPipeline(TfIdf{}, TruncatedSvd{{.components = 50}})
//   ColumnTransformer({{"text", TransformerPipeline(TfIdf{}, TruncatedSvd{}), columns_of(ColumnKind::text)}});

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct TruncatedSvdParameters {
  int components = 100;
  int iterations = 4;
  int oversampling = 10;

  static auto declare() {
    return std::tuple{parameter("components", &TruncatedSvdParameters::components,
                                "Columns that are made; at most as many as there are columns.")
                          .range(1, 5000)
                          .search(8, 256, Scale::log),
                      parameter("iterations", &TruncatedSvdParameters::iterations,
                                "Power iterations: more give directions closer to the exact ones.")
                          .range(0, 100),
                      parameter("oversampling", &TruncatedSvdParameters::oversampling,
                                "Directions beyond the components that are followed meanwhile.")
                          .range(0, 1000)};
  }
};

/// Columns 'svd_1', 'svd_2' ...: the rows times the leading right singular vectors of the training rows, which are not
/// centred. Each vector's entry of largest magnitude is positive; directions of no extent give zeros. Cells that are
/// missing or infinite count as 0; a weight counts as copies of its row. Exact where there are no more columns than
/// components and oversampling; otherwise by a randomised range finder, subspace iteration on the side of the columns
/// (Halko, Martinsson & Tropp 2011, algorithm 4.4), the same for any number of threads. O(cells (components +
/// oversampling) iterations + columns (components + oversampling)^2 iterations). Vectors are kept in single precision.
class AUTOMILL_EXPORT TruncatedSvd final : public DeclaredTransformer<TruncatedSvd, TruncatedSvdParameters> {
 public:
  static constexpr const char* registered_name = "truncated_svd";
  using DeclaredTransformer::DeclaredTransformer;

  DataShape output_shape(const DataShape& input) const override;
  CostEstimate cost(const DataShape& input) const override;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

/// Loader of "truncated_svd" for Registry::add_transformer_loader.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_truncated_svd(const ArchiveReader& in,
                                                                      const std::shared_ptr<const Schema>& input,
                                                                      int state_version, const Registry& registry);

}  // namespace automill
