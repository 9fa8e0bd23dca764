#pragma once
// The search space of an estimator, and the estimator that a configuration of it describes.

#include <automill/core/pipeline.hpp>
#include <automill/search/space.hpp>

#include "automl/step_tree.hpp"

namespace automill {

/// Where a search begins: the estimator as it was given, as far as the space allows.
struct FirstConfiguration {
  Object set{};    ///< what configured() has to change
  Object shown{};  ///< values of all active parameters; null and values beyond the searched range stay as they are
  std::optional<Object> told{};  ///< as a configuration of the space, at the nearest values; none where one is null
};

class TunedSpace {
 public:
  /// `given` and `forbidden` as in TuneOptions. The estimator must outlive it.
  TunedSpace(const Estimator& estimator, std::vector<SearchSpace::Entry> given, std::vector<Object> forbidden,
             bool declared, const Registry& registry);

  const SearchSpace& space() const { return *space_; }
  std::shared_ptr<const Estimator> configured(const Object& configuration) const;
  /// None where the forbidden combinations exclude it.
  std::optional<FirstConfiguration> first() const;

 private:
  /// A step with several components to choose from, by label.
  struct Choice {
    Step step;
    std::vector<std::pair<std::string, Value>> alternatives{};
    std::string first{};  ///< label of the alternative of the same type as the step, else of the first one
  };
  /// Where one parameter begins.
  struct Begin {
    Value shown;
    std::optional<Value> told;
    bool set;
  };

  void read_choices(Faults& faults);
  void add_alternative(Choice& choice, const Value& given_choice) const;
  void read_declarations();
  void add_entries(bool declared, Faults& faults);
  void add_undeclared(Faults& faults);
  bool is_step_of_a_fault(const std::string& name, const Faults& faults) const;
  std::optional<SearchParameter> searched(const DeclaredParameter& parameter, bool declared) const;
  std::optional<std::vector<SearchCondition>> conditions_of(const DeclaredParameter& parameter, bool declared) const;
  void check_values(const DeclaredParameter& parameter, const SearchParameter& entry, Faults& faults) const;
  void check_entry(const std::string& name, const SearchParameter& entry, Faults& faults) const;
  void try_value(const std::string& name, const Value& value) const;
  const SearchSpace::Entry* given(const std::string& name) const;
  const DeclaredParameter* find_parameter(const std::string& name) const;
  const Choice* find_choice(const std::string& path) const;
  bool is_inside_choice(const std::string& name) const;
  std::vector<std::string> known_names() const;
  Begin begin_of(const std::string& name, const SearchParameter& parameter) const;
  std::shared_ptr<const Estimator> rebuilt(const Value& structure) const;

  const Estimator& estimator_;
  const Registry& registry_;
  std::vector<SearchSpace::Entry> given_;
  Value structure_;
  std::vector<Choice> choices_{};
  std::vector<DeclaredParameter> parameters_{};
  std::vector<SearchSpace::Entry> entries_{};
  std::optional<SearchSpace> space_{};
};

}  // namespace automill
