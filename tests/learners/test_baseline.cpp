// The baseline against closed forms.

#include <gtest/gtest.h>

#include "linear_tools.hpp"

using namespace linear_tools;

namespace {

const std::vector<double>& constant(const FitResult& result) {
  return dynamic_cast<const ConstantModel&>(*result.model).output();
}

TEST(Baseline, GivesTheMeanOfTheTarget) {
  const FitResult result = Baseline{}.fit(regression({{1, 2, 3}}, {1, 2, 6}));
  EXPECT_EQ(constant(result), std::vector<double>{3});
}

TEST(Baseline, MeanCountsWeightsAsCopies) {
  const FitResult result = Baseline{}.fit(regression({{1, 2}}, {1, 5}, {3, 1}));
  EXPECT_EQ(constant(result), std::vector<double>{2});
}

TEST(Baseline, MeanOfHugeValuesDoesNotOverflow) {
  const FitResult result = Baseline{}.fit(regression({{1, 2}}, {1.6e308, 1.4e308}));
  EXPECT_NEAR(constant(result)[0] / 1.5e308, 1, 1e-15);
}

TEST(Baseline, GivesTheMedianWhenAsked) {
  const Baseline median{{.statistic = "median"}};
  EXPECT_EQ(constant(median.fit(regression({{1, 2, 3}}, {9, 1, 2}))), std::vector<double>{2});
  EXPECT_EQ(constant(median.fit(regression({{1, 2, 3, 4}}, {9, 1, 2, 4}))), std::vector<double>{3});
  EXPECT_EQ(constant(median.fit(regression({{1, 2, 3}}, {9, 1, 2}, {5, 1, 1}))), std::vector<double>{9});
  EXPECT_EQ(constant(median.fit(regression({{1, 2, 3}}, {9, 1, 2}, {2, 1, 1}))), std::vector<double>{5.5});
}

TEST(Baseline, GivesWeightedClassShares) {
  const FitResult result = Baseline{}.fit(classification({{1, 2, 3}}, {0, 2, 2}, 3, {1, 1, 2}));
  EXPECT_EQ(constant(result), (std::vector<double>{0.25, 0, 0.75}));
  EXPECT_EQ(result.model->output_spec().width, 3U);
}

TEST(Baseline, TakesColumnsOfAnyKindAndNone) {
  Dataset dataset;
  const std::vector<std::string_view> words{"a", "b"};
  dataset.features = Table({make_category_column("c", words), make_text_column("t", words)});
  dataset.target.values = {1, 3};
  EXPECT_EQ(constant(Baseline{}.fit(make_dataset(std::move(dataset)))), std::vector<double>{2});
  EXPECT_EQ(constant(Baseline{}.fit(regression({}, {1, 3}))), std::vector<double>{2});
}

TEST(Baseline, RefusesWeightsThatAreNotCounts) {
  for (double weight : {-1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    try {
      Baseline{}.fit(regression({{1, 2}}, {1, 2}, {1, weight}));
      FAIL() << weight;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), "data.weight_invalid");
    }
  }
}

TEST(Baseline, SavedAndLoadedIsTheSame) {
  const FitResult result = Baseline{}.fit(classification({{1, 2, 3}}, {0, 1, 1}, 2));
  const Archive archive = saved(*result.model);
  const auto loaded = loaders().load_model(ArchiveReader(archive), result.model->context());
  EXPECT_EQ(loaded->predict(table_of({{7, 8}})).values, result.model->predict(table_of({{7, 8}})).values);
  EXPECT_EQ(predict_row_by_row(*loaded, {{7, 8}}), result.model->predict(table_of({{7, 8}})).values);
}

TEST(Baseline, DamagedFileIsRefused) {
  const FitResult result = Baseline{}.fit(classification({{1, 2, 3}}, {0, 1, 1}, 2));
  const auto refused = [&](Archive archive) {
    EXPECT_THROW(loaders().load_model(ArchiveReader(archive), result.model->context()), Error);
  };
  Archive archive = saved(*result.model);
  archive.arrays[0].bytes.resize(8);
  refused(archive);
  archive = saved(*result.model);
  std::fill(archive.arrays[0].bytes.begin(), archive.arrays[0].bytes.end(), std::byte{0xff});
  refused(archive);
  archive = saved(*result.model);
  archive.root.object()["state_version"] = 2;
  refused(archive);
}

}  // namespace
