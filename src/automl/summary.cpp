#include <automill/automl/automl_model.hpp>
#include <ostream>

#include "automl/cost_matrix.hpp"
#include "automl/summary_words.hpp"

namespace automill {
namespace {

std::string figure(double value) { return format_text("%.5g", value); }

/// A size with that many significant digits, never with an exponent: 0.0035, 2.1, 1790.
std::string plain(double value, int digits) {
  if (!(value > 0)) return "0";
  return format_text("%.*f", std::max(0, digits - 1 - static_cast<int>(std::floor(std::log10(value)))), value);
}

double number(const Object& object, std::string_view key) {
  const Value* value = object.find(key);
  return value != nullptr && value->is_number() ? value->number() : LeaderboardRow::none;
}

/// Of the preset glass_box: which model, and why.
std::string readable_line(const Object& choice) {
  const auto text = [&](const char* key) {
    const Value* value = choice.find(key);
    return value != nullptr && value->is_text() ? value->text() : std::string();
  };
  const std::string reason = text("reason");
  return "glass box: " + text("chosen") + ", " + text("what") + (reason.empty() ? "" : "; " + reason);
}

std::string first_line(const AutoMLModel& model) {
  std::string line = target_words(model.target());
  const Value* reason = object_in(model.metadata(), "books").find("positive_reason");
  if (reason != nullptr && reason->is_text() && model.task() == Task::binary) line += " (" + reason->text() + ")";
  const Score score = model.validation_score();
  line += "     " + score.metric + " " + figure(score.value);
  if (std::isfinite(score.low))
    line += " (" + figure(score.low) + " .. " + figure(score.high) + ", " + score.protocol + ")";
  else line += " (" + score.protocol + ")";
  for (const auto& row : model.leaderboard()) {
    if (row.family == "baseline" && std::isfinite(row.validation_score))
      line += "   prior " + figure(row.validation_score);
    if (row.family == "logistic" && std::isfinite(row.validation_score))
      line += "   logistic regression " + figure(row.validation_score);
    if (row.family == "ridge" && std::isfinite(row.validation_score))
      line += "   ridge " + figure(row.validation_score);
  }
  return line;
}

std::string why_line(const AutoMLModel& model) {
  auto rows = model.leaderboard();
  std::stable_sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.weight > b.weight; });
  std::string line = "why: ";
  std::size_t members = 0;
  for (const auto& row : rows) {
    if (!(row.weight > 0)) continue;
    if (members++ > 0) line += " + ";
    line += row.name + format_text(" x %.2f", row.weight);
  }
  for (const auto& row : rows)
    if (row.rank == 1) line += "; best single " + row.name + " " + figure(row.validation_score);
  std::size_t ties = 0;
  for (const auto& best : rows)
    if (best.rank == 1)
      for (const auto& row : rows)
        if (row.rank > 1 && row.validation_score >= best.low && row.validation_score <= best.high) ++ties;
  if (ties > 0) line += "; " + std::to_string(ties) + " more within its interval";
  if (model.task() == Task::binary && model.decision_threshold() != 0.5)
    line += format_text("; decision threshold %.3f", model.decision_threshold());
  return line;
}

bool is_collapsed(const Object& metadata) {
  const Value* collapsed = metadata.find("collapsed");
  return collapsed != nullptr && collapsed->is_bool() && collapsed->boolean();
}

std::string books_line(const AutoMLModel& model) {
  const Object& books = object_in(model.metadata(), "books");
  const Object& candidates = object_in(books, "candidates");
  std::string line = table_words(object_in(books, "rows"), object_in(books, "columns"));
  line += "; candidates " + std::to_string(count_in(candidates, "all")) + " = " +
          std::to_string(count_in(candidates, "ok")) + " ok";
  for (const char* state : {"partial", "skipped", "failed"})
    if (count_in(candidates, state) > 0) line += " + " + std::to_string(count_in(candidates, state)) + " " + state;
  return line;
}

/// As a change of the score: "+0.0004 expected (likely -0.0001 .. 0.0010)".
std::string gain_words(const AutoMLModel& model) {
  const Object& run = object_in(model.metadata(), "run");
  const Object& gain = object_in(run, "gain_of_twice_the_time");
  std::string words;
  if (const Value* ended = run.find("ended"); ended != nullptr && ended->is_text()) words = "; ended: " + ended->text();
  if (gain.empty()) return words;
  const double value = number(gain, "value");
  return words + "; twice the time: " + (value == 0 ? "nothing" : format_text("%+.2g", value)) +
         format_text(" expected (likely %.2g .. %.2g)", number(gain, "low"), number(gain, "high"));
}

std::string time_line(const AutoMLModel& model) {
  const Object& run = object_in(model.metadata(), "run");
  const double limit = number(run, "time_limit");
  std::string line = format_text("time %.1f s", number(run, "wall_seconds"));
  if (std::isfinite(limit)) line += format_text(" of %.4g", limit);
  if (const double fits = number(run, "fit_seconds"); fits > 0)
    line += format_text(" (fits %.1f of %.1f core-s)", fits, number(run, "wall_seconds") * number(run, "threads"));
  if (const std::int64_t peak = count_in(run, "peak_bytes"); peak > 0) {
    line += format_text(", peak %lld MiB", static_cast<long long>(peak >> 20));
    if (const std::int64_t most = count_in(run, "memory_limit"); most > 0)
      line += format_text(" of %lld", static_cast<long long>(most >> 20));
  }
  return line + gain_words(model);
}

std::string size_line(const AutoMLModel& model) {
  double microseconds = 0;
  for (const auto& row : model.leaderboard())
    if (row.weight > 0 && std::isfinite(row.predict_us_per_row)) microseconds += row.predict_us_per_row;
  const double megabytes = static_cast<double>(model.bytes().size()) / 1e6;
  return "file " + plain(megabytes, 2) + " MB, " + plain(microseconds, 3) +
         " us a row     next: model.evaluate(\"test.csv\")   model.save(\"" + model.target().name + ".automill\")";
}

/// A model that was not trained here: what it is, in place of scores and books.
std::string imported_summary(const AutoMLModel& model, const Object& facts) {
  const TargetInfo& target = model.target();
  const auto fact = [&](const char* key) {
    const Value* value = facts.find(key);
    return value != nullptr && value->is_text() ? value->text() : std::string();
  };
  std::string text = target_words(target);
  text += "     imported from " + fact("format") + " " + fact("version") + ", not validated here\n";
  const std::int64_t rounds = count_in(facts, "rounds"), all = count_in(facts, "rounds_in_file");
  text += "objective " + fact("objective") + "; rounds " + std::to_string(rounds);
  if (rounds != all) text += " of " + std::to_string(all) + " in the file";
  text += "; columns " + std::to_string(model.schema().size()) + "\n";
  return text + "file " + plain(static_cast<double>(model.bytes().size()) / 1e6, 2) +
         " MB     next: model.evaluate(\"test.csv\")   model.save(\"" + target.name + ".automill\")\n";
}

/// A learner or pipeline by itself: what it is, in place of scores and books.
std::string learner_summary(const AutoMLModel& model) {
  const Value* type = object_in(model.metadata(), "structure").find("type");
  return target_words(model.target()) + "     not validated: cross_validate does that\n" +
         (type != nullptr && type->is_text() ? type->text() : model.parts().model->type()) + "; columns " +
         std::to_string(model.schema().size()) + "; file " + plain(static_cast<double>(model.bytes().size()) / 1e6, 2) +
         " MB\n";
}

}  // namespace

std::string AutoMLModel::summary() const {
  if (const Object& facts = object_in(metadata(), "imported"); !facts.empty()) return imported_summary(*this, facts);
  if (object_in(metadata(), "books").empty()) return learner_summary(*this);
  std::string text = first_line(*this) + "\n" + why_line(*this) + "\n" + books_line(*this) + "\n";
  if (!target().costs.empty())
    text += "labels of the least expected cost: " + cost_words(target()) + "; members weighted by log_loss\n";
  const Value* notes = object_in(metadata(), "books").find("notes");
  if (notes != nullptr && notes->is_array())
    for (const Value& note : notes->array()) text += "note: " + note.text() + "\n";
  if (!object_in(metadata(), "glass_box").empty()) text += readable_line(object_in(metadata(), "glass_box")) + "\n";
  else if (const Object& distilled = object_in(metadata(), "distilled"); !distilled.empty())
    text += "distilled: one booster that learned what the ensemble predicts (" + validation_score().metric + " " +
            figure(number(distilled, "ensemble")) + ")\n";
  else if (is_collapsed(metadata())) text += "collapsed: each member is one model, fitted on all rows\n";
  if (object_in(metadata(), "run").contains("replayed")) text += "replayed: the run of a model, from its recipe\n";
  if (interrupted()) text += "interrupted: the best model so far\n";
  return text + time_line(*this) + "\n" + size_line(*this) + "\n";
}

std::ostream& operator<<(std::ostream& out, const AutoMLModel& model) { return out << model.summary(); }

}  // namespace automill
