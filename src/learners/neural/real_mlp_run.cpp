#include "real_mlp_run.hpp"

#include <bit>

#include "flush_denormals.hpp"

namespace automill::neural {
namespace {

constexpr std::size_t most_steps_a_round = 256;
constexpr std::size_t validation_block = 256;

std::size_t value_or(const std::optional<std::int64_t>& asked, std::size_t usual) {
  return asked ? static_cast<std::size_t>(*asked) : usual;
}

}  // namespace

double usual_epochs(std::size_t rows) {
  constexpr double full = 256, few_rows = 8000;
  return full * std::sqrt(std::min(1.0, few_rows / static_cast<double>(std::max<std::size_t>(1, rows))));
}

std::size_t usual_batch(std::size_t rows) { return rows <= 30000 ? 256 : rows <= 100000 ? 512 : 1024; }

RunPlan::RunPlan(const RealMlpParameters& parameters, std::size_t rows)
    : batch(std::min(rows, value_or(parameters.batch_size, usual_batch(rows)))),
      steps_an_epoch(rows / batch),
      rounds_an_epoch((steps_an_epoch + most_steps_a_round - 1) / most_steps_a_round),
      epochs(parameters.n_epochs ? *parameters.n_epochs : std::max<std::int64_t>(8, std::llround(usual_epochs(rows)))) {
}

TrainerOptions trainer_options(const RealMlpParameters& p, Task task, std::size_t outputs, std::size_t batch) {
  TrainerOptions options;
  const bool classes = is_classification(task);
  const std::string& name = p.activation;
  options.activation = name == "selu" || (name == "auto" && classes)    ? Activation::selu
                       : name == "mish" || (name == "auto" && !classes) ? Activation::mish
                                                                        : Activation::relu;
  options.hidden.assign(static_cast<std::size_t>(p.hidden_layers), static_cast<std::size_t>(p.hidden_width));
  options.outputs = outputs;
  options.classes = classes;
  options.frequencies = static_cast<std::size_t>(p.frequencies);
  options.number_width = static_cast<std::size_t>(p.embedding_width);
  options.frequency_scale = p.frequency_scale;
  options.learning_rate = p.learning_rate.value_or(classes ? 0.04 : 0.2);
  options.dropout = p.dropout;
  options.weight_decay = p.weight_decay;
  options.label_smoothing = p.label_smoothing;
  options.beta2 = p.beta2;
  options.first_layer_factor = p.first_layer_lr_factor;
  options.scale_factor = p.scale_lr_factor;
  options.number_factor = p.embedding_lr_factor;
  options.batch = batch;
  return options;
}

RealMlpRun::RealMlpRun(const RealMlpParameters& parameters, const FitInput& input, const RunContext& context)
    : parameters_(parameters), input_(input), context_(context) {}

FitResult RealMlpRun::run() {
  prepare();
  const std::int64_t rounds =
      input_.stop_at_round ? std::clamp<std::int64_t>(*input_.stop_at_round, 1, plan_->rounds()) : plan_->rounds();
  for (std::int64_t number = 1; number <= rounds; ++number) {
    if (input_.cut_at_round && number > *input_.cut_at_round) {
      report_.stopped = "deadline";
      break;
    }
    if (!round(number) || !judge(number)) {
      if (report_.stopped == "finished") report_.stopped = context_.stop.stopped_by();
      break;
    }
  }
  return finish();
}

void RealMlpRun::prepare() {
  const DatasetView& train = input_.train;
  claim_ = MemoryClaim(context_.memory, 32 * std::uint64_t{train.rows()}, "rows of a network");
  order_ = order_by_content(train, context_);
  if (order_.empty()) throw Error("data.weight_invalid", "weights", "all weights are 0");
  const InputOptions options{static_cast<std::size_t>(parameters_.max_one_hot),
                             static_cast<std::size_t>(parameters_.category_width)};
  networks_->input = fit_input(train, order_, options, context_);
  networks_->scales = fit_scales(train, order_);
  plan_.emplace(parameters_, order_.size());
  const NetworkInput& columns = networks_->input;
  const TrainerOptions trainer = trainer_options(parameters_, train.task(), train.target().width(), plan_->batch);
  std::size_t table_values = 0;
  for (const CategoryInput& category : columns.categories)
    if (category.learned()) table_values += category.rows * category.width;
  const std::size_t validation_rows = input_.validation != nullptr ? input_.validation->rows() : 0;
  const std::uint64_t bytes =
      training_rows_bytes(order_.size() + validation_rows, columns.numbers.size(), columns.categories.size(),
                          trainer.outputs) +
      static_cast<std::uint64_t>(parameters_.n_ens) *
          (trainer_bytes(trainer, columns.width(trainer.number_width), columns.numbers.size(), table_values) +
           4 * order_.size());
  claim_ = MemoryClaim();
  claim_ = MemoryClaim(context_.memory, bytes, "a network");
  report_.bytes = bytes;
  rows_.emplace(columns, networks_->scales, train, train.features(), order_, context_);
  prepare_validation();
  members_.resize(static_cast<std::size_t>(parameters_.n_ens));
  context_.executor().run(members_.size(), [&](std::size_t m) {
    members_[m].seed = combine_hashes(context_.seed, combine_hashes(purpose("network"), m));
    members_[m].trainer = std::make_unique<NetworkTrainer>(columns, trainer, *rows_, members_[m].seed, context_.stop);
  });
  for (const Member& member : members_) best_.push_back(member.trainer->network());
}

void RealMlpRun::prepare_validation() {
  if (input_.validation == nullptr || input_.validation->rows() == 0 || input_.stop_at_round) return;
  const DatasetView& view = *input_.validation;
  std::vector<std::uint32_t> order = order_by_content(view, context_);
  if (order.empty()) return;  // none of them counts
  if (order.size() == view.rows() && order.size() <= most_validation_rows)
    judged_ = Predictions(order.size(), view.target().width());
  order.resize(std::min(order.size(), most_validation_rows));
  const Table aligned = align(view.dataset().features, *input_.train.dataset().features.schema());
  validation_.emplace(networks_->input, networks_->scales, view, view.features().of(aligned), order, context_);
  validation_order_ = std::move(order);
}

/// Trains all members for a round. False: stopped.
bool RealMlpRun::round(std::int64_t number) {
  std::vector<std::uint8_t> complete(members_.size());
  context_.executor().run(members_.size(), [&](std::size_t m) { complete[m] = train_member(m, number) ? 1 : 0; });
  return std::find(complete.begin(), complete.end(), 0) == complete.end();
}

bool RealMlpRun::train_member(std::size_t index, std::int64_t round) {
  const FlushDenormals flush;
  Member& member = members_[index];
  const auto rounds_an_epoch = static_cast<std::int64_t>(plan_->rounds_an_epoch);
  const std::int64_t epoch = (round - 1) / rounds_an_epoch;
  const auto part = static_cast<std::size_t>((round - 1) % rounds_an_epoch);
  if (part == 0) {
    member.order.resize(rows_->rows);
    std::iota(member.order.begin(), member.order.end(), 0U);
  }
  const std::size_t rows = rows_->rows;
  for (std::size_t step = plan_->first_step(part); step < plan_->first_step(part + 1); ++step) {
    // the rows of this step, drawn from those that no step of the epoch had yet
    RandomStream random(member.seed, purpose("network batch"),
                        static_cast<std::uint64_t>(epoch) * plan_->steps_an_epoch + step);
    std::uint32_t* batch = member.order.data() + step * plan_->batch;
    for (std::size_t i = 0; i < plan_->batch; ++i) {
      const std::size_t left = rows - step * plan_->batch - i;
      std::swap(batch[i], batch[i + random.below(left)]);
    }
    const std::uint64_t number = static_cast<std::uint64_t>(epoch) * plan_->steps_an_epoch + step;
    const double done = static_cast<double>(number) / static_cast<double>(plan_->steps());
    if (!member.trainer->step({batch, plan_->batch}, number, done)) return false;
  }
  return true;
}

/// Keeps the round where it is as good as the best before. False: training has ended, by a stop, by patience, or
/// because the weights have run away.
bool RealMlpRun::judge(std::int64_t round) {
  networks_->members.clear();
  for (Member& member : members_) networks_->members.push_back(member.trainer->network());
  const bool finite = std::all_of(networks_->members.begin(), networks_->members.end(),
                                  [](const Network& each) { return each.finite(); });
  if (!finite) {
    report_.stopped = "weights ran away";
    return false;
  }
  if (!validation_) {
    report_.rounds = round;
    best_ = networks_->members;
    return true;
  }
  const std::optional<double> loss = validation_loss();
  if (!loss) return false;
  const double best = report_.rounds > 0 ? report_.learning_curve[static_cast<std::size_t>(report_.rounds) - 1] : *loss;
  report_.learning_curve.push_back(*loss);
  if (*loss <= best) {
    report_.rounds = round;
    best_ = networks_->members;
    best_judged_ = judged_;
  }
  // the schedule ends with small steps: rounds are told apart by how far they are from its end
  if (std::has_single_bit(static_cast<std::uint64_t>(plan_->rounds() - round + 1)) && !judged_.values.empty())
    report_.checkpoints[round] = judged_;
  const auto rounds_an_epoch = static_cast<std::int64_t>(plan_->rounds_an_epoch);
  if (!parameters_.early_stopping || round <= 3 * report_.rounds + 40 * rounds_an_epoch) return true;
  report_.stopped = "early stopping";
  return false;
}

/// Log-loss, or the root mean square of errors in the target's unit (of several outputs in units of their deviations).
/// Null: stopped.
std::optional<double> RealMlpRun::validation_loss() {
  const TrainingRows& rows = *validation_;
  const std::size_t outputs = networks_->outputs(), numbers = networks_->input.numbers.size(),
                    categories = networks_->input.categories.size();
  Predictor predictor(*networks_, validation_block);
  std::vector<double> out(validation_block * outputs);
  double loss = 0, total = 0;
  for (std::size_t first = 0; first < rows.rows; first += validation_block) {
    if (context_.stop.stop_requested()) return std::nullopt;
    EncodedRows& encoded = predictor.rows();
    encoded.rows = std::min(validation_block, rows.rows - first);
    for (std::size_t i = 0; i < encoded.rows; ++i) {
      for (std::size_t j = 0; j < numbers; ++j)
        encoded.numbers[j * encoded.stride + i] = rows.numbers[(first + i) * numbers + j];
      for (std::size_t c = 0; c < categories; ++c)
        encoded.table_rows[c * encoded.stride + i] = rows.table_rows[(first + i) * categories + c];
    }
    predictor.predict(out.data());
    for (std::size_t i = 0; i < encoded.rows; ++i) {
      const std::size_t row = first + i;
      if (!judged_.values.empty())
        std::copy_n(out.data() + i * outputs, outputs, judged_.values.data() + validation_order_[row] * outputs);
      const double weight = rows.weights.empty() ? 1.0 : static_cast<double>(rows.weights[row]);
      total += weight;
      if (networks_->scales.empty()) {
        loss -= weight * math::log(std::max(out[i * outputs + static_cast<std::size_t>(rows.labels[row])], 1e-15));
        continue;
      }
      for (std::size_t o = 0; o < outputs; ++o) {
        const OutputScale& scale = networks_->scales[o];
        if (scale.scale == 0) continue;
        const double error = out[i * outputs + o] / scale.scale - scale.center / scale.scale -
                             static_cast<double>(rows.values[row * outputs + o]);
        loss += weight * error * error / static_cast<double>(outputs);
      }
    }
  }
  if (networks_->scales.empty()) return loss / total;
  return std::sqrt(loss / total) * (outputs == 1 ? std::min(networks_->scales[0].scale, 1e300) : 1.0);
}

FitResult RealMlpRun::finish() {
  if (report_.rounds == 0 && report_.stopped != "weights ran away") throw Stopped();
  networks_->members = std::move(best_);
  report_.rounds_tried = static_cast<std::int64_t>(report_.learning_curve.size());
  report_.details = Object{{"epochs", plan_->epochs},
                           {"batch_size", static_cast<std::int64_t>(plan_->batch)},
                           {"steps", static_cast<std::int64_t>(plan_->steps())},
                           {"rounds_an_epoch", static_cast<std::int64_t>(plan_->rounds_an_epoch)},
                           {"inputs", static_cast<std::int64_t>(networks_->members[0].layers[0].inputs)}};
  if (best_judged_.values.empty()) report_.checkpoints.clear();
  else report_.checkpoints[report_.rounds] = std::move(best_judged_);
  FitResult result;
  result.report = std::move(report_);
  result.model = std::make_unique<NeuralModel>(std::move(networks_));
  return result;
}

}  // namespace automill::neural
