#include <algorithm>
#include <automill/learners/additive_model.hpp>

#include "state_check.hpp"

namespace automill {
namespace {

/// Bins of one row, or of some rows: what the functions are asked for.
class AdditiveRows final : public RowPredictor {
 public:
  AdditiveRows(const AdditiveState& state, std::size_t positive)
      : state_(&state), positive_(positive), bins_(state.columns.size()), scores_(state.scores()) {}

  void predict(const RowView& row, std::span<double> out) noexcept override {
    const AdditiveState& s = *state_;
    const std::size_t scores = scores_.size();
    std::copy(s.intercepts.begin(), s.intercepts.end(), scores_.begin());
    for (std::size_t c = 0; c < bins_.size(); ++c) {
      bins_[c] = s.columns[c].bin(row.numbers[s.columns[c].column]);
      const double* values = s.mains[c].values.data() + bins_[c] * scores;
      for (std::size_t k = 0; k < scores; ++k) scores_[k] += values[k];
    }
    for (const AdditivePair& pair : s.pairs) scores_[0] += pair.values[pair.at(bins_[pair.first], bins_[pair.second])];
    tree::transform_scores(s.transform, scores_.data(), scores, positive_, out.data());
  }

 private:
  const AdditiveState* state_;
  std::size_t positive_;
  std::vector<std::size_t> bins_;
  std::vector<double> scores_;
};

/// The same for up to `block` rows, column by column: the same additions in the same order.
class AdditiveBlock {
 public:
  static constexpr std::size_t block = 256;
  AdditiveBlock(const AdditiveState& state, std::size_t positive)
      : state_(&state),
        positive_(positive),
        cells_(block),
        bins_(block * state.columns.size()),
        scores_(block * state.scores()) {}

  void predict(const TableView& rows, PredictionsView out) {
    const AdditiveState& s = *state_;
    const std::size_t n = rows.rows(), scores = s.scores();
    for (std::size_t i = 0; i < n; ++i)
      std::copy(s.intercepts.begin(), s.intercepts.end(), scores_.begin() + static_cast<std::ptrdiff_t>(i * scores));
    for (std::size_t c = 0; c < s.columns.size(); ++c) {
      std::uint16_t* bins = bins_.data() + c * block;
      rows.numbers(s.columns[c].column, cells_.data());
      for (std::size_t i = 0; i < n; ++i) {
        bins[i] = static_cast<std::uint16_t>(s.columns[c].bin(cells_[i]));
        const double* values = s.mains[c].values.data() + bins[i] * scores;
        for (std::size_t k = 0; k < scores; ++k) scores_[i * scores + k] += values[k];
      }
    }
    for (const AdditivePair& pair : s.pairs) {
      const std::uint16_t* first = bins_.data() + pair.first * block;
      const std::uint16_t* second = bins_.data() + pair.second * block;
      for (std::size_t i = 0; i < n; ++i) scores_[i] += pair.values[pair.at(first[i], second[i])];
    }
    for (std::size_t i = 0; i < n; ++i)
      tree::transform_scores(s.transform, scores_.data() + i * scores, scores, positive_, out.row(i).data());
  }

 private:
  const AdditiveState* state_;
  std::size_t positive_;
  std::vector<double> cells_;
  std::vector<std::uint16_t> bins_;
  std::vector<double> scores_;
};

}  // namespace

std::size_t AdditiveBins::bin(double value) const noexcept {
  if (!categorical) {
    if (std::isnan(value)) return 0;
    return 1 + static_cast<std::size_t>(std::lower_bound(edges.begin(), edges.end(), value) - edges.begin());
  }
  if (std::isnan(value)) return missing_bin;
  return value >= 0 && value < static_cast<double>(bin_of_code.size()) ? bin_of_code[static_cast<std::size_t>(value)]
                                                                       : 0;
}

AdditiveModel::AdditiveModel(AdditiveState state) : state_(std::move(state)) {}

void AdditiveModel::predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const {
  constexpr std::size_t block = AdditiveBlock::block;
  for_each_block(context.executor(), rows.rows(), 32 * block, [&](std::size_t begin, std::size_t end) {
    AdditiveBlock some(state_, output_spec().positive);
    for (std::size_t first = begin; first < end; first += block) {
      if (context.stop.stop_requested()) {
        std::fill(out.data + first * out.width, out.data + end * out.width, std::numeric_limits<double>::quiet_NaN());
        return;
      }
      const std::size_t count = std::min(block, end - first);
      some.predict(rows.part(first, count), out.part(first, count));
    }
  });
}

std::unique_ptr<RowPredictor> AdditiveModel::row_predictor() const {
  return std::make_unique<AdditiveRows>(state_, output_spec().positive);
}

std::string AdditiveModel::describe(int indent) const {
  return std::string(static_cast<std::size_t>(indent), ' ') +
         "additive_model: " + std::to_string(state_.columns.size()) + " functions of one column, " +
         std::to_string(state_.pairs.size()) + " of two, " +
         score_transform_names()[static_cast<std::size_t>(state_.transform)] + " of " +
         std::to_string(state_.scores()) + (state_.scores() == 1 ? " score\n" : " scores\n");
}

void AdditiveModel::save(ArchiveWriter& out) const {
  out.set("transform", score_transform_names()[static_cast<std::size_t>(state_.transform)]);
  out.array("intercepts", state_.intercepts);
  out.children("columns", state_.columns.size(), [&](ArchiveWriter& to, std::size_t c) {
    const AdditiveBins& bins = state_.columns[c];
    to.set("column", bins.column);
    to.set("categorical", bins.categorical);
    to.array("edges", bins.edges);
    to.array("bin_of_code", bins.bin_of_code);
    to.set("missing_bin", static_cast<std::int64_t>(bins.missing_bin));
    to.set("bins", bins.bins);
    to.array("values", state_.mains[c].values);
    to.array("errors", state_.mains[c].errors);
    to.array("weights", state_.mains[c].weights);
  });
  out.children("pairs", state_.pairs.size(), [&](ArchiveWriter& to, std::size_t p) {
    const AdditivePair& pair = state_.pairs[p];
    to.set("first", pair.first);
    to.set("second", pair.second);
    to.array("first_group", pair.first_group);
    to.array("second_group", pair.second_group);
    to.set("first_groups", pair.first_groups);
    to.set("second_groups", pair.second_groups);
    to.array("values", pair.values);
    to.array("errors", pair.errors);
    to.array("weights", pair.weights);
  });
}

namespace {

class AdditiveLoader {
 public:
  AdditiveLoader(const ArchiveReader& in, const ModelContext& context)
      : in_(in), schema_(*context.input), output_(context.output) {}

  AdditiveState load() {
    load_scores();
    for (const ArchiveReader& in : in_.children("columns")) load_column(in);
    for (const ArchiveReader& in : in_.children("pairs")) load_pair(in);
    return std::move(state_);
  }

 private:
  void load_scores() {
    const auto& names = score_transform_names();
    const auto found = std::find(names.begin(), names.end(), in_.text("transform"));
    if (found == names.end()) in_.fail("'transform' is not known to this version");
    state_.transform = static_cast<ScoreTransform>(found - names.begin());
    const ScoreTransform transform = state_.transform;
    const bool two = transform == ScoreTransform::logistic, value = !is_classification(output_.task);
    const bool fits = value ? transform == ScoreTransform::identity || transform == ScoreTransform::exponential
                      : two ? output_.width == 2 && output_.positive <= 1
                            : transform == ScoreTransform::softmax;
    if (!fits) in_.fail("'transform' does not fit the task");
    state_.intercepts = in_.array<double>("intercepts", two ? 1 : output_.width);
    check_finite(in_, "intercepts", state_.intercepts);
  }

  void load_column(const ArchiveReader& in) {
    AdditiveBins bins;
    bins.column = static_cast<std::uint32_t>(in.integer("column", 0, static_cast<std::int64_t>(schema_.size()) - 1));
    const ColumnSchema& column = schema_[bins.column];
    bins.categorical = in.boolean("categorical");
    if (column.kind == ColumnKind::text || bins.categorical != (column.kind == ColumnKind::category))
      in.fail("'categorical' does not fit the column");
    bins.edges = in.array<double>("edges");
    bins.bin_of_code = in.array<std::uint16_t>("bin_of_code");
    bins.bins = static_cast<std::uint32_t>(in.integer("bins", 1, 65536));
    bins.missing_bin = static_cast<std::uint16_t>(in.integer("missing_bin", 0, std::int64_t{bins.bins} - 1));
    if (bins.categorical ? !bins.edges.empty() || bins.bin_of_code.size() != column.dictionary->size()
                         : !bins.bin_of_code.empty() || bins.bins != bins.edges.size() + 2)
      in.fail("'bins' are not those of the edges or categories");
    for (std::uint16_t bin : bins.bin_of_code)
      if (bin >= bins.bins) in.fail("'bin_of_code' holds a bin that does not exist");
    for (std::size_t i = 0; i < bins.edges.size(); ++i)
      if (std::isnan(bins.edges[i]) || (i > 0 && !(bins.edges[i - 1] < bins.edges[i]))) in.fail("'edges' must ascend");
    state_.mains.push_back({.values = numbers(in, "values", bins.bins * state_.scores()),
                            .errors = numbers(in, "errors", bins.bins * state_.scores()),
                            .weights = numbers(in, "weights", bins.bins)});
    state_.columns.push_back(std::move(bins));
  }

  void load_pair(const ArchiveReader& in) {
    if (state_.scores() != 1) in.fail("functions of two columns need one score");
    const auto columns = static_cast<std::int64_t>(state_.columns.size());
    AdditivePair pair;
    pair.first = static_cast<std::uint32_t>(in.integer("first", 0, columns - 1));
    pair.second = static_cast<std::uint32_t>(in.integer("second", 0, columns - 1));
    if (pair.first == pair.second) in.fail("a column is paired with itself");
    pair.first_groups = static_cast<std::uint32_t>(in.integer("first_groups", 1, 256));
    pair.second_groups = static_cast<std::uint32_t>(in.integer("second_groups", 1, 256));
    pair.first_group = groups(in, "first_group", state_.columns[pair.first].bins, pair.first_groups);
    pair.second_group = groups(in, "second_group", state_.columns[pair.second].bins, pair.second_groups);
    const std::size_t cells = std::size_t{pair.first_groups} * pair.second_groups;
    pair.values = numbers(in, "values", cells);
    pair.errors = numbers(in, "errors", cells);
    pair.weights = numbers(in, "weights", cells);
    state_.pairs.push_back(std::move(pair));
  }

  static std::vector<std::uint8_t> groups(const ArchiveReader& in, const char* key, std::size_t bins,
                                          std::size_t count) {
    auto all = in.array<std::uint8_t>(key, bins);
    for (std::uint8_t group : all)
      if (group >= count) in.fail(std::string("'") + key + "' holds a group that does not exist");
    return all;
  }
  static std::vector<double> numbers(const ArchiveReader& in, const char* key, std::size_t count) {
    auto all = in.array<double>(key, count);
    check_finite(in, key, all);
    return all;
  }

  const ArchiveReader& in_;
  const Schema& schema_;
  const OutputSpec& output_;
  AdditiveState state_;
};

}  // namespace

std::unique_ptr<Model> load_additive_model(const ArchiveReader& in, const ModelContext& context, int state_version,
                                           const Registry&) {
  check_state_version(in, state_version, 1);
  auto model = std::make_unique<AdditiveModel>(AdditiveLoader(in, context).load());
  model->set_context(context);
  return model;
}

}  // namespace automill
