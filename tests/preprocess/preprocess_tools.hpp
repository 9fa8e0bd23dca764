#pragma once
// What the tests of transformers share: small tables, the three ways to transform (training, batch, row), saving.

#include <gtest/gtest.h>

#include <automill/automl/train.hpp>
#include <automill/core/registry.hpp>
#include <automill/preprocess/preprocess.hpp>
#include <fstream>
#include <iterator>

#include "json.hpp"

namespace preprocess_tools {

using namespace automill;

constexpr double missing = std::numeric_limits<double>::quiet_NaN();

inline ColumnPtr number_column(std::string name, std::vector<double> values, ColumnKind kind = ColumnKind::number) {
  return make_number_column({.name = std::move(name), .kind = kind}, std::move(values));
}
/// "" is missing.
inline ColumnPtr category_column(std::string name, const std::vector<std::string>& values) {
  std::vector<std::string_view> views;
  for (const auto& value : values) views.push_back(value.empty() ? std::string_view() : std::string_view(value));
  return make_category_column(std::move(name), views);
}
inline ColumnPtr text_column(std::string name, const std::vector<std::string>& values) {
  std::vector<std::string_view> views(values.begin(), values.end());
  return make_text_column(std::move(name), views);
}

inline DatasetView rows_of(Table table, std::vector<double> weights = {}) {
  Dataset dataset;
  dataset.target.values.assign(table.rows(), 0.0);
  dataset.features = std::move(table);
  dataset.weights = std::move(weights);
  return DatasetView(make_dataset(std::move(dataset)));
}

inline std::vector<double> values_of(const Table& table, std::string_view column) {
  std::vector<double> values(table.rows());
  table.column(column).numbers(0, values.size(), values.data());
  return values;
}
/// Category names of the rows; "" for missing, "?" for unseen.
inline std::vector<std::string> names_of(const Table& table, std::string_view column) {
  std::vector<std::string> names;
  const Column& source = table.column(column);
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const std::string_view name = source.text(i);
    names.emplace_back(name.empty() && !source.missing(i) ? "?" : name);
  }
  return names;
}

/// Equal, where NaN equals NaN.
inline void expect_same(const std::vector<double>& actual, const std::vector<double>& expected, double tolerance = 0) {
  ASSERT_EQ(actual.size(), expected.size());
  for (std::size_t i = 0; i < actual.size(); ++i) {
    if (std::isnan(expected[i])) {
      EXPECT_TRUE(std::isnan(actual[i])) << i << ": " << actual[i];
    } else if (std::isinf(expected[i])) {
      EXPECT_EQ(actual[i], expected[i]) << i;
    } else {
      EXPECT_NEAR(actual[i], expected[i], tolerance) << i;
    }
  }
}

inline Registry loaders() {
  Registry registry;
  registry.add_transformer_loader("category_map", load_category_map);
  registry.add_transformer_loader("category_numbers", load_category_numbers);
  registry.add_transformer_loader("hash_encoder", load_hash_encoder);
  registry.add_transformer_loader("min_hash_encoder", load_min_hash_encoder);
  registry.add_transformer_loader("impute", load_impute);
  registry.add_transformer_loader("iterative_impute", load_iterative_impute);
  registry.add_transformer_loader("scale", load_scale);
  registry.add_transformer_loader("one_hot", load_one_hot);
  registry.add_transformer_loader("ordinal", load_ordinal);
  registry.add_transformer_loader("datetime_differences", load_datetime_differences);
  registry.add_transformer_loader("datetime_parts", load_datetime_parts);
  registry.add_transformer_loader("drop", load_drop);
  registry.add_transformer_loader("bins", load_bins);
  registry.add_transformer_loader("clean", load_clean);
  registry.add_transformer_loader("piecewise_linear", load_piecewise_linear);
  registry.add_transformer_loader("quantile_normal", load_quantile_normal);
  registry.add_transformer_loader("row_statistics", load_row_statistics);
  registry.add_transformer_loader("spline", load_spline);
  registry.add_transformer_loader("winsorize", load_winsorize);
  registry.add_transformer_loader("yeo_johnson", load_yeo_johnson);
  registry.add_transformer_loader("text_category", load_text_category);
  registry.add_transformer_loader("text_statistics", load_text_statistics);
  registry.add_transformer_loader("tf_idf", load_tf_idf);
  registry.add_transformer_loader("truncated_svd", load_truncated_svd);
  registry.add_transformer_loader("parse_text", load_parse_text);
  return registry;
}
inline Archive saved(const FittedTransformer& fitted) {
  Archive archive;
  ArchiveWriter writer(archive);
  save_component(fitted, writer);
  return archive;
}
inline std::shared_ptr<const FittedTransformer> loaded(const Archive& archive, const FittedTransformer& original) {
  return loaders().load_transformer(ArchiveReader(archive), original.input_schema());
}

inline void expect_equal_tables(const Table& a, const Table& b) {
  ASSERT_EQ(a.schema()->names(), b.schema()->names());
  ASSERT_EQ(a.rows(), b.rows());
  for (std::size_t c = 0; c < a.size(); ++c) {
    const std::string& name = a[c].name();
    EXPECT_EQ(a[c].kind(), b[c].kind()) << name;
    if (a[c].kind() == ColumnKind::text) {
      for (std::size_t i = 0; i < a.rows(); ++i) EXPECT_EQ(a[c].text(i), b[c].text(i)) << name;
      continue;
    }
    if (a[c].kind() == ColumnKind::category) {
      EXPECT_EQ(a[c].schema().dictionary->names(), b[c].schema().dictionary->names()) << name;
    }
    expect_same(values_of(a, name), values_of(b, name));
  }
}

/// The rows of a table one by one through the row transformer.
inline Table row_by_row(const FittedTransformer& fitted, const Table& table) {
  const Schema& in = *fitted.input_schema();
  const Schema& out = *fitted.output_schema();
  transformer_detail::TableBuilder builder(out, table.rows());
  const auto transformer = fitted.row_transformer();
  std::vector<double> cells(in.size()), numbers(out.size());
  std::vector<std::string_view> texts(in.size()), text_out(out.size());
  for (std::size_t i = 0; i < table.rows(); ++i) {
    for (std::size_t c = 0; c < in.size(); ++c) {
      cells[c] = table[c].number(i);
      if (in[c].kind == ColumnKind::text) texts[c] = table[c].text(i);
    }
    transformer->transform({cells.data(), texts.data()}, numbers.data(), text_out.data());
    builder.set_row(i, numbers.data(), text_out.data());
  }
  return builder.finish();
}

/// Fits, and checks what must hold for every transformer: training rows, a batch, single rows, a part of the rows, the
/// loaded transformer and other numbers of threads all give the same. Returns the fitted transformer.
inline std::shared_ptr<const FittedTransformer> fit_checked(const Transformer& transformer, const DatasetView& train) {
  const Transformer::Fitted fitted = transformer.fit_transform(train, {});
  const Table& table = train.dataset().features;
  const Table batch = fitted.transformer->transform(table);
  expect_equal_tables(fitted.train, batch);
  EXPECT_EQ(batch.schema()->names(), fitted.transformer->output_schema()->names());
  expect_equal_tables(row_by_row(*fitted.transformer, table), batch);
  const Archive archive = saved(*fitted.transformer);
  expect_equal_tables(loaded(archive, *fitted.transformer)->transform(table), batch);
  for (int width : {2, 7}) {
    const auto threads = make_executor(width);
    RunContext context;
    context.run_with = threads.get();
    expect_equal_tables(transformer.fit_transform(train, context).train, batch);
  }
  std::vector<std::uint32_t> every_other;
  for (std::uint32_t i = 0; i < table.rows(); i += 2) every_other.push_back(i);
  const Table part = fitted.transformer->transform_aligned(TableView(table, every_other), {});
  EXPECT_EQ(part.rows(), every_other.size());
  for (std::size_t c = 0; c < part.size(); ++c)
    for (std::size_t i = 0; i < part.rows(); ++i) {
      if (part[c].kind() == ColumnKind::text) {
        EXPECT_EQ(part[c].text(i), batch[c].text(every_other[i]));
      } else {
        expect_same({part[c].number(i)}, {batch[c].number(every_other[i])});
      }
    }
  EXPECT_EQ(fitted.transformer->describe(2).substr(0, 2), "  ");
  return fitted.transformer;
}

/// Loading after `damage` must fail with an error of the file, not otherwise.
inline void expect_refused(const FittedTransformer& fitted, const std::function<void(Archive&)>& damage) {
  Archive archive = saved(fitted);
  damage(archive);
  try {
    loaded(archive, fitted);
    ADD_FAILURE() << "a damaged file was loaded";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), "model_file.invalid");
  }
}
inline void set_number(Archive& archive, std::size_t array, std::size_t index, double value) {
  std::memcpy(archive.arrays[array].bytes.data() + 8 * index, &value, 8);
}

/// preprocess_reference.json, made by make_reference.py with scikit-learn.
inline const Value& reference() {
  static const Value value = [] {
    std::ifstream file(std::string(AUTOMILL_TEST_DATA) + "/preprocess/preprocess_reference.json");
    const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    return from_json(text, "preprocess_reference.json");
  }();
  return value;
}
inline std::vector<double> numbers(const Value& list) {
  std::vector<double> all;
  for (const Value& value : list.array()) all.push_back(value.is_null() ? missing : value.number());
  return all;
}
inline std::vector<std::string> texts(const Value& list) {
  std::vector<std::string> all;
  for (const Value& value : list.array()) all.push_back(value.text());
  return all;
}
/// The number columns of the reference, or those without missing values.
inline Table reference_numbers(const char* names) {
  std::vector<ColumnPtr> columns;
  const auto all = texts(reference().at("number_names")), wanted = texts(reference().at(names));
  for (std::size_t c = 0; c < all.size(); ++c)
    if (std::find(wanted.begin(), wanted.end(), all[c]) != wanted.end())
      columns.push_back(number_column(all[c], numbers(reference().at("numbers").array()[c])));
  return Table(columns);
}
inline Table reference_categories() {
  std::vector<ColumnPtr> columns;
  const auto names = texts(reference().at("category_names"));
  for (std::size_t c = 0; c < names.size(); ++c)
    columns.push_back(category_column(names[c], texts(reference().at("categories").array()[c])));
  return Table(columns);
}
inline const Value& expected(const char* what) { return reference().at("expected").at(what); }
/// All columns of a table against lists of the reference.
inline void expect_columns(const Table& table, const Value& lists, double tolerance, std::size_t first = 0) {
  ASSERT_LE(first + lists.array().size(), table.size());
  for (std::size_t c = 0; c < lists.array().size(); ++c)
    expect_same(values_of(table, table[first + c].name()), numbers(lists.array()[c]), tolerance);
}

}  // namespace preprocess_tools
