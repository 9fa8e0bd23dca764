#include <automill/ensemble/temperature.hpp>
#include <automill/ensemble/weighted_ensemble.hpp>
#include <set>

#include "state_check.hpp"

namespace automill {
namespace {

/// total += weight part, in both row and batch: the same operations in the same order give the same bits.
inline void add_weighted(double weight, std::span<const double> part, std::span<double> total) {
  for (std::size_t i = 0; i < part.size(); ++i) total[i] += weight * part[i];
}

class EnsembleRows final : public RowPredictor {
 public:
  explicit EnsembleRows(const WeightedEnsemble& ensemble)
      : part_(ensemble.output_spec().width), temperature_(ensemble.temperature()) {
    for (const auto& member : ensemble.members()) members_.push_back({member.weight, member.model->row_predictor()});
  }
  void predict(const RowView& row, std::span<double> out) noexcept override {
    std::fill(out.begin(), out.end(), 0.0);
    for (const auto& [weight, predictor] : members_) {
      predictor->predict(row, part_);
      add_weighted(weight, part_, out);
    }
    if (temperature_ != 1) apply_temperature(temperature_, out);
  }

 private:
  struct Part {
    double weight;
    std::unique_ptr<RowPredictor> predictor;
  };
  std::vector<Part> members_;
  std::vector<double> part_;
  double temperature_;
};

}  // namespace

void WeightedEnsemble::predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const {
  constexpr std::size_t block = 4096;
  for_each_block(context.executor(), rows.rows(), block, [&](std::size_t begin, std::size_t end) {
    RunContext inner = context;
    inner.run_with = nullptr;
    const std::size_t count = end - begin;
    const PredictionsView total = out.part(begin, count);
    std::vector<double> part(count * out.width);
    std::fill_n(total.data, part.size(), 0.0);
    for (const Member& member : members_) {
      member.model->predict_aligned(rows.part(begin, count), {part.data(), count, out.width}, inner);
      add_weighted(member.weight, part, {total.data, part.size()});
    }
    apply_temperature_to_rows(temperature_, total);
  });
}

std::unique_ptr<RowPredictor> WeightedEnsemble::row_predictor() const { return std::make_unique<EnsembleRows>(*this); }

void WeightedEnsemble::save(ArchiveWriter& out) const {
  out.set("temperature", temperature_);
  out.children("members", members_.size(), [&](ArchiveWriter& part, std::size_t i) {
    part.set("name", members_[i].name);
    part.set("weight", members_[i].weight);
    part.child("model", [&](ArchiveWriter& inner) { save_component(*members_[i].model, inner); });
  });
}

std::string WeightedEnsemble::describe(int indent) const {
  const std::string start(static_cast<std::size_t>(indent), ' ');
  std::string text = start + "weighted_ensemble";
  if (temperature_ != 1) text += ", temperature " + param_detail::number_text(temperature_);
  text += "\n";
  for (const Member& member : members_)
    text += start + "  " + member.name + " x " + param_detail::number_text(member.weight) + "\n" +
            member.model->describe(indent + 4);
  return text;
}

std::unique_ptr<Model> load_weighted_ensemble(const ArchiveReader& in, const ModelContext& context, int state_version,
                                              const Registry& registry) {
  check_state_version(in, state_version, 2);
  const double temperature = state_version < 2 ? 1 : in.number("temperature");
  if (!(temperature >= least_temperature && temperature <= most_temperature))
    in.fail("'temperature' must be from 0.25 to 4");
  if (temperature != 1 && !is_classification(context.output.task)) in.fail("'temperature' is of class probabilities");
  std::vector<WeightedEnsemble::Member> members;
  std::set<std::string> names;
  double sum = 0;
  for (const ArchiveReader& part : in.children("members")) {
    WeightedEnsemble::Member member{part.text("name"), part.number("weight")};
    if (!(member.weight > 0 && member.weight <= 1)) part.fail("'weight' must be above 0 and at most 1");
    if (!names.insert(member.name).second) part.fail("two members are called '" + member.name + "'");
    member.model = registry.load_model(part.child("model"), context);
    sum += member.weight;
    members.push_back(std::move(member));
  }
  if (!(std::abs(sum - 1) <= 1e-9)) in.fail("the weights of the members must sum to 1");
  return std::make_unique<WeightedEnsemble>(std::move(members), temperature);
}

}  // namespace automill
