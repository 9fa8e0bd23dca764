#pragma once
// The k nearest neighbours of a row in a raw table, exactly: numbers brought to variance 1, categories as dummies.
//
//   distance^2 = sum over numbers w_j (z_j - z'_j)^2 + sum over categories 2 w_j [they differ]
//
// The differing cells of a column of numbers and of one of categories thus count alike: 2 on the mean of two unrelated
// rows, or less. A missing number is the mean, and where training has missing cells also a dummy: 1 more between a
// missing cell and one that is there. Missing is a category of its own; an unseen category differs from all. Rows as
// far away as the k-th neighbour share the places that are left, so that the order of rows does not matter.
//
//   FitResult result = Neighbors({.n_neighbors = 5, .weights = "uniform"}).fit(dataset);
//   result.out_of_bag->values;                             // leave-one-out predictions of the training rows
//   result.report.details.find("n_neighbors")->integer();  // what was chosen, where it was not given
//
// Distances are computed in single precision, in blocks, with a bound of their rounding; what may be among the nearest
// is decided in double precision. So the result is exact, and the same on every processor and for any number of
// threads.

#include <automill/core/estimator.hpp>

namespace automill {

class Registry;

struct NeighborsParameters {
  std::optional<std::int64_t> n_neighbors{};
  std::string weights = "auto";
  bool standardize = true;
  Value column_weights{};
  double prior_weight = 0.0;

  static auto declare() {
    using P = NeighborsParameters;
    return std::tuple{
        parameter("n_neighbors", &P::n_neighbors,
                  "Nearest rows that are averaged; null: chosen by leave-one-out errors among 1 to 448.")
            .range(1, 1e6)
            .search(1, 200, Scale::log),
        parameter("weights", &P::weights,
                  "Whether neighbours count alike or by the inverse of their distance; \"auto\": chosen as n_neighbors "
                  "is.")
            .choices({"auto", "uniform", "distance"}),
        parameter("standardize", &P::standardize, "Whether numbers are brought to variance 1."),
        parameter(
            "column_weights", &P::column_weights,
            "Weights of columns in squared distances by name, {\"age\": 0.5}; 1 for the others, 0 leaves a column "
            "out."),
        parameter("prior_weight", &P::prior_weight, "Rows of the mean of all rows that are added to the neighbours.")
            .range(0, 1e6)
            .search(0.1, 10, Scale::log)};
  }
};

/// Raw tables: numbers, booleans, datetimes, categories, with missing values. Weights of rows count in the average, not
/// in the number of neighbours; rows without weight are left out. Out-of-bag predictions exist for up to some 40,000
/// rows (4e10 operations); n_neighbors is chosen on up to 2,000 rows. Fitting: O(rows columns) and 2,000 searches or as
/// many as there are rows; a search: O(rows columns). Errors: `data.column_unknown`, `parameter.out_of_range` for
/// column_weights.
class AUTOMILL_EXPORT Neighbors final : public Learner<Neighbors, NeighborsParameters> {
 public:
  static constexpr const char* registered_name = "neighbors";
  using Learner::Learner;

  EstimatorTraits traits() const override;
  CostEstimate cost(const DataShape& shape) const override;

 protected:
  FitResult fit_checked(const FitInput& input, const RunContext& context) const override;
};

/// How a column of the table enters distances.
struct NeighborColumn {
  enum class Kind : std::uint8_t { unused, number, category };
  Kind kind = Kind::unused;
  bool marks_missing = false;                          ///< number: a further coordinate says where cells are missing
  double center = 0, scale = 1, lower = 0, upper = 0;  ///< number: clipped, then standardised
  double weight = 1;                                   ///< of squared distances
};

/// Points of numbers and codes; missing ones are code -1.
struct NeighborPoints {
  std::size_t size = 0, coordinates = 0;
  std::vector<double> numbers{};       ///< size x coordinates, weights of columns multiplied in
  std::vector<std::int32_t> codes{};   ///< size x categories
  std::vector<double> code_weights{};  ///< one a category column: what it adds to a squared distance where codes differ

  std::size_t categories() const { return code_weights.size(); }
};

struct NeighborsState {
  std::vector<NeighborColumn> columns{};  ///< one a column of the table
  NeighborPoints points{};
  std::vector<std::int32_t> labels{};  ///< classification: one a point
  std::vector<double> values{};        ///< regression: one a point
  std::vector<double> weights{};       ///< one a point, above 0; empty: all alike
  std::vector<double> prior{};         ///< class shares, or the mean of the values
  std::size_t n_neighbors = 1;
  bool by_distance = false;
  double prior_weight = 0;
};

namespace neighbors {
class Search;
}

/// The fitted half, type "neighbors": it keeps the training rows.
class AUTOMILL_EXPORT NeighborsModel final : public Model {
 public:
  /// Precondition: sizes agree, every number is finite and below 1e13, at least one point.
  explicit NeighborsModel(NeighborsState state);
  ~NeighborsModel() override;

  const NeighborsState& state() const { return state_; }
  const neighbors::Search& search() const { return *search_; }
  /// The same points, averaged otherwise.
  void choose(std::size_t n_neighbors, bool by_distance) {
    state_.n_neighbors = n_neighbors;
    state_.by_distance = by_distance;
  }
  void predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const override;
  std::unique_ptr<RowPredictor> row_predictor() const override;
  std::string type() const override { return "neighbors"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent = 0) const override;

 private:
  NeighborsState state_;
  std::unique_ptr<const neighbors::Search> search_;
};

/// Loader of "neighbors" for Registry::add_model_loader.
AUTOMILL_EXPORT std::unique_ptr<Model> load_neighbors(const ArchiveReader& in, const ModelContext& context,
                                                      int state_version, const Registry& registry);

}  // namespace automill
