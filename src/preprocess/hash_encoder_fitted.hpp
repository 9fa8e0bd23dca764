#pragma once
// The fitted half of HashEncoder, type "hash_encoder". Places follow from the names of the categories in the schema.

#include "columnwise.hpp"

namespace automill {

class AUTOMILL_EXPORT FittedHashEncoder final : public Columnwise {
 public:
  FittedHashEncoder(const Schema& input, int bits, bool missing_as_category);

  std::string type() const override { return "hash_encoder"; }
  void save(ArchiveWriter& out) const override;
  std::string describe(int indent) const override;

 protected:
  void apply(std::size_t source, double value, double* out) const noexcept override;
  void apply_block(std::size_t source, std::span<const double> values, std::size_t row, Buffer* outputs) const override;

 private:
  /// Of a name: the output, 0 .. 2^bits-1, and -1 or 1.
  struct Place {
    std::uint16_t output = 0;
    std::int16_t sign = 0;  ///< 0: all outputs are 0
  };
  Place place_of_name(std::string_view name) const;
  Place place_of(std::size_t source, double value) const noexcept;

  int bits_;
  bool missing_as_category_;
  std::vector<std::vector<Place>> places_;  ///< of the categories of each column; empty for those that pass
  Place missing_{};
};

}  // namespace automill
