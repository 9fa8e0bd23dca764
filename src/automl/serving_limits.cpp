#include "automl/serving_limits.hpp"

#include <cstdio>

namespace automill {
namespace {

struct Cost {
  double microseconds = 0, bytes = 0;
};

/// The limits, and how far a cost is beyond them.
struct Limits {
  explicit Limits(const TrainOptions& options) {
    if (options.max_predict_time) microseconds = 1e6 * options.max_predict_time->count();
    if (options.max_model_size) bytes = static_cast<double>(*options.max_model_size);
  }
  bool any() const { return std::isfinite(microseconds) || std::isfinite(bytes); }
  bool hold(const Cost& cost) const { return cost.microseconds <= microseconds && cost.bytes <= bytes; }
  double microseconds = std::numeric_limits<double>::infinity(), bytes = microseconds;
};

std::string text(const char* pattern, double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, pattern, value);
  return buffer;
}

Cost measured(const AutoMLModel& model) {
  constexpr double figures_of_the_run = 1024;  // are put in last
  return {microseconds_of_one_row(*model.parts().model, model.training_data()->features),
          static_cast<double>(model.bytes().size()) + figures_of_the_run};
}

AutoMLModel with_note(const AutoMLModel& model, const std::string& note) {
  auto parts = std::make_shared<ModelParts>(model.parts());
  Object books = parts->metadata["books"].object();
  Array notes = books["notes"].array();
  notes.emplace_back(note);
  books["notes"] = notes;
  parts->metadata["books"] = books;
  return {ServedModel(parts), model.shared_out_of_fold(), model.training_data()};
}

std::string words(const Cost& cost) {
  return text("%.3g us a row", cost.microseconds) + text(", %.3g MB", cost.bytes / 1e6);
}

/// Which candidates stay, by what one model of each costs.
class Pruning {
 public:
  Pruning(const AssembleInput& input, const Limits& limits, EnsembleWeights weights)
      : input_(input),
        limits_(limits),
        usable_(usable_candidates(*input.candidates)),
        weights_(std::move(weights)),
        rows_(input.scorer->sample(most_rows, input.prepared->dataset->keys, input.options->seed)) {
    for (const Candidate* candidate : usable_) costs_.push_back(cost_of(*candidate));
  }

  const EnsembleWeights& weights() const { return weights_; }
  const std::vector<Candidate*>& usable() const { return usable_; }
  std::size_t members() const {
    return static_cast<std::size_t>(std::count_if(weights_.all.weights.begin(), weights_.all.weights.end(),
                                                  [](double weight) { return weight > 0; }));
  }
  /// Of the members as one model each.
  Cost cost() const {
    Cost sum;
    for (std::size_t i = 0; i < usable_.size(); ++i) {
      if (weights_.all.weights[i] == 0) continue;
      sum.microseconds += costs_[i].microseconds;
      sum.bytes += costs_[i].bytes;
    }
    return sum;
  }

  /// Gives up the member that saves most of what is too much for the least loss; of a single one, takes the best that
  /// costs less. False: there is none.
  bool shrink() {
    if (members() < 2) return take_cheaper();
    const Cost now = cost();
    const double loss = loss_of(weights_);
    std::optional<EnsembleWeights> best;
    double best_ratio = 0;
    for (std::size_t i = 0; i < usable_.size(); ++i) {
      if (weights_.all.weights[i] == 0) continue;
      EnsembleWeights without = weights_;
      keep_only(without, [&](std::size_t j) { return j != i && weights_.all.weights[j] > 0; });
      const double saved =
          std::max(limits_.microseconds < now.microseconds ? costs_[i].microseconds / now.microseconds : 0,
                   limits_.bytes < now.bytes ? costs_[i].bytes / now.bytes : 0);
      const double price = std::max(loss_of(without) - loss, 1e-9 * (1 + std::abs(loss)));
      if (best && !((saved + 1e-9) / price > best_ratio)) continue;
      best_ratio = (saved + 1e-9) / price;
      best = std::move(without);
    }
    weights_ = std::move(*best);
    return true;
  }

 private:
  static constexpr std::size_t most_rows = 5000;

  Cost cost_of(const Candidate& candidate) const {
    const FoldOutcome& fold = candidate.folds.front();
    return {microseconds_of_one_row(*fold.model, input_.folded->held_out(0).features()),
            static_cast<double>(fold.bytes)};
  }

  double loss_of(const EnsembleWeights& weights) const {
    return rows_.loss(rows_.gather(blend_out_of_fold(usable_, weights)).values);
  }

  /// Zero for others, the rest scaled to sum to 1; where nothing is left, equal weights of what is kept.
  template <class Kept>
  void keep_only(EnsembleWeights& weights, const Kept& kept) const {
    const auto restrict = [&](Blend& blend) {
      double sum = 0, count = 0;
      for (std::size_t j = 0; j < usable_.size(); ++j) {
        if (!kept(j)) blend.weights[j] = 0;
        sum += blend.weights[j];
        count += kept(j) ? 1 : 0;
      }
      for (std::size_t j = 0; j < usable_.size(); ++j)
        if (kept(j)) blend.weights[j] = sum > 0 ? blend.weights[j] / sum : 1 / count;
    };
    restrict(weights.all);
    for (Blend& part : weights.without_part) restrict(part);
  }

  bool take_cheaper() {
    const Cost now = cost();
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < usable_.size(); ++i) {
      const bool cheaper = limits_.microseconds < now.microseconds ? costs_[i].microseconds < now.microseconds
                                                                   : costs_[i].bytes < now.bytes;
      if (weights_.all.weights[i] > 0 || !cheaper) continue;
      if (!best || better(*usable_[i], *usable_[*best])) best = i;
    }
    if (!best) return false;
    keep_only(weights_, [&](std::size_t j) { return j == *best; });
    return true;
  }

  bool better(const Candidate& a, const Candidate& b) const {
    return input_.scorer->metric().higher_is_better() ? a.score.value > b.score.value : a.score.value < b.score.value;
  }

  const AssembleInput& input_;
  Limits limits_;
  std::vector<Candidate*> usable_;
  EnsembleWeights weights_;
  Scorer rows_;
  std::vector<Cost> costs_;
};

}  // namespace

double microseconds_of_one_row(const Model& model, const TableView& rows) {
  constexpr std::size_t most_rows = 100, passes = 3;
  const Schema& schema = rows.schema();
  const std::size_t count = std::min(most_rows, rows.rows());
  const auto predictor = model.row_predictor();
  std::vector<double> numbers(schema.size()), out(model.output_spec().width), seconds;
  std::vector<std::string_view> texts(schema.size());
  for (std::size_t pass = 0; pass < passes; ++pass)
    for (std::size_t i = 0; i < count; ++i) {
      const TableView row = rows.part(i, 1);
      for (std::size_t c = 0; c < schema.size(); ++c) {
        row.numbers(c, &numbers[c]);
        if (schema[c].kind == ColumnKind::text) texts[c] = row.text(c, 0);
      }
      const auto start = Clock::now();
      predictor->predict({numbers.data(), texts.data()}, out);
      seconds.push_back(Seconds(Clock::now() - start).count());
    }
  if (seconds.empty()) return 0;
  const auto middle = seconds.begin() + static_cast<std::ptrdiff_t>(seconds.size() / 2);
  std::nth_element(seconds.begin(), middle, seconds.end());
  return 1e6 * *middle;
}

AutoMLModel assemble_within_limits(AssembleInput input, const RunContext& members) {
  const Limits limits(*input.options);
  if (!limits.any()) return assemble(input);
  input.weights = weights_of(input);
  const AutoMLModel whole = assemble(input);
  Cost cost = measured(whole);
  if (limits.hold(cost)) return with_note(whole, words(cost) + ": within the limits");
  Limits of_members = limits;  // without what the file holds beside them
  of_members.bytes -= cost.bytes - static_cast<double>(array_bytes(*whole.parts().model));
  Pruning pruning(input, of_members, *input.weights);
  input.refit_with = &members;
  while (true) {
    if (of_members.hold(pruning.cost())) {
      input.weights = pruning.weights();
      const AutoMLModel model = assemble(input);
      cost = measured(model);
      const double price = model.validation_score().value, before = whole.validation_score().value;
      if (limits.hold(cost))
        return with_note(
            model, words(cost) + ": within the limits by one model a member and " + std::to_string(pruning.members()) +
                       " of " + std::to_string(whole.member_names().size()) + " members; " +
                       model.validation_score().metric + text(" %.5g", price) + " instead of" + text(" %.5g", before));
    }
    if (!pruning.shrink())
      throw Error("train.serving_limits", "max_predict_time, max_model_size",
                  "the smallest model that was found takes " + words(cost), "allow more, or include a cheaper learner");
  }
}

}  // namespace automill
