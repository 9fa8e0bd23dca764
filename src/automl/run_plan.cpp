#include <automill/automl/run_plan.hpp>
#include <ostream>

#include "automl/summary_words.hpp"

namespace automill {
namespace {

Array as_array(const std::vector<PlannedCandidate>& candidates) {
  Array all;
  for (const PlannedCandidate& candidate : candidates)
    all.push_back(Object{{"name", candidate.name},
                         {"family", candidate.family},
                         {"parameters", candidate.parameters},
                         {"seconds", candidate.seconds},
                         {"core_seconds", candidate.core_seconds},
                         {"bytes", static_cast<std::int64_t>(candidate.bytes)},
                         {"status", candidate.status},
                         {"reason", candidate.reason}});
  return all;
}

Array as_array(const std::vector<PlannedSearch>& searches) {
  Array all;
  for (const PlannedSearch& search : searches)
    all.push_back(
        Object{{"family", search.family}, {"candidates", search.candidates}, {"seconds_each", search.seconds_each}});
  return all;
}

std::string first_line_of(const RunPlan& plan) {
  std::string line = target_words(plan.target) + "     " + plan.metric + ", " + plan.protocol;
  line += "     " + std::to_string(plan.threads) + (plan.threads == 1 ? " thread" : " threads");
  if (plan.time_limit) line += format_text(", time limit %.4g s", *plan.time_limit);
  return line + format_text(", memory limit %lld MiB", static_cast<long long>(plan.memory_limit >> 20));
}

std::string table_of(const RunPlan& plan) {
  std::size_t width = 9;
  for (const PlannedCandidate& candidate : plan.candidates) width = std::max(width, candidate.name.size());
  const int wide = static_cast<int>(width);
  std::string text = format_text("  %-*s  %9s  %9s  %9s\n", wide, "candidate", "seconds", "core-s", "MiB");
  for (const PlannedCandidate& candidate : plan.candidates) {
    if (candidate.status == "skipped") {
      text += format_text("  %-*s  skipped: ", wide, candidate.name.c_str()) + candidate.reason + "\n";
      continue;
    }
    text += format_text("  %-*s  %9.2g  %9.2g  %9.2g", wide, candidate.name.c_str(), candidate.seconds,
                        candidate.core_seconds, static_cast<double>(candidate.bytes) / (1 << 20));
    text += (candidate.reason.empty() ? "" : "  " + candidate.reason) + "\n";
  }
  for (const PlannedSearch& search : plan.searches)
    text += "  then " + std::to_string(search.candidates) + " more of " + search.family +
            format_text(", searched, %.2g s each\n", search.seconds_each);
  return text;
}

}  // namespace

Object RunPlan::to_object() const {
  Object object{{"target", target.name},
                {"task", task_name(target.task)},
                {"metric", metric},
                {"protocol", protocol},
                {"folds", folds},
                {"rows", rows},
                {"columns", columns},
                {"notes", Array(notes.begin(), notes.end())},
                {"threads", threads},
                {"memory_limit", static_cast<std::int64_t>(memory_limit)},
                {"preparing_seconds", preparing_seconds},
                {"candidates", as_array(candidates)},
                {"searches", as_array(searches)},
                {"seconds", seconds},
                {"bytes", static_cast<std::int64_t>(bytes)}};
  if (time_limit) object["time_limit"] = *time_limit;
  return object;
}

std::string RunPlan::summary() const {
  std::string text = first_line_of(*this) + "\n" + table_words(rows, columns) + "\n";
  for (const std::string& note : notes) text += "note: " + note + "\n";
  text += table_of(*this);
  return text + format_text("in all about %.3g s and %lld MiB; nothing is fitted yet\n", seconds,
                            static_cast<long long>((bytes + (1 << 20) - 1) >> 20));
}

std::ostream& operator<<(std::ostream& out, const RunPlan& plan) { return out << plan.summary(); }

}  // namespace automill
