#pragma once
// The one exception type of AutoMill. A message says what is wrong, the value, what is allowed and what to do; all
// faults of one input come in one exception. Every code is listed in docs/errors.md.
//
//   throw Error("option.out_of_range", "time_limit", "0 s is not allowed: it must be above 0", "leave it out for no
//   limit");
//
//   Faults faults;                                     // collect, then throw once
//   faults.add("data.column_missing", "age", "the column is not in the input", "did you mean 'Age'?");
//   faults.throw_if_any();

#include <automill/core/export.hpp>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace automill {

/// One thing that is wrong with an input.
struct Fault {
  std::string code;     ///< stable, dotted: "data.ragged_row"
  std::string place;    ///< where: a column, an option, "row 17", a path
  std::string message;  ///< what is wrong, the value, and what is allowed
  std::string hint;     ///< what to do; may be empty

  std::string text() const {
    std::string all = place.empty() ? message : place + ": " + message;
    if (!hint.empty()) all += " (" + hint + ")";
    return all + " [" + code + "]";
  }
};

class AUTOMILL_EXPORT Error : public std::runtime_error {
 public:
  Error(std::string code, std::string place, std::string message, std::string hint = {})
      : Error(std::vector<Fault>{{std::move(code), std::move(place), std::move(message), std::move(hint)}}) {}

  /// All faults of one input. Precondition: at least one.
  explicit Error(std::vector<Fault> faults) : std::runtime_error(text_of(faults)), faults_(std::move(faults)) {}

  const std::string& code() const noexcept { return faults_.front().code; }
  const std::string& place() const noexcept { return faults_.front().place; }
  const std::string& hint() const noexcept { return faults_.front().hint; }
  const std::vector<Fault>& faults() const noexcept { return faults_; }

 private:
  static std::string text_of(const std::vector<Fault>& faults) {
    if (faults.size() == 1) return faults.front().text();
    std::string all = std::to_string(faults.size()) + " faults:";
    for (const Fault& fault : faults) all += "\n  - " + fault.text();
    return all;
  }

  std::vector<Fault> faults_;
};

/// Collects faults so that a user sees all of them at once.
class Faults {
 public:
  void add(std::string code, std::string place, std::string message, std::string hint = {}) {
    faults_.push_back({std::move(code), std::move(place), std::move(message), std::move(hint)});
  }
  bool empty() const { return faults_.empty(); }
  void throw_if_any() {
    if (!faults_.empty()) throw Error(std::move(faults_));
  }

 private:
  std::vector<Fault> faults_;
};

}  // namespace automill
