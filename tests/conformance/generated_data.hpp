#pragma once
// Small learning problems made from a seed, and copies of a problem with something changed: what the conformance suite
// fits on. Everything is drawn from core/random.hpp, so every run sees the same numbers.

#include <automill/core/split.hpp>
#include <optional>

namespace automill::conformance {

using DatasetPtr = std::shared_ptr<const Dataset>;

struct DataSpec {
  Task task = Task::regression;
  std::size_t rows = 240;
  std::size_t classes = 3;  ///< multiclass
  bool missing = false, categories = false, text = false;
  std::size_t extra_numbers = 0;  ///< numbers without meaning, beside the five that have one
  std::uint64_t seed = 1;
};

/// Numbers (normal, skewed, whole with many ties), a boolean, a datetime; categories and text where asked for. The
/// target depends on three of them and on noise.
DatasetPtr make_data(const DataSpec& spec);

/// The given rows of a dataset, in that order; a row may come several times.
DatasetPtr take_rows(const Dataset& dataset, const std::vector<std::uint32_t>& rows);

/// The dataset with weights.
DatasetPtr with_weights(const Dataset& dataset, std::vector<double> weights);

/// The dataset with other targets of the same task; row keys stay (only the targets of the rows differ).
DatasetPtr with_target(const Dataset& dataset, Target target);

/// The dataset with other features (as many rows).
DatasetPtr with_features(const Dataset& dataset, Table features);

/// A table in which every cell of the given kinds is replaced: numbers, booleans and datetimes by `value` (NaN:
/// missing; booleans are 1 where it is above 0), categories by `category` (missing, or an unseen name), text by `text`.
struct Cells {
  std::optional<double> value{};
  std::optional<std::string_view> category{};  ///< a view without data is missing
  std::optional<std::string_view> text{};
};
Table fill(const Table& table, const Cells& cells);

/// Categories by other names, each a new one: what prediction may meet.
Table with_unseen_categories(const Table& table);

/// The same columns in reverse order, with a further one that no model knows.
Table reordered(const Table& table);

/// A view of some rows of a dataset.
DatasetView view_of(const DatasetPtr& dataset, std::vector<std::uint32_t> rows);

/// 0 .. n-1, shuffled by the seed.
std::vector<std::uint32_t> shuffled_rows(std::size_t n, std::uint64_t seed);

}  // namespace automill::conformance
