#include <automill/learners/linear_model.hpp>
#include <cmath>

#include "state_check.hpp"

namespace automill {
namespace {

/// What a value adds to a score, before its weight: its distance from the center after clipping; 0 when missing.
inline double distance(double value, double center, double lower, double upper) {
  const double clipped = value < lower ? lower : value > upper ? upper : value;
  return std::isnan(clipped) ? 0.0 : clipped - center;
}

/// Turns the scores of a row into its predictions. `out` holds the scores; for logistic the one score is in out[0] and
/// two probabilities come out.
inline void apply_link(Link link, double* out, std::size_t width) {
  if (link == Link::softmax) {
    math::softmax(out, width);
  } else if (link == Link::logistic) {
    const double score = out[0], e = math::exp(-std::abs(score));
    const double likely = 1.0 / (1.0 + e), unlikely = e / (1.0 + e);
    out[0] = score > 0 ? unlikely : likely;
    out[1] = score > 0 ? likely : unlikely;
  }
}

class LinearRows final : public RowPredictor {
 public:
  explicit LinearRows(const LinearState& state) : state_(&state) {}
  void predict(const RowView& row, std::span<double> out) noexcept override {
    const LinearState& s = *state_;
    const std::size_t scores = s.scores();
    std::copy(s.intercepts.begin(), s.intercepts.end(), out.begin());
    const double* weight = s.weights.data();
    for (std::size_t j = 0; j < s.columns(); ++j, weight += scores) {
      const double d = distance(row.numbers[j], s.centers[j], s.lower[j], s.upper[j]);
      for (std::size_t k = 0; k < scores; ++k) out[k] += d * weight[k];
    }
    apply_link(s.link, out.data(), out.size());
  }

 private:
  const LinearState* state_;
};

/// Scores of up to `block` rows, column by column: the same operations a cell as LinearRows, in the same order, so that
/// a row and a batch agree bit for bit.
class LinearBlock {
 public:
  static constexpr std::size_t block = 256;
  LinearBlock(const LinearState& state, std::size_t width)
      : state_(&state), width_(width), values_(block), scores_(block * state.scores()) {}

  void predict(const TableView& rows, PredictionsView out) {
    const LinearState& s = *state_;
    const std::size_t scores = s.scores(), n = rows.rows();
    for (std::size_t k = 0; k < scores; ++k) std::fill_n(scores_.data() + k * block, n, s.intercepts[k]);
    for (std::size_t j = 0; j < s.columns(); ++j) {
      rows.numbers(j, values_.data());
      for (std::size_t i = 0; i < n; ++i) values_[i] = distance(values_[i], s.centers[j], s.lower[j], s.upper[j]);
      for (std::size_t k = 0; k < scores; ++k) {
        const double weight = s.weights[j * scores + k];
        double* score = scores_.data() + k * block;
        for (std::size_t i = 0; i < n; ++i) score[i] += values_[i] * weight;
      }
    }
    for (std::size_t i = 0; i < n; ++i) {
      double* row = out.row(i).data();
      for (std::size_t k = 0; k < scores; ++k) row[k] = scores_[k * block + i];
      apply_link(s.link, row, width_);
    }
  }

 private:
  const LinearState* state_;
  std::size_t width_;
  std::vector<double> values_, scores_;
};

}  // namespace

const std::vector<std::string>& link_names() {
  static const std::vector<std::string> names{"identity", "logistic", "softmax"};
  return names;
}

LinearModel::LinearModel(LinearState state) : state_(std::move(state)) {}

double LinearModel::distance(std::size_t column, double value) const {
  return automill::distance(value, state_.centers[column], state_.lower[column], state_.upper[column]);
}

double LinearModel::intercept(std::size_t score) const {
  double at_zero = state_.intercepts[score];
  for (std::size_t j = 0; j < state_.columns(); ++j) at_zero -= state_.centers[j] * weight(j, score);
  return at_zero;
}

void LinearModel::predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const {
  constexpr std::size_t block = LinearBlock::block;
  for_each_block(context.executor(), rows.rows(), 32 * block, [&](std::size_t begin, std::size_t end) {
    LinearBlock scores(state_, out.width);
    for (std::size_t first = begin; first < end; first += block) {
      if (context.stop.stop_requested()) {
        std::fill(out.data + first * out.width, out.data + end * out.width, std::numeric_limits<double>::quiet_NaN());
        return;
      }
      const std::size_t count = std::min(block, end - first);
      scores.predict(rows.part(first, count), out.part(first, count));
    }
  });
}

std::unique_ptr<RowPredictor> LinearModel::row_predictor() const { return std::make_unique<LinearRows>(state_); }

void LinearModel::save(ArchiveWriter& out) const {
  out.set("link", link_names()[static_cast<std::size_t>(state_.link)]);
  out.array("weights", state_.weights);
  out.array("intercepts", state_.intercepts);
  out.array("centers", state_.centers);
  out.array("lower", state_.lower);
  out.array("upper", state_.upper);
}

std::string LinearModel::describe(int indent) const {
  return std::string(static_cast<std::size_t>(indent), ' ') + "linear_model: " + std::to_string(state_.columns()) +
         " columns, " + std::to_string(state_.scores()) + " score" + (state_.scores() == 1 ? "" : "s") + ", " +
         link_names()[static_cast<std::size_t>(state_.link)] + " link\n";
}

std::unique_ptr<Model> load_linear_model(const ArchiveReader& in, const ModelContext& context, int state_version,
                                         const Registry&) {
  check_state_version(in, state_version, 1);
  const auto& names = link_names();
  const auto link = std::find(names.begin(), names.end(), in.text("link"));
  if (link == names.end()) in.fail("'link' must be identity, logistic or softmax");
  LinearState state{.link = static_cast<Link>(link - names.begin())};
  const std::size_t columns = context.input->size(), width = context.output.width;
  const std::size_t scores = state.link == Link::softmax ? width : 1;
  if (state.link == Link::logistic ? width != 2 : width != scores)
    in.fail("the link '" + *link + "' does not give " + std::to_string(width) + " outputs");
  state.weights = in.array<double>("weights", columns * scores);
  state.intercepts = in.array<double>("intercepts", scores);
  state.centers = in.array<double>("centers", columns);
  state.lower = in.array<double>("lower", columns);
  state.upper = in.array<double>("upper", columns);
  check_finite(in, "weights", state.weights);
  check_finite(in, "intercepts", state.intercepts);
  check_finite(in, "centers", state.centers);
  check_finite(in, "lower", state.lower);
  check_finite(in, "upper", state.upper);
  for (std::size_t j = 0; j < columns; ++j)
    if (state.lower[j] > state.upper[j]) in.fail("'lower' is above 'upper' in column " + std::to_string(j));
  return std::make_unique<LinearModel>(std::move(state));
}

}  // namespace automill
