// The books close, over generated tables: rows, columns, candidates, weights and time add up, and a run that is limited
// by trials gives the same bits for any number of threads.

#include "automl/books.hpp"
#include "automl/tables.hpp"

namespace automill {
namespace {

using tables::category;
using tables::number;

const double nan_value = std::nan("");

/// One generated problem: a table, and options that fit it.
struct Problem {
  Table data;
  TrainOptions options;
};

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed, purpose("generated table")) { rows_ = 3 + random_.below(90); }

  Problem make() {
    std::vector<ColumnPtr> columns;
    const std::uint64_t count = 1 + random_.below(7);
    for (std::uint64_t c = 0; c < count; ++c) columns.push_back(column("column " + std::to_string(c), columns));
    columns.push_back(target());
    Problem problem{.data = {}, .options = {.target = "target", .max_trials = 3}};
    choose_options(problem.options, columns);
    RandomStream(random_.next(), purpose("order")).shuffle(columns);
    problem.data = Table(std::move(columns));
    return problem;
  }

 private:
  bool chance(double p) { return random_.uniform() < p; }

  std::vector<double> numbers(double holes) {
    std::vector<double> values;
    const std::uint64_t kind = random_.below(4);
    for (std::size_t i = 0; i < rows_; ++i) {
      double v = random_.normal();
      if (kind == 1) v = static_cast<double>(random_.below(5));
      if (kind == 2) v = 1e15 + std::floor(1e6 * v);
      if (kind == 3) v = std::exp(20 * v);
      values.push_back(chance(holes) ? nan_value : v);
    }
    return values;
  }
  std::vector<std::string> names(std::uint64_t levels) {
    std::vector<std::string> values;
    for (std::size_t i = 0; i < rows_; ++i) values.push_back("level " + std::to_string(random_.below(levels)));
    return values;
  }
  /// A column of any kind, with every kind of trouble now and then.
  ColumnPtr column(const std::string& name, const std::vector<ColumnPtr>& before) {
    const double holes = chance(0.4) ? 0.3 * random_.uniform() : 0.0;
    switch (random_.below(10)) {
      case 0:
        return number(name.c_str(), std::vector<double>(rows_, 7.0));  // constant
      case 1:
        return number(name.c_str(), std::vector<double>(rows_, nan_value));  // nothing in it
      case 2: {                                                              // a copy of another column
        if (before.empty() || before[0]->kind() != ColumnKind::number) break;
        std::vector<double> values(rows_);
        before[0]->numbers(0, rows_, values.data());
        return number(name.c_str(), std::move(values));
      }
      case 3:
        return category(name.c_str(), names(2 + random_.below(4)));
      case 4:
        return category(name.c_str(), names(10 * rows_));  // almost an identifier
      case 5: {
        const auto texts = names(chance(0.5) ? 3 : 100000);
        return make_text_column(name, std::vector<std::string_view>(texts.begin(), texts.end()));
      }
      case 6: {
        std::vector<double> values;
        for (std::size_t i = 0; i < rows_; ++i)
          values.push_back(chance(holes) ? nan_value : static_cast<double>(random_.below(2)));
        return number(name.c_str(), std::move(values), ColumnKind::boolean);
      }
      case 7: {
        std::vector<double> values;
        for (std::size_t i = 0; i < rows_; ++i)
          values.push_back(1.6e15 + 8.64e10 * static_cast<double>(random_.below(400)));
        return number(name.c_str(), std::move(values), ColumnKind::datetime);
      }
      default:
        break;
    }
    return number(name.c_str(), numbers(holes));
  }
  ColumnPtr target() {
    const double holes = chance(0.3) ? 0.2 : 0.0;
    const std::uint64_t kind = random_.below(5);
    if (kind < 2) {
      std::vector<double> values = kind == 0 ? numbers(holes) : std::vector<double>();
      for (std::size_t i = 0; kind == 1 && i < rows_; ++i)
        values.push_back(chance(holes) ? nan_value : static_cast<double>(random_.below(3)));
      values[0] = 1.0;  // one row at least has a target
      return number("target", std::move(values));
    }
    if (kind == 2) {
      std::vector<double> values;
      for (std::size_t i = 0; i < rows_; ++i)
        values.push_back(i > 0 && chance(holes) ? nan_value : static_cast<double>(random_.below(2)));
      return number("target", std::move(values), ColumnKind::boolean);
    }
    const auto labels = names(kind == 3 ? 2 : 4);
    std::vector<std::string_view> views(labels.begin(), labels.end());
    for (std::size_t i = 1; i < rows_; ++i)
      if (chance(holes)) views[i] = {};
    return make_category_column("target", views);
  }
  void choose_options(TrainOptions& options, std::vector<ColumnPtr>& columns) {
    options.seed = random_.next();
    if (chance(0.3)) options.folds = 2 + static_cast<std::int64_t>(random_.below(3));
    else if (chance(0.2)) options.holdout = 0.1 + 0.5 * random_.uniform();
    if (chance(0.2)) options.ignore.push_back(columns[0]->name());
    if (chance(0.2)) {
      std::vector<double> weights;
      for (std::size_t i = 0; i < rows_; ++i) weights.push_back(i == 0 ? 1.0 : static_cast<double>(random_.below(4)));
      columns.push_back(number("weight", std::move(weights)));
      options.sample_weight = "weight";
    }
    if (chance(0.15) && !options.holdout) {
      std::vector<double> groups;
      for (std::size_t i = 0; i < rows_; ++i) groups.push_back(static_cast<double>(i % 7));
      columns.push_back(number("group", std::move(groups)));
      options.groups = "group";
      options.folds.reset();
    }
  }
  RandomStream random_;
  std::size_t rows_ = 0;
};

/// The run, or nothing where data and options do not fit (an Error with a code).
std::optional<AutoMLModel> run(const Problem& problem, int threads, std::string& refusal) {
  TrainOptions options = problem.options;
  options.threads = threads;
  try {
    return train(problem.data, options);
  } catch (const Error& error) {
    refusal = error.code();
    EXPECT_FALSE(error.faults().front().message.empty());
    return std::nullopt;
  }
}

TEST(Books, close_for_generated_tables_and_any_number_of_threads) {
  int trained = 0, tables = 0;
  for (std::uint64_t seed = 0; tables < 220; ++seed, ++tables) {
    SCOPED_TRACE("table " + std::to_string(seed));
    const Problem problem = Generator(seed).make();
    std::string refusal, refusal_of_two;
    const auto one = run(problem, 1, refusal), two = run(problem, 2, refusal_of_two);
    ASSERT_EQ(one.has_value(), two.has_value());
    EXPECT_EQ(refusal, refusal_of_two);
    // of these tables only a target or a group column that does not allow folds is refused
    if (!one) {
      EXPECT_TRUE(refusal == "data.too_few_groups" || refusal == "data.target_all_missing" || refusal == "data.no_rows")
          << refusal;
      continue;
    }
    ++trained;
    for (const auto* model : {&*one, &*two}) {
      expect_books_close(*model, problem.data, "target");
      expect_valid_predictions(*model, problem.data);
    }
    expect_same_bits(*one, *two);
    if (seed % 4 == 0) expect_same_bits(*one, *run(problem, 3, refusal));
    if (testing::Test::HasFailure()) break;  // the first table that fails says enough
  }
  EXPECT_GE(trained, 200);
}

TEST(Books, the_summary_says_what_the_books_say) {
  const Problem problem = Generator(3).make();
  std::string refusal;
  const AutoMLModel model = *run(problem, 1, refusal);
  const Value& rows = model.metadata().find("books")->at("rows");
  const std::string line =
      "rows " + std::to_string(count_of(rows, "input")) + " = " + std::to_string(count_of(rows, "used")) + " used + ";
  EXPECT_NE(model.summary().find(line), std::string::npos) << model.summary();
}

TEST(Books, close_when_candidates_fail_or_are_skipped) {
  const Table data = tables::plain(Task::regression, 3000);
  const AutoMLModel model = train(data, {.target = "target", .time_limit = Seconds(0.4), .threads = 1});
  expect_books_close(model, data, "target");
}

TEST(Books, wall_time_is_the_time_of_the_call) {
  const Table data = tables::plain(Task::binary, 200);
  const auto start = Clock::now();
  const AutoMLModel model = train(data, {.target = "target", .max_trials = 3, .threads = 1, .folds = 3});
  const double seconds = Seconds(Clock::now() - start).count(),
               wall = model.metadata().find("run")->at("wall_seconds").number();
  EXPECT_LE(wall, seconds);
  EXPECT_GE(wall, 0.7 * seconds);
}

TEST(Books, the_order_of_rows_and_columns_does_not_change_the_folds) {
  const Table data = tables::plain(Task::binary, 150);
  std::vector<std::uint32_t> order(150);
  std::iota(order.begin(), order.end(), 0U);
  RandomStream(1, purpose("order")).shuffle(order);
  const Table shuffled = tables::rows_of(data, order);
  const TrainOptions options{.target = "target", .max_trials = 2, .threads = 1, .folds = 4};
  const AutoMLModel a = train(data, options), b = train(shuffled, options);
  for (std::size_t i = 0; i < 150; ++i) EXPECT_EQ(b.out_of_fold().fold[i], a.out_of_fold().fold[order[i]]);
  EXPECT_NEAR(a.validation_score().value, b.validation_score().value, 2e-3);  // logistic: 1e-3 a prediction
}

TEST(Books, another_seed_gives_another_run) {
  const Table data = tables::plain(Task::regression, 100);
  TrainOptions options{.target = "target", .max_trials = 3, .threads = 1, .folds = 3};
  const AutoMLModel a = train(data, options);
  expect_same_bits(a, train(data, options));
  options.seed = 1;
  EXPECT_NE(train(data, options).out_of_fold().fold, a.out_of_fold().fold);
}

}  // namespace
}  // namespace automill
