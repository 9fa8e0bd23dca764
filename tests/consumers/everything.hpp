#pragma once
// What a program with the whole library does: fit a pipeline by hand, train, save, load, predict, search, catch an
// Error.

#include <automill/automill.hpp>
#include <chrono>
#include <cmath>
#include <string>

#include "check.hpp"

/// y = 2 x + 1 for men, 2 x - 1 for women.
struct Numbers {
  std::vector<double> x, y;
  std::vector<std::string_view> sex;
  automill::Table table() const {
    return automill::Table::from({{"x", std::span<const double>(x)},
                                  {"sex", std::span<const std::string_view>(sex)},
                                  {"y", std::span<const double>(y)}});
  }
};

inline Numbers make_numbers() {
  Numbers numbers;
  for (int i = 0; i < 400; ++i) {
    numbers.x.push_back(i % 37);
    numbers.sex.push_back(i % 3 == 0 ? "f" : "m");
    numbers.y.push_back(2 * (i % 37) + (i % 3 == 0 ? -1 : 1));
  }
  return numbers;
}

inline void use_everything(const std::string& file) {
  const Numbers numbers = make_numbers();
  const automill::Table table = numbers.table();
  const automill::Pipeline pipeline{automill::Impute{}, automill::OneHot{}, automill::Scaler{}, automill::Ridge{}};
  const auto fitted = pipeline.fit(automill::dataset_from(table, "y"));
  const automill::Predictions predictions = fitted.model->predict(table);
  double worst = 0;
  for (std::size_t i = 0; i < numbers.y.size(); ++i)
    worst = std::max(worst, std::abs(predictions.row(i)[0] - numbers.y[i]));
  CHECK(worst < 0.5);

  automill::TrainOptions options;
  options.target = "y";
  options.time_limit = std::chrono::seconds(1);
  options.threads = 1;
  const automill::AutoMLModel model = automill::train(table, options);
  model.save(file);
  const automill::ServedModel served = automill::load(file);
  CHECK(served.predict(table).raw().values == model.predict(table).raw().values);
  CHECK(served.verify().ok);

  const automill::SearchSpace space{{"x", automill::Float(-2, 2)}, {"kind", automill::Categories({"a", "b"})}};
  const auto found = automill::minimize(
      space, [](const automill::Object& p) { return std::abs(p.find("x")->number() - 1); }, {.trials = 12});
  CHECK(found.trials.size() == 12 && found.best.score < 0.5);

  std::string caught;
  try {
    automill::load("no/such/file.automill");
  } catch (const automill::Error& error) {
    caught = error.code();
  }
  CHECK(caught == "file.missing");
  caught.clear();
  try {
    served.predict(table.without({"x"}));
  } catch (const std::exception& error) {
    CHECK(dynamic_cast<const automill::Error*>(&error) != nullptr);
    caught = error.what();
  }
  CHECK(caught.find("data.column_missing") != std::string::npos);
}
