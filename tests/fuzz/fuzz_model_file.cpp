// libFuzzer target: any bytes as a model file. A file that loads must predict without a fault, one row as in a batch,
// and save to bytes that load again. The mutator takes a file apart and writes it again with right checksums, so that
// changes get past them; a third of the changes are plain bytes. Each file that can be read is tried with 40 further
// changes: a run of 25,000 files has tried a million.
//
//   fuzz_model_file -runs=25000 -max_len=16000 -rss_limit_mb=2048 -malloc_limit_mb=256

#include <cstdio>
#include <cstdlib>

#include "features/generate_features_fitted.hpp"
#include "features/select_features_fitted.hpp"
#include "predict/model_file.hpp"
#include "predict/model_parts.hpp"
#include "predict/sample_models.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

namespace {

using namespace automill;

void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "property broken: %s\n", what);
  std::abort();
}

bool same_bits(std::span<const double> a, std::span<const double> b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](double x, double y) {
           return (std::isnan(x) && std::isnan(y)) ||
                  std::bit_cast<std::uint64_t>(x) == std::bit_cast<std::uint64_t>(y);
         });
}

/// A few rows of the schema with extreme cells.
Table rows_of(const Schema& schema) {
  static constexpr std::array<double, 6> numbers{0, -1, 1e300, samples::missing, 39.5, -1e18};
  static constexpr std::array<std::string_view, 6> texts{"clerk", "", {}, "nurse", "astronaut", "yes"};
  std::vector<ColumnPtr> columns;
  for (std::size_t c = 0; c < schema.size(); ++c) {
    const bool text = schema[c].kind == ColumnKind::text || schema[c].kind == ColumnKind::category;
    std::vector<double> values(numbers.size());
    std::vector<std::string_view> views(texts.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = numbers[(i + c) % numbers.size()];
      views[i] = texts[(i + c) % texts.size()];
    }
    ColumnSchema column{.name = schema[c].name, .kind = schema[c].kind};
    if (text) columns.push_back(make_text_column(column.name, views));
    else if (column.kind == ColumnKind::boolean)
      columns.push_back(make_number_column(std::move(column), {0, 1, 1, samples::missing, 0, 1}));
    else columns.push_back(make_number_column(std::move(column), std::move(values)));
  }
  return Table::with_rows(std::move(columns), numbers.size());
}

void use(const ServedModel& model) {
  const Table rows = rows_of(model.schema());
  const PredictionResult batch = model.predict(rows);
  NamedRowPredictor one = model.row_predictor();
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    for (const ColumnSchema& column : model.schema().columns()) {
      const RowColumn at = one.column(column.name);
      const Column& cells = rows.column(column.name);
      if (cells.missing(i)) one.set_missing(at);
      else if (cells.kind() == ColumnKind::text) one.set(at, cells.text(i));
      else one.set(at, cells.number(i));
    }
    require(same_bits(one.predict(), batch.raw().row(i)), "one row and a batch agree");
  }
  if (is_classification(model.task())) (void)batch.labels();
  (void)model.verify().text();
  (void)model.check(rows).text();
  (void)model.parts().model->describe();
  const auto bytes = model.bytes();
  require(load(bytes).bytes() == bytes, "saving what was loaded gives the same bytes");
}

/// A small model around one transformer: small files are read many thousand times a second.
std::vector<std::byte> tiny(const Table& train, const TransformerPipeline& steps) {
  const TargetInfo target = samples::income_target();
  ModelParts parts{.schema = train.schema(),
                   .target = target,
                   .model = samples::linear_pipeline(train, target, Link::logistic, 1, steps)};
  parts.sketches.push_back(make_sketch(train[0]));
  for (std::size_t c = 1; c < train.size(); ++c) parts.sketches.emplace_back();
  std::tie(parts.self_test_cells, parts.self_test_outputs) = make_self_test(parts, 2);
  return samples::share(std::move(parts)).bytes();
}

std::vector<std::byte> tiny(const std::vector<std::string>& without, const TransformerPipeline& steps) {
  return tiny(samples::people(40, 3).without(without), steps);
}

/// Columns whose cells have a format: one parsed by a transformer, one as the schema says.
Table priced() {
  const Table people = samples::people(40, 3).without({"joined", "note"});
  std::vector<ColumnPtr> columns = people.columns();
  const std::vector<std::string_view> prices(people.rows(), "1,234.5 USD");
  columns.push_back(make_text_column("price", prices));
  columns.push_back(make_number_column({.name = "cost", .format = "$#,#.#"}, std::vector<double>(people.rows(), 2.5)));
  return Table(std::move(columns));
}

std::vector<std::byte> tiny_ensemble() {
  const Table train = samples::people(40, 3).without({"income", "member", "joined", "note"});
  const TargetInfo target = samples::color_target();
  auto constant = std::make_shared<ConstantModel>(std::vector<double>{0.25, 0.25, 0.5});
  constant->set_context({train.schema(), output_of(target)});
  auto ensemble = std::make_shared<WeightedEnsemble>(std::vector<WeightedEnsemble::Member>{
      {"a", 0.5, constant}, {"b", 0.5, samples::trees(train, target, ScoreTransform::softmax, 2)}});
  ensemble->set_context({train.schema(), output_of(target)});
  return samples::share({.schema = train.schema(), .target = target, .model = ensemble}).bytes();
}

/// A constant behind a fitted transformer that no training of so few rows would give.
std::vector<std::byte> tiny_constant(const Table& train, std::shared_ptr<FittedTransformer> fitted) {
  const TargetInfo target = samples::color_target();
  fitted->set_input(train.schema());
  auto constant = std::make_unique<ConstantModel>(std::vector<double>{0.25, 0.25, 0.5});
  constant->set_context({fitted->output_schema(), output_of(target)});
  auto pipeline = std::make_shared<PipelineModel>(std::move(fitted), std::move(constant));
  pipeline->set_context({train.schema(), output_of(target)});
  return samples::share({.schema = train.schema(), .target = target, .model = pipeline}).bytes();
}

/// One step of every kind, on age, income, member and job.
std::vector<std::byte> tiny_generated() {
  using features::Operation;
  using features::Step;
  const Table train = samples::people(40, 3).without({"joined", "note"});
  const auto jobs = static_cast<std::size_t>(train.column("job").schema().dictionary->size());
  features::FeatureProgram program;
  for (std::uint32_t column = 0; column < 4; ++column)
    program.steps.push_back({.operation = Operation::input, .first = column});
  for (Operation operation : {Operation::sum, Operation::difference, Operation::product, Operation::ratio})
    program.steps.push_back({.operation = operation, .first = 0, .second = 1});
  program.steps.push_back({.operation = Operation::levels, .first = 2, .second = 2, .numbers = {0, 1}});
  program.steps.push_back({.operation = Operation::cross,
                           .first = 3,
                           .second = 8,
                           .keys = {features::cross_key(0, 1), features::cross_key(1, 0)}});
  for (Operation operation : {Operation::mean, Operation::deviation, Operation::from_mean, Operation::over_mean})
    program.steps.push_back({.operation = operation, .first = 9, .second = 1, .numbers = {1, 2, 3}});
  program.steps.push_back(
      {.operation = Operation::count, .first = 3, .second = 3, .numbers = std::vector<double>(jobs + 1, 2.0)});
  program.steps.push_back({.operation = Operation::rank,
                           .first = 8,
                           .second = 0,
                           .numbers = std::vector<double>(3 * features::rank_points, 40.0)});
  for (std::uint32_t step = 4; step < program.steps.size(); ++step)
    if (program.steps[step].operation != Operation::levels) program.outputs.push_back(step);
  return tiny_constant(train, std::make_shared<FittedGenerateFeatures>(*train.schema(), std::move(program)));
}

std::vector<std::byte> tiny_selected() {
  const Table train = samples::people(40, 3).without({"joined"});
  return tiny_constant(train, std::make_shared<FittedSelectFeatures>(
                                  *train.schema(),
                                  std::vector<Verdict>{Verdict::stays, Verdict::copy, Verdict::constant,
                                                       Verdict::no_signal, Verdict::stays},
                                  std::vector<std::uint32_t>{0, 2, 0, 0, 0}));
}

const std::vector<std::vector<std::byte>>& seeds() {
  static const auto all = [] {
    const std::vector<std::string> no_dates{"joined", "note", "member"}, no_text{"note", "income", "age"};
    std::vector<std::vector<std::byte>> files{samples::binary().bytes(), samples::judged().bytes(),
                                              samples::constant().bytes(), tiny_ensemble()};
    files.push_back(tiny(no_dates, TransformerPipeline(OneHot{}, Impute{})));
    files.push_back(tiny(no_dates, TransformerPipeline(Ordinal{}, Scaler{{.method = "robust"}})));
    files.push_back(tiny(no_text, TransformerPipeline(DatetimeParts{}, Ordinal{})));
    files.push_back(tiny(no_text, TransformerPipeline(DropColumns{{.kinds = "datetime"}}, OneHot{})));
    files.push_back(tiny(priced(), TransformerPipeline(ParseText{}, OneHot{})));
    files.push_back(tiny({"joined"}, samples::grouped_steps()));
    const std::vector<std::string> no_numbers{"joined", "income", "member"};
    files.push_back(tiny(no_dates, TransformerPipeline(TargetEncoder{{.keep = true}}, Ordinal{}, Impute{})));
    files.push_back(tiny(no_dates, TransformerPipeline(CountEncoder{}, Impute{})));
    files.push_back(tiny(no_dates, TransformerPipeline(HashEncoder{{.bits = 2}}, Impute{})));
    files.push_back(tiny(no_numbers, TransformerPipeline(MinHashEncoder{{.components = 3}}, Impute{})));
    files.push_back(tiny(no_dates, TransformerPipeline(MergeCategories{}, RareCategories{}, OneHot{}, Impute{})));
    const std::vector<std::string> numbers_alone{"joined", "note", "member", "job"};
    files.push_back(tiny(numbers_alone, TransformerPipeline(Clean{{.infinite = "extremes"}}, Winsorize{},
                                                            RowStatistics{}, YeoJohnson{})));
    files.push_back(tiny(numbers_alone, TransformerPipeline(QuantileNormal{{.quantiles = 9}}, Spline{{.knots = 3}})));
    files.push_back(
        tiny(numbers_alone, TransformerPipeline(PiecewiseLinear{{.bins = 3}}, Bins{{.encode = "one_hot"}})));
    files.push_back(tiny(no_text, TransformerPipeline(DatetimeDifferences{},
                                                      DatetimeParts{{.cycles = true, .details = true}}, Ordinal{})));
    files.push_back(tiny(numbers_alone, TransformerPipeline(IterativeImpute{{.rounds = 2}})));
    files.push_back(samples::naive_bayes().bytes());
    files.push_back(samples::neighbors().bytes());
    files.push_back(samples::quadratic().bytes());
    files.push_back(samples::kernel().bytes());
    files.push_back(samples::gaussian().bytes());
    files.push_back(samples::transformed().bytes());
    files.push_back(samples::network().bytes());
    files.push_back(samples::network_of_numbers().bytes());
    files.push_back(samples::additive().bytes());
    const std::vector<std::string> texts{"joined", "income", "age", "job"};
    files.push_back(tiny(texts, TransformerPipeline(TextStatistics{}, Impute{})));
    files.push_back(tiny(texts, TransformerPipeline(TfIdf{{.char_ngrams = 4, .max_features = 8}})));
    files.push_back(tiny(texts, TransformerPipeline(TfIdf{{.max_features = 8}}, TruncatedSvd{{.components = 2}})));
    files.push_back(tiny_generated());
    files.push_back(tiny_selected());
    return files;
  }();
  return all;
}

/// Changes a file's description: values of the tree, and the arrays.
class Mutator {
 public:
  explicit Mutator(std::uint64_t seed) : random_(seed, purpose("mutation")) {}

  void change(Archive& archive) {
    for (std::uint64_t left = 1 + random_.below(3); left > 0; --left) {
      if (random_.below(2) == 0 || archive.arrays.empty()) change_value(pick(archive.root));
      else change_array(archive.arrays[random_.below(archive.arrays.size())]);
    }
  }

 private:
  /// A node of the tree, by a random walk that stops anywhere.
  Value& pick(Value& root) {
    Value* at = &root;
    while (random_.below(6) != 0) {
      if (at->is_array() && !at->array().empty()) at = &at->array()[random_.below(at->array().size())];
      else if (at->is_object() && !at->object().empty())
        at = &at->object()[at->object().entries()[random_.below(at->object().size())].first];
      else break;
    }
    return *at;
  }
  void change_value(Value& value) {
    if (value.is_array() && !value.array().empty()) return change_list(value.array());
    if (value.is_object() && !value.object().empty() && random_.below(3) != 0) return change_object(value);
    value = new_value(value);
  }
  void change_list(Array& list) {
    const std::size_t i = random_.below(list.size()), j = random_.below(list.size());
    switch (random_.below(4)) {
      case 0:
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(i));
        break;
      case 1:
        list.push_back(Value(list[i]));
        break;
      case 2:
        std::swap(list[i], list[j]);
        break;
      default:
        list[i] = new_value(list[i]);
    }
  }
  void change_object(Value& value) {
    Object changed;
    const auto& entries = value.object().entries();
    const std::size_t i = random_.below(entries.size()), j = random_.below(entries.size());
    const bool drop = random_.below(2) == 0;
    for (std::size_t k = 0; k < entries.size(); ++k)
      if (!drop || k != i) changed.append(entries[k].first, k == i ? entries[j].second : entries[k].second);
    value = std::move(changed);
  }
  Value new_value(const Value& old) {
    static constexpr std::array<double, 8> numbers{0, -1, 0.5, 1e308, -1e-320, samples::missing, 1, 1e17};
    static const std::vector<std::string> texts{"",
                                                "pipeline",
                                                "linear_model",
                                                "tree_ensemble",
                                                "additive_model",
                                                "category",
                                                "text",
                                                "number",
                                                "impute",
                                                "one_hot",
                                                "logistic",
                                                "softmax",
                                                "age",
                                                "job",
                                                "weighted_ensemble",
                                                "transformer_pipeline",
                                                "column_transformer",
                                                "scale",
                                                "ordinal",
                                                "datetime_parts",
                                                "drop",
                                                "category_map",
                                                "category_numbers",
                                                "hash_encoder",
                                                "min_hash_encoder",
                                                "text_statistics",
                                                "text_category",
                                                "tf_idf",
                                                "truncated_svd",
                                                "parse_text",
                                                "#,#.#",
                                                "%d.%m.%Y",
                                                "generate_features",
                                                "select_features",
                                                "boolean",
                                                "binary",
                                                "naive_bayes",
                                                "neighbors",
                                                "quadratic_model",
                                                "kernel_model",
                                                "gaussian_model",
                                                "matern",
                                                "transformed_target",
                                                "stacking",
                                                "log1p",
                                                "spline",
                                                "bins",
                                                "yeo_johnson"};
    switch (random_.below(7)) {
      case 0:
        return numbers[random_.below(numbers.size())];
      case 1:
        return texts[random_.below(texts.size())];
      case 2:
        return static_cast<std::int64_t>(random_.below(300)) - 2;
      case 3:
        return static_cast<std::int64_t>(random_.next());
      case 4:
        return Array{};
      case 5:
        return random_.below(2) == 0;
      default:
        return old.is_integer() ? Value(old.integer() + 1) : Value{};
    }
  }
  void change_array(ArchiveArray& array) {
    const std::size_t size = element_size(array.type);
    switch (random_.below(5)) {
      case 0:
        array.bytes.resize(array.bytes.size() - std::min(array.bytes.size(), size * (1 + random_.below(3))));
        break;
      case 1:
        array.bytes.resize(array.bytes.size() + size * (1 + random_.below(3)), std::byte{random_.below(2) == 0});
        break;
      case 2:
        array.type = static_cast<ElementType>(random_.below(10));
        array.bytes.resize(array.bytes.size() / element_size(array.type) * element_size(array.type));
        break;
      default:
        change_element(array, size);
    }
  }
  void change_element(ArchiveArray& array, std::size_t size) {
    if (array.bytes.empty()) return;
    static constexpr std::array<double, 6> numbers{0, samples::missing, 1e308, -1e308, 1, -0.0};
    std::uint64_t value = random_.below(2) == 0 ? random_.below(20) : random_.next();
    if (array.type == ElementType::float64 && random_.below(2) == 0)
      value = std::bit_cast<std::uint64_t>(numbers[random_.below(numbers.size())]);
    std::memcpy(array.bytes.data() + random_.below(array.bytes.size() / size) * size, &value, size);
  }
  RandomStream random_;
};

}  // namespace

namespace {

/// What stands behind the checksums, changed in many ways: that takes a tenth of the time of writing and reading a
/// file.
void try_changed_archives(const Archive& archive, std::uint64_t seed) {
  constexpr std::uint64_t changes = 40;
  for (std::uint64_t i = 0; i < changes; ++i) {
    Archive changed = archive;
    Mutator(combine_hashes(seed, i)).change(changed);
    std::shared_ptr<const ModelParts> parts;
    try {
      parts = std::make_shared<const ModelParts>(parts_of(changed, builtin_models()));
    } catch (const Error&) {
      continue;
    }
    use(ServedModel(std::move(parts)));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  std::optional<ServedModel> model;
  try {
    model = load(bytes);
  } catch (const Error& error) {
    require(error.code().starts_with("model_file."), error.what());
  }
  if (model) use(*model);
  std::optional<Archive> archive;
  try {
    archive = read_container(bytes, "file");
  } catch (const Error&) {
  }
  if (archive) try_changed_archives(*archive, hash_text({reinterpret_cast<const char*>(data), size}));
  return 0;
}

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned int seed) {
  if (seed % 3 == 0 && size > 0) return LLVMFuzzerMutate(data, size, max_size);
  Archive archive;
  try {
    archive = read_container(std::as_bytes(std::span(data, size)), "file");
  } catch (const Error&) {
    archive = read_container(seeds()[seed % seeds().size()], "seed");
  }
  Mutator(seed).change(archive);
  const auto bytes = write_container(archive).bytes();
  if (bytes.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, bytes.data(), bytes.size());
  return bytes.size();
}
