#pragma once
// Parameters that are lists or objects: a member of type Value. What may be in them is checked by the learner, which
// knows the columns.
//
//   Value monotone_constraints;
//   parameter("monotone_constraints", &P::monotone_constraints, "...")      // null, a list or an object

#include <automill/core/param.hpp>

namespace automill {

template <class P>
class Parameter<P, Value> {
 public:
  Parameter(const char* name, Value P::*member, const char* description) : member_(member) {
    declaration_.name = name;
    declaration_.description = description;
    declaration_.type = "list or object";
    declaration_.default_value = P{}.*member;
    declaration_.optional = true;
  }
  const ParameterDeclaration& declaration() const { return declaration_; }
  Value get(const P& parameters) const { return parameters.*member_; }
  void set(P& parameters, const Value& value, const std::string& place, Faults& faults) const {
    if (value.is_null() || value.is_array() || value.is_object()) parameters.*member_ = value;
    else
      faults.add("parameter.wrong_type", place,
                 param_detail::value_text(value) + " is not allowed: it must be of type " + declaration_.type);
  }

 private:
  Value P::*member_;
  ParameterDeclaration declaration_;
};

}  // namespace automill
