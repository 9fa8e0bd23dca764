#pragma once
// What the tests of networks share: kernels of every level of this processor, random numbers, small datasets.

#include <automill/core/registry.hpp>
#include <automill/learners/neural.hpp>

#include "learners/kernels_of_level.hpp"
#include "learners/neural/network_trainer.hpp"

namespace neural_tools {

using namespace automill;
using namespace automill::neural;

template <class Kernels>
std::vector<const Kernels*> up_to_this_processor(const Kernels& baseline, const Kernels& avx2, const Kernels& avx512) {
  std::vector<const Kernels*> all{&baseline};
  if (best_fused_level() >= tree::SimdLevel::avx2 && &avx2 != &baseline) all.push_back(&avx2);
  if (best_fused_level() >= tree::SimdLevel::avx512 && &avx512 != &baseline) all.push_back(&avx512);
  return all;
}
inline std::vector<const NetworkKernels*> network_levels() {
  return up_to_this_processor(baseline_network_kernels(), avx2_network_kernels(), avx512_network_kernels());
}
inline std::vector<const TrainingKernels*> training_levels() {
  return up_to_this_processor(baseline_training_kernels(), avx2_training_kernels(), avx512_training_kernels());
}

inline std::vector<float> random_floats(std::size_t count, std::uint64_t seed, double scale = 1) {
  RandomStream random(seed, purpose("test of networks"));
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(scale * random.normal());
  return values;
}

/// The activation and its derivative by the textbook, with libm's functions.
struct Activated {
  double value, derivative;
};
inline Activated activated(Activation kind, double x) {
  if (kind == Activation::relu) return {std::max(x, 0.0), x > 0 ? 1.0 : 0.0};
  if (kind == Activation::selu) {
    const double scale = 1.0507009873554805, alpha = 1.6732632423543772;  // Klambauer et al. 2017
    return x > 0 ? Activated{scale * x, scale} : Activated{scale * alpha * std::expm1(x), scale * alpha * std::exp(x)};
  }
  const double softplus = x > 30 ? x : std::log1p(std::exp(x)), t = std::tanh(softplus);  // Misra 2019
  return {x * t, t + x * (1 - t * t) / (1 + std::exp(-x))};
}

/// Numbers with holes, few and many categories, a boolean; a target that depends on some of them.
struct TableSpec {
  Task task = Task::binary;
  std::size_t rows = 200, classes = 2, outputs = 1;
  std::uint64_t seed = 1;
};
inline std::shared_ptr<const Dataset> make_table(const TableSpec& spec) {
  RandomStream random(spec.seed, purpose("table of networks"));
  std::vector<double> a, b, c, flag;
  std::vector<std::string> few, many;
  Dataset dataset;
  dataset.target.task = spec.task;
  for (std::size_t k = 0; k < spec.classes && is_classification(spec.task); ++k)
    dataset.target.classes.push_back("class " + std::to_string(k));
  for (std::size_t o = 0; o < spec.outputs && spec.outputs > 1; ++o)
    dataset.target.outputs.push_back("output " + std::to_string(o));
  for (std::size_t i = 0; i < spec.rows; ++i) {
    a.push_back(random.normal());
    b.push_back(random.uniform() < 0.1 ? std::nan("") : 100 * random.normal());
    c.push_back(math::exp(random.normal()));
    flag.push_back(static_cast<double>(random.below(2)));
    few.push_back(std::string(1, static_cast<char>('a' + random.below(4))));
    many.push_back("m" + std::to_string(random.below(15)));
    const double signal =
        a.back() * (flag.back() > 0 ? 1 : -1) + (few.back() == "a" ? 1.0 : 0.0) + 0.1 * random.normal();
    if (is_classification(spec.task)) {
      const double place = (signal + 2.5) / 5 * static_cast<double>(spec.classes);
      dataset.target.labels.push_back(
          static_cast<std::int32_t>(std::clamp(place, 0.0, static_cast<double>(spec.classes) - 1)));
    } else {
      for (std::size_t o = 0; o < spec.outputs; ++o)
        dataset.target.values.push_back(50 + 7 * signal + static_cast<double>(o) * c.back());
    }
  }
  const auto names = [](const char* name, const std::vector<std::string>& values) {
    const std::vector<std::string_view> views(values.begin(), values.end());
    return make_category_column(name, views);
  };
  dataset.features = Table({make_number_column({.name = "a"}, a), make_number_column({.name = "b"}, b),
                            make_number_column({.name = "c"}, c),
                            make_number_column({.name = "flag", .kind = ColumnKind::boolean}, flag), names("few", few),
                            names("many", many)});
  return make_dataset(std::move(dataset));
}

inline DatasetView some_rows(const std::shared_ptr<const Dataset>& data, std::size_t first, std::size_t end) {
  auto rows = std::make_shared<std::vector<std::uint32_t>>(end - first);
  std::iota(rows->begin(), rows->end(), static_cast<std::uint32_t>(first));
  return {data, RowSet{std::move(rows), first + 1}};
}

}  // namespace neural_tools
