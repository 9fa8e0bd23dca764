#include <automill/learners/linear_model.hpp>
#include <cmath>

#include "data/row_cells.hpp"
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
  } else if (link == Link::log) {
    out[0] = math::exp(std::clamp(out[0], -700.0, 700.0));
  } else if (link == Link::ascending) {
    std::sort(out, out + width);
  } else if (link == Link::logistic) {
    const double score = out[0], e = math::exp(-std::abs(score));
    const double likely = 1.0 / (1.0 + e), unlikely = e / (1.0 + e);
    out[0] = score > 0 ? unlikely : likely;
    out[1] = score > 0 ? likely : unlikely;
  }
}

/// A column of training that was never below 0 and mostly near it: n-grams and other counts, categories as columns.
bool mostly_zero(const LinearState& state, std::size_t column) {
  const double lower = state.lower[column];  // with the smallest value 0, minus the largest
  return lower < 0 && state.upper[column] == -2 * lower && state.centers[column] <= -0.1 * lower;
}

/// What a cell that is not 0 adds to a score beyond a 0, before its weight.
inline double beyond_zero(double value, double center, double lower, double upper) {
  const double clipped = value < lower ? lower : value > upper ? upper : value;
  return std::isnan(clipped) ? center : clipped;
}

/// The columns of a model in the order in which they are added up: `filled`, then `mostly_zero`.
struct LinearParts {
  const LinearState& state;
  std::span<const double> starts;
  std::span<const std::uint32_t> filled, mostly_zero;
};

class LinearRows final : public RowPredictor {
 public:
  explicit LinearRows(LinearParts parts) : parts_(parts) {
    for (std::uint32_t j : parts.mostly_zero) {
      if (runs_.empty() || runs_.back().second != j) runs_.emplace_back(j, j);
      ++runs_.back().second;
    }
  }
  void predict(const RowView& row, std::span<double> out) noexcept override {
    const LinearState& s = parts_.state;
    const std::size_t scores = s.scores();
    std::copy(parts_.starts.begin(), parts_.starts.end(), out.begin());
    const auto add = [&](std::size_t j, double d) {
      const double* weight = s.weights.data() + j * scores;
      for (std::size_t k = 0; k < scores; ++k) out[k] += d * weight[k];
    };
    for (std::uint32_t j : parts_.filled) add(j, distance(row.numbers[j], s.centers[j], s.lower[j], s.upper[j]));
    const auto add_cell = [&](std::size_t j) {
      if (row.numbers[j] != 0) add(j, beyond_zero(row.numbers[j], s.centers[j], s.lower[j], s.upper[j]));
    };
    for (const auto& [first, end] : runs_) {
      std::size_t j = first;
      for (; j + 16 <= end; j += 16) {  // there may be tens of thousands of zeros
        int filled = 0;
        for (std::size_t i = 0; i < 16; ++i) filled += row.numbers[j + i] != 0 ? 1 : 0;
        if (filled == 0) continue;
        for (std::size_t i = 0; i < 16; ++i) add_cell(j + i);
      }
      for (; j < end; ++j) add_cell(j);
    }
    apply_link(s.link, out.data(), out.size());
  }

 private:
  LinearParts parts_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> runs_{};  ///< of neighbouring mostly zero columns
};

/// Scores of up to `block` rows: the same operations a cell as LinearRows, in the same order, so that a row and a batch
/// agree bit for bit.
class LinearBlock {
 public:
  static constexpr std::size_t block = 256;
  LinearBlock(LinearParts parts, std::size_t width)
      : parts_(parts), width_(width), values_(block), scores_(block * parts.state.scores()) {}

  /// `cells`: the mostly zero columns of the rows, from row `first` of them on; null: they are in `rows` alone.
  void predict(const TableView& rows, const RowCells* cells, std::size_t first, PredictionsView out) {
    const LinearState& s = parts_.state;
    const std::size_t scores = s.scores(), n = rows.rows();
    for (std::size_t k = 0; k < scores; ++k) std::fill_n(scores_.data() + k * block, n, parts_.starts[k]);
    for (std::uint32_t j : parts_.filled) {
      rows.numbers(j, values_.data());
      for (std::size_t i = 0; i < n; ++i) values_[i] = distance(values_[i], s.centers[j], s.lower[j], s.upper[j]);
      add(j, n);
    }
    if (cells == nullptr) {
      for (std::uint32_t j : parts_.mostly_zero) {
        rows.numbers(j, values_.data());
        for (std::size_t i = 0; i < n; ++i) values_[i] = beyond_zero(values_[i], s.centers[j], s.lower[j], s.upper[j]);
        add(j, n);
      }
    } else {
      for (std::size_t i = 0; i < n; ++i)
        for (std::size_t a = cells->starts[first + i]; a < cells->starts[first + i + 1]; ++a) {
          const std::uint32_t j = parts_.mostly_zero[cells->columns[a]];
          const double value = beyond_zero(cells->values[a], s.centers[j], s.lower[j], s.upper[j]);
          for (std::size_t k = 0; k < scores; ++k) scores_[k * block + i] += value * s.weights[j * scores + k];
        }
    }
    for (std::size_t i = 0; i < n; ++i) {
      double* row = out.row(i).data();
      for (std::size_t k = 0; k < scores; ++k) row[k] = scores_[k * block + i];
      apply_link(s.link, row, width_);
    }
  }

 private:
  void add(std::size_t j, std::size_t n) {
    const std::size_t scores = parts_.state.scores();
    for (std::size_t k = 0; k < scores; ++k) {
      const double weight = parts_.state.weights[j * scores + k];
      double* score = scores_.data() + k * block;
      for (std::size_t i = 0; i < n; ++i) score[i] += values_[i] * weight;
    }
  }
  LinearParts parts_;
  std::size_t width_;
  std::vector<double> values_, scores_;
};

}  // namespace

const std::vector<std::string>& link_names() {
  static const std::vector<std::string> names{"identity", "logistic", "softmax", "log", "ascending"};
  return names;
}

LinearModel::LinearModel(LinearState state) : state_(std::move(state)), starts_(state_.intercepts) {
  for (std::uint32_t j = 0; j < state_.columns(); ++j) {
    (mostly_zero(state_, j) ? mostly_zero_ : filled_).push_back(j);
    if (mostly_zero_.empty() || mostly_zero_.back() != j) continue;
    for (std::size_t k = 0; k < starts_.size(); ++k) starts_[k] -= state_.centers[j] * weight(j, k);
  }
}

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
  const bool sparse =
      std::any_of(mostly_zero_.begin(), mostly_zero_.end(), [&](auto j) { return rows.table()[j].sparse(); });
  std::optional<RowCells> cells;
  if (sparse && !context.stop.stop_requested()) cells = row_cells(rows, mostly_zero_, {});
  const RowCells* kept = cells ? &*cells : nullptr;
  for_each_block(context.executor(), rows.rows(), 32 * block, [&](std::size_t begin, std::size_t end) {
    LinearBlock scores({state_, starts_, filled_, mostly_zero_}, out.width);
    for (std::size_t first = begin; first < end; first += block) {
      if (context.stop.stop_requested()) {
        std::fill(out.data + first * out.width, out.data + end * out.width, std::numeric_limits<double>::quiet_NaN());
        return;
      }
      const std::size_t count = std::min(block, end - first);
      scores.predict(rows.part(first, count), kept, first, out.part(first, count));
    }
  });
}

std::unique_ptr<RowPredictor> LinearModel::row_predictor() const {
  return std::make_unique<LinearRows>(LinearParts{state_, starts_, filled_, mostly_zero_});
}

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
  if (link == names.end()) in.fail("'link' must be identity, logistic, softmax, log or ascending");
  LinearState state{.link = static_cast<Link>(link - names.begin())};
  const std::size_t columns = context.input->size(), width = context.output.width;
  const std::size_t scores = state.link == Link::softmax || state.link == Link::ascending ? width : 1;
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
