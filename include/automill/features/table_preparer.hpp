#pragma once
// All automated preparation of a table as one transformer: what a family of learners needs, chosen by what is in the
// table, with a reason for every column that is made, kept, replaced or left out.
//
//   Pipeline{TablePreparer{{.for_family = "linear"}}, Ridge{}}
//   const auto fitted = TablePreparer{}.fit_transform(rows, {});
//   for (const PreparedColumn& column : preparation_report(*fitted.transformer).columns) std::cout << column.reason;
//
// What is done for a family, where the table calls for it:
// - trees: calendar parts and differences of datetimes; text as statistics, topics and telling n-grams, or where its
//   strings repeat as statistics, telling characters and mean targets; generated columns. Missing values and categories
//   stay.
// - linear: the same but text; infinite and missing values filled, outliers drawn in, mean targets of large categories,
//   categories as columns, one scale; text as n-grams.
// - neural: as linear, with text as for trees, and numbers on a robust scale that ends at 3.
//
// Constant columns and copies of others are left out. What uses the target is out of fold for the training rows
// (TargetEncoder) or asks inner folds of them (GenerateFeatures), so a pipeline with it can be cross-validated.

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct TablePreparerParameters {
  std::string for_family = "trees";
  bool generate = true;

  static auto declare() {
    return std::tuple{
        parameter("for_family", &TablePreparerParameters::for_family,
                  "What the columns are for: trees (which take missing values and categories as they are), linear "
                  "models, or neural networks.")
            .choices({"trees", "linear", "neural"}),
        parameter("generate", &TablePreparerParameters::generate,
                  "Whether columns that are made of others are added where they tell more of the target "
                  "(generate_features).")};
  }
};

/// What became of a column.
struct PreparedColumn {
  std::string column;
  std::string action;  ///< "kept": it comes out under its name; "made"; "replaced" by others; "dropped"
  std::string step;    ///< that did it; empty for columns that are kept
  std::string reason;
};

struct PreparationStep {
  std::string name;
  double seconds = 0;  ///< of fitting and transforming the training rows; 0 after loading
};

struct PreparationReport {
  std::vector<PreparedColumn> columns{};
  std::vector<PreparationStep> steps{};
};

/// O(cells) and what the chosen steps take, each of which says its own.
class AUTOMILL_EXPORT TablePreparer final : public DeclaredTransformer<TablePreparer, TablePreparerParameters> {
 public:
  static constexpr const char* registered_name = "table_preparer";
  using DeclaredTransformer::DeclaredTransformer;

  DataShape output_shape(const DataShape& input) const override;
  CostEstimate cost(const DataShape& input) const override;
  /// Training rows come as the steps' fit_transform gives them: encoders of the target out of fold.
  Fitted fit_transform(const DatasetView& train, const RunContext& context) const override;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;

 private:
  Fitted prepare(const DatasetView& train, const RunContext& context) const;
};

/// Error where the transformer is not one that TablePreparer fitted.
AUTOMILL_EXPORT const PreparationReport& preparation_report(const FittedTransformer& fitted);

/// Loader of "table_preparer" for Registry::add_transformer_loader.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_table_preparer(const ArchiveReader& in,
                                                                       const std::shared_ptr<const Schema>& input,
                                                                       int state_version, const Registry& registry);

}  // namespace automill
