#pragma once
// The fitted half of TfIdf, type "tf_idf".

#include "columnwise.hpp"
#include "text_ngrams.hpp"

namespace automill {

/// Hashes of n-grams and their places, by open addressing. A lookup takes one or two cells.
class AUTOMILL_EXPORT NgramIndex {
 public:
  static constexpr std::uint32_t none = 0xffffffff;
  NgramIndex() = default;
  explicit NgramIndex(std::span<const std::uint64_t> hashes);

  /// Place of the hash in the list; `none`: it is not there.
  std::uint32_t find(std::uint64_t hash) const noexcept {
    std::size_t at = hash & mask_;
    while (cells_[at].place != none && cells_[at].hash != hash) at = (at + 1) & mask_;
    return cells_[at].place;
  }

  /// Before `find`: the cell may be in no cache.
  void prefetch(std::uint64_t hash) const noexcept { __builtin_prefetch(&cells_[hash & mask_]); }

 private:
  struct Cell {
    std::uint64_t hash = 0;
    std::uint32_t place = none;
  };
  std::vector<Cell> cells_ = std::vector<Cell>(1);
  std::size_t mask_ = 0;
};

class AUTOMILL_EXPORT FittedTfIdf final : public Columnwise {
 public:
  /// N-grams of one kind of one column, in the order of their output columns.
  struct Vocabulary {
    NgramRule rule{};
    std::vector<std::string> terms{};
    std::vector<std::uint64_t> hashes{};
    std::vector<double> weights{};  ///< what a frequency is multiplied by
    std::vector<double> factors{};  ///< empty, or what a cell is multiplied by after the norm
    NgramIndex index{};             ///< made by FittedTfIdf
  };
  struct Options {
    bool sublinear_tf = true, l2_norm = true;
  };
  /// A list of vocabularies a column; empty for columns that pass.
  FittedTfIdf(const Schema& input, std::vector<std::vector<Vocabulary>> columns, Options options);

  std::string type() const override { return "tf_idf"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent) const override;

 protected:
  void apply(std::size_t, double, double*) const noexcept override {}
  std::unique_ptr<TextReader> text_reader(std::size_t source) const override;
  std::vector<ColumnPtr> text_columns(std::size_t source, const TableView& rows,
                                      const RunContext& context) const override;

 private:
  class CellReader;
  class Reader;

  std::vector<std::vector<Vocabulary>> columns_;
  Options options_;
};

}  // namespace automill
