#include <automill/predict/served_model.hpp>
#include <cstdio>

#include "data/cell_format.hpp"
#include "drift_statistics.hpp"

// How new rows differ from those of training. The findings that rest on chance (drift, values beyond the range, more
// missing values, new categories where training has rare ones) are tests; together they raise a false alarm on one
// table in a hundred: the limit of 1 % is divided by the number of columns and of tests in a column. A
// category that training never had, where each of its own stood more than once, is always said.

namespace automill {
namespace {

using Finding = CheckReport::Finding;

constexpr double false_alarms = 0.01;
constexpr double tests_a_column = 4;
constexpr double least_rows = 5;          // fewer rows say nothing about a distribution
constexpr double least_drift = 0.02;      // smaller changes are real in large tables, but do not matter
constexpr std::size_t longest_name = 60;  // of a category in a message

std::string text_of(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.4g", value);
  return buffer;
}
std::string percent(double share) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.3g %%", 100 * share);
  return buffer;
}

/// Checks the columns of one table; `limit` is the probability below which a finding is reported.
class ColumnCheck {
 public:
  /// `column` has the codes of training, `given` is as the user gave it.
  ColumnCheck(const ColumnSchema& schema, const ColumnSketch& sketch, const Column& column, const Column& given,
              double limit, std::vector<Finding>& findings)
      : schema_(schema),
        sketch_(sketch),
        given_(given),
        limit_(limit),
        findings_(findings),
        values_(column.size()),
        rows_(static_cast<double>(column.size())) {
    column.numbers(0, values_.size(), values_.data());
    missing_ = static_cast<double>(std::erase_if(values_, [](double v) { return std::isnan(v); }));
  }
  void run() {
    check_missing();
    if (schema_.kind == ColumnKind::category) check_categories();
    else if (schema_.kind != ColumnKind::text) check_numbers();
  }

 private:
  void report(const char* kind, std::string message, double share) {
    findings_.push_back({schema_.name, kind, std::move(message), share});
  }

  void check_missing() {
    const double before = static_cast<double>(sketch_.rows), missing = static_cast<double>(sketch_.missing);
    if (missing_ == 0 || before == 0) return;
    // where training misses none: the chance that all missing values of both tables fall into the new rows
    const double chance = missing == 0 ? math::exp(missing_ * math::log(rows_ / (rows_ + before)))
                                       : drift::share_grew(missing, before, missing_, rows_);
    if (chance > limit_) return;
    report("more missing", percent(missing_ / rows_) + " missing here, " + percent(missing / before) + " in training",
           missing_ / rows_);
  }

  // ---- categories ----

  void check_categories() {
    const std::size_t known = sketch_.counts.size();
    if (known == 0 || values_.empty()) return;
    drift::Counts counts{{sketch_.counts.begin(), sketch_.counts.end()}, std::vector<double>(known)};
    double unseen = 0;
    for (const double code : values_) {
      if (code < static_cast<double>(known)) ++counts.now[static_cast<std::size_t>(code)];
      else ++unseen;
    }
    if (counts.total_before() == 0) return;
    if (unseen > 0) check_unseen(unseen, counts);
    if (static_cast<double>(values_.size()) - unseen < least_rows) return;
    const drift::Counts bins = drift::merge_rare(counts, unseen);
    report_drift(drift::homogeneity(bins), drift::total_variation(bins), change_of_categories(counts));
  }

  /// New categories are expected where training has many that stand once. Given the categories that stand once in
  /// training and the new rows together, each is equally likely to be any row of both; one that stands c times is new
  /// with probability (now / all)^c. Where every category of training stood more than once, a new one is always said.
  void check_unseen(double unseen, const drift::Counts& counts) {
    const std::unordered_map<std::string_view, std::size_t> names = unseen_names();
    double once_new = 0, once_before = 0, largest = 0;
    for (const auto& [name, count] : names) {
      once_new += count == 1 ? 1 : 0;
      largest = std::max(largest, static_cast<double>(count));
    }
    bool any_once = false;
    double as_large = static_cast<double>(names.size());
    for (std::size_t k = 0; k < counts.before.size(); ++k) {
      any_once = any_once || counts.before[k] == 1;
      once_before += counts.before[k] == 1 && counts.now[k] == 0 ? 1 : 0;
      as_large += counts.before[k] + counts.now[k] >= largest ? 1 : 0;
    }
    const double share =
        static_cast<double>(values_.size()) / (static_cast<double>(values_.size()) + counts.total_before());
    const double many_once = drift::more_than_share(once_new, once_new + once_before, share);
    const double frequent = as_large * math::exp(largest * math::log(share));
    if (any_once && 2 * std::min(many_once, frequent) > limit_) return;
    report("unseen categories",
           percent(unseen / rows_) + " of the rows have a category that training did not see" + example(names),
           unseen / rows_);
  }

  std::unordered_map<std::string_view, std::size_t> unseen_names() const {
    std::unordered_map<std::string_view, std::size_t> names;
    for (std::size_t i = 0; i < given_.size(); ++i) {
      if (given_.missing(i)) continue;
      const std::string_view name = given_.text(i);
      if (schema_.dictionary->code(name) == schema_.dictionary->unseen_code()) ++names[name];
    }
    return names;
  }

  /// The most frequent of them, the first by name among equals.
  static std::string example(const std::unordered_map<std::string_view, std::size_t>& names) {
    const auto* best = static_cast<const std::pair<const std::string_view, std::size_t>*>(nullptr);
    for (const auto& entry : names)
      if (best == nullptr || entry.second > best->second || (entry.second == best->second && entry.first < best->first))
        best = &entry;
    return best == nullptr ? "" : ", such as '" + std::string(best->first.substr(0, longest_name)) + "'";
  }

  std::string change_of_categories(const drift::Counts& counts) const {
    const std::size_t k = most_changed(counts);
    const auto& names = schema_.dictionary->names();
    return "'" + names[k].substr(0, longest_name) + "' is " +
           percent(counts.now[k] / static_cast<double>(values_.size())) + " of the rows here, " +
           percent(counts.before[k] / counts.total_before()) + " in training";
  }

  std::size_t most_changed(const drift::Counts& counts) const {
    const double before = counts.total_before(), now = static_cast<double>(values_.size());
    std::size_t best = 0;
    double largest = -1;
    for (std::size_t k = 0; k < counts.before.size(); ++k) {
      const double change = std::abs(counts.before[k] / before - counts.now[k] / now);
      if (change > largest) best = k;
      largest = std::max(largest, change);
    }
    return best;
  }

  // ---- numbers ----

  void check_numbers() {
    if (sketch_.quantiles.empty() || values_.empty()) return;
    check_range();
    if (static_cast<double>(values_.size()) < least_rows) return;
    const std::vector<double> edges = sketch_.edges();
    drift::Counts counts{{sketch_.bin_counts.begin(), sketch_.bin_counts.end()}, {}};
    counts.before.push_back(0);  // above the largest of training
    counts.now.resize(counts.before.size());
    for (const double value : values_)
      ++counts.now[static_cast<std::size_t>(std::lower_bound(edges.begin(), edges.end(), value) - edges.begin())];
    if (counts.total_before() == 0) return;
    const auto middle = values_.begin() + static_cast<std::ptrdiff_t>(values_.size() / 2);
    std::nth_element(values_.begin(), middle, values_.end());
    const std::string message =
        "the median is " + text_of(*middle) + " here, " + text_of(sketch_.quantiles[16]) + " in training";
    // two tests, one for any change and one for a shift: each gets half
    report_drift(2 * std::min(drift::homogeneity(drift::merge_neighbours(counts)), drift::cumulative_shift(counts)),
                 drift::total_variation(counts), message);
  }

  void check_range() {
    const double before = static_cast<double>(sketch_.rows - sketch_.missing),
                 now = static_cast<double>(values_.size());
    const auto& q = sketch_.quantiles;
    const double low = q.front(), high = q.back(), median = q[16];
    double below = 0, above = 0;
    for (const double value : values_) {
      below += value < low ? 1 : 0;
      above += value > high ? 1 : 0;
    }
    if (below + above == 0) return;
    const auto [smallest, largest] = std::minmax_element(values_.begin(), values_.end());
    const auto side = [&](double count, double extreme, double end, double near) {
      if (count == 0) return 1.0;
      const double ratio = std::abs(extreme - median) / std::abs(end - median);  // infinite for a constant column
      const double far = drift::far_beyond(ratio, std::abs(end - median), std::abs(near - median), now, before);
      return std::min(drift::beyond_all(count, now, before), std::isnan(far) ? 1.0 : far);
    };
    if (4 * std::min(side(below, *smallest, low, q[1]), side(above, *largest, high, q[31])) > limit_) return;
    const double extreme = above > 0 && (below == 0 || *largest - high > low - *smallest) ? *largest : *smallest;
    report("out of range",
           percent((below + above) / rows_) + " of the rows are outside " + text_of(low) + " .. " + text_of(high) +
               ", such as " + text_of(extreme),
           (below + above) / rows_);
  }

  void report_drift(double probability, double distance, const std::string& message) {
    if (probability <= limit_ && distance >= least_drift) report("drift", message, distance);
  }

  const ColumnSchema& schema_;
  const ColumnSketch& sketch_;
  const Column& given_;
  double limit_;
  std::vector<Finding>& findings_;
  std::vector<double> values_;
  double rows_, missing_ = 0;
};

/// The column as the model would see it; null, with a finding, when prediction would refuse it.
ColumnPtr find_column(const Table& rows, const ColumnSchema& wanted, std::vector<Finding>& findings) {
  if (!rows.contains(wanted.name)) {
    findings.push_back({wanted.name, "missing column",
                        "the column is not in the rows; " + name_hint(wanted.name, rows.schema()->names()), 1});
    return nullptr;
  }
  Faults faults;
  const ColumnPtr& given = rows.columns()[rows.schema()->column(wanted.name)];
  ColumnPtr column = align_column(read_cells(given, wanted), wanted, faults);
  if (column == nullptr)
    findings.push_back({wanted.name, "retyped column",
                        "the column is " + column_kind_name(given->kind()) + " here, " + column_kind_name(wanted.kind) +
                            " in training",
                        1});
  return column;
}

}  // namespace

CheckReport ServedModel::check(const Table& rows) const {
  CheckReport report{.rows = rows.rows()};
  const Schema& wanted = schema();
  const double limit = false_alarms / (tests_a_column * static_cast<double>(std::max<std::size_t>(1, wanted.size())));
  for (std::size_t c = 0; c < wanted.size(); ++c) {
    const ColumnPtr column = find_column(rows, wanted[c], report.findings);
    if (column == nullptr || rows.rows() == 0 || parts_->sketches.empty()) continue;
    const ColumnPtr& given = rows.columns()[rows.schema()->column(wanted[c].name)];
    ColumnCheck(wanted[c], parts_->sketches[c], *column, *given, limit, report.findings).run();
  }
  return report;
}

std::string CheckReport::text() const {
  std::string text = std::to_string(rows) + " rows: ";
  if (findings.empty()) return text + "like those of training\n";
  text += std::to_string(findings.size()) + (findings.size() == 1 ? " finding\n" : " findings\n");
  for (const Finding& finding : findings)
    text += "  " + finding.column + ": " + finding.kind + ": " + finding.message + "\n";
  return text;
}

}  // namespace automill
