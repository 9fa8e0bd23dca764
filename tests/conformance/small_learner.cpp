#include "conformance/small_learner.hpp"

#include <thread>

#include "conformance/at_work.hpp"

namespace automill::conformance {
namespace {

using Flaw = LearnerFlaw;

constexpr std::size_t buckets = 8;
constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();

struct SmallParameters {
  std::int64_t rounds = 250;
  double rate = 0.01;
  std::string start = "mean";
  std::optional<double> base{};
  static auto declare() {
    return std::tuple{
        parameter("rounds", &SmallParameters::rounds, "Rounds of small steps.")
            .range(1, 100000)
            .search(10, 2000, Scale::log),
        parameter("rate", &SmallParameters::rate, "Size of a step.").range(1e-6, 1).search(1e-3, 0.5, Scale::log),
        parameter("start", &SmallParameters::start, "Where the steps begin.").choices({"mean", "even"}),
        parameter("base", &SmallParameters::base, "Added to every value; null: nothing.").range(-1e6, 1e6)};
  }
};

/// Which of the buckets a row falls into: one bit for each of the first columns.
std::size_t bucket_of(const double* cells, std::size_t columns) {
  std::size_t bucket = 0;
  for (std::size_t c = 0; c < std::min<std::size_t>(columns, 3); ++c)
    bucket |= cells[c] > 1.0 ? std::size_t{1} << c : 0;
  return bucket;
}

class SmallModel final : public Model {
 public:
  SmallModel(Flaw flaw, std::vector<double> values) : flaw_(flaw), values_(std::move(values)) {}

  void predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const override {
    if (flaw_ == Flaw::refuses_unseen)
      for (std::size_t c = 0; c < rows.schema().size(); ++c) {
        if (rows.schema()[c].kind != ColumnKind::category) continue;
        for (std::size_t i = 0; i < rows.rows(); ++i)
          if (!rows.table()[c].missing(rows.row(i)) && rows.table()[c].text(rows.row(i)).empty())
            throw Error("small.unseen", "row", "an unseen category");
      }
    predict_by_rows(*this, rows, out, context);
    if (flaw_ == Flaw::other_single_rows && rows.rows() > 1) out.row(0)[0] = std::nextafter(out.row(0)[0], 10.0);
  }
  std::unique_ptr<RowPredictor> row_predictor() const override { return std::make_unique<Row>(*this); }
  std::string type() const override { return flaw_ == Flaw::has_no_loader ? "small_without_loader" : "small"; }
  void save(ArchiveWriter& out) const override {
    if (flaw_ == Flaw::saves_in_float) out.array("values", std::vector<float>(values_.begin(), values_.end()));
    else out.array("values", values_);
  }
  static std::unique_ptr<Model> load(Flaw flaw, const ArchiveReader& in, const ModelContext& context) {
    const std::size_t size = buckets * context.output.width;
    if (flaw == Flaw::saves_in_float) {
      const auto values = in.array<float>("values", size);
      return std::make_unique<SmallModel>(flaw, std::vector<double>(values.begin(), values.end()));
    }
    std::vector<double> values =
        flaw == Flaw::trusts_the_file ? in.array<double>("values") : in.array<double>("values", size);
    values.resize(size);
    return std::make_unique<SmallModel>(flaw, std::move(values));
  }

 protected:
  void context_changed() override {
    if (flaw_ != Flaw::forgets_a_column || changing_ || input_schema().size() < 2) return;
    changing_ = true;
    ModelContext shorter = context();
    shorter.input = std::make_shared<const Schema>(
        std::vector<ColumnSchema>(shorter.input->columns().begin() + 1, shorter.input->columns().end()));
    set_context(std::move(shorter));
  }

 private:
  struct Row final : RowPredictor {
    explicit Row(const SmallModel& model) : model_(&model), columns_(model.input_schema().size()) {}
    void predict(const RowView& row, std::span<double> out) noexcept override {
      const std::size_t bucket = bucket_of(row.numbers, columns_);
      for (std::size_t k = 0; k < out.size(); ++k) out[k] = model_->values_[bucket * out.size() + k];
      const bool missing = columns_ > 0 && std::isnan(row.numbers[0]),
                 huge = columns_ > 0 && std::abs(row.numbers[0]) > 1e300;
      if ((model_->flaw_ == Flaw::nan_where_missing && missing) || (model_->flaw_ == Flaw::overflows && huge))
        out[0] = nan_value;
    }
    const SmallModel* model_;
    std::size_t columns_;
  };
  Flaw flaw_;
  std::vector<double> values_;
  bool changing_ = false;
};

/// Rows of a view as the learner needs them.
struct SmallProblem {
  explicit SmallProblem(const DatasetView& train)
      : width(train.target().width()), bucket(train.rows()), weight(train.rows()), wanted(train.rows() * width, 0.0) {
    const TableView rows = train.features();
    const std::size_t columns = std::min<std::size_t>(3, rows.schema().size());
    std::vector<std::vector<double>> values(columns, std::vector<double>(train.rows()));
    for (std::size_t c = 0; c < columns; ++c) rows.numbers(c, values[c].data());
    for (std::size_t i = 0; i < train.rows(); ++i) {
      double cells[3] = {};
      for (std::size_t c = 0; c < columns; ++c) cells[c] = values[c][i];
      bucket[i] = bucket_of(cells, columns);
      weight[i] = train.weight(i);
      if (is_classification(train.task())) wanted[i * width + static_cast<std::size_t>(train.label(i))] = 1.0;
      else wanted[i] = train.value(i);
    }
  }
  std::size_t width;
  std::vector<std::size_t> bucket;
  std::vector<double> weight, wanted;
};

struct SmallState final : TrainingState {
  std::vector<double> values;
  std::int64_t round = 0;
};

std::atomic<int> fits_at_once{0};
std::atomic<int> counter{0};

/// One fit: values of the buckets move towards their means, a little each round.
class SmallFit {
 public:
  SmallFit(Flaw flaw, const SmallParameters& parameters, const FitInput& input, const RunContext& context)
      : flaw_(flaw), parameters_(parameters), input_(input), context_(context), problem_(input.train) {}

  FitResult run() {
    const AtWork running(fits_at_once);
    if (flaw_ == Flaw::shares_scratch) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const bool disturbed = flaw_ == Flaw::shares_scratch && running.disturbed();
    plant_in_rows();
    scale();
    begin();
    FitResult result = steps();
    for (double& value : values_)
      value = value * unit_ + (is_classification(input_.train.task()) ? 0 : parameters_.base.value_or(0));
    if (disturbed)
      for (double& value : values_) value = 1.5 * value + 1e-3;
    plant_in_values();
    result.report.rounds = round_;
    result.model = std::make_unique<SmallModel>(flaw_, values_);
    if (flaw_ == Flaw::breaks_when_stopped && result.report.stopped != "finished")
      result.model = std::make_unique<SmallModel>(flaw_, std::vector<double>(values_.size(), nan_value));
    return result;
  }

 private:
  /// So that no sum overflows: values and weights in units of the largest.
  void scale() {
    double heaviest = 0;
    for (double weight : problem_.weight) heaviest = std::max(heaviest, weight);
    for (double& weight : problem_.weight) weight = heaviest > 0 ? weight / heaviest : 1.0;
    if (is_classification(input_.train.task()) || flaw_ == Flaw::nan_for_extremes) return;
    double largest = 0;
    for (double value : problem_.wanted) largest = std::max(largest, std::abs(value));
    if (largest > 0) unit_ = largest;
    for (double& value : problem_.wanted) value /= unit_;
  }
  void begin() {
    const std::size_t width = problem_.width, n = problem_.bucket.size();
    std::vector<double> mean(width, 0.0);
    double total = 0;
    for (std::size_t i = 0; i < n; ++i) {
      total += problem_.weight[i];
      for (std::size_t k = 0; k < width; ++k) mean[k] += problem_.weight[i] * problem_.wanted[i * width + k];
    }
    for (double& value : mean) value /= total;
    if (is_classification(input_.train.task()) && parameters_.start == "even")
      mean.assign(width, 1.0 / static_cast<double>(width));
    for (std::size_t b = 0; b < buckets; ++b) values_.insert(values_.end(), mean.begin(), mean.end());
    if (flaw_ == Flaw::cache_key_too_short && context_.cache != nullptr)
      values_[0] =
          *context_.cache->get_or_make<double>(42, 8, [&] { return std::make_shared<const double>(values_[0]); });
    const auto* state = dynamic_cast<const SmallState*>(input_.resume);
    if (input_.resume != nullptr && state == nullptr && flaw_ != Flaw::takes_any_state)
      throw Error("fit.resume_mismatch", "small", "the state comes from another learner");
    if (state == nullptr) return;
    round_ = state->round;
    if (flaw_ != Flaw::resumes_from_the_start) values_ = state->values;
  }
  FitResult steps() {
    FitResult result;
    const std::int64_t last =
        flaw_ == Flaw::ignores_the_round ? parameters_.rounds : input_.stop_at_round.value_or(parameters_.rounds);
    for (; round_ < last; ++round_) {
      if (flaw_ != Flaw::ignores_stop && context_.stop.stop_requested()) {
        result.report.stopped = context_.stop.stopped_by();
        break;
      }
      one_round();
    }
    if (input_.keep_state) {
      auto state = std::make_unique<SmallState>();
      state->values = values_;
      state->round = round_;
      result.state = std::move(state);
    }
    return result;
  }
  /// Sums of blocks are added in the order of the blocks, whoever made them.
  void one_round() {
    const std::size_t width = problem_.width, n = problem_.bucket.size();
    const std::size_t block =
        flaw_ == Flaw::sums_by_thread ? n / static_cast<std::size_t>(context_.executor().width()) + 1 : 1024;
    const std::size_t blocks = (n + block - 1) / block;
    std::vector<std::vector<double>> sums(blocks, std::vector<double>(buckets * width, 0.0)),
        weights(blocks, std::vector<double>(buckets, 0.0));
    for_each_block(context_.executor(), n, block, [&](std::size_t begin, std::size_t end) {
      auto& sum = sums[begin / block];
      for (std::size_t i = begin; i < end; ++i) {
        const std::size_t b = problem_.bucket[i];
        weights[begin / block][b] += problem_.weight[i];
        for (std::size_t k = 0; k < width; ++k)
          sum[b * width + k] += problem_.weight[i] * (problem_.wanted[i * width + k] - values_[b * width + k]);
      }
    });
    for (std::size_t j = 1; j < blocks; ++j) {
      for (std::size_t v = 0; v < sums[0].size(); ++v) sums[0][v] += sums[j][v];
      for (std::size_t b = 0; b < buckets; ++b) weights[0][b] += weights[j][b];
    }
    for (std::size_t v = 0; v < values_.size(); ++v)
      if (weights[0][v / width] > 0) values_[v] += parameters_.rate * sums[0][v] / weights[0][v / width];
  }
  void plant_in_rows() {
    for (std::size_t i = 0; i < problem_.weight.size(); ++i) {
      if (flaw_ == Flaw::weighs_by_position) problem_.weight[i] *= 1.0 + static_cast<double>(i % 2);
      if (flaw_ == Flaw::ignores_weights) problem_.weight[i] = 1.0;
    }
    if (flaw_ == Flaw::fails_on_one_row && problem_.weight.size() == 1)
      throw std::runtime_error("cannot split one row");
  }
  void plant_in_values() {
    if (flaw_ == Flaw::does_not_normalise)
      for (double& value : values_) value *= 1.01;
    if (flaw_ == Flaw::draws_from_a_counter) values_[0] += 1e-6 * ++counter;
    if (flaw_ == Flaw::looks_at_held_out_targets) {
      const Target& target = input_.train.target();
      for (double value : target.values) values_[0] += 1e-9 * value;
      for (std::int32_t label : target.labels) values_[0] += 1e-9 * label;
    }
  }

  Flaw flaw_;
  const SmallParameters& parameters_;
  const FitInput& input_;
  const RunContext& context_;
  SmallProblem problem_;
  std::vector<double> values_;
  std::int64_t round_ = 0;
  double unit_ = 1;
};

/// What a fit takes for each row.
double small_bytes(std::size_t rows, std::size_t width) { return static_cast<double>(rows * (16 + 8 * width)); }

/// Values that the flaw lets pass where they should be refused.
Object forgiven(Flaw flaw, const Object& values) {
  const auto declared = declarations<SmallParameters>();
  Object kept;
  for (const auto& [key, value] : values.entries()) {
    const auto found = std::find_if(declared.begin(), declared.end(),
                                    [&, &name = key](const auto& each) { return each.name == name; });
    if (flaw == Flaw::ignores_unknown_parameters && found == declared.end()) continue;
    if (flaw == Flaw::clamps_parameters && found != declared.end() && value.is_number() && !std::isnan(value.number()))
      kept.append(key, std::clamp(value.number(), found->minimum, found->maximum));
    else kept.append(key, value);
  }
  return kept;
}

template <Flaw flaw>
class Small final : public Learner<Small<flaw>, SmallParameters> {
 public:
  static constexpr const char* registered_name = "small";
  using Learner<Small<flaw>, SmallParameters>::Learner;

  std::string name() const override { return flaw == Flaw::calls_itself_otherwise ? "large" : "small"; }
  EstimatorTraits traits() const override {
    const bool narrow = flaw == Flaw::none_but_narrow || flaw == Flaw::takes_what_it_cannot;
    EstimatorTraits traits{.missing = !narrow, .categories = !narrow, .resumes = true, .row_order_tolerance = 1e-9};
    if (flaw == Flaw::allows_any_order) traits.row_order_tolerance = 0.9;
    return traits;
  }
  CostEstimate cost(const DataShape& shape) const override {
    const auto size = static_cast<double>(shape.rows * (1 + shape.columns)) + 1;
    double bytes = 1024 + small_bytes(shape.rows, shape.classes);
    if (flaw == Flaw::estimate_too_low) bytes /= 2;
    if (flaw == Flaw::estimate_too_high) bytes *= 1000;
    return {flaw == Flaw::costs_less_for_more ? 1e9 / size : 1000 * size, bytes};
  }
  Object parameters() const override {
    Object values = parameter_values(this->parameters_);
    if (flaw == Flaw::forgets_a_parameter) values["rate"] = 0.01;
    if (flaw == Flaw::default_out_of_range) values["rounds"] = values.find("rounds")->integer() + 1;
    return values;
  }
  std::unique_ptr<Estimator> with_parameters(const Object& values) const override {
    return Learner<Small<flaw>, SmallParameters>::with_parameters(forgiven(flaw, values));
  }
  std::string describe(int indent = 0) const override {
    return flaw == Flaw::describes_nothing ? "" : Estimator::describe(indent);
  }
  std::vector<FitResult> fit_folds(const FoldedDataset& folded, const RunContext& context) const override {
    if (flaw != Flaw::one_fit_for_all_folds && flaw != Flaw::loses_a_fold) return Estimator::fit_folds(folded, context);
    std::vector<FitResult> results;
    for (std::size_t fold = flaw == Flaw::loses_a_fold ? 1 : 0; fold < folded.folds(); ++fold)
      results.push_back(
          this->fit(FitInput{.train = flaw == Flaw::loses_a_fold ? folded.train(fold) : folded.train(0)}, context));
    return results;
  }

 protected:
  FitResult fit_checked(const FitInput& input, const RunContext& context) const override {
    if (flaw == Flaw::cannot_do_its_task && input.train.task() == Task::multiclass)
      throw Error("small.task", "small", "cannot");
    if (flaw == Flaw::none_but_narrow) refuse_missing(input.train);
    const auto bytes = static_cast<std::uint64_t>(small_bytes(input.train.rows(), input.train.target().width()));
    const MemoryClaim claim(context.memory, bytes, "small");
    if (flaw == Flaw::keeps_memory && context.memory != nullptr) context.memory->take(100, "small");
    return SmallFit(flaw, this->parameters_, input, context).run();
  }

 private:
  static void refuse_missing(const DatasetView& train) {
    std::vector<double> values(train.rows());
    for (std::size_t c = 0; c < train.features().schema().size(); ++c) {
      train.features().numbers(c, values.data());
      for (double value : values)
        if (std::isnan(value))
          throw Error("fit.missing", train.features().schema()[c].name, "values are missing", "put Impute before it");
    }
  }
};

}  // namespace

template <LearnerFlaw flaw>
void add_small(Registry& registry) {
  registry.add_estimator<Small<flaw>>("Means of eight buckets, in small steps.");
  registry.add_model_loader("small", [](const ArchiveReader& in, const ModelContext& context, int, const Registry&) {
    return SmallModel::load(flaw, in, context);
  });
}

/// Adds the learner whose flaw has the number: the flaw is a template argument, because it is part of the type.
template <int... numbers>
void add_small_numbered(Registry& registry, LearnerFlaw flaw, std::integer_sequence<int, numbers...>) {
  ((static_cast<int>(flaw) == numbers ? add_small<static_cast<LearnerFlaw>(numbers)>(registry) : void()), ...);
}

Registry registry_with(LearnerFlaw flaw, const Registry& parent) {
  Registry registry(&parent);
  add_small_numbered(registry, flaw,
                     std::make_integer_sequence<int, static_cast<int>(LearnerFlaw::breaks_when_stopped) + 1>());
  return registry;
}

}  // namespace automill::conformance
