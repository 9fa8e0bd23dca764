#pragma once
// "The books close": what a trained model says of rows, columns, candidates, weights and time must add up.

#include <gtest/gtest.h>

#include <automill/automl/train.hpp>
#include <cmath>
#include <set>

namespace automill {

inline std::int64_t count_of(const Value& book, const char* key) { return book.at(key).integer(); }

inline void expect_rows_and_columns_close(const AutoMLModel& model, const Table& data, const std::string& target) {
  const Value& books = *model.metadata().find("books");
  std::int64_t dropped_rows = 0;
  for (const Value& entry : books.at("rows").at("dropped").array()) {
    dropped_rows += entry.at("rows").integer();
    EXPECT_FALSE(entry.at("reason").text().empty());
    EXPECT_GT(entry.at("rows").integer(), 0);
  }
  const Value& rows = books.at("rows");
  EXPECT_EQ(count_of(rows, "input"), static_cast<std::int64_t>(data.rows()));
  EXPECT_EQ(count_of(rows, "input"), count_of(rows, "used") + dropped_rows);

  std::multiset<std::string> accounted;
  for (const Value& entry : books.at("columns").at("dropped").array()) {
    accounted.insert(entry.at("column").text());
    EXPECT_FALSE(entry.at("reason").text().empty());
  }
  const Value& columns = books.at("columns");
  EXPECT_EQ(count_of(columns, "input"), count_of(columns, "used") + static_cast<std::int64_t>(accounted.size()));
  EXPECT_EQ(count_of(columns, "used"), static_cast<std::int64_t>(model.schema().size()));
  for (const auto& name : model.schema().names()) accounted.insert(name);
  std::multiset<std::string> given;
  for (const auto& name : data.schema()->names())
    if (name != target) given.insert(name);
  EXPECT_EQ(accounted, given);  // every column once, by name
}

inline void expect_candidates_and_weights_close(const AutoMLModel& model) {
  const Value& candidates = model.metadata().find("books")->at("candidates");
  EXPECT_EQ(count_of(candidates, "all"), count_of(candidates, "ok") + count_of(candidates, "partial") +
                                             count_of(candidates, "failed") + count_of(candidates, "skipped"));
  const auto rows = model.leaderboard();
  EXPECT_EQ(count_of(candidates, "all"), static_cast<std::int64_t>(rows.size()));
  double weights = 0;
  std::map<std::string, std::int64_t> by_status;
  std::set<std::string> names;
  for (const auto& row : rows) {
    weights += row.weight;
    EXPECT_GE(row.weight, 0);
    EXPECT_EQ(row.weight > 0, row.status == "member") << row.name << " is " << row.status;
    EXPECT_TRUE(names.insert(row.name).second) << row.name << " twice";
    const std::string kind = row.status.starts_with("partial") ? "partial" : row.status;
    ++by_status[kind == "member" || kind == "stopped" ? "ok" : kind];
    if (kind == "partial" || kind == "failed" || kind == "skipped") EXPECT_FALSE(row.reason.empty()) << row.name;
  }
  EXPECT_NEAR(weights, 1.0, 1e-12);
  for (const char* status : {"ok", "partial", "failed", "skipped"})
    EXPECT_EQ(by_status[status], count_of(candidates, status)) << status;
  std::set<std::string> members;
  for (const auto& row : rows)
    if (row.weight > 0) members.insert(row.name);
  const auto in_model = model.member_names();
  EXPECT_EQ(members, std::set<std::string>(in_model.begin(), in_model.end()));
}

inline void expect_time_closes(const AutoMLModel& model) {
  const Value& run = *model.metadata().find("run");
  double phases = 0;
  for (const auto& [name, seconds] : run.at("phases").object().entries()) {
    EXPECT_GE(seconds.number(), 0) << name;
    phases += seconds.number();
  }
  EXPECT_NEAR(phases, run.at("wall_seconds").number(), 1e-9);
}

inline void expect_out_of_fold_closes(const AutoMLModel& model, const Table& data) {
  const OutOfFold& out = model.out_of_fold();
  ASSERT_EQ(out.fold.size(), data.rows());
  ASSERT_EQ(out.predictions.rows(), data.rows());
  EXPECT_EQ(static_cast<std::int64_t>(out.used_rows.size()),
            count_of(model.metadata().find("books")->at("rows"), "used"));
  const std::set<std::uint32_t> used(out.used_rows.begin(), out.used_rows.end());
  for (std::uint32_t row = 0; row < data.rows(); ++row) {
    if (!used.contains(row)) EXPECT_EQ(out.fold[row], -1);
    for (double value : out.predictions.row(row)) EXPECT_EQ(std::isfinite(value), out.fold[row] >= 0) << "row " << row;
  }
}

inline void expect_books_close(const AutoMLModel& model, const Table& data, const std::string& target) {
  expect_rows_and_columns_close(model, data, target);
  expect_candidates_and_weights_close(model);
  expect_time_closes(model);
  expect_out_of_fold_closes(model, data);
}

/// Predictions are what the task allows: finite values, or probabilities that sum to 1.
inline void expect_valid_predictions(const ServedModel& model, const Table& rows) {
  const Predictions predictions = model.predict(rows).raw();
  ASSERT_EQ(predictions.rows(), rows.rows());
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    double sum = 0;
    for (double value : predictions.row(i)) {
      EXPECT_TRUE(std::isfinite(value)) << "row " << i;
      if (is_classification(model.task())) EXPECT_TRUE(value >= 0 && value <= 1) << value;
      sum += value;
    }
    if (is_classification(model.task())) EXPECT_NEAR(sum, 1.0, 1e-9);
  }
}

/// The fitted model as bytes: what must not depend on threads.
inline Archive archive_of(const ServedModel& model) {
  Archive archive;
  ArchiveWriter writer(archive);
  save_component(*model.parts().model, writer);
  return archive;
}

/// Equal models, out-of-fold predictions, scores and weights, bit for bit.
inline void expect_same_bits(const AutoMLModel& a, const AutoMLModel& b) {
  const Archive x = archive_of(a), y = archive_of(b);
  EXPECT_TRUE(x.root == y.root);
  ASSERT_EQ(x.arrays.size(), y.arrays.size());
  for (std::size_t i = 0; i < x.arrays.size(); ++i)
    EXPECT_TRUE(x.arrays[i].bytes == y.arrays[i].bytes) << "array " << i;
  const auto bits = [](const std::vector<double>& values) {
    std::vector<std::uint64_t> all;
    for (double value : values) all.push_back(std::isnan(value) ? 1 : std::bit_cast<std::uint64_t>(value));
    return all;
  };
  EXPECT_EQ(bits(a.out_of_fold().predictions.values), bits(b.out_of_fold().predictions.values));
  EXPECT_EQ(a.out_of_fold().fold, b.out_of_fold().fold);
  const auto left = a.leaderboard(), right = b.leaderboard();
  ASSERT_EQ(left.size(), right.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    EXPECT_EQ(left[i].name, right[i].name);
    EXPECT_EQ(left[i].status, right[i].status);
    EXPECT_EQ(bits({left[i].validation_score, left[i].low, left[i].high, left[i].weight}),
              bits({right[i].validation_score, right[i].low, right[i].high, right[i].weight}));
  }
}

}  // namespace automill
