#pragma once
// Models of LightGBM and XGBoost as models of AutoMill: read once, then predicted, saved as one .automill file and
// loaded everywhere, also by automill::predict alone. Neither library is needed.
//
//   auto model = automill::import_model("booster.txt", {.classes = {"no", "yes"}});
//   auto result = model.predict(automill::read_csv("new.csv", model.schema()));
//   model.save("booster.automill");
//
// What is read, by its content and not by the name of the file:
//   LightGBM: the text of Booster.save_model, versions v3 and v4.
//   XGBoost: JSON and UBJ of save_model, versions 1.7 to 3, boosters gbtree and dart.
//
// Scores of LightGBM's trees are the same bits (but where the file asks for a division, boosting=rf, or a scale,
// sigmoid other than 1: then within rounding); XGBoost adds in float32, AutoMill the same leaves in double (they differ
// by XGBoost's rounding, on real sets by less than 1e-5). Neither file names classes, positive class or target: classes
// are "0", "1" ... unless given, class 1 is the positive one. Probabilities of one-against-all models are made to sum
// to one. LightGBM's pandas categories and those of XGBoost from 3.1 on become category columns, so that rows hold the
// same values as in training; an unseen category counts as missing there. Categories without names are numbers, whose
// whole part is the code.

#include <automill/predict/served_model.hpp>
#include <optional>

namespace automill {

struct ImportOptions {
  std::vector<std::string> classes{};  ///< names in the order of the codes 0, 1 ...; empty: "0", "1" ...
  std::string label_type = "text";     ///< what `classes` name: "text", "boolean", "integer" or "number"
  std::string target = "target";       ///< name of the target column
  /// Names of the categories of columns in the order of their codes, where the file does not have them (or, LightGBM,
  /// does not say which column its lists belong to). With a list here, LightGBM's own lists are not used.
  std::vector<std::pair<std::string, std::vector<std::string>>> categories{};
  /// Rounds of boosting that are taken; more than the file has: all. Empty: up to the best one where early stopping of
  /// XGBoost has noted it, all otherwise.
  std::optional<std::int64_t> rounds{};
};

/// Reads a model. O(bytes). Nothing in the file is executed; every size, index and number is checked.
/// Errors: file.missing; import.not_a_model (another kind of file, with what to do), import.unsupported (a feature that
/// has no counterpart, by name), import.damaged (with tree and field), import.categories, import.classes.
AUTOMILL_EXPORT ServedModel import_model(const std::string& path, const ImportOptions& options = {});
/// The same from memory; `place` is what errors call it.
AUTOMILL_EXPORT ServedModel import_model(std::span<const std::byte> bytes, const ImportOptions& options = {},
                                         const std::string& place = "model");

}  // namespace automill
