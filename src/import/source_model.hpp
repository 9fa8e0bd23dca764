#pragma once
// What the readers of both formats make, before it becomes a TreeEnsemble: trees as the other library keeps them, with
// its own numbers of features and its own codes of categories.

#include <automill/core/value.hpp>
#include <automill/learners/tree/tree_ensemble.hpp>
#include <automill/predict/prediction_result.hpp>

namespace automill::importing {

/// The file that is read: names it in errors and bounds what is made of it.
class Source {
 public:
  Source(std::string path, std::uint64_t bytes) : path_(std::move(path)), allowance_(base + factor * bytes) {}

  const std::string& path() const { return path_; }
  /// `where`: "tree 3, 'left_child'".
  [[noreturn]] void damaged(const std::string& where, const std::string& what) const {
    throw Error("import.damaged", path_, (where.empty() ? "" : where + ": ") + what,
                "the file was changed after saving, or copied in part");
  }
  [[noreturn]] void unsupported(const std::string& what, const std::string& hint) const {
    throw Error("import.unsupported", path_, what, hint);
  }
  /// To be called before memory is taken that the file does not hold byte by byte.
  void charge(std::uint64_t bytes) {
    if (bytes > allowance_) damaged("", "it asks for far more memory than it has bytes");
    allowance_ -= bytes;
  }

 private:
  static constexpr std::uint64_t base = 256ULL << 20, factor = 64;
  std::string path_;
  std::uint64_t allowance_;
};

/// A split or a leaf. A category goes to the listed side when the node lists its code, otherwise to the other one.
struct SourceNode {
  std::int64_t left = -1, right = -1;  ///< positions in the tree; a leaf has none
  double value = 0;                    ///< leaf: its value; number: x <= value goes left
  std::uint32_t feature = 0;
  bool missing_left = false, category = false, listed_left = false;
  std::size_t first_code = 0, codes = 0;  ///< of SourceTree::codes
  double gain = 0, rows = 0;
  double constant = 0;                    ///< of a leaf with terms: it adds constant + sum of coefficient * feature
  std::size_t first_term = 0, terms = 0;  ///< of SourceTree::terms
  bool leaf() const { return left < 0; }
};

/// nodes[0] is the root. What nothing leads to is left out.
struct SourceTree {
  std::vector<SourceNode> nodes{};
  std::vector<std::uint32_t> codes{};  ///< of categories
  std::vector<LinearTerm> terms{};     ///< of leaves; cells are features

  /// Applies `change` to all that leaves add.
  template <class Change>
  void change_leaves(const Change& change) {
    for (SourceNode& node : nodes) {
      if (!node.leaf()) continue;
      node.value = change(node.value);
      node.constant = change(node.constant);
    }
    for (LinearTerm& term : terms) term.coefficient = change(term.coefficient);
  }
};

struct SourceFeature {
  std::string name;
  bool named = false;                     ///< whether the categories have names
  bool unreadable = false;                ///< they have, but the file does not hold them whole
  std::vector<std::string> categories{};  ///< in the order of the codes
};

struct SourceModel {
  Object facts{};  ///< format, version, objective ... for people
  Task task = Task::regression;
  ScoreTransform transform = ScoreTransform::identity;
  std::vector<double> base{};  ///< one a score
  std::vector<SourceFeature> features{};
  std::vector<SourceTree> trees{};  ///< tree t adds to score t % base.size()
  std::size_t trees_a_round = 1;
  std::optional<std::int64_t> best_rounds{};  ///< where early stopping noted it
  bool average = false;                       ///< scores are means over the rounds, not sums
};

/// Names of categories as AutoMill writes values: whole numbers without a point, true and false. Empty optional: a
/// value that cannot be a category.
std::optional<std::string> category_name(const Value& value);

/// Trees as flat arrays. Every index is checked, cycles are found, memory is bounded. Errors: import.damaged,
/// import.unsupported. `schema`: the features in their order; categories sorted by name.
TreeArrays make_tree_arrays(const SourceModel& model, const Schema& schema, Source& source);

/// Reads a format. The model's rounds are all those of the file.
SourceModel read_lightgbm(std::string_view text, bool own_categories, Source& source);
SourceModel read_xgboost(const Value& document, Source& source);

/// A document of UBJSON (the subset that has fixed rules: no high-precision numbers). Errors: import.damaged with the
/// byte; depth is bounded by 100 levels, memory by the allowance of the source.
Value read_ubjson(std::span<const std::byte> bytes, Source& source);

enum class FileKind { lightgbm_text, xgboost_json, xgboost_ubj };
/// What a file holds, by its first bytes. Errors: import.not_a_model, which says what it is instead and what to do.
FileKind kind_of_file(std::span<const std::byte> bytes, const Source& source);

}  // namespace automill::importing
