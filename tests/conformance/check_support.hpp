#pragma once
// What the checks of learners and of transformers share: collecting violations, comparing bits, bad parameters.

#include "conformance/conformance.hpp"
#include "conformance/generated_data.hpp"

namespace automill::conformance {

/// Collects violations of one check. The first few are kept: one cause gives many.
class Findings {
 public:
  explicit Findings(std::string check) : check_(std::move(check)) {}
  void add(const std::string& message) {
    if (all_.size() < 3) all_.push_back({check_, message});
  }
  const std::vector<Violation>& all() const { return all_; }
  bool enough() const { return all_.size() >= 3; }  ///< more will not be kept: a slow check may end

 private:
  std::string check_;
  std::vector<Violation> all_;
};

/// Runs the body; an exception that is not expected is a finding.
void guarded(Findings& findings, const std::string& where, const std::function<void()>& body);

/// Calls body(0) ... body(count - 1) in threads of their own that begin together. An exception is a finding.
void at_the_same_time(Findings& findings, std::size_t count, const std::function<void(std::size_t)>& body);

/// What a body throws as Error; a finding and nothing when it throws something else or nothing.
std::optional<Error> expected_error(Findings& findings, const std::string& where, const std::function<void()>& body);

/// A component as data, in bytes that can be compared: the tree and the arrays.
template <class Component>
Archive archive_of(const Component& component) {
  Archive archive;
  ArchiveWriter writer(archive);
  save_component(component, writer);
  return archive;
}
bool same_archive(const Archive& a, const Archive& b);

bool same_bits(double a, double b);
bool same_bits(const std::vector<double>& a, const std::vector<double>& b);
/// Empty when the tables have equal names, kinds, dictionaries and bits; else what differs. Text is compared as text.
std::string table_difference(const Table& a, const Table& b);

/// Largest difference relative to the size of the values (or of the column's largest, where a value is near 0).
double relative_difference(const std::vector<double>& a, const std::vector<double>& b);

std::string number_of(double value);

/// Faults of parameters: unknown name, wrong type, out of range, unknown choice. `make` builds from values.
void check_parameter_errors(Findings& findings, const std::vector<ParameterDeclaration>& declared,
                            const std::function<void(const Object&)>& make);
/// Defaults equal the declaration, descriptions and ranges are there, values survive the way through data.
void check_parameter_values(Findings& findings, const std::string& description,
                            const std::vector<ParameterDeclaration>& declared,
                            const std::function<Object(const Object&)>& parameters_of);

}  // namespace automill::conformance
