#pragma once
// The fitted half of MinHashEncoder, type "min_hash_encoder".

#include <automill/core/transformer.hpp>

namespace automill {

/// Least hashes of the character n-grams of strings, one a component.
class MinHashes {
 public:
  MinHashes(std::size_t components, std::size_t shortest, std::size_t longest);

  std::size_t components() const { return factors_.size(); }
  /// Into `out`, one a component, in (0, 1]; a string without characters has the n-grams of blanks.
  void of(std::string_view text, float* out) const noexcept;

 private:
  std::size_t shortest_, longest_;
  std::vector<std::uint64_t> factors_;  ///< odd; hash k of an n-gram is its hash times factor k
};

class AUTOMILL_EXPORT FittedMinHashEncoder final : public FittedTransformer {
 public:
  struct State {
    std::size_t components = 1, shortest = 1, longest = 1;
    std::vector<std::uint8_t> encoded{};  ///< one a column: whether it is encoded
  };
  FittedMinHashEncoder(const Schema& input, State state);

  Table transform_aligned(const TableView& rows, const RunContext& context) const override;
  std::unique_ptr<RowTransformer> row_transformer() const override;
  std::string type() const override { return "min_hash_encoder"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent) const override;

 protected:
  Schema make_output_schema(const Schema& input) const override;

 private:
  class Rows;
  /// Hashes of a category, null for a missing or unseen one.
  const float* of_category(std::size_t column, double code) const noexcept;
  void encode_categories(const TableView& rows, std::size_t column, std::vector<std::vector<double>>& out,
                         const StopToken& stop) const;
  void encode_texts(const TableView& rows, std::size_t column, std::vector<std::vector<double>>& out,
                    const StopToken& stop) const;

  State state_;
  MinHashes hashes_;
  std::vector<std::vector<float>> categories_;  ///< categories x components of each encoded category column
};

}  // namespace automill
