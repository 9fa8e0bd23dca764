// Spline against scikit-learn's SplineTransformer, Bins against its KBinsDiscretizer, and closed forms.

#include "number_tools.hpp"

using namespace preprocess_tools;

namespace {

TEST(Spline, AgreesWithScikitLearn) {
  const Table all = number_reference_table();
  for (const Value& each : number_reference().at("splines").array()) {
    const SplineParameters parameters{.knots = 6,
                                      .degree = static_cast<int>(each.at("degree").integer()),
                                      .placement = each.at("placement").text(),
                                      .extrapolation = each.at("extrapolation").text(),
                                      .include_bias = each.at("include_bias").boolean()};
    std::vector<ColumnPtr> used, beyond;
    for (const std::string& name : texts(each.at("columns"))) {
      used.push_back(all.columns()[all.schema()->column(name)]);
      beyond.push_back(number_column(name, numbers(number_reference().at("beyond"))));
    }
    const auto fitted = fit_checked(Spline{parameters}, rows_of(Table(used)));
    const Table inside = fitted->transform(Table(used)), outside = fitted->transform(Table(beyond));
    ASSERT_EQ(inside.size(), each.at("inside").array().size());
    for (std::size_t c = 0; c < inside.size(); ++c) {
      const auto expected = numbers(each.at("inside").array()[c]), far = numbers(each.at("beyond").array()[c]);
      auto made = values_of(inside, inside[c].name());
      made.resize(expected.size());
      expect_same(made, expected, 1e-12);  // values are at most 1, knots are rounded otherwise
      // far from the knots a polynomial multiplies the rounding of its coefficients
      const auto made_far = values_of(outside, outside[c].name());
      for (std::size_t i = 0; i < far.size(); ++i)
        EXPECT_NEAR(made_far[i], far[i], 1e-9 * (1 + std::abs(far[i]))) << outside[c].name() << " " << i;
    }
  }
}

TEST(Spline, RowsSumToOneAndLinesAreReproduced) {
  const auto fitted = fit_checked(Spline{{.knots = 4, .extrapolation = "linear"}}, rows_of(one_column({0, 1, 5, 9})));
  // coefficients that give x itself: means of the inner knots of each spline (knots -9, -6 ... 18)
  const std::vector<double> greville{-3, 0, 3, 6, 9, 12};
  ASSERT_EQ(fitted->output_schema()->size(), greville.size());
  for (double x : {-40.0, -1.0, 0.0, 0.7, 3.0, 8.9, 9.0, 100.0}) {
    const Table out = fitted->transform(one_column({x}));
    double sum = 0, line = 0;
    for (std::size_t c = 0; c < out.size(); ++c) {
      sum += out[c].number(0);
      line += greville[c] * out[c].number(0);
    }
    EXPECT_NEAR(sum, 1, 1e-12) << x;
    EXPECT_NEAR(line, x, 1e-11) << x;
  }
}

TEST(Spline, HoldsForEveryTransformerOfNumbers) {
  for (const char* placement : {"uniform", "quantile"})
    for (const char* extrapolation : {"constant", "linear"}) {
      const Spline transformer{{.knots = 4, .placement = placement, .extrapolation = extrapolation}};
      expect_weights_are_copies(transformer);
      expect_order_does_not_matter(transformer);
      expect_degenerate_columns_work(transformer);
      expect_other_kinds_pass(transformer);
    }
}

TEST(Spline, DamagedFileIsRefused) {
  const auto fitted = fit_checked(Spline{{.knots = 3, .degree = 2}}, rows_of(one_column({2, 4, 7})));
  expect_refused(*fitted, [](Archive& a) { a.root.object()["degree"] = 6; });
  expect_refused(*fitted, [](Archive& a) { a.root.object()["degree"] = 3; });
  expect_refused(*fitted, [](Archive& a) { a.root.object()["include_bias"] = 1; });
  expect_refused(*fitted, [](Archive& a) { set_number(a, 0, 0, -1.7e308); });
  expect_refused(*fitted, [](Archive& a) { set_number(a, 0, 3, -1.7e308); });
}

TEST(Bins, AgreesWithScikitLearn) {
  const Table table = number_reference_table();
  const auto made = [&](BinsParameters parameters) {
    return fit_checked(Bins{parameters}, rows_of(table))->transform(table);
  };
  const Table uniform = made({.bins = 6, .method = "uniform"}), quantile = made({.bins = 7}),
              one_hot = made({.bins = 4, .method = "uniform", .encode = "one_hot"});
  for (std::size_t c = 0; c < table.size(); ++c) {
    expect_same(values_of(uniform, table[c].name()), expected_numbers("bins_uniform", c));
    expect_same(values_of(quantile, table[c].name()), expected_numbers("bins_quantile", c));
  }
  ASSERT_EQ(one_hot.size(), 4 * table.size());
  for (std::size_t c = 0; c < one_hot.size(); ++c)
    expect_same(values_of(one_hot, one_hot[c].name()), expected_numbers("bins_one_hot", c));
}

TEST(Bins, EdgesBelongToTheBinAbove) {
  const auto fitted = fit_checked(Bins{{.bins = 2, .method = "uniform"}}, rows_of(one_column({0, 4})));
  expect_same(values_of(fitted->transform(one_column({-9, 1.9, 2, 9, missing, infinite, -infinite})), "n"),
              {0, 0, 1, 1, missing, 1, 0});
  const auto flags =
      fit_checked(Bins{{.bins = 2, .method = "uniform", .encode = "one_hot"}}, rows_of(one_column({0, 4})));
  const Table out = flags->transform(one_column({1, 3, missing}));
  expect_same(values_of(out, "n_bin_0"), {1, 0, 0});
  expect_same(values_of(out, "n_bin_1"), {0, 1, 0});
}

TEST(Bins, HoldsForEveryTransformerOfNumbers) {
  for (const char* method : {"quantile", "uniform"})
    for (const char* encode : {"ordinal", "one_hot"}) {
      const Bins transformer{{.bins = 6, .method = method, .encode = encode}};
      expect_weights_are_copies(transformer);
      expect_order_does_not_matter(transformer);
      expect_degenerate_columns_work(transformer);
      expect_other_kinds_pass(transformer);
    }
}

TEST(Bins, DamagedFileIsRefused) {
  const auto fitted = fit_checked(Bins{{.bins = 3}}, rows_of(one_column({2, 4, 7, 9})));
  expect_refused(*fitted, [](Archive& a) { a.root.object()["encoding"] = "binary"; });
  expect_refused(*fitted, [](Archive& a) { set_number(a, 0, 0, 100); });
  expect_refused(*fitted, [](Archive& a) { a.arrays[0].bytes.resize(8); });
}

}  // namespace
