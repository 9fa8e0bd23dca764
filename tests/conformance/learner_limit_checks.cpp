// The limits: a stop ends a fit at once, costs are estimated, memory is asked for and given back.

#include <pthread.h>

#include <ctime>
#include <thread>

#include "conformance/learner_suite.hpp"

namespace automill::conformance {

double stop_allowance_seconds() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return 0.1;
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(undefined_behavior_sanitizer)
  return 0.1;
#elif defined(__OPTIMIZE__)
  return 0.010;
#else
  return 0.2;
#endif
#elif defined(__OPTIMIZE__)
  return 0.010;
#else
  return 0.2;
#endif
}

namespace {

struct StoppedFit {
  FitResult result;
  double seconds = 0;  ///< of the whole fit
  /// From the stop to the end, in seconds of the clock or of the fitting thread, whichever is less: on a busy machine
  /// the clock runs on while the thread waits for its turn. Negative: the fit had ended before.
  double overrun = -1;
};

double thread_seconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

/// A fit that is stopped after some seconds: by a deadline, or by a request from another thread.
StoppedFit stopped_fit(const LearnerCase& each, double after, StopReason how) {
  StoppedFit fit;
  RunContext context;
  std::stop_source source;
  clockid_t clock{};
  pthread_getcpuclockid(pthread_self(), &clock);
  const auto start = Clock::now();
  const auto at = start + std::chrono::duration_cast<Clock::duration>(Seconds(after));
  context.stop = how == StopReason::user ? StopToken(source.get_token()) : StopToken({}, at);
  std::atomic<bool> stopped{false};
  double wall_at_stop = 0, thread_at_stop = 0;
  const auto stop = [&] {
    wall_at_stop = Seconds(Clock::now() - start).count();
    thread_at_stop = thread_seconds(clock);
    source.request_stop();
    stopped = true;
  };
  std::jthread watcher;
  if (after <= 0) stop();
  else
    watcher = std::jthread([&](const std::stop_token& ended) {
      while (Clock::now() < at && !ended.stop_requested()) std::this_thread::sleep_for(std::chrono::microseconds(200));
      if (!ended.stop_requested()) stop();
    });
  fit.result = each.estimator->fit(each.data, context);
  fit.seconds = Seconds(Clock::now() - start).count();
  const double thread_at_end = thread_seconds(clock);
  watcher = std::jthread{};
  if (stopped) fit.overrun = std::min(fit.seconds - wall_at_stop, thread_at_end - thread_at_stop);
  return fit;
}

/// The model that a stopped fit has so far must be a model.
void check_stopped_result(const LearnerCase& each, const FitResult& result, const std::string& where,
                          Findings& findings) {
  if (result.model == nullptr) return;
  const std::string fault = prediction_fault(*result.model, take_rows(*each.data, {0, 1, 2, 3})->features);
  if (!fault.empty()) findings.add(where + ": the model so far gives " + fault);
}

/// Explainable boosting still needs longer at the end: it puts the tables of 700 columns and 14 bags together. A single
/// tree asks between nodes, and its first nodes hold all rows.
double allowed_seconds(const LearnerCase& each) {
  const std::string name = each.estimator->name();
  return stop_allowance_seconds() * (name == "explainable_boosting" ? 10 : name == "decision_tree" ? 5 : 1);
}

/// The smallest overrun of several tries counts: a busy machine delays some of them.
void check_stop_at(const LearnerCase& each, double after, double full_seconds, StopReason how, const std::string& where,
                   Findings& findings) {
  double smallest = std::numeric_limits<double>::infinity();
  for (int attempt = 0; attempt < 6 && smallest > allowed_seconds(each); ++attempt) {
    const StoppedFit fit = stopped_fit(each, after, how);
    smallest = std::min(smallest, fit.overrun);
    check_stopped_result(each, fit.result, where, findings);
    if (fit.overrun > 0 && fit.seconds < 0.5 * full_seconds && fit.result.report.stopped == "finished")
      findings.add(where + ": the report says finished");
  }
  if (smallest > allowed_seconds(each))
    findings.add(where + ": went on for " + number_of(1e3 * smallest) + " ms, allowed are " +
                 number_of(1e3 * allowed_seconds(each)));
}

}  // namespace

void check_stop(const LearnerSuite& suite, Findings& findings) {
  for (Task task : suite.traits.tasks)
    for (const auto& [rows, extra] : {std::pair<std::size_t, std::size_t>{40000, 15}, {1200, 700}}) {
      if (findings.enough()) return;
      const LearnerCase each = suite.alone(task, rows, extra);
      const std::string where =
          each.what + ", " + std::to_string(rows) + " x " + std::to_string(each.data->features.size());
      check_stop_at(each, 0, 0, StopReason::deadline, where + ", stopped before it began", findings);
      double full_seconds = std::numeric_limits<double>::infinity();
      for (int attempt = 0; attempt < 2; ++attempt) {
        const auto start = Clock::now();
        suite.learner->fit(each.data);
        full_seconds = std::min(full_seconds, Seconds(Clock::now() - start).count());
      }
      if (full_seconds < 1.5 * stop_allowance_seconds()) continue;
      for (const auto& [share, how] : {std::pair{0.05, StopReason::user},
                                       {0.3, StopReason::deadline},
                                       {0.6, StopReason::user},
                                       {0.85, StopReason::deadline}})
        check_stop_at(each, share * full_seconds, full_seconds, how,
                      where + ", stopped by " + (how == StopReason::user ? "request" : "deadline") + " at " +
                          number_of(share) + " of " + number_of(1e3 * full_seconds) + " ms",
                      findings);
    }
}

void check_cost(const LearnerSuite& suite, Findings& findings) {
  const std::vector<std::size_t> rows{1, 2, 30, 1000, 30000, 1000000, 100000000}, columns{0, 1, 2, 20, 300, 10000};
  const std::size_t classes = suite.learner->traits().tasks.back() == Task::regression ? 1 : 3;
  const auto at = [&](std::size_t r, std::size_t c) {
    return suite.learner->cost({.rows = r, .columns = c, .classes = classes});
  };
  const auto text = [](std::size_t r, std::size_t c) {
    return std::to_string(r) + " rows, " + std::to_string(c) + " columns";
  };
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = 0; j < columns.size(); ++j) {
      const CostEstimate cost = at(rows[i], columns[j]);
      if (!(cost.operations > 0 && cost.bytes > 0 && std::isfinite(cost.operations) && std::isfinite(cost.bytes)))
        findings.add(text(rows[i], columns[j]) + ": operations " + number_of(cost.operations) + ", bytes " +
                     number_of(cost.bytes));
      for (const CostEstimate& less :
           {at(rows[i > 0 ? i - 1 : 0], columns[j]), at(rows[i], columns[j > 0 ? j - 1 : 0])})
        if (less.operations > cost.operations || less.bytes > cost.bytes)
          findings.add(text(rows[i], columns[j]) + ": cheaper than fewer rows or columns");
    }
}

void check_memory(const LearnerSuite& suite, Findings& findings) {
  for (Task task : suite.traits.tasks)
    for (const auto& [rows, extra] : {std::pair<std::size_t, std::size_t>{500, 5}, {20000, 15}, {400, 300}}) {
      const LearnerCase each = suite.alone(task, rows, extra);
      const std::string where = each.what + ", " + std::to_string(rows) + " rows";
      DataShape shape{.rows = rows, .columns = each.data->features.size(), .classes = each.data->target.width()};
      for (const auto& column : each.data->features.columns())
        if (column->kind() == ColumnKind::category) shape.categories += column->schema().dictionary->size();
      MemoryMeter meter;
      suite.learner->fit(each.data, {.memory = &meter});
      const double taken = static_cast<double>(meter.peak()), estimate = suite.learner->cost(shape).bytes;
      if (meter.used() != 0) findings.add(where + ": " + std::to_string(meter.used()) + " bytes were not given back");
      if (estimate < taken)
        findings.add(where + ": " + number_of(taken) + " bytes were taken, the estimate was " + number_of(estimate));
      if (estimate > 20 * std::max(taken, 65536.0))
        findings.add(where + ": an estimate of " + number_of(estimate) + " bytes, taken were " + number_of(taken));
      MemoryMeter none(1);
      try {
        const auto model = suite.learner->fit(each.data, {.memory = &none}).model;
        if (model == nullptr) findings.add(where + ": without memory no model and no Error");
      } catch (const Error& error) {
        if (error.code() != "memory.limit") findings.add(where + ": without memory: " + error.what());
      }
      if (none.used() != 0)
        findings.add(where + ": after a refusal " + std::to_string(none.used()) + " bytes are still taken");
    }
}

}  // namespace automill::conformance
