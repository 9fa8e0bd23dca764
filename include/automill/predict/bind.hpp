#pragma once
// Scores a struct of the caller: fields are bound to columns once, with their kinds checked.
//
//   struct Applicant { double age; std::string job; };
//   auto score = automill::bind(served, automill::field("age", &Applicant::age), automill::field("job",
//   &Applicant::job)); std::span<const double> p = score(applicant);

#include <automill/predict/served_model.hpp>
#include <tuple>

namespace automill {

template <class Struct, class T>
struct Field {
  std::string_view name;
  T Struct::*member;
};

template <class Struct, class T>
Field<Struct, T> field(std::string_view name, T Struct::*member) {
  return {name, member};
}

/// Not shared between threads; one each.
template <class Struct, class... T>
class BoundPredictor {
 public:
  BoundPredictor(const ServedModel& model, Field<Struct, T>... fields)
      : predictor_(model.row_predictor()), fields_(Bound<T>{predictor_.column(fields.name), fields.member}...) {
    (check_kind<T>(model.schema(), fields.name), ...);
  }
  std::span<const double> operator()(const Struct& row) {
    std::apply([&](const auto&... each) { (set(each, row), ...); }, fields_);
    return predictor_.predict();
  }

 private:
  template <class F>
  struct Bound {
    RowColumn column;
    F Struct::*member;
  };
  template <class F>
  static void check_kind(const Schema& schema, std::string_view name) {
    const ColumnKind kind = schema[schema.column(name)].kind;
    const bool text = kind == ColumnKind::category || kind == ColumnKind::text;
    if (text == std::is_arithmetic_v<F>)
      throw Error("predict.field_kind", std::string(name),
                  "the column is " + column_kind_name(kind) + ", the field is " + (text ? "a number" : "text"));
  }
  template <class F>
  void set(const Bound<F>& bound, const Struct& row) {
    const F& value = row.*bound.member;
    if constexpr (std::is_arithmetic_v<F>) predictor_.set(bound.column, static_cast<double>(value));
    else predictor_.set(bound.column, std::string_view(value));
  }
  NamedRowPredictor predictor_;
  std::tuple<Bound<T>...> fields_;
};

template <class Struct, class... T>
BoundPredictor<Struct, T...> bind(const ServedModel& model, Field<Struct, T>... fields) {
  return {model, fields...};
}

}  // namespace automill
