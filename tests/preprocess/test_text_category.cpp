// TextCategory: strings as categories, alone and before TargetEncoder.

#include <gtest/gtest.h>

#include <automill/automl/train.hpp>
#include <automill/preprocess/preprocess.hpp>

using namespace automill;

namespace {

std::shared_ptr<const Dataset> titles(std::vector<double> weights = {}) {
  static const std::vector<std::string_view> texts{"police officer", "nurse", {}, "police officer", "clerk", ""};
  Dataset dataset;
  dataset.features = Table({make_text_column("title", texts), make_number_column({.name = "x"}, {1, 2, 3, 4, 5, 6})});
  dataset.target.values = {10, 20, 30, 14, 50, 60};
  dataset.weights = std::move(weights);
  return make_dataset(std::move(dataset));
}

const ColumnSchema& title_of(const Transformer::Fitted& fitted) { return (*fitted.transformer->output_schema())[0]; }

TEST(TextCategory, StringsAreCategories) {
  const auto fitted = TextCategory{}.fit_transform(DatasetView(titles()), {});
  EXPECT_EQ(title_of(fitted).kind, ColumnKind::category);
  EXPECT_EQ(title_of(fitted).dictionary->names(), (std::vector<std::string>{"", "clerk", "nurse", "police officer"}));
  const Column& column = fitted.train.column("title");
  EXPECT_EQ(column.number(0), 3);
  EXPECT_EQ(column.number(1), 2);
  EXPECT_TRUE(column.missing(2));
  EXPECT_EQ(column.number(5), 0);
  EXPECT_EQ(fitted.train.column("x").number(5), 6);
}

TEST(TextCategory, RareOnesAreUnseen) {
  const auto fitted = TextCategory{{.min_count = 2}}.fit_transform(DatasetView(titles()), {});
  EXPECT_EQ(title_of(fitted).dictionary->names(), std::vector<std::string>{"police officer"});
  const auto weighted = TextCategory{{.min_count = 2}}.fit_transform(DatasetView(titles({1, 2, 1, 0, 1, 1})), {});
  EXPECT_EQ(title_of(weighted).dictionary->names(), std::vector<std::string>{"nurse"});
}

TEST(TextCategory, OneRowIsLikeMany) {
  const auto data = titles();
  const auto fitted = TextCategory{{.min_count = 2}}.fit_transform(DatasetView(data), {});
  const auto one = fitted.transformer->row_transformer();
  std::vector<double> out(2);
  std::vector<std::string_view> texts(2), text_out(2);
  for (std::size_t i = 0; i < 6; ++i) {
    texts[0] = data->features[0].text(i);
    const double x = static_cast<double>(i);
    const std::vector<double> cells{0, x};
    one->transform({cells.data(), texts.data()}, out.data(), text_out.data());
    const double batch = fitted.train.column("title").number(i);
    EXPECT_TRUE(out[0] == batch || (std::isnan(out[0]) && std::isnan(batch))) << i;
    EXPECT_EQ(out[1], x);
  }
}

TEST(TextCategory, MeanTargetsOfStrings) {
  const TransformerPipeline means(TextCategory{}, TargetEncoder{{.smoothing = 0.0}});
  const auto fitted = means.fit_transform(DatasetView(titles()), {});
  static const std::vector<std::string_view> texts{"police officer", "clerk", "plumber"};
  const Table rows = fitted.transformer->transform(
      Table({make_text_column("title", texts), make_number_column({.name = "x"}, {0, 0, 0})}));
  EXPECT_DOUBLE_EQ(rows[0].number(0), 12);
  EXPECT_DOUBLE_EQ(rows[0].number(1), 50);
  EXPECT_NEAR(rows[0].number(2), 184.0 / 6, 1e-12);
}

TEST(TextCategory, DamagedFileIsRefused) {
  const auto fitted = TextCategory{}.fit_transform(DatasetView(titles()), {});
  const auto refused = [&](const std::function<void(Array&)>& damage) {
    Archive archive;
    ArchiveWriter writer(archive);
    save_component(*fitted.transformer, writer);
    damage(archive.root.object()["columns"].array());
    try {
      builtin_models().load_transformer(ArchiveReader(archive), fitted.transformer->input_schema());
      ADD_FAILURE() << "it is loaded";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "model_file.invalid");
    }
  };
  refused([](Array& columns) { columns.pop_back(); });
  refused([](Array& columns) { columns[1].object()["names"] = Array{"a"}; });
  refused([](Array& columns) { columns[0].object()["names"] = Array{"b", "a"}; });
}

}  // namespace
