#include <automill/learners/naive_bayes.hpp>
#include <cmath>

#include "data/row_cells.hpp"
#include "learners/number_scale.hpp"
#include "state_check.hpp"

namespace automill {
namespace {

using BayesKind = NaiveBayesColumn::Kind;

NumberScale scale_of(const NaiveBayesColumn& column) {
  const auto& n = column.numbers;
  return {.center = n[0], .scale = n[1], .lower = n[2], .upper = n[3]};
}

/// Row of the terms that a cell takes; none for missing and unseen ones.
std::optional<std::size_t> level_of(const NaiveBayesColumn& column, double value, std::size_t classes) {
  if (std::isnan(value)) return std::nullopt;
  if (column.kind == BayesKind::bins)
    return static_cast<std::size_t>(std::lower_bound(column.numbers.begin(), column.numbers.end(), value) -
                                    column.numbers.begin());
  const std::size_t levels = column.terms.size() / classes;
  if (!(value >= 0 && value < static_cast<double>(levels))) return std::nullopt;
  return static_cast<std::size_t>(value);
}

inline double gaussian_term(double z, double mean, double factor, double constant) {
  const double distance = z - mean;
  return constant - factor * distance * distance;
}

/// scores[k * stride] += what the cell adds to class k, minus less[k] where it is given. Missing cells add nothing.
void add_cell(const NaiveBayesColumn& column, double value, const double* less, std::size_t classes, double* scores,
              std::size_t stride) {
  const auto add = [&](std::size_t k, double term) { scores[k * stride] += less == nullptr ? term : term - less[k]; };
  const double* terms = column.terms.data();
  if (column.kind == BayesKind::gaussian) {
    const double z = scale_of(column).standardized(value);
    for (std::size_t k = 0; k < classes; ++k)
      add(k, std::isnan(z) ? 0.0 : gaussian_term(z, terms[k], terms[classes + k], terms[2 * classes + k]));
  } else if (const auto level = level_of(column, value, classes)) {
    for (std::size_t k = 0; k < classes; ++k) add(k, terms[*level * classes + k]);
  } else {
    for (std::size_t k = 0; k < classes; ++k) add(k, 0.0);
  }
}

/// The same for some rows of a column; scores of a class lie side by side.
void add_column(const NaiveBayesColumn& column, std::span<const double> values, std::size_t classes, double* scores,
                std::size_t stride) {
  if (column.kind != BayesKind::gaussian) {
    for (std::size_t i = 0; i < values.size(); ++i) add_cell(column, values[i], nullptr, classes, scores + i, stride);
    return;
  }
  const NumberScale scale = scale_of(column);
  std::vector<double> z(values.size());
  for (std::size_t i = 0; i < z.size(); ++i) z[i] = scale.standardized(values[i]);
  for (std::size_t k = 0; k < classes; ++k) {
    const double mean = column.terms[k], factor = column.terms[classes + k], constant = column.terms[2 * classes + k];
    double* score = scores + k * stride;
    for (std::size_t i = 0; i < z.size(); ++i) {
      const double term = gaussian_term(z[i], mean, factor, constant);
      score[i] += z[i] == z[i] ? term : 0.0;
    }
  }
}

struct NaiveBayesParts {
  const std::vector<NaiveBayesColumn>& columns;
  const std::vector<double>&starts, &zeros;
  const std::vector<std::uint32_t>&filled, &mostly_zero;
};

class NaiveBayesRows final : public RowPredictor {
 public:
  explicit NaiveBayesRows(NaiveBayesParts parts) : parts_(parts) {}
  void predict(const RowView& row, std::span<double> out) noexcept override {
    const std::size_t classes = out.size();
    std::copy(parts_.starts.begin(), parts_.starts.end(), out.begin());
    for (std::uint32_t j : parts_.filled) add_cell(parts_.columns[j], row.numbers[j], nullptr, classes, out.data(), 1);
    for (std::uint32_t j : parts_.mostly_zero)
      if (row.numbers[j] != 0)
        add_cell(parts_.columns[j], row.numbers[j], parts_.zeros.data() + j * classes, classes, out.data(), 1);
    math::softmax(out.data(), classes);
  }

 private:
  NaiveBayesParts parts_;
};

constexpr std::size_t block = 256;

/// Up to 256 rows, the first of them row `first` of `cells`: the same operations a cell as NaiveBayesRows, in the same
/// order, so that a row and a batch agree bit for bit.
void predict_block(const NaiveBayesParts& parts, const TableView& rows, const RowCells& cells, std::size_t first,
                   PredictionsView out) {
  const std::size_t classes = parts.starts.size(), n = rows.rows();
  std::vector<double> scores(classes * block), values(n);
  for (std::size_t k = 0; k < classes; ++k) std::fill_n(scores.data() + k * block, n, parts.starts[k]);
  for (std::uint32_t j : parts.filled) {
    rows.numbers(j, values.data());
    add_column(parts.columns[j], values, classes, scores.data(), block);
  }
  if (!parts.mostly_zero.empty())
    for (std::size_t i = 0; i < n; ++i)
      for (std::size_t a = cells.starts[first + i]; a < cells.starts[first + i + 1]; ++a) {
        const std::uint32_t j = parts.mostly_zero[cells.columns[a]];
        add_cell(parts.columns[j], cells.values[a], parts.zeros.data() + j * classes, classes, scores.data() + i,
                 block);
      }
  for (std::size_t i = 0; i < n; ++i) {
    double* row = out.row(i).data();
    for (std::size_t k = 0; k < classes; ++k) row[k] = scores[k * block + i];
    math::softmax(row, classes);
  }
}

}  // namespace

NaiveBayesModel::NaiveBayesModel(std::vector<double> log_priors, std::vector<NaiveBayesColumn> columns)
    : log_priors_(std::move(log_priors)), columns_(std::move(columns)), starts_(log_priors_) {
  const std::size_t classes = log_priors_.size();
  for (std::uint32_t j = 0; j < columns_.size(); ++j) {
    if (columns_[j].kind == BayesKind::silent) continue;
    (columns_[j].mostly_zero ? mostly_zero_ : filled_).push_back(j);
    if (!columns_[j].mostly_zero) continue;
    zeros_.resize(columns_.size() * classes);
    add_cell(columns_[j], 0.0, nullptr, classes, zeros_.data() + j * classes, 1);
    for (std::size_t k = 0; k < classes; ++k) starts_[k] += zeros_[j * classes + k];
  }
}

void NaiveBayesModel::predict_aligned(const TableView& rows, PredictionsView out, const RunContext& context) const {
  const NaiveBayesParts parts{columns_, starts_, zeros_, filled_, mostly_zero_};
  RowCells cells;
  if (!mostly_zero_.empty() && !context.stop.stop_requested()) cells = row_cells(rows, mostly_zero_, {});
  for_each_block(context.executor(), rows.rows(), 32 * block, [&](std::size_t begin, std::size_t end) {
    for (std::size_t first = begin; first < end; first += block) {
      if (context.stop.stop_requested()) {
        std::fill(out.data + first * out.width, out.data + end * out.width, std::numeric_limits<double>::quiet_NaN());
        return;
      }
      const std::size_t count = std::min(block, end - first);
      predict_block(parts, rows.part(first, count), cells, first, out.part(first, count));
    }
  });
}

std::unique_ptr<RowPredictor> NaiveBayesModel::row_predictor() const {
  return std::make_unique<NaiveBayesRows>(NaiveBayesParts{columns_, starts_, zeros_, filled_, mostly_zero_});
}

void NaiveBayesModel::save(ArchiveWriter& out) const {
  std::vector<std::uint8_t> kinds, mostly_zero;
  std::vector<std::uint32_t> number_counts, term_counts;
  std::vector<double> numbers, terms;
  for (const NaiveBayesColumn& column : columns_) {
    kinds.push_back(static_cast<std::uint8_t>(column.kind));
    mostly_zero.push_back(column.mostly_zero ? 1 : 0);
    number_counts.push_back(static_cast<std::uint32_t>(column.numbers.size()));
    term_counts.push_back(static_cast<std::uint32_t>(column.terms.size()));
    numbers.insert(numbers.end(), column.numbers.begin(), column.numbers.end());
    terms.insert(terms.end(), column.terms.begin(), column.terms.end());
  }
  out.array("log_priors", log_priors_);
  out.array("kinds", kinds);
  out.array("mostly_zero", mostly_zero);
  out.array("number_counts", number_counts);
  out.array("term_counts", term_counts);
  out.array("numbers", numbers);
  out.array("terms", terms);
}

std::string NaiveBayesModel::describe(int indent) const {
  std::array<std::size_t, 4> counts{};
  for (const NaiveBayesColumn& column : columns_) ++counts[static_cast<std::size_t>(column.kind)];
  return std::string(static_cast<std::size_t>(indent), ' ') + "naive_bayes: " + std::to_string(counts[1]) +
         " normal, " + std::to_string(counts[2]) + " categories, " + std::to_string(counts[3]) + " in bins, " +
         std::to_string(counts[0]) + " silent\n";
}

namespace {

/// A saved column, against what its kind and the schema say.
void check_column(const ArchiveReader& in, const NaiveBayesColumn& column, const ColumnSchema& schema,
                  std::size_t classes) {
  const auto& numbers = column.numbers;
  bool fits = true;
  switch (column.kind) {
    case BayesKind::silent:
      fits = numbers.empty() && column.terms.empty();
      break;
    case BayesKind::gaussian:
      fits = numbers.size() == 4 && column.terms.size() == 3 * classes && numbers[1] > 0 && numbers[2] <= numbers[3];
      break;
    case BayesKind::categories:
      fits = numbers.empty() && schema.kind == ColumnKind::category &&
             column.terms.size() == schema.dictionary->size() * classes;
      break;
    case BayesKind::bins:
      fits = column.terms.size() == (numbers.size() + 1) * classes && std::is_sorted(numbers.begin(), numbers.end());
  }
  if (!fits) in.fail("the numbers of column '" + schema.name + "' do not fit its kind");
}

}  // namespace

std::unique_ptr<Model> load_naive_bayes(const ArchiveReader& in, const ModelContext& context, int state_version,
                                        const Registry&) {
  check_state_version(in, state_version, 1);
  const std::size_t columns = context.input->size(), classes = context.output.width;
  auto log_priors = in.array<double>("log_priors", classes);
  const auto kinds = in.array<std::uint8_t>("kinds", columns),
             mostly_zero = in.array<std::uint8_t>("mostly_zero", columns);
  const auto number_counts = in.array<std::uint32_t>("number_counts", columns),
             term_counts = in.array<std::uint32_t>("term_counts", columns);
  const auto numbers = in.array<double>("numbers"), terms = in.array<double>("terms");
  check_finite(in, "log_priors", log_priors);
  check_finite(in, "numbers", numbers);
  check_finite(in, "terms", terms);
  std::vector<NaiveBayesColumn> made(columns);
  std::size_t number = 0, term = 0;
  const auto take = [&](const std::vector<double>& from, std::size_t& at, std::size_t count) {
    if (count > from.size() - at) in.fail("'numbers' or 'terms' is too short");
    at += count;
    const auto end = from.begin() + static_cast<std::ptrdiff_t>(at);
    return std::vector<double>(end - static_cast<std::ptrdiff_t>(count), end);
  };
  for (std::size_t j = 0; j < columns; ++j) {
    if (kinds[j] > 3 || mostly_zero[j] > 1) in.fail("'kinds' or 'mostly_zero' holds an unknown number");
    made[j] = {.kind = static_cast<BayesKind>(kinds[j]), .mostly_zero = mostly_zero[j] == 1};
    made[j].numbers = take(numbers, number, number_counts[j]);
    made[j].terms = take(terms, term, term_counts[j]);
    check_column(in, made[j], (*context.input)[j], classes);
  }
  if (number != numbers.size() || term != terms.size()) in.fail("'numbers' or 'terms' is too long");
  in.charge(8 * columns * classes);
  return std::make_unique<NaiveBayesModel>(std::move(log_priors), std::move(made));
}

}  // namespace automill
