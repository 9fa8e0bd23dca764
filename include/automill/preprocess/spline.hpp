#pragma once
// Turns each number column into a basis of B-splines: what a linear model makes of them is a smooth curve. Other
// columns pass.
//
//   Pipeline{Impute{}, Spline{{.knots = 8}}, Ridge{}}
//
//   '<name>_spline_1', '<name>_spline_2' ...

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct SplineParameters {
  int knots = 5;
  int degree = 3;
  std::string placement = "uniform";
  std::string extrapolation = "constant";
  bool include_bias = true;

  static auto declare() {
    return std::tuple{
        parameter("knots", &SplineParameters::knots, "How many knots a column has, ends included.")
            .range(2, 1000)
            .search(3, 20),
        parameter("degree", &SplineParameters::degree, "Degree of the polynomials between knots.")
            .range(1, 5)
            .search(1, 3),
        parameter("placement", &SplineParameters::placement,
                  "Where knots are: at equal distances between the smallest and the largest value, or at quantiles.")
            .choices({"uniform", "quantile"}),
        parameter("extrapolation", &SplineParameters::extrapolation,
                  "Beyond the values of training: the curve keeps the value of its end, or goes on as a line.")
            .choices({"constant", "linear"}),
        parameter("include_bias", &SplineParameters::include_bias,
                  "Whether the last column is kept; the columns of a row sum to 1, which models with an intercept do "
                  "not need.")};
  }
};

/// knots + degree - 1 columns for each column (one less without the bias); a value is in degree + 1 of them. Knots are
/// those of scikit-learn's SplineTransformer, but equal quantiles are one knot. Missing is missing in all; a column
/// that is constant in training gives no columns. Weights count as copies. Evaluated by de Boor's recursion (1972).
class AUTOMILL_EXPORT Spline final : public DeclaredTransformer<Spline, SplineParameters> {
 public:
  static constexpr const char* registered_name = "spline";
  using DeclaredTransformer::DeclaredTransformer;

  DataShape output_shape(const DataShape& input) const override;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

/// Loader of "spline" for Registry::add_transformer_loader.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_spline(const ArchiveReader& in,
                                                               const std::shared_ptr<const Schema>& input,
                                                               int state_version, const Registry& registry);

}  // namespace automill
