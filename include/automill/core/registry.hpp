#pragma once
// Names of components. A registry is an ordinary value with an optional parent; registration is a function call, never
// a static object's constructor. The fitted halves (loaders) are registered apart from the trainers, so that a program
// that only predicts links no training code.
//
//   Registry mine(&builtin_registry());
//   mine.add_estimator<MyLearner>("What it does, in one sentence.");

#include <automill/core/transformer.hpp>
#include <functional>

namespace automill {

class Registry {
 public:
  struct EstimatorEntry {
    std::string name, description;
    std::vector<ParameterDeclaration> parameters;
    std::function<std::unique_ptr<Estimator>(const Object&)> make;
  };
  struct TransformerEntry {
    std::string name, description;
    std::vector<ParameterDeclaration> parameters;
    std::function<std::unique_ptr<Transformer>(const Object&)> make;
  };
  using ModelLoader = std::function<std::unique_ptr<Model>(const ArchiveReader&, const ModelContext&, int state_version,
                                                           const Registry&)>;
  using TransformerLoader = std::function<std::unique_ptr<FittedTransformer>(
      const ArchiveReader&, const std::shared_ptr<const Schema>&, int state_version, const Registry&)>;

  Registry() = default;
  explicit Registry(const Registry* parent) : parent_(parent) {}

  template <class L>
  void add_estimator(std::string description) {
    add(estimators_, EstimatorEntry{L::registered_name, std::move(description), declarations<typename L::Parameters>(),
                                    [](const Object& values) { return L{}.with_parameters(values); }});
  }
  template <class T>
  void add_transformer(std::string description) {
    add(transformers_,
        TransformerEntry{T::registered_name, std::move(description), declarations<typename T::Parameters>(),
                         [](const Object& values) { return T{}.with_parameters(values); }});
  }
  void add_model_loader(std::string type, ModelLoader loader) {
    add_loader(model_loaders_, std::move(type), std::move(loader));
  }
  void add_transformer_loader(std::string type, TransformerLoader loader) {
    add_loader(transformer_loaders_, std::move(type), std::move(loader));
  }

  const EstimatorEntry& estimator(std::string_view name) const {
    return find(name, "learner", &Registry::estimators_, estimator_names());
  }
  const TransformerEntry& transformer(std::string_view name) const {
    return find(name, "transformer", &Registry::transformers_, transformer_names());
  }
  std::vector<std::string> estimator_names() const { return names(&Registry::estimators_); }
  std::vector<std::string> transformer_names() const { return names(&Registry::transformers_); }
  std::vector<std::string> model_types() const { return names(&Registry::model_loaders_); }
  std::vector<std::string> fitted_transformer_types() const { return names(&Registry::transformer_loaders_); }

  /// Loads a component that save_component wrote. Depth is bounded, so that a crafted file cannot exhaust the stack.
  std::unique_ptr<Model> load_model(const ArchiveReader& in, const ModelContext& context) const {
    const Depth depth(in);
    const auto& loader = find(in.text("type"), "fitted component", &Registry::model_loaders_, model_types());
    auto model = loader(in, context, static_cast<int>(in.integer("state_version", 1, 1 << 20)), *this);
    model->set_context(context);
    return model;
  }
  std::shared_ptr<const FittedTransformer> load_transformer(const ArchiveReader& in,
                                                            const std::shared_ptr<const Schema>& input) const {
    const Depth depth(in);
    const auto& loader =
        find(in.text("type"), "fitted component", &Registry::transformer_loaders_, fitted_transformer_types());
    std::shared_ptr<FittedTransformer> fitted =
        loader(in, input, static_cast<int>(in.integer("state_version", 1, 1 << 20)), *this);
    fitted->set_input(input);
    for (const ColumnSchema& column : fitted->output_schema()->columns()) in.charge(bytes_of(column));
    return fitted;
  }

 private:
  template <class T>
  using Map = std::map<std::string, T, std::less<>>;
  struct Depth {
    explicit Depth(const ArchiveReader& in) {
      if (++current() > 64) {
        --current();
        in.fail("components are nested more than 64 deep");
      }
    }
    ~Depth() { --current(); }
    static int& current() {
      static thread_local int depth = 0;
      return depth;
    }
  };
  template <class Entry>
  static void add(Map<Entry>& map, Entry entry) {
    const std::string name = entry.name;
    if (!map.emplace(name, std::move(entry)).second)
      throw Error("registry.duplicate", name, "this name is registered already");
  }
  template <class Loader>
  static void add_loader(Map<Loader>& map, std::string type, Loader loader) {
    if (!map.emplace(type, std::move(loader)).second)
      throw Error("registry.duplicate", type, "this name is registered already");
  }
  template <class T>
  const T& find(std::string_view name, const char* what, Map<T> Registry::*map,
                const std::vector<std::string>& known) const {
    for (const Registry* at = this; at != nullptr; at = at->parent_) {
      const auto found = (at->*map).find(name);
      if (found != (at->*map).end()) return found->second;
    }
    throw Error("registry.unknown", std::string(name), std::string("there is no ") + what + " of this name",
                name_hint(name, known));
  }
  template <class T>
  std::vector<std::string> names(Map<T> Registry::*map) const {
    std::vector<std::string> all;
    for (const Registry* at = this; at != nullptr; at = at->parent_)
      for (const auto& entry : at->*map) all.push_back(entry.first);
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
  }

  const Registry* parent_ = nullptr;
  Map<EstimatorEntry> estimators_;
  Map<TransformerEntry> transformers_;
  Map<ModelLoader> model_loaders_;
  Map<TransformerLoader> transformer_loaders_;
};

/// Writes a component with its type and version; the counterpart of Registry::load_model and load_transformer.
template <class Component>
void save_component(const Component& component, ArchiveWriter& out) {
  out.set("type", component.type());
  out.set("state_version", component.state_version());
  component.save(out);
}

}  // namespace automill
