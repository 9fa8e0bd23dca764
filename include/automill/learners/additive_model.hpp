#pragma once
// The fitted half of additive learners: scores that are sums of functions of one column and of two columns, each a
// table of values. It knows nothing of training.
//
//   score = intercept + sum_j f_j(x_j) + sum_jk f_jk(x_j, x_k)
//
// f_j has a value for each bin of its column: intervals of a number, categories, and one for missing values. A category
// that training did not see has the value of the rare ones, 0 where there were none. Functions are centred: their mean
// over the training rows is 0, and functions of two columns have the mean 0 for each bin of either of them ("purified",
// Lengerich et al. 2020), so what a column adds by itself is in f_j alone.
//
//   for (const AdditiveTerm& term : model.terms()) plot(term.columns, term.values, term.standard_errors);

#include <automill/core/export.hpp>
#include <automill/core/registry.hpp>
#include <automill/learners/tree/tree_ensemble.hpp>

namespace automill {

/// How the cells of a column become bins. Numbers: bin 0 is missing, bin 1 + i holds the values up to edge i.
/// Categories: by code, bin 0 is any other one.
struct AUTOMILL_EXPORT AdditiveBins {
  std::uint32_t column = 0;  ///< of the input schema
  bool categorical = false;
  std::vector<double> edges{};  ///< ascending
  std::vector<std::uint16_t> bin_of_code{};
  std::uint16_t missing_bin = 0;  ///< categories
  std::uint32_t bins = 0;
  /// O(log edges).
  std::size_t bin(double value) const noexcept;
};

/// A function of one column: its values at [bin][score].
struct AdditiveMain {
  std::vector<double> values{};
  std::vector<double> errors{};   ///< standard errors over the bags, of each value
  std::vector<double> weights{};  ///< training weight of each bin
};

/// A function of two columns, whose bins are put together to fewer groups: its values at [group of the first][group of
/// the second]. Models of three and more classes have none.
struct AdditivePair {
  std::uint32_t first = 0, second = 0;                      ///< positions in AdditiveState::columns
  std::vector<std::uint8_t> first_group{}, second_group{};  ///< of each bin
  std::uint32_t first_groups = 0, second_groups = 0;
  std::vector<double> values{}, errors{}, weights{};
  std::size_t at(std::size_t first_bin, std::size_t second_bin) const noexcept {
    return std::size_t{first_group[first_bin]} * second_groups + second_group[second_bin];
  }
};

struct AdditiveState {
  ScoreTransform transform = ScoreTransform::identity;
  std::vector<double> intercepts{};  ///< one a score
  std::vector<AdditiveBins> columns{};
  std::vector<AdditiveMain> mains{};  ///< one a column of `columns`
  std::vector<AdditivePair> pairs{};
  std::size_t scores() const { return intercepts.size(); }
};

/// A function as data for plots.
struct AdditiveTerm {
  /// One axis of the table: a column and what its bins are.
  struct Axis {
    std::string column{};
    bool categorical = false;
    std::vector<double> edges{};  ///< numbers: bin 1 + i ends at edge i, the last bin has no end; bin 0 is missing
    std::vector<std::string> labels{};  ///< of all bins, for people: "(10, 20.5]", "missing", "Clerk", "Cook, Maid"
  };
  std::vector<Axis> axes{};  ///< one or two
  std::size_t scores = 1;
  std::vector<double> values{};           ///< [bin of the first axis][bin of the second axis][score]
  std::vector<double> standard_errors{};  ///< of the values, over the outer bags; 0 where there was one bag
  std::vector<double> weights{};          ///< training weight of each bin
  double importance = 0;                  ///< mean |value| over the training rows, added up over scores
};

class AUTOMILL_EXPORT AdditiveModel final : public Model {
 public:
  static constexpr const char* registered_type = "additive_model";
  /// Precondition: sizes agree, every number is finite.
  explicit AdditiveModel(AdditiveState state);

  const AdditiveState& state() const { return state_; }
  /// Functions as data, the most important first.
  std::vector<AdditiveTerm> terms() const;

  void predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const override;
  std::unique_ptr<RowPredictor> row_predictor() const override;
  std::string type() const override { return registered_type; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent = 0) const override;

 private:
  AdditiveState state_;
};

/// Loads what AdditiveModel::save wrote. Every index and size is checked; damage is an Error.
AUTOMILL_EXPORT std::unique_ptr<Model> load_additive_model(const ArchiveReader& in, const ModelContext& context,
                                                           int state_version, const Registry& registry);

}  // namespace automill
