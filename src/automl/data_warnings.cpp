#include "automl/data_warnings.hpp"

#include <automill/core/split.hpp>
#include <cstdio>

#include "automl/category_spellings.hpp"
#include "automl/leak_check.hpp"
#include "automl/similar_columns.hpp"
#include "data/bottom_sample.hpp"

namespace automill {
namespace {

constexpr std::size_t most_rows = 10000, most_cells = 4000000, rows_of_similar = 2000, most_notes = 5;

std::string percent(double share) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.3g %%", 100 * share);
  return buffer;
}
std::string correlation_text(double value) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.6f", value);
  return buffer;
}

std::vector<std::uint32_t> sample_of(const Dataset& dataset, std::size_t size) {
  std::vector<std::uint32_t> rows = bottom_sample(dataset.keys, size, purpose("data warnings"));
  if (rows.empty()) {
    rows.resize(dataset.rows());
    std::iota(rows.begin(), rows.end(), 0U);
  }
  return rows;
}

/// One line a finding; beyond five of a kind, how many more there are.
class Notes {
 public:
  explicit Notes(std::vector<std::string>& all) : all_(all) {}
  void add(std::string note, const std::string& column) {
    if (++count_ <= most_notes) all_.push_back(std::move(note));
    else others_ += (others_.empty() ? "" : ", ") + column;
  }
  void finish(const char* what) {
    if (count_ > most_notes)
      all_.push_back(std::to_string(count_ - most_notes) + " more columns " + what + ": " + others_);
  }

 private:
  std::vector<std::string>& all_;
  std::size_t count_ = 0;
  std::string others_;
};

class DataLook {
 public:
  DataLook(const Prepared& prepared, const TrainOptions& options, const RunContext& context)
      : prepared_(prepared), dataset_(*prepared.dataset), options_(options), context_(context) {}

  std::vector<std::string> run() {
    try {
      look_for_leaks();
      look_for_similar_columns();
      look_for_variants();
      look_for_time();
    } catch (const Stopped&) {  // out of time: what was found counts
    }
    return std::move(notes_);
  }

 private:
  const Table& table() const { return dataset_.features; }

  std::vector<double> cells(const Column& column, std::span<const std::uint32_t> rows) const {
    std::vector<double> values(rows.size());
    column.gather(rows, values.data());
    return values;
  }
  static std::size_t categories_of(const Column& column) {
    return column.kind() == ColumnKind::category ? column.schema().dictionary->size() : 0;
  }

  // --- leaks

  struct Found {
    ColumnEvidence alone{};
    std::optional<MissingEvidence> missing{};
  };

  void look_for_leaks() {
    const std::size_t columns = std::max<std::size_t>(1, table().size());
    const TargetSample sample(dataset_,
                              sample_of(dataset_, std::clamp(most_cells / columns, std::size_t{1000}, most_rows)));
    if (!sample.large_enough()) return;
    std::vector<Found> found(table().size());
    context_.executor().run(table().size(), [&](std::size_t c) {
      context_.stop.throw_if_requested();
      if (table()[c].kind() == ColumnKind::text) return;
      const std::vector<double> values = cells(table()[c], sample.rows());
      found[c] = {sample.evidence(values, categories_of(table()[c])), sample.missing_evidence(values)};
    });
    Notes alone(notes_), missing(notes_);
    for (std::size_t c = 0; c < found.size(); ++c) {
      const std::string& name = table()[c].name();
      if (found[c].alone.skill > sample.suspicious())
        alone.add("column " + name + " alone predicts the target (" + found[c].alone.measure +
                      " in rows held back): if it is not known before the target is, ignore=['" + name + "']",
                  name);
      else if (found[c].missing) missing.add(missing_note(name, *found[c].missing), name);
    }
    alone.finish("predict the target alone");
    missing.finish("are missing by class");
    look_at_identifiers(sample);
  }

  std::string missing_note(const std::string& name, const MissingEvidence& evidence) const {
    return "column " + name + " is " + (evidence.missing ? "missing" : "present") + " where the target is " +
           dataset_.target.classes[evidence.label] + " (" + percent(evidence.share) + " of " +
           std::to_string(evidence.rows) + " such rows in a sample, " + percent(evidence.share_of_all) +
           " of all): if it is filled in only later, ignore=['" + name + "']";
  }

  /// A dropped number of the row that still tells the target: the rows came sorted, or the number was given later.
  void look_at_identifiers(const TargetSample& sample) {
    constexpr double telling = 0.8;
    for (const ColumnPtr& column : prepared_.identifiers) {
      const ColumnEvidence evidence = sample.evidence(cells(*column, sample.rows()), 0);
      if (evidence.skill > telling)
        notes_.push_back("column " + column->name() + " (an identifier, not used) orders the target (" +
                         evidence.measure + "): other columns may follow the order of the rows, too");
    }
  }

  // --- columns and categories alike

  void look_for_similar_columns() {
    Notes notes(notes_);
    const std::size_t rows = std::min(rows_of_similar, most_cells / std::max<std::size_t>(1, table().size()));
    for (const SimilarColumns& pair : similar_columns(table(), sample_of(dataset_, rows), context_)) {
      const std::string &first = table()[pair.first].name(), &second = table()[pair.second].name();
      if (pair.correlation != 0)
        notes.add("columns " + first + " and " + second + " are nearly the same (correlation " +
                      correlation_text(pair.correlation) + ")",
                  second);
      else notes.add("columns " + first + " and " + second + " name the same categories", second);
    }
    notes.finish("are like another one");
  }

  void look_for_variants() {
    constexpr std::size_t most_categories = 100000;
    Notes notes(notes_);
    for (const ColumnPtr& column : table().columns()) {
      context_.stop.throw_if_requested();
      const std::size_t categories = categories_of(*column);
      if (categories < 2 || categories > most_categories) continue;
      std::vector<std::size_t> rows_of(categories);
      std::vector<double> codes(column->size());
      column->numbers(0, codes.size(), codes.data());
      for (const double code : codes)
        if (code < static_cast<double>(categories)) ++rows_of[static_cast<std::size_t>(code)];
      const CategorySpellings found = category_spellings(*column->schema().dictionary, rows_of);
      if (found.categories == 0) continue;
      notes.add("column " + column->name() + ": " + std::to_string(found.spellings) + " categories are spellings of " +
                    std::to_string(found.categories) + ", such as '" + found.often + "' and '" + found.seldom +
                    "': make them one, or keep them if they differ",
                column->name());
    }
    notes.finish("have categories in several spellings");
  }

  // --- time

  /// Whether the rows stand in order of a column, up or down, one in a hundred aside.
  static bool ordered(const std::vector<double>& times) {
    std::size_t up = 0, down = 0, steps = 0;
    double before = std::numeric_limits<double>::quiet_NaN();
    for (const double time : times) {
      if (std::isnan(time)) continue;
      up += time > before ? 1 : 0;
      down += time < before ? 1 : 0;
      steps += time != before && !std::isnan(before) ? 1 : 0;
      before = time;
    }
    return steps >= 20 && 100 * std::max(up, down) >= 99 * steps;
  }

  void look_for_time() {
    if (!options_.time_column.empty()) return;
    for (const ColumnPtr& column : table().columns()) {
      if (column->kind() != ColumnKind::datetime) continue;
      context_.stop.throw_if_requested();
      std::vector<double> times(column->size());
      column->numbers(0, times.size(), times.data());
      if (!ordered(times)) continue;
      notes_.push_back("the rows stand in order of " + column->name() +
                       ": if later rows are to be predicted, time_column='" + column->name() + "' validates on them");
      return;
    }
  }

  const Prepared& prepared_;
  const Dataset& dataset_;
  const TrainOptions& options_;
  const RunContext& context_;
  std::vector<std::string> notes_;
};

}  // namespace

std::vector<std::string> data_warnings(const Prepared& prepared, const TrainOptions& options,
                                       const RunContext& context) {
  return DataLook(prepared, options, context).run();
}

std::string copies_across_folds(const Dataset& dataset, const SplitPlan& plan) {
  constexpr std::size_t most_hashed = 20000000;
  if (dataset.rows() * (dataset.features.size() + 1) > most_hashed || !dataset.groups.empty()) return {};
  const std::vector<std::uint64_t> hashes = row_content_hashes(dataset.features, dataset.target);
  std::vector<std::pair<std::uint64_t, std::int32_t>> folds;  // of each content
  for (std::size_t i = 0; i < hashes.size(); ++i) folds.emplace_back(hashes[i], plan.fold_of[i]);
  std::sort(folds.begin(), folds.end());
  std::size_t rows = 0;
  for (std::size_t first = 0, last = 0; first < folds.size(); first = last) {
    while (last < folds.size() && folds[last].first == folds[first].first) ++last;
    if (folds[first].second != folds[last - 1].second) rows += last - first;
  }
  if (100 * rows < hashes.size() || rows == 0) return {};
  return std::to_string(rows) + " rows (" + percent(static_cast<double>(rows) / static_cast<double>(hashes.size())) +
         ") have a copy in another fold: where new rows will not repeat those of training, the scores flatter; leave "
         "copies out, or give groups";
}

}  // namespace automill
