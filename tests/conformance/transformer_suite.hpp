#pragma once
// What each check of a transformer gets: the transformer as registered and the problems that it is run on.

#include "conformance/check_support.hpp"

namespace automill::conformance {

struct TransformerSuite {
  TransformerSuite(const Registry& components, const std::string& transformer_name);

  const Registry& registry;
  const std::string name;
  std::shared_ptr<const Transformer> transformer;
  std::vector<std::pair<std::string, DatasetPtr>> problems;  ///< mixed columns with missing values; each task
};

struct NamedTransformerCheck {
  const char* name;
  void (*run)(const TransformerSuite&, Findings&);
};
const std::vector<NamedTransformerCheck>& transformer_check_list();

}  // namespace automill::conformance
