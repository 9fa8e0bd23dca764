// automill verify: does this file predict here what it predicted where it was made; and are these rows like training?

#include <iostream>

#include "cli/arguments.hpp"
#include "cli/exit_code.hpp"
#include "cli/input.hpp"
#include "cli/json_output.hpp"

namespace automill::cli {
namespace {

Value report_value(const CheckReport& report) {
  Array findings;
  for (const auto& finding : report.findings)
    findings.push_back(Object{
        {"column", finding.column}, {"kind", finding.kind}, {"share", finding.share}, {"message", finding.message}});
  return Object{{"rows", static_cast<std::int64_t>(report.rows)}, {"findings", findings}};
}

/// Rows with the kinds of training; where they do not fit, as they are, so that this is a finding and not an error.
Table read_to_check(const std::string& path, const ServedModel& model) {
  try {
    return read_csv(path == "-" ? "/dev/stdin" : path, model.schema());
  } catch (const Error& error) {
    if (path == "-" || (error.code() != "data.cell_type" && error.code() != "data.column_missing")) throw;
    return read_rows(path, {});
  }
}

}  // namespace

int run_verify(const VerifyArguments& arguments) {
  const AutoMLModel model = load_model(arguments.model);
  const VerifyReport self_test = model.verify();
  CheckReport check;
  if (!arguments.data.empty()) check = model.check(read_to_check(arguments.data, model));
  const bool ok = self_test.ok && check.findings.empty();
  if (arguments.json) {
    Object result{{"ok", ok},
                  {"self_test", Object{{"ok", self_test.ok},
                                       {"rows", static_cast<std::int64_t>(self_test.rows)},
                                       {"largest_difference", self_test.largest_difference}}}};
    if (!arguments.data.empty()) result.append("check", report_value(check));
    print_json(result);
  } else {
    std::cout << self_test.text() << (self_test.text().ends_with('\n') ? "" : "\n");
    if (!arguments.data.empty()) std::cout << check.text() << (check.text().ends_with('\n') ? "" : "\n");
  }
  return ok ? exit_ok : exit_check_failed;
}

}  // namespace automill::cli
