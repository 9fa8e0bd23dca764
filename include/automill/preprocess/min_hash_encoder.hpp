#pragma once
// Turns each category and text column into numbers that are alike where the strings are: for dirty names with typing
// errors, word order and endings. Each number '<name>_minhash_<k>' is the least of the hashes of the string's character
// n-grams, by the k-th hash function; two strings agree in a number with the probability that is the Jaccard similarity
// of their sets of n-grams (Broder 1997; for categories: Cerda & Varoquaux, "Encoding high-cardinality string
// categorical variables", IEEE TKDE 2022). Nothing is learned. Made for trees.
//
//   Pipeline{MinHashEncoder{{.components = 50}}, GradientBoosting{}}

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct MinHashEncoderParameters {
  int components = 30;
  int ngram_min = 2;
  int ngram_max = 4;
  int columns_from = 0;

  static auto declare() {
    return std::tuple{
        parameter("components", &MinHashEncoderParameters::components, "Numbers that a column becomes.")
            .range(1, 1000)
            .search(5, 100, Scale::log),
        parameter("ngram_min", &MinHashEncoderParameters::ngram_min, "Characters of the shortest n-grams.")
            .range(1, 16),
        parameter("ngram_max", &MinHashEncoderParameters::ngram_max,
                  "Characters of the longest n-grams; no less than ngram_min.")
            .range(1, 16),
        parameter("columns_from", &MinHashEncoderParameters::columns_from,
                  "A category column with fewer categories in its training rows passes as it is.")
            .range(0, 1e9)};
  }
};

/// Characters are code points of UTF-8; a string is taken with a blank before and behind it. Numbers lie in (0, 1] and
/// have the precision of single floats. Missing strings and categories that training did not see are 0 in all numbers
/// (text columns know every string). Errors: ngram_max below ngram_min ("parameter.out_of_range"). Each distinct string
/// is hashed once: O(characters x lengths x components).
class AUTOMILL_EXPORT MinHashEncoder final : public DeclaredTransformer<MinHashEncoder, MinHashEncoderParameters> {
 public:
  static constexpr const char* registered_name = "min_hash_encoder";
  using DeclaredTransformer::DeclaredTransformer;

  DataShape output_shape(const DataShape& input) const override;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

/// Loader of "min_hash_encoder" for Registry::add_transformer_loader.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_min_hash_encoder(const ArchiveReader& in,
                                                                         const std::shared_ptr<const Schema>& input,
                                                                         int state_version, const Registry& registry);

}  // namespace automill
