#pragma once
// Turns each number column into one column a bin, which rises from 0 to 1 inside its bin: what a linear model or a
// network makes of them is a broken line. Other columns pass.
//
//   Pipeline{Impute{}, PiecewiseLinear{{.bins = 16}}, Ridge{}}
//   PiecewiseLinear{{.method = "tree"}}                    // bins where the target changes
//
//   '<name>_piece_1', '<name>_piece_2' ...

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct PiecewiseLinearParameters {
  int bins = 16;
  std::string method = "quantile";
  double min_rows = 64;
  std::string beyond = "constant";

  static auto declare() {
    return std::tuple{
        parameter("bins", &PiecewiseLinearParameters::bins, "Most bins of a column.")
            .range(1, 1024)
            .search(2, 128, Scale::log),
        parameter("method", &PiecewiseLinearParameters::method,
                  "Where bins end. quantile: with equal shares of the rows. tree: where a decision tree of the column "
                  "splits to predict the target.")
            .choices({"quantile", "tree"})
            .search(0, 1),
        parameter("min_rows", &PiecewiseLinearParameters::min_rows, "Fewest training rows of a bin.")
            .range(1, 1e9)
            .only_if("method", "tree"),
        parameter("beyond", &PiecewiseLinearParameters::beyond,
                  "What the first and last bin give for values beyond those of training: 0 and 1, or the line goes on.")
            .choices({"constant", "linear"})};
  }
};

/// The encoding of Gorishniy, Rubachev & Babenko 2022 ("On embeddings for numerical features"). A value between edges
/// a < b of bin k gives 1 in bins before k, (x - a) / (b - a) in bin k, 0 in bins behind it; missing is missing in all.
/// A column that is constant in training gives no columns. The tree takes the split of the largest gain first (squared
/// error, or Gini of the classes) among 256 quantiles. Weights count as copies. O(rows log rows) a column.
class AUTOMILL_EXPORT PiecewiseLinear final : public DeclaredTransformer<PiecewiseLinear, PiecewiseLinearParameters> {
 public:
  static constexpr const char* registered_name = "piecewise_linear";
  using DeclaredTransformer::DeclaredTransformer;

  DataShape output_shape(const DataShape& input) const override;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

/// Loader of "piecewise_linear" for Registry::add_transformer_loader.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_piecewise_linear(const ArchiveReader& in,
                                                                         const std::shared_ptr<const Schema>& input,
                                                                         int state_version, const Registry& registry);

}  // namespace automill
