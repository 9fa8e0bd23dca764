// The C API inside one process: errors belong to their thread. Everything else is tested from C in
// tests/consumers/predict_only.

#include <automill/predict/automill_predict.h>
#include <gtest/gtest.h>

#include <thread>

#include "sample_models.hpp"

namespace automill {
namespace {

TEST(CApi, predicts_what_cpp_predicts) {
  const ServedModel served = samples::multiclass();
  const auto bytes = served.bytes();
  automill_model* model = automill_load_bytes(bytes.data(), bytes.size());
  ASSERT_NE(model, nullptr);
  automill_row* row = automill_row_new(model);
  NamedRowPredictor one = served.row_predictor();
  std::size_t age = 0;
  ASSERT_EQ(automill_column_index(model, "age", &age), AUTOMILL_OK);
  std::vector<double> out(automill_output_width(model));
  for (double years = 20; years < 80; years += 7) {
    one.set(one.column("age"), years);
    ASSERT_EQ(automill_row_set_number(row, age, years), AUTOMILL_OK);
    ASSERT_EQ(automill_row_predict(row, out.data(), out.size()), AUTOMILL_OK);
    const auto wanted = one.predict();
    EXPECT_EQ(out, std::vector<double>(wanted.begin(), wanted.end()));
  }
  automill_row_free(row);
  automill_free(model);
}

TEST(CApi, errors_belong_to_their_thread) {
  EXPECT_EQ(automill_load_file("no/such/file"), nullptr);
  const std::string here = automill_last_error();
  EXPECT_NE(here.find("[file.missing]"), std::string::npos);
  std::string there = "not asked", after;
  std::thread([&] {
    there = automill_last_error();
    automill_load_bytes("x", 1);
    after = automill_last_error();
  }).join();
  EXPECT_EQ(there, "");
  EXPECT_NE(after.find("[model_file.not_a_model]"), std::string::npos);
  EXPECT_EQ(automill_last_error(), here);
}

}  // namespace
}  // namespace automill
