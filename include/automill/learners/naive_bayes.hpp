#pragma once
// Naive Bayes: each column tells of the class by itself.
//
//   log P(class | row) = log P(class) + sum_j log P(cell j | class) + constant
//
// kind "mixed" takes a raw table: numbers have a normal distribution in each class (or shares of bins), categories
// have shares with Laplace's smoothing, a missing cell and an unseen category say nothing. "multinomial" (McCallum &
// Nigam 1998), "complement" (Rennie, Shih, Teevan & Karger 2003) and "bernoulli" are for counts, n-grams and dummies.
// Values are those of scikit-learn's GaussianNB (on columns of variance 1), CategoricalNB, MultinomialNB, ComplementNB
// and BernoulliNB.
//
//   FitResult result = NaiveBayes{}.fit(dataset);
//   NaiveBayes({.kind = "complement", .alpha = 0.1}).fit(n_grams);

#include <automill/core/estimator.hpp>

namespace automill {

class Registry;

struct NaiveBayesParameters {
  std::string kind = "mixed";
  std::string numbers = "gaussian";
  double alpha = 1.0;
  double var_smoothing = 1e-9;
  std::int64_t bins = 16;
  double binarize = 0.0;
  bool fit_prior = true;
  bool norm = false;

  static auto declare() {
    using P = NaiveBayesParameters;
    return std::tuple{
        parameter(
            "kind", &P::kind,
            "What cells are: \"mixed\" numbers and categories, counts (\"multinomial\", \"complement\"), or numbers "
            "above a threshold or not (\"bernoulli\").")
            .choices({"mixed", "multinomial", "complement", "bernoulli"}),
        parameter("numbers", &P::numbers, "Distribution of a number in a class: normal, or shares of bins.")
            .choices({"gaussian", "bins"})
            .search(0, 1)
            .only_if("kind", "mixed"),
        parameter("alpha", &P::alpha,
                  "Rows (or counts) that are added to each category, bin or count of a class (Laplace, Lidstone).")
            .range(1e-10, 1e9)
            .search(0.01, 100, Scale::log),
        parameter("var_smoothing", &P::var_smoothing,
                  "Added to the variance of a number in each class, as a share of its variance over all rows.")
            .range(0, 1e6)
            .search(1e-9, 1, Scale::log)
            .only_if("numbers", "gaussian"),
        parameter("bins", &P::bins, "Most bins of a number, by quantiles.")
            .range(2, 1000)
            .search(4, 64, Scale::log)
            .only_if("numbers", "bins"),
        parameter("binarize", &P::binarize, "Numbers above it count as there.")
            .range(-1e300, 1e300)
            .only_if("kind", "bernoulli"),
        parameter("fit_prior", &P::fit_prior, "Whether classes have their shares of the rows; else equal ones."),
        parameter("norm", &P::norm, "Whether the weights of each class are divided by their sum.")
            .only_if("kind", "complement")};
  }
};

/// Raw tables: numbers, booleans, datetimes, categories, with missing values ("multinomial" and "complement": numbers
/// from 0 on). Numbers are clipped to what training saw, widened by one range on either side; an infinite one counts as
/// the end. A class that training rows do not have gets the prior of half a row. O(rows columns), and the kept cells of
/// sparse columns for all kinds but "mixed". Errors: `fit.negative` for counts below 0, `fit.categories` for categories
/// as counts.
class AUTOMILL_EXPORT NaiveBayes final : public Learner<NaiveBayes, NaiveBayesParameters> {
 public:
  static constexpr const char* registered_name = "naive_bayes";
  using Learner::Learner;

  EstimatorTraits traits() const override;
  CostEstimate cost(const DataShape& shape) const override;

 protected:
  FitResult fit_checked(const FitInput& input, const RunContext& context) const override;
};

/// How one column tells of the class.
struct NaiveBayesColumn {
  enum class Kind : std::uint8_t {
    silent,      ///< it says nothing: constant, or missing
    gaussian,    ///< numbers: center, scale, lower, upper; terms: the means, factors and constants of all classes
    categories,  ///< terms: categories x classes, log shares
    bins  ///< numbers: ascending edges; terms: (edges + 1) x classes, log shares; bin i holds values up to edge i
  };
  Kind kind = Kind::silent;
  bool mostly_zero = false;  ///< its cells are passed over where they are 0
  std::vector<double> numbers{};
  std::vector<double> terms{};
};

/// The fitted half of the kinds "mixed" and "bernoulli", type "naive_bayes"; the others are linear models.
class AUTOMILL_EXPORT NaiveBayesModel final : public Model {
 public:
  /// `log_priors`: one a class. Precondition: sizes are those that NaiveBayesColumn says.
  NaiveBayesModel(std::vector<double> log_priors, std::vector<NaiveBayesColumn> columns);

  const std::vector<double>& log_priors() const { return log_priors_; }
  const std::vector<NaiveBayesColumn>& columns() const { return columns_; }

  void predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const override;
  std::unique_ptr<RowPredictor> row_predictor() const override;
  std::string type() const override { return "naive_bayes"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent = 0) const override;

 private:
  std::vector<double> log_priors_;
  std::vector<NaiveBayesColumn> columns_;
  std::vector<double> starts_{};              ///< scores of a row in which every column of `mostly_zero_` is 0
  std::vector<double> zeros_{};               ///< columns x classes: what a 0 adds in a mostly zero column
  std::vector<std::uint32_t> filled_{};       ///< the other columns that say something
  std::vector<std::uint32_t> mostly_zero_{};  ///< columns whose cells are passed over where they are 0
};

/// Loader of "naive_bayes" for Registry::add_model_loader.
AUTOMILL_EXPORT std::unique_ptr<Model> load_naive_bayes(const ArchiveReader& in, const ModelContext& context,
                                                        int state_version, const Registry& registry);

}  // namespace automill
