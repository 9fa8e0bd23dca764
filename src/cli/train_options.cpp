#include "cli/train_options.hpp"

#include "cli/option_values.hpp"
#include "json.hpp"

namespace automill::cli {
namespace {

/// The values of one option on their way into the request.
class Reader {
 public:
  Reader(TrainRequest& into, const std::string& name, const std::vector<std::string>& values, Faults& faults)
      : request(into), name_(name), values_(values), faults_(faults) {}

  TrainRequest& request;

  /// The last one given counts, as for other commands.
  const std::string& text() const { return values_.back(); }
  std::vector<std::string> list() const { return read_list(values_); }
  const std::vector<std::string>& all() const { return values_; }

  template <class T, class Read>
  void read_into(T& target, const Read& read, const char* what) {
    const auto value = read(text());
    if (value) target = static_cast<T>(*value);
    else fault("'" + text() + "' is not " + what);
  }
  template <class T, class Read>
  void read_into(std::optional<T>& target, const Read& read, const char* what) {
    T value{};
    const std::size_t before = count_;
    read_into(value, read, what);
    if (count_ == before) target = value;
  }
  void fault(std::string message, std::string hint = {}) {
    ++count_;
    faults_.add("option.invalid", name_, std::move(message), std::move(hint));
  }
  void unknown_choice(const std::string& value, const std::vector<std::string>& choices) {
    ++count_;
    faults_.add("option.unknown_choice", name_, "'" + value + "' is not a choice", name_hint(value, choices));
  }

 private:
  const std::string& name_;
  const std::vector<std::string>& values_;
  Faults& faults_;
  std::size_t count_ = 0;
};

void read_folds(Reader& in) {
  if (const auto count = read_integer(in.text())) in.request.options.folds = *count;
  else in.request.options.fold_column = in.text();
}

void read_class_weight(Reader& in) {
  if (in.text().find('=') == std::string::npos) {
    in.request.options.class_weight = in.text();  // "balanced"; anything else is refused with the data at hand
    return;
  }
  std::map<std::string, double> weights;
  for (const std::string& element : in.list()) {
    const auto pair = read_pair(element);
    const auto weight = pair ? read_number(pair->second) : std::nullopt;
    if (weight) weights[pair->first] = *weight;
    else in.fault("'" + element + "' is not class=weight");
  }
  in.request.options.class_weight = weights;
}

void read_types(Reader& in) {
  const auto& kinds = column_kind_names();
  for (const std::string& element : in.list()) {
    const auto pair = read_pair(element);
    if (!pair) {
      in.fault("'" + element + "' is not column=kind", "for example --types 'age=number,code=category'");
      continue;
    }
    const auto found = std::find(kinds.begin(), kinds.end(), pair->second);
    if (found == kinds.end()) in.unknown_choice(pair->second, kinds);
    else in.request.options.types[pair->first] = static_cast<ColumnKind>(found - kinds.begin());
  }
}

void read_quantiles(Reader& in) {
  for (const std::string& element : in.list()) {
    if (const auto level = read_number(element)) in.request.options.quantiles.push_back(*level);
    else in.fault("'" + element + "' is not a number");
  }
}

void read_monotone(Reader& in) {
  for (const std::string& element : in.list()) {
    const auto pair = read_pair(element);
    const auto sign =
        pair ? read_integer(pair->second.starts_with('+') ? pair->second.substr(1) : pair->second) : std::nullopt;
    if (sign) in.request.options.monotone[pair->first] = static_cast<int>(std::clamp<std::int64_t>(*sign, -2, 2));
    else in.fault("'" + element + "' is not column=sign", "for example --monotone 'age=1,price=-1'");
  }
}

/// Rows between semicolons, or an option each.
void read_cost_matrix(Reader& in) {
  for (const std::string& rows : in.all()) {
    for (std::size_t begin = 0; begin <= rows.size();) {
      const std::size_t end = std::min(rows.find(';', begin), rows.size());
      in.request.options.cost_matrix.emplace_back();
      for (const std::string& element : read_list({rows.substr(begin, end - begin)})) {
        if (const auto cost = read_number(element)) in.request.options.cost_matrix.back().push_back(*cost);
        else in.fault("'" + element + "' is not a number", "for example --cost-matrix '0,1;5,0'");
      }
      begin = end + 1;
    }
  }
}

void read_search_space(Reader& in) {
  Value spaces;
  try {
    spaces = from_json(in.text(), "search_space");
  } catch (const Error&) {
    return in.fault("'" + in.text() + "' is not JSON",
                    R"(for example --search-space '{"gbdt": {"num_leaves": {"type": "int", "low": 4, "high": 256}}}')");
  }
  in.request.options.search_space = search_spaces_from(spaces);
}

void read_progress(Reader& in) {
  static const std::vector<std::string> choices{"auto", "bar", "lines", "none"};
  if (std::find(choices.begin(), choices.end(), in.text()) == choices.end()) in.unknown_choice(in.text(), choices);
  else in.request.progress = in.text();
}

void read_time_limit(Reader& in) {
  double seconds = 0;
  const auto value = read_seconds(in.text());
  if (!value) return in.fault("'" + in.text() + "' is not a time", "seconds, or 90s, 5min, 1h");
  seconds = *value;
  in.request.options.time_limit = Seconds(seconds);
}

void read_memory_limit(Reader& in) {
  const auto value = read_bytes(in.text());
  if (!value) return in.fault("'" + in.text() + "' is not an amount of memory", "bytes, or 512MiB, 4GiB");
  in.request.options.memory_limit = *value;
}

void read_max_predict_time(Reader& in) {
  if (const auto value = read_seconds(in.text())) in.request.options.max_predict_time = Seconds(*value);
  else in.fault("'" + in.text() + "' is not a time", "seconds, or 50us, 2ms");
}

void read_max_model_size(Reader& in) {
  if (const auto value = read_bytes(in.text())) in.request.options.max_model_size = *value;
  else in.fault("'" + in.text() + "' is not a size", "bytes, or 500KiB, 5MB");
}

void read_journal_limit(Reader& in) {
  if (const auto value = read_bytes(in.text())) in.request.options.journal_limit = *value;
  else in.fault("'" + in.text() + "' is not a size", "bytes, or 500MB, 2GiB");
}

using Read = void (*)(Reader&);

const std::map<std::string, Read>& readers() {
  static const std::map<std::string, Read> all{
      {"target", [](Reader& in) { in.request.options.target = in.text(); }},
      {"task", [](Reader& in) { in.request.options.task = in.text(); }},
      {"metric", [](Reader& in) { in.request.options.metric = in.text(); }},
      {"positive_class", [](Reader& in) { in.request.options.positive_class = in.text(); }},
      {"preset", [](Reader& in) { in.request.options.preset = in.text(); }},
      {"time_limit", read_time_limit},
      {"max_trials", [](Reader& in) { in.read_into(in.request.options.max_trials, read_integer, "a whole number"); }},
      {"memory_limit", read_memory_limit},
      {"threads", [](Reader& in) { in.read_into(in.request.options.threads, read_integer, "a whole number"); }},
      {"seed", [](Reader& in) { in.read_into(in.request.options.seed, read_integer, "a whole number"); }},
      {"validation_data", [](Reader& in) { in.request.validation_data = in.text(); }},
      {"holdout", [](Reader& in) { in.read_into(in.request.options.holdout, read_number, "a number"); }},
      {"folds", read_folds},
      {"groups", [](Reader& in) { in.request.options.groups = in.text(); }},
      {"time_column", [](Reader& in) { in.request.options.time_column = in.text(); }},
      {"sample_weight", [](Reader& in) { in.request.options.sample_weight = in.text(); }},
      {"class_weight", read_class_weight},
      {"ignore", [](Reader& in) { in.request.options.ignore = in.list(); }},
      {"types", read_types},
      {"missing", [](Reader& in) { in.request.missing = in.list(); }},
      {"quantiles", read_quantiles},
      {"include", [](Reader& in) { in.request.options.include = in.list(); }},
      {"exclude", [](Reader& in) { in.request.options.exclude = in.list(); }},
      {"search_space", read_search_space},
      {"monotone", read_monotone},
      {"cost_matrix", read_cost_matrix},
      {"max_predict_time", read_max_predict_time},
      {"max_model_size", read_max_model_size},
      {"refit", [](Reader& in) { in.request.options.refit = in.text(); }},
      {"journal", [](Reader& in) { in.request.options.journal = in.text(); }},
      {"journal_limit", read_journal_limit},
      {"resume", [](Reader& in) { in.request.options.resume = true; }},
      {"progress", read_progress},
      {"plan", [](Reader& in) { in.request.plan = true; }},
  };
  return all;
}

void refuse(const OptionInfo& option, Faults& faults) {
  if (!option.delivered)
    faults.add("option.not_delivered", option.name, "this option is planned and not there yet",
               "leave it out; README.md lists what is not there yet");
  else if (option.name == "learners")
    faults.add("option.invalid", option.name, "own learners are code, which cannot be given on a command line",
               "use Python or C++; include names AutoMill's own");
  else
    faults.add("option.invalid", option.name, "functions cannot be given on a command line",
               "use Python or C++, or --log FILE to keep the events");
}

}  // namespace

TrainRequest read_train_options(const std::map<std::string, std::vector<std::string>>& given) {
  TrainRequest request;
  Faults faults;
  for (const OptionInfo& option : train_option_list()) {
    const auto values = given.find(option.name);
    if (values == given.end()) continue;
    const auto reader = readers().find(option.name);
    if (!option.delivered || reader == readers().end()) {
      refuse(option, faults);
    } else if (!values->second.empty()) {
      Reader in(request, option.name, values->second, faults);
      reader->second(in);
    }
  }
  faults.throw_if_any();
  return request;
}

std::vector<std::string> readable_train_options() {
  std::vector<std::string> names;
  for (const auto& entry : readers()) names.push_back(entry.first);
  return names;
}

std::string placeholder(const OptionInfo& option) {
  static const std::map<std::string, std::string> known{{"text", "TEXT"},    {"seconds", "SECONDS"},
                                                        {"integer", "N"},    {"number", "NUMBER"},
                                                        {"bytes", "BYTES"},  {"table", "FILE"},
                                                        {"path", "FILE"},    {"column", "COLUMN"},
                                                        {"list", "A,B,..."}, {"object", "NAME=VALUE,..."},
                                                        {"bool", ""},        {"matrix", "A,B;C,D"}};
  const auto found = known.find(option.type);
  return found == known.end() ? "VALUE" : found->second;
}

}  // namespace automill::cli
