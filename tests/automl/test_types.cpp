// Columns that arrive as text: what they are, and that every way of prediction reads a cell as training did. Expected
// predictions come from the same model on numbers.

#include <gtest/gtest.h>

#include <automill/data/csv.hpp>

#include "automl/prepare.hpp"
#include "automl/tables.hpp"

namespace automill {
namespace {

std::string with_thousands(std::int64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t at = digits.size(); at > 3; at -= 3) digits.insert(at - 3, ",");
  return digits;
}

/// Prices, shares, dates and answers as people write them; y follows from price and date.
struct Written {
  std::vector<double> price, share, day, y;
  std::vector<std::string> price_text, share_text, day_text, answer;

  explicit Written(std::size_t rows) {
    for (std::uint64_t i = 0; i < rows; ++i) {
      RandomStream random(5, purpose("written"), i);
      price.push_back(static_cast<double>(random.below(90000)));
      share.push_back(static_cast<double>(random.below(1000)) / 10);
      day.push_back(static_cast<double>(random.below(28)) + 1);
      answer.push_back(random.below(2) == 0 ? "yes" : "no");
      y.push_back(price.back() / 10000 + 0.2 * day.back() + 0.1 * random.normal());
      price_text.push_back(with_thousands(static_cast<std::int64_t>(price.back())) + " USD");
      char buffer[32];
      std::snprintf(buffer, sizeof buffer, "%.1f%%", share.back());
      share_text.push_back(buffer);
      std::snprintf(buffer, sizeof buffer, "%02d.03.2021", static_cast<int>(day.back()));
      day_text.push_back(buffer);
    }
  }
  Table table() const {
    std::vector<std::string_view> shares(share_text.begin(), share_text.end());
    return Table({tables::category("price", price_text), make_text_column("share", shares),
                  tables::category("day", day_text), tables::category("answer", answer), tables::number("y", y)});
  }
  std::string csv() const {
    std::string text = "price,share,day,answer\n";
    for (std::size_t i = 0; i < y.size(); ++i)
      text += "\"" + price_text[i] + "\"," + share_text[i] + "," + day_text[i] + "," + answer[i] + "\n";
    return text;
  }
};

const Written& written() {
  static const Written data(300);
  return data;
}
const AutoMLModel& model() {
  static const AutoMLModel trained =
      train(written().table(), {.target = "y", .max_trials = 2, .threads = 1, .folds = 3, .include = {"gbdt"}});
  return trained;
}
double value_of(const PredictionResult& result, std::size_t row) { return result.values()[row]; }

TEST(Types, TheSchemaSaysHowCellsAreRead) {
  const Schema& schema = model().schema();
  const auto column = [&](const char* name) { return schema[schema.column(name)]; };
  EXPECT_EQ(column("price").kind, ColumnKind::number);
  EXPECT_EQ(column("price").format, "#,#.# USD");
  EXPECT_TRUE(column("price").integer);
  EXPECT_EQ(column("share").format, "#,#.# %");
  EXPECT_EQ(column("day").kind, ColumnKind::datetime);
  EXPECT_EQ(column("day").format, "%d.%m.%Y");
  EXPECT_EQ(column("answer").kind, ColumnKind::boolean);
  EXPECT_NE(model().summary().find("is read as a number (#,#.# USD)"), std::string::npos) << model().summary();
}

/// The same rows as text in a table, as CSV with and without the schema, cell by cell, after saving, and as numbers.
TEST(Types, EveryWayOfPredictionReadsACellAsTrainingDid) {
  const Table rows = written().table().without({"y"});
  const PredictionResult expected = model().predict(rows);
  const ServedModel loaded = load(model().bytes());
  const PredictionResult saved = loaded.predict(rows);
  const PredictionResult with_schema = loaded.predict(read_csv_text(written().csv(), loaded.schema()));
  const PredictionResult without_schema = loaded.predict(read_csv_text(written().csv()));
  std::vector<double> days, answers;
  for (std::size_t i = 0; i < written().y.size(); ++i) {
    days.push_back((18687 - 1 + written().day[i]) * 86400e6);  // 18687: days until 2021-03-01
    answers.push_back(written().answer[i] == "yes" ? 1 : 0);
  }
  const PredictionResult numbers = loaded.predict(Table(
      {tables::number("price", written().price), tables::number("share", written().share),
       tables::number("day", days, ColumnKind::datetime), tables::number("answer", answers, ColumnKind::boolean)}));
  NamedRowPredictor one = loaded.row_predictor();
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    const double value = value_of(expected, i);
    EXPECT_EQ(value_of(saved, i), value);
    EXPECT_EQ(value_of(with_schema, i), value) << written().price_text[i];
    EXPECT_EQ(value_of(without_schema, i), value);
    EXPECT_EQ(value_of(numbers, i), value);
    one.set(one.column("price"), std::string_view(written().price_text[i]));
    one.set(one.column("share"), std::string_view(written().share_text[i]));
    one.set(one.column("day"), std::string_view(written().day_text[i]));
    one.set(one.column("answer"), std::string_view(written().answer[i]));
    EXPECT_EQ(one.predict()[0], value);
  }
  const Evaluation evaluation = evaluate(loaded, written().table(), {"r2"});
  EXPECT_GT(evaluation.value("r2"), 0.9);
  EXPECT_TRUE(loaded.check(rows).findings.empty()) << loaded.check(rows).text();
}

TEST(Types, NewSpellingsAreReadAndOthersAreMissing) {
  NamedRowPredictor one = model().row_predictor();
  const auto predict = [&](const char* price) {
    one.clear();
    if (price == nullptr) one.set_missing(one.column("price"));
    else one.set(one.column("price"), price);
    return one.predict()[0];
  };
  EXPECT_EQ(predict("50,000 USD"), predict("50000"));
  EXPECT_EQ(predict("50,000 USD"), predict("50,000usd"));
  EXPECT_EQ(predict("call us"), predict(nullptr));
  EXPECT_EQ(predict("50,000 EUR"), predict(nullptr));
  const Table odd =
      read_csv_text("price,share,day,answer\n\"1,000 USD\",1%,soon,yes\nnone,?,24.12.2021,no\n", model().schema());
  EXPECT_EQ(odd.column("price").number(0), 1000);
  EXPECT_TRUE(odd.column("day").missing(0));
  EXPECT_TRUE(odd.column("price").missing(1));
  EXPECT_TRUE(odd.column("share").missing(1));
}

/// "1.234" is a thousand in a column of German numbers, in a file with the schema, too.
TEST(Types, PlainCellsAreReadByTheFormat) {
  std::vector<std::string> euros;
  std::vector<double> y;
  for (int i = 0; i < 60; ++i) {
    euros.push_back(i % 2 == 0 ? "1." + std::to_string(100 + i) + ",5" : std::to_string(i) + ",25");
    y.push_back(i % 2);
  }
  const AutoMLModel trained = train(Table({tables::category("x", euros), tables::number("y", y)}),
                                    {.target = "y", .task = "regression", .max_trials = 1, .threads = 1, .folds = 3});
  const Table rows = read_csv_text("x\n1.234\n\"2,5\"\n7\n1.5\n", trained.schema());
  EXPECT_EQ(rows[0].number(0), 1234);
  EXPECT_EQ(rows[0].number(1), 2.5);
  EXPECT_EQ(rows[0].number(2), 7);
  EXPECT_TRUE(rows[0].missing(3));
}

std::vector<std::pair<std::string, std::string>> dropped(const AutoMLModel& trained) {
  std::vector<std::pair<std::string, std::string>> all;
  for (const Value& one : trained.metadata().find("books")->at("columns").at("dropped").array())
    all.emplace_back(one.at("column").text(), one.at("reason").text());
  return all;
}
AutoMLModel quick(const Table& table, TrainOptions options = {}) {
  options.target = "target";
  options.max_trials = 1;
  options.threads = 1;
  options.folds = 3;
  return train(table, std::move(options));
}
ColumnPtr integers(const char* name, std::vector<double> values) {
  return make_number_column({.name = name, .integer = true}, std::move(values));
}

TEST(Types, IdentifiersAreDroppedAndKeptOnDemand) {
  std::vector<double> id, sparse_id, amount;
  for (std::uint64_t i = 0; i < 300; ++i) {
    id.push_back(static_cast<double>((i * 7) % 300 + 1000));
    sparse_id.push_back(static_cast<double>(i * i * 1000));
    amount.push_back(static_cast<double>(RandomStream(1, purpose("amounts"), i).below(1000)));
  }
  Table table = tables::plain(Task::binary, 300);
  for (const ColumnPtr& column : {integers("row", id), integers("user_id", sparse_id), integers("amount", amount)})
    table = tables::with(table, column);
  const auto gone = dropped(quick(table));
  ASSERT_EQ(gone.size(), 2U);
  EXPECT_EQ(gone[0].first, "row");
  EXPECT_NE(gone[0].second.find("types={'row': 'number'} keeps it"), std::string::npos) << gone[0].second;
  EXPECT_EQ(gone[1].first, "user_id");
  const AutoMLModel kept = quick(table, {.types = {{"row", ColumnKind::number}, {"user_id", ColumnKind::category}}});
  EXPECT_TRUE(dropped(kept).empty());
  EXPECT_EQ(kept.schema()[kept.schema().column("user_id")].kind, ColumnKind::category);
}

TEST(Types, ListsAndJsonAreRefusedByName) {
  std::vector<std::string> lists, objects;
  for (int i = 0; i < 200; ++i) {
    lists.push_back("[" + std::to_string(i % 7) + ", 2]");
    objects.push_back("{\"a\": " + std::to_string(i % 5) + "}");
  }
  Table table = tables::with(tables::plain(Task::binary, 200), tables::category("tags", lists));
  table = tables::with(table, tables::category("meta", objects));
  const auto gone = dropped(quick(table));
  ASSERT_EQ(gone.size(), 2U);
  EXPECT_NE(gone[0].second.find("lists"), std::string::npos);
  EXPECT_NE(gone[1].second.find("JSON objects"), std::string::npos);
}

TEST(Types, AKindThatIsAskedForDecides) {
  const Table table = written().table();
  const TrainOptions options{.target = "y", .max_trials = 1, .threads = 1, .folds = 3};
  TrainOptions asked = options;
  asked.types = {{"price", ColumnKind::category}, {"answer", ColumnKind::category}, {"share", ColumnKind::number}};
  const AutoMLModel trained = train(table, asked);
  EXPECT_EQ(trained.schema()[trained.schema().column("price")].kind, ColumnKind::category);
  EXPECT_EQ(trained.schema()[trained.schema().column("answer")].kind, ColumnKind::category);
  EXPECT_EQ(trained.schema()[trained.schema().column("share")].format, "#,#.# %");
  asked.types = {{"answer", ColumnKind::number}};
  try {
    train(table, asked);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "data.cell_type");
    EXPECT_EQ(error.faults()[0].place, "answer");
  }
  asked.types = {{"prize", ColumnKind::number}};
  try {
    train(table, asked);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "data.column_unknown");
  }
}

/// "05.01.2021" comes after "24.12.2020".
TEST(Types, ATimeColumnOfTextIsInOrderOfTime) {
  std::vector<std::string> day;
  std::vector<double> y;
  for (int i = 0; i < 120; ++i) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%02d.%02d.%d", i % 12 + 1, i / 12 % 5 + 1 + 5 * (i / 60), 2021 - (i >= 60));
    day.emplace_back(buffer);
    y.push_back(i);
  }
  const Prepared prepared = prepare(Table({tables::category("day", day), tables::number("y", y)}),
                                    {.target = "y", .task = "regression", .time_column = "day"});
  EXPECT_EQ(prepared.dataset->times[0], 18628 * 86400e6);  // 2021-01-01
  EXPECT_LT(prepared.dataset->times[60], prepared.dataset->times[0]);
  EXPECT_EQ(prepared.dataset->features.schema()->columns()[0].kind, ColumnKind::datetime);
}

/// Kinds do not depend on the order of rows.
TEST(Types, ShuffledRowsGiveTheSameKinds) {
  const Table table = written().table();
  std::vector<std::uint32_t> order(table.rows());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = (i * 7) % static_cast<std::uint32_t>(order.size());
  const AutoMLModel shuffled = train(tables::rows_of(table, order),
                                     {.target = "y", .max_trials = 2, .threads = 1, .folds = 3, .include = {"gbdt"}});
  for (std::size_t c = 0; c < shuffled.schema().size(); ++c) {
    EXPECT_EQ(shuffled.schema()[c].kind, model().schema()[c].kind);
    EXPECT_EQ(shuffled.schema()[c].format, model().schema()[c].format);
  }
  EXPECT_EQ(value_of(shuffled.predict(table), 17), value_of(model().predict(table), 17));
}

}  // namespace
}  // namespace automill
