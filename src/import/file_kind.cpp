// What kind of model a file is, and for other kinds, how to make one that can be read.

#include "import/source_model.hpp"

namespace automill::importing {
namespace {

constexpr std::string_view give_model_file =
    "give the file of LightGBM's Booster.save_model, or of XGBoost's save_model(\"model.json\" or \"model.ubj\")";

/// A file of another kind whose first bytes are known.
struct Known {
  std::string_view begins;
  const char* what;
  std::string hint;
};

const std::vector<Known>& other_kinds() {
  static const std::vector<Known> kinds{
      {"AUTOMILL", "this is a model of AutoMill already", "load it: automill.load(path)"},
      {"\x80", "this is a pickle, which would run code when it is read",
       "in the program that made it, write model.booster_.save_model(\"model.txt\") (LightGBM) or "
       "model.save_model(\"model.json\") (XGBoost)"},
      {"CBM1", "this is a model of CatBoost", std::string(give_model_file)},
      {"\x1f\x8b", "this file is compressed with gzip", "unpack it first"},
      {"PK\x03\x04", "this is a zip archive", "unpack it first"},
      {"BZh", "this file is compressed with bzip2", "unpack it first"},
      {"\xfd"
       "7zXZ",
       "this file is compressed with xz", "unpack it first"},
      {"binf", "this is XGBoost's old binary format", "load it with XGBoost and save_model(\"model.json\")"},
      {"bs64", "this is XGBoost's old binary format", "load it with XGBoost and save_model(\"model.json\")"},
      {"booster[", "this is a text of XGBoost's dump_model, which leaves out what prediction needs",
       "use save_model(\"model.json\")"},
      {"PAR1", "this is a Parquet file", std::string(give_model_file)}};
  return kinds;
}

/// ONNX is a protocol buffer: field 1, a small version; field 2, the producer's name.
bool looks_like_onnx(std::string_view text) {
  return text.size() > 4 && text[0] == '\x08' && text[1] > 0 && text[1] < 32 &&
         (text[2] == '\x12' || text[2] == '\x3a' || text[2] == '\x42');
}

}  // namespace

FileKind kind_of_file(std::span<const std::byte> bytes, const Source& source) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const auto refuse = [&](const char* what, const std::string& hint) {
    throw Error("import.not_a_model", source.path(), what, hint);
  };
  if (text.empty()) refuse("the file is empty", std::string(give_model_file));
  if (text.starts_with("tree\n") || text.starts_with("tree\r\n")) return FileKind::lightgbm_text;
  for (const Known& known : other_kinds())
    if (text.starts_with(known.begins)) refuse(known.what, known.hint);
  if (looks_like_onnx(text)) refuse("this looks like a model in ONNX", std::string(give_model_file));
  const std::size_t first = std::min(text.size(), text.find_first_not_of(" \t\r\n"));
  if (text.substr(first).starts_with('['))
    refuse("this looks like a dump of trees (dump_model, get_dump), which leaves out what prediction needs",
           "use save_model");
  if (!text.substr(first).starts_with('{'))
    refuse("this is no model of LightGBM or XGBoost", std::string(give_model_file));
  if (first == 0 && text.size() > 1 && std::string_view("iUIlL$#").find(text[1]) != std::string_view::npos)
    return FileKind::xgboost_ubj;
  return FileKind::xgboost_json;
}

}  // namespace automill::importing
