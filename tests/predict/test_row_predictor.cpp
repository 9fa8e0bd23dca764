// One row at a time: the same bits as a batch, no allocation, kinds checked, strings of any size.

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <new>

#include "sample_models.hpp"

namespace {
std::atomic<std::size_t> allocations{0};
}

// Every allocation of this program is counted.
void* operator new(std::size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace automill {
namespace {

/// Sets the cells of a row of `rows` (any order of columns).
void set_row(NamedRowPredictor& one, const Schema& schema, const Table& rows, std::size_t i) {
  for (const ColumnSchema& column : schema.columns()) {
    const RowColumn at = one.column(column.name);
    const Column& cells = rows.column(column.name);
    if (cells.missing(i)) one.set_missing(at);
    else if (column.kind == ColumnKind::category || column.kind == ColumnKind::text) one.set(at, cells.text(i));
    else one.set(at, cells.number(i));
  }
}

/// People with a category that training did not see.
Table strangers() {
  const Table known = samples::people(600, 9);
  std::vector<std::string_view> jobs(known.rows());
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    if (i % 5 == 0) jobs[i] = "astronaut";
    else if (!known.column("job").missing(i)) jobs[i] = known.column("job").text(i);
  }
  std::vector<ColumnPtr> columns = known.without({"job"}).columns();
  columns.insert(columns.begin(), make_category_column("job", jobs));
  return Table(std::move(columns));
}

TEST(RowPredictor, agrees_with_the_batch_bit_for_bit) {
  const Table rows = strangers();
  for (const ServedModel& model : {samples::binary(), samples::multiclass(), samples::regression()}) {
    const PredictionResult batch = model.predict(rows);
    NamedRowPredictor one = model.row_predictor();
    for (std::size_t i = 0; i < rows.rows(); ++i) {
      set_row(one, model.schema(), rows, i);
      const auto prediction = one.predict();
      const auto wanted = batch.raw().row(i);
      ASSERT_EQ(std::vector<double>(prediction.begin(), prediction.end()),
                std::vector<double>(wanted.begin(), wanted.end()))
          << "row " << i;
    }
  }
}

TEST(RowPredictor, allocates_nothing) {
  for (const ServedModel& model :
       {samples::binary(), samples::multiclass(), samples::regression(), samples::constant()}) {
    NamedRowPredictor one = model.row_predictor();
    const RowColumn age = one.column("age"), job = one.column("job");
    const bool has_note = model.schema().contains("note");
    const RowColumn note = has_note ? one.column("note") : RowColumn{};
    const std::size_t before = allocations;
    double sum = 0;
    for (int i = 0; i < 1000; ++i) {
      one.set(age, 20.0 + i % 50);
      one.set(job, i % 3 == 0 ? "astronaut" : "clerk");
      if (has_note) one.set(note, "a note that is longer than any small-string buffer is");
      if (i % 7 == 0) one.set_missing(age);
      if (i % 11 == 0) one.clear();
      sum += one.predict()[0];
    }
    EXPECT_EQ(allocations - before, 0U);
    EXPECT_TRUE(std::isfinite(sum));
  }
}

TEST(RowPredictor, intervals_and_sets_allocate_nothing) {
  NamedRowPredictor number = samples::intervals().row_predictor(), label = samples::sets().row_predictor();
  const RowColumn age = number.column("age"), age_of_label = label.column("age");
  const std::size_t before = allocations;
  double sum = 0;
  for (int i = 0; i < 1000; ++i) {
    number.set(age, 20.0 + i % 50);
    label.set(age_of_label, 20.0 + i % 50);
    const Interval interval = number.predict_interval(0.9);
    sum += interval.high - interval.low + label.predict_set(0.8)[0];
  }
  EXPECT_EQ(allocations - before, 0U);
  EXPECT_GT(sum, 0);
}

TEST(RowPredictor, transformers_of_numbers_allocate_nothing) {
  const Table train = samples::people(300, 21);
  const TransformerPipeline steps(DropColumns{{.kinds = "text"}}, Clean{}, DatetimeDifferences{},
                                  DatetimeParts{{.cycles = true, .details = true}}, RowStatistics{}, IterativeImpute{},
                                  Winsorize{}, YeoJohnson{}, QuantileNormal{}, Spline{}, Impute{}, OneHot{},
                                  PiecewiseLinear{{.bins = 4}}, Bins{{.encode = "one_hot"}});
  const ServedModel pipeline = samples::share(
      samples::parts_of_model(train, samples::price_target(),
                              samples::linear_pipeline(train, samples::price_target(), Link::identity, 3, steps)));
  for (const ServedModel& model :
       {pipeline, samples::transformed(), samples::stacked(), samples::network(), samples::network_of_numbers()}) {
    NamedRowPredictor one = model.row_predictor();
    const RowColumn age = one.column("age");
    const std::size_t before = allocations;
    for (int i = 0; i < 100; ++i) {
      one.set(age, 20.0 + i % 50);
      if (i % 7 == 0) one.set_missing(age);
      one.predict();
    }
    EXPECT_EQ(allocations - before, 0U);
  }
}

TEST(RowPredictor, counting_of_allocations_works) {
  const std::size_t before = allocations;
  const auto memory = std::make_unique<std::vector<double>>(10);
  EXPECT_EQ(allocations - before, 2U);
}

TEST(RowPredictor, cells_start_missing_and_keep_their_value) {
  const ServedModel model = samples::binary();
  NamedRowPredictor one = model.row_predictor(), other = model.row_predictor();
  const double all_missing = one.predict()[1];
  one.set(one.column("age"), 70.0);
  const double first = one.predict()[1];
  EXPECT_NE(first, all_missing);
  EXPECT_EQ(one.predict()[1], first);
  EXPECT_EQ(other.predict()[1], all_missing);
  one.clear();
  EXPECT_EQ(one.predict()[1], all_missing);
  one.set(one.column("age"), samples::missing);
  one.set(one.column("job"), std::string_view());
  EXPECT_EQ(one.predict()[1], all_missing);
}

TEST(RowPredictor, outlives_its_model) {
  auto model = std::make_unique<ServedModel>(samples::binary());
  NamedRowPredictor one = model->row_predictor();
  const double before = one.predict()[0];
  model.reset();
  EXPECT_EQ(one.predict()[0], before);
}

std::string error_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code() + " " + error.place() + " " + error.hint();
  }
  return "";
}

TEST(RowPredictor, unknown_columns_and_wrong_kinds_are_said) {
  const ServedModel model = samples::binary();
  NamedRowPredictor one = model.row_predictor();
  EXPECT_EQ(error_of([&] { one.column("agee"); }), "data.column_unknown agee did you mean 'age'?");
  EXPECT_EQ(error_of([&] { one.set(one.column("age"), "39"); }), "predict.wrong_kind age set a number");
  EXPECT_EQ(error_of([&] { one.set(one.column("joined"), "2020-01-01"); }), "predict.wrong_kind joined set a number");
  EXPECT_EQ(error_of([&] { one.set(one.column("job"), 1.0); }), "predict.wrong_kind job set text");
  EXPECT_EQ(error_of([&] { one.set(one.column("note"), 1.0); }), "predict.wrong_kind note set text");
  EXPECT_EQ(error_of([&] { one.set(one.column("member"), 1.0); }), "");
  EXPECT_EQ(error_of([&] { one.set(one.column("member"), 2.0); }), "predict.wrong_kind member set 0 or 1");
}

TEST(RowPredictor, huge_strings_need_no_scratch) {
  const ServedModel model = samples::binary();
  NamedRowPredictor one = model.row_predictor();
  const std::string huge(1 << 20, 'x');
  one.set(one.column("job"), "astronaut");
  const double unseen = one.predict()[1];
  const std::size_t before = allocations;
  one.set(one.column("job"), huge);
  one.set(one.column("note"), huge);
  EXPECT_EQ(one.predict()[1], unseen);
  EXPECT_EQ(allocations - before, 0U);
}

}  // namespace
}  // namespace automill
