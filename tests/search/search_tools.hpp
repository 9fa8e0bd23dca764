#pragma once
// What the tests of the search share: the reference file, and errors caught with all their faults.

#include <gtest/gtest.h>

#include <automill/search/minimize.hpp>
#include <fstream>
#include <iterator>

#include "json.hpp"

namespace search_tools {

using namespace automill;

inline Value reference() {
  std::ifstream file(std::string(AUTOMILL_TEST_DATA) + "/search/search_reference.json");
  return from_json(std::string(std::istreambuf_iterator<char>(file), {}), "search_reference.json");
}

inline std::vector<double> numbers(const Value& list) {
  std::vector<double> all;
  for (const Value& each : list.array()) all.push_back(each.number());
  return all;
}

/// The faults of what `call` throws; none when it does not.
template <class Call>
std::vector<Fault> faults_of(const Call& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.faults();
  }
  return {};
}

/// The one fault as text; all of them when there are more.
template <class Call>
std::string fault_text(const Call& call) {
  std::string all;
  for (const Fault& fault : faults_of(call)) all += (all.empty() ? "" : "\n") + fault.text();
  return all;
}

inline double number_of(const Object& parameters, const char* name) { return Value(parameters).at(name).number(); }

}  // namespace search_tools
