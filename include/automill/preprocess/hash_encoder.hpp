#pragma once
// Turns each category column into a few numbers by the hash of the category's name: 1 or -1 in one of 2^bits columns
// '<name>_hash_<k>', 0 in the others (feature hashing: Weinberger et al., ICML 2009). Nothing is learned: no table of
// categories, and a category has the same place in every data set. Other columns pass.
//
//   Pipeline{HashEncoder{{.bits = 6}}, Logistic{}}

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct HashEncoderParameters {
  int bits = 4;
  bool missing_as_category = false;

  static auto declare() {
    return std::tuple{parameter("bits", &HashEncoderParameters::bits, "A column becomes two to the power of this many.")
                          .range(0, 12)
                          .search(2, 8),
                      parameter("missing_as_category", &HashEncoderParameters::missing_as_category,
                                "Whether missing is hashed like a category named '(missing)'; otherwise it is all "
                                "zeros.")};
  }
};

/// The place is the low bits of hash_text of the name, the sign its highest bit. Categories that training did not see
/// are all zeros: their names are not kept. O(rows x 2^bits) a column.
class AUTOMILL_EXPORT HashEncoder final : public DeclaredTransformer<HashEncoder, HashEncoderParameters> {
 public:
  static constexpr const char* registered_name = "hash_encoder";
  using DeclaredTransformer::DeclaredTransformer;

  DataShape output_shape(const DataShape& input) const override;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

/// Loader of "hash_encoder" for Registry::add_transformer_loader.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_hash_encoder(const ArchiveReader& in,
                                                                     const std::shared_ptr<const Schema>& input,
                                                                     int state_version, const Registry& registry);

}  // namespace automill
