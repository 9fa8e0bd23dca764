// What transformers say of the sizes and the cost of what they make, against what they make.

#include <automill/core/pipeline.hpp>
#include <automill/learners/linear.hpp>

#include "text_tools.hpp"

using namespace preprocess_tools;

namespace {

/// 400 rows: three numbers, a category of forty names, and a text of about 60 bytes.
std::shared_ptr<const Dataset> mixed_rows() {
  RandomStream random(1, purpose("costs"));
  std::vector<std::vector<double>> numbers(3);
  std::vector<std::string> names, texts;
  Dataset dataset;
  for (std::size_t i = 0; i < 400; ++i) {
    for (auto& column : numbers) column.push_back(random.normal());
    names.push_back("name " + std::to_string(random.below(40)));
    std::string text;
    for (int word = 0; word < 10; ++word) text += "word" + std::to_string(random.below(300)) + ' ';
    texts.push_back(std::move(text));
    dataset.target.values.push_back(random.normal());
  }
  std::vector<std::string_view> name_views(names.begin(), names.end()), text_views(texts.begin(), texts.end());
  dataset.features =
      Table({make_number_column({.name = "a"}, numbers[0]), make_number_column({.name = "b"}, numbers[1]),
             make_number_column({.name = "c"}, numbers[2]), make_category_column("name", name_views),
             make_text_column("text", text_views)});
  return make_dataset(std::move(dataset));
}

DataShape shape_of(const Dataset& dataset) {
  DataShape shape{.rows = dataset.rows(), .columns = dataset.features.size()};
  for (const ColumnPtr& column : dataset.features.columns()) {
    if (column->kind() == ColumnKind::category) shape.categories += column->schema().dictionary->size();
    if (column->kind() != ColumnKind::text) continue;
    ++shape.texts;
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < column->size(); ++i) bytes += column->text(i).size();
    shape.text_bytes += bytes / column->size();
  }
  return shape;
}

/// Columns that are made, and cells that are kept (those of 0/1 columns that are 1).
struct Made {
  std::size_t columns = 0;
  double filled = 0;
};
Made made_by(const Transformer& transformer, const std::shared_ptr<const Dataset>& dataset) {
  const Table table = transformer.fit_transform(DatasetView(dataset), {}).train;
  Made made{table.size(), 0};
  for (const ColumnPtr& column : table.columns()) {
    std::vector<double> values(column->size());
    if (column->kind() != ColumnKind::text) column->numbers(0, values.size(), values.data());
    for (double value : values) made.filled += value != 0 || !column->sparse() ? 1 : 0;
    if (column->kind() == ColumnKind::boolean)
      made.filled -= static_cast<double>(std::count(values.begin(), values.end(), 0.0));
  }
  made.filled /= static_cast<double>(dataset->rows());
  return made;
}

TEST(Costs, ShapesAreThoseThatAreMade) {
  const auto dataset = mixed_rows();
  const DataShape shape = shape_of(*dataset);
  const auto names = columns_of(ColumnKind::category), texts = columns_of(ColumnKind::text);
  const std::vector<std::shared_ptr<const Transformer>> all{
      std::make_shared<const OneHot>(),
      std::make_shared<const HashEncoder>(),
      std::make_shared<const TargetEncoder>(),
      std::make_shared<const TargetEncoder>(TargetEncoder{{.keep = true}}),
      std::make_shared<const MinHashEncoder>(),
      std::make_shared<const Spline>(),
      std::make_shared<const PiecewiseLinear>(),
      std::make_shared<const Bins>(Bins{{.encode = "one_hot"}}),
      std::make_shared<const TextStatistics>(),
      std::make_shared<const TfIdf>(),
      std::make_shared<const TfIdf>(TfIdf{{.word_ngrams = 1, .char_ngrams = 4, .max_features = 500}}),
      std::make_shared<const TransformerPipeline>(OneHot{}, TfIdf{}),
      std::make_shared<const TransformerPipeline>(TfIdf{{.word_ngrams = 1}}, OneHot{}, TruncatedSvd{{.components = 5}}),
      std::make_shared<const ColumnTransformer>(std::vector<ColumnGroup>{
          {"names", OneHot{}, names}, {"words", TfIdf{}, texts}, {"how", TextStatistics{}, texts}}),
      std::make_shared<const ColumnTransformer>(std::vector<ColumnGroup>{{"a", Spline{}, {"a"}}}, Remainder::drop)};
  for (const auto& transformer : all) {
    const std::string what = transformer->describe();
    const DataShape said = transformer->output_shape(shape);
    const Made made = made_by(*transformer, dataset);
    EXPECT_GE(said.columns, made.columns) << what;
    EXPECT_GE(said.filled() * 1.5, made.filled) << what;  // of n-grams an estimate
    EXPECT_LE(said.filled(), 12 * made.filled + 40) << what;
  }
}

TEST(Costs, APipelineKnowsWhatItsStepsMake) {
  const auto dataset = mixed_rows();
  DataShape shape = shape_of(*dataset), no_text = shape, longer = shape;
  no_text.texts = no_text.text_bytes = 0;
  longer.text_bytes *= 10;
  const Pipeline words{OneHot{}, TfIdf{}, Logistic{}};
  EXPECT_GT(words.cost(shape).operations, 2 * words.cost(no_text).operations);
  EXPECT_GT(words.transformers().cost(longer).operations, 4 * words.transformers().cost(shape).operations);
  EXPECT_GT(words.cost(longer).bytes, 4 * words.cost(shape).bytes);
  const Pipeline none{Impute{}, Logistic{}}, wide{Impute{}, OneHot{}, Logistic{}};
  DataShape many = no_text;
  many.rows = 100000;
  many.categories = 400;
  EXPECT_GT(wide.cost(many).bytes, none.cost(many).bytes + 100.0 * 100000);  // a byte for each cell of 100 columns
}

}  // namespace
