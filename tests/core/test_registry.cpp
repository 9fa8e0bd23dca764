// Names of components: lookup with parents, suggestions, duplicates, loading with bounded depth.

#include <gtest/gtest.h>

#include "core/small_components.hpp"

namespace automill {
namespace {

using Names = std::vector<std::string>;

std::string fault_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(Registry, makes_components_with_parameters) {
  const Registry registry = small::registry();
  const auto learner = registry.estimator("mean").make({{"shift", 2.5}});
  EXPECT_EQ(learner->name(), "mean");
  EXPECT_EQ(learner->parameters(), (Object{{"shift", 2.5}}));
  const auto transformer = registry.transformer("shift").make({});
  EXPECT_EQ(transformer->parameters(), (Object{{"by", 1.0}, {"learn", false}}));
  EXPECT_EQ(registry.estimator("mean").parameters.size(), 1U);
  EXPECT_EQ(registry.estimator("mean").description, "Mean of the target.");
}

TEST(Registry, lists_names_in_order) {
  const Registry registry = small::registry();
  EXPECT_EQ(registry.estimator_names(), (Names{"mean", "sum_columns"}));
  EXPECT_EQ(registry.transformer_names(), (Names{"shift", "target_means"}));
  EXPECT_EQ(registry.model_types(), (Names{"column_sum", "pipeline", "small_constant"}));
  EXPECT_EQ(registry.fitted_transformer_types(), (Names{"column_transformer", "shift", "transformer_pipeline"}));
}

TEST(Registry, unknown_names_are_errors_with_the_nearest_one) {
  const Registry registry = small::registry();
  EXPECT_EQ(fault_of([&] { registry.estimator("maen"); }),
            "maen: there is no learner of this name (did you mean 'mean'?) [registry.unknown]");
  EXPECT_EQ(fault_of([&] { registry.transformer("whatever"); }),
            "whatever: there is no transformer of this name (known names: shift, target_means) [registry.unknown]");
  EXPECT_EQ(fault_of([&] {
              registry.estimator("mean").make({{"shfit", 1}});
            }),
            "mean.shfit: there is no such parameter (did you mean 'shift'?) [parameter.unknown]");
}

TEST(Registry, a_name_is_registered_once) {
  Registry registry = small::registry();
  EXPECT_EQ(fault_of([&] { registry.add_estimator<small::Mean>("again"); }),
            "mean: this name is registered already [registry.duplicate]");
  EXPECT_EQ(fault_of([&] { registry.add_model_loader("pipeline", &PipelineModel::load); }),
            "pipeline: this name is registered already [registry.duplicate]");
}

TEST(Registry, a_child_sees_its_parent_and_not_the_other_way_round) {
  Registry parent;
  parent.add_estimator<small::Mean>("Mean of the target.");
  Registry child(&parent);
  child.add_estimator<small::SumColumns>("Weighted sum.");
  EXPECT_EQ(child.estimator_names(), (Names{"mean", "sum_columns"}));
  EXPECT_NO_THROW(child.estimator("mean"));
  EXPECT_EQ(parent.estimator_names(), (Names{"mean"}));
  EXPECT_THROW(parent.estimator("sum_columns"), Error);
}

const ModelContext context{std::make_shared<const Schema>(), {}};

TEST(Registry, an_unknown_component_in_a_file_is_named) {
  Archive archive;
  ArchiveWriter(archive).set("type", "small_constnat");
  ArchiveWriter(archive).set("state_version", 1);
  const Registry registry = small::registry();
  EXPECT_EQ(
      fault_of([&] { registry.load_model(ArchiveReader(archive), context); }),
      "small_constnat: there is no fitted component of this name (did you mean 'small_constant'?) [registry.unknown]");
}

TEST(Registry, a_state_version_out_of_range_is_refused) {
  for (std::int64_t version : {std::int64_t{0}, std::int64_t{-1}, std::int64_t{1} << 40}) {
    Archive archive;
    ArchiveWriter(archive).set("type", "column_sum");
    ArchiveWriter(archive).set("state_version", version);
    const Registry registry = small::registry();
    EXPECT_THROW(registry.load_model(ArchiveReader(archive), context), Error) << version;
  }
}

/// Transformer pipelines inside each other, `depth` of them.
Archive nested(int depth) {
  Archive archive;
  Value node = Object{{"type", "transformer_pipeline"}, {"state_version", 1}, {"steps", Array{}}};
  for (int i = 1; i < depth; ++i)
    node = Object{{"type", "transformer_pipeline"}, {"state_version", 1}, {"steps", Array{node}}};
  archive.root = std::move(node);
  return archive;
}

TEST(Registry, nesting_is_bounded) {
  const Registry registry = small::registry();
  const auto input = std::make_shared<const Schema>();
  EXPECT_EQ(fault_of([&] { registry.load_transformer(ArchiveReader(nested(10)), input); }), "no error");
  for (int again = 0; again < 2; ++again) {  // the count of depth is restored by the exception
    const Archive deep = nested(100);
    const std::string fault = fault_of([&] { registry.load_transformer(ArchiveReader(deep), input); });
    EXPECT_NE(fault.find("components are nested more than 64 deep"), std::string::npos) << fault;
    EXPECT_EQ(fault_of([&] {
                const Archive fits = nested(64);
                registry.load_transformer(ArchiveReader(fits), input);
              }),
              "no error");
  }
}

}  // namespace
}  // namespace automill
