#pragma once
// Turns each category column into the mean target of its categories: a number for regression (one an output), the share
// of the positive class for two classes, a share a class for more ('<name>_mean_<class>'). Other columns pass.
//
//   Pipeline{TargetEncoder{}, Impute{}, Ridge{}}
//   TargetEncoder{{.smoothing = 10, .columns_from = 20, .keep = true}}
//
// A row never sees its own target. The training rows that fit_transform gives are encoded out of fold: each by the rows
// of the other inner folds. Rows that come later are encoded by all training rows. Inner folds follow from the content
// of the rows and the seed alone, hold classes in about equal shares, and keep groups of the dataset together.
//
// Means are drawn towards the mean of all rows. Without a number for `smoothing` the weight of a category of n rows is
// V n / (V n + v), V the variance of the target and v that inside the category (empirical Bayes: Micci-Barreca, "A
// preprocessing scheme for high-cardinality categorical attributes", SIGKDD Explorations 3(1), 2001); scikit-learn's
// TargetEncoder(smooth="auto") gives the same. With a number m it is n / (n + m).
//
// `scheme = "ordered"` encodes a training row by the rows before it in an order drawn by content, as CatBoost does
// (Prokhorenkova et al., NeurIPS 2018): (sum + m prior) / (n + m) with the mean of the rows before as the prior.
//
// O(rows) a column and O(categories x folds x outputs); fit_transform_folds sums each part of the rows once and adds up
// the parts that a fold trains on, so that held-out targets leave no trace, not even in the last bit.

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct TargetEncoderParameters {
  std::string scheme = "folds";
  int folds = 5;
  std::optional<double> smoothing{};
  int columns_from = 0;
  bool keep = false;

  static auto declare() {
    return std::tuple{
        parameter(
            "scheme", &TargetEncoderParameters::scheme,
            "How training rows are encoded: by the rows of the other inner folds, or by the rows before them in a "
            "random order.")
            .choices({"folds", "ordered"}),
        parameter("folds", &TargetEncoderParameters::folds, "Number of inner folds.")
            .range(2, 20)
            .only_if("scheme", "folds"),
        parameter("smoothing", &TargetEncoderParameters::smoothing,
                  "How many rows of the mean target are mixed into the mean of a category; none: as many as the "
                  "variance inside the category calls for, with scheme 'ordered' one.")
            .range(0, 1e9)
            .search(0.5, 200, Scale::log),
        parameter("columns_from", &TargetEncoderParameters::columns_from,
                  "A column with fewer categories in its training rows passes as it is.")
            .range(0, 1e9),
        parameter("keep", &TargetEncoderParameters::keep,
                  "Whether the category column stays beside its mean targets.")};
  }
};

/// Missing is a category of its own where training rows miss some; unseen categories get the mean of all training rows.
/// A row without any other to learn from gets 0. Weights count as copies. Errors: weights that are negative, infinite
/// or all 0 ("data.weight_invalid").
class AUTOMILL_EXPORT TargetEncoder final : public DeclaredTransformer<TargetEncoder, TargetEncoderParameters> {
 public:
  static constexpr const char* registered_name = "target_encoder";
  using DeclaredTransformer::DeclaredTransformer;

  bool shares_folds() const override { return true; }
  DataShape output_shape(const DataShape& input) const override;
  Fitted fit_transform(const DatasetView& train, const RunContext& context) const override;
  std::vector<Fitted> fit_transform_folds(const FoldedDataset& folded, const RunContext& context) const override;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

/// Loader of "category_numbers" for Registry::add_transformer_loader: what TargetEncoder and CountEncoder make.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_category_numbers(const ArchiveReader& in,
                                                                         const std::shared_ptr<const Schema>& input,
                                                                         int state_version, const Registry& registry);

}  // namespace automill
