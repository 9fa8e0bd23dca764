// What is refused, and by which name; bytes changed at random; splits at the edges of their numbers.

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "import_fuzz.hpp"
#include "import_tools.hpp"

using namespace import_tools;

namespace {

/// A LightGBM model of one tree with one split.
std::string lightgbm_model(const std::map<std::string, std::string>& changes = {}) {
  std::map<std::string, std::string> f{{"version", "v4"},
                                       {"objective", "regression"},
                                       {"names", "a b"},
                                       {"infos", "[0:1] [0:1]"},
                                       {"num_cat", "0"},
                                       {"split_feature", "1"},
                                       {"threshold", "0.5"},
                                       {"decision_type", "2"},
                                       {"left_child", "-1"},
                                       {"right_child", "-2"},
                                       {"leaf_value", "10 20"},
                                       {"sets", ""},
                                       {"linear", "0"},
                                       {"end", "end of trees\n"},
                                       {"rest", "\npandas_categorical:null\n"}};
  for (const auto& [key, value] : changes) f[key] = value;
  return "tree\nversion=" + f["version"] +
         "\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=1\nobjective=" + f["objective"] +
         "\nfeature_names=" + f["names"] + "\nfeature_infos=" + f["infos"] +
         "\n\nTree=0\nnum_leaves=2\nnum_cat=" + f["num_cat"] + "\nsplit_feature=" + f["split_feature"] +
         "\nthreshold=" + f["threshold"] + "\ndecision_type=" + f["decision_type"] + "\nleft_child=" + f["left_child"] +
         "\nright_child=" + f["right_child"] + "\nleaf_value=" + f["leaf_value"] + "\n" + f["sets"] +
         "is_linear=" + f["linear"] + "\n\n\n" + f["end"] + f["rest"];
}

/// An XGBoost model of one tree with one split.
std::string xgboost_model(const std::map<std::string, std::string>& changes = {}) {
  std::map<std::string, std::string> f{{"version", "[3,0,0]"},
                                       {"objective", "reg:squarederror"},
                                       {"num_class", "0"},
                                       {"num_target", "1"},
                                       {"num_feature", "2"},
                                       {"base_score", "0"},
                                       {"booster", "gbtree"},
                                       {"vector", "1"},
                                       {"left", "[1,-1,-1]"},
                                       {"right", "[2,-1,-1]"},
                                       {"conditions", "[0.5,10,20]"},
                                       {"features", "[1,0,0]"},
                                       {"default", "[1,0,0]"},
                                       {"kinds", "[0,0,0]"},
                                       {"nodes", "[]"},
                                       {"first", "[]"},
                                       {"sizes", "[]"},
                                       {"categories", "[]"},
                                       {"groups", "[0]"},
                                       {"attributes", "{}"}};
  for (const auto& [key, value] : changes) f[key] = value;
  return R"({"learner":{"attributes":)" + f["attributes"] +
         R"(,"feature_names":[],"gradient_booster":{"model":{"gbtree_model_param":{"num_parallel_tree":"1","num_trees":"1"},"tree_info":)" +
         f["groups"] + R"(,"trees":[{"categories":)" + f["categories"] + R"(,"categories_nodes":)" + f["nodes"] +
         R"(,"categories_segments":)" + f["first"] + R"(,"categories_sizes":)" + f["sizes"] + R"(,"default_left":)" +
         f["default"] + R"(,"left_children":)" + f["left"] + R"(,"right_children":)" + f["right"] +
         R"(,"loss_changes":[1,0,0],"sum_hessian":[3,1,2],"split_conditions":)" + f["conditions"] +
         R"(,"split_indices":)" + f["features"] + R"(,"split_type":)" + f["kinds"] +
         R"(,"tree_param":{"num_nodes":"3","size_leaf_vector":")" + f["vector"] + R"("}}]},"name":")" + f["booster"] +
         R"("},"learner_model_param":{"base_score":")" + f["base_score"] + R"(","num_class":")" + f["num_class"] +
         R"(","num_feature":")" + f["num_feature"] + R"(","num_target":")" + f["num_target"] +
         R"("},"objective":{"name":")" + f["objective"] + R"("}},"version":)" + f["version"] + "}";
}

double predict(const ServedModel& model, double value, const std::string& column) {
  auto one = model.row_predictor();
  one.set(one.column(column), value);
  return one.predict()[0];
}
double lightgbm_value(const std::map<std::string, std::string>& changes, double value) {
  return predict(import_text(lightgbm_model(changes)), value, "b");
}
double xgboost_value(const std::map<std::string, std::string>& changes, double value) {
  return predict(import_text(xgboost_model(changes)), value, "f1");
}

// ---- splits of LightGBM: what tree.h says ----

/// Left (10) or right (20), written from LightGBM's NumericalDecision.
double numerical_decision(double x, double threshold, int kind) {
  const int missing_type = kind >> 2;
  const bool default_left = (kind & 2) != 0;
  const double zero = static_cast<double>(1e-35F);
  if (std::isnan(x) && missing_type != 2) x = 0;
  if ((missing_type == 1 && x >= -zero && x <= zero) || (missing_type == 2 && std::isnan(x)))
    return default_left ? 10 : 20;
  return x <= threshold ? 10 : 20;
}

TEST(ImportSplits, lightgbm_numbers_go_where_they_went) {
  const double zero = static_cast<double>(1e-35F);
  std::vector<std::string> thresholds{"0.5",  "-0.5", "0", "-0", "1.0000000180025095e-35", "-1.0000000180025095e-35",
                                      "1e300"};
  const std::vector<double> values{missing,
                                   0,
                                   -0.0,
                                   0.5,
                                   std::nextafter(0.5, 1),
                                   -0.5,
                                   std::nextafter(-0.5, 0),
                                   zero,
                                   -zero,
                                   std::nextafter(zero, 1),
                                   std::nextafter(-zero, -1),
                                   1e308,
                                   -1e308,
                                   1e-300};
  std::size_t compared = 0, refused = 0;
  for (const std::string& threshold : thresholds) {
    for (const int kind : {0, 2, 4, 6, 8, 10}) {
      const std::string text = lightgbm_model({{"threshold", threshold}, {"decision_type", std::to_string(kind)}});
      if (code_of([&] { import_text(text); }) == "import.unsupported") {
        ++refused;  // zeros are an island
        EXPECT_TRUE(kind >> 2 == 1 && (std::stod(threshold) > zero) == (kind == 4)) << threshold << kind;
        continue;
      }
      const ServedModel model = import_text(text);
      for (const double value : values) {
        EXPECT_EQ(predict(model, value, "b"), numerical_decision(value, std::stod(threshold), kind))
            << value << " at " << threshold << ", decision_type " << kind;
        ++compared;
      }
    }
  }
  EXPECT_EQ(refused, 3U);  // 0.5 and 1e300 default right, -0.5 default left
  EXPECT_EQ(compared, 39 * values.size());
}

TEST(ImportSplits, lightgbm_categories_listed_go_left) {
  // the second of two sets: codes 1, 34 and 95
  const std::map<std::string, std::string> changes{
      {"num_cat", "2"},
      {"threshold", "1"},
      {"decision_type", "1"},
      {"infos", "[0:1] 1:2"},
      {"sets", "cat_boundaries=0 1 4\ncat_threshold=255 2 4 2147483648\n"}};
  for (const double code : {1.0, 34.0, 95.0, 1.9}) EXPECT_EQ(lightgbm_value(changes, code), 10) << code;
  for (const double code : {0.0, 2.0, 33.0, 94.0, 96.0, 1e9, 1e300, -1.0, -34.0, missing})
    EXPECT_EQ(lightgbm_value(changes, code), 20) << code;
}

TEST(ImportSplits, ordered_pandas_categories_are_sets) {
  const std::string text = lightgbm_model({{"threshold", "1.5"}, {"decision_type", "10"}});
  const ServedModel model = import_text(text, {.categories = {{"b", {"small", "middle", "large"}}}});
  auto one = model.row_predictor();
  const auto value = [&](const char* name) {
    one.set(one.column("b"), name);
    return one.predict()[0];
  };
  EXPECT_EQ(value("small"), 10);
  EXPECT_EQ(value("middle"), 10);
  EXPECT_EQ(value("large"), 20);
  EXPECT_EQ(value("huge"), 10);  // as missing: default left
}

/// The left leaf is 1 + a / 2 - b, with the value 10 where one of them is missing; the right one is 2.
const std::map<std::string, std::string> linear_leaf{
    {"linear", "1"}, {"sets", "leaf_const=1 2\nnum_features=2 0\nleaf_features=0 1  \nleaf_coeff=0.5 -1  \n"}};

TEST(ImportLeaves, lightgbm_linear_leaves_add_what_they_added) {
  const ServedModel model = import_text(lightgbm_model(linear_leaf));
  const auto value = [&](double a, double b) {
    auto one = model.row_predictor();
    one.set(one.column("a"), a);
    one.set(one.column("b"), b);
    return one.predict()[0];
  };
  for (const double a : {0.1, -3.0, 1e300})
    for (const double b : {0.3, -1e5}) {
      const double first = 1 + 0.5 * a;  // in the order of the file
      EXPECT_EQ(value(a, b), first + -1.0 * b);
    }
  EXPECT_EQ(value(missing, 0.3), 10);
  EXPECT_EQ(value(4, missing), 10);  // missing goes left
  EXPECT_EQ(value(4, 0.6), 2);
  EXPECT_EQ(value(missing, 0.6), 2);  // no term
}

// ---- splits of XGBoost ----

TEST(ImportSplits, xgboost_thresholds_split_doubles_as_floats_do) {
  const float least = std::numeric_limits<float>::denorm_min(), most = std::numeric_limits<float>::max();
  for (const float limit :
       {0.5F, 0.1F, -0.1F, 1.0F, 0.0F, least, -least, 3e-39F, 16777217.0F, most, -most, std::nextafter(1.0F, 0.0F)}) {
    char text[64];
    std::snprintf(text, sizeof text, "[%.9g,10,20]", static_cast<double>(limit));
    const ServedModel model = import_text(xgboost_model({{"conditions", text}}));
    const double threshold = ensemble_of(model).arrays().nodes[0].threshold;
    const auto left = [&](double x) { return static_cast<float>(x) < limit; };
    EXPECT_TRUE(left(threshold)) << limit;
    EXPECT_FALSE(left(std::nextafter(threshold, std::numeric_limits<double>::infinity()))) << limit;
    for (double x : {static_cast<double>(limit), threshold, 0.0, -1e308, 1e308, 0.1, -0.1})
      EXPECT_EQ(predict(model, x, "f1"), left(x) ? 10 : 20) << x;
  }
}

TEST(ImportSplits, xgboost_categories_listed_go_right) {
  std::map<std::string, std::string> changes{{"kinds", "[1,0,0]"},
                                             {"nodes", "[0]"},
                                             {"first", "[1]"},
                                             {"sizes", "[2]"},
                                             {"categories", "[7,3,5]"},
                                             {"default", "[0,0,0]"},
                                             {"conditions", "[NaN,10,20]"}};
  for (const double code : {3.0, 5.0, 5.5}) EXPECT_EQ(xgboost_value(changes, code), 20) << code;
  for (const double code : {0.0, 4.0, 6.0, 7.0, 1e6, -1.0}) EXPECT_EQ(xgboost_value(changes, code), 10) << code;
  EXPECT_EQ(xgboost_value(changes, missing), 20);
  changes["default"] = "[true,false,false]";
  EXPECT_EQ(xgboost_value(changes, missing), 10);
}

TEST(ImportSplits, xgboost_bases_are_scores) {
  const auto at = [](const char* objective, const char* base) {
    return xgboost_value({{"objective", objective}, {"base_score", base}}, 0);
  };
  EXPECT_NEAR(at("reg:squarederror", "[2.5E0]"), 12.5, 1e-12);
  EXPECT_NEAR(at("count:poisson", "2"), 2 * std::exp(10.0), 2e-7 * std::exp(10.0));
  EXPECT_NEAR(at("reg:logistic", "1E-4"), 1 / (1 + 9999 * std::exp(-10.0)), 1e-7);
}

// ---- what is refused ----

TEST(ImportRefuses, features_without_counterpart_by_name) {
  const auto refused = [](const std::string& text, const std::string& name) {
    const std::string message = message_of([&] { import_text(text); });
    EXPECT_NE(message.find("[import.unsupported]"), std::string::npos) << message;
    EXPECT_NE(message.find(name), std::string::npos) << message;
  };
  refused(lightgbm_model({{"version", "v2"}}), "'v2'");
  refused(lightgbm_model({{"objective", "regression sqrt"}}), "reg_sqrt");
  refused(lightgbm_model({{"objective", "lambdarank"}}), "'lambdarank'");
  refused(xgboost_model({{"version", "[1,6,2]"}}), "1.6.2");
  refused(xgboost_model({{"version", "[4,0,0]"}}), "4.0.0");
  refused(xgboost_model({{"booster", "gblinear"}}), "'gblinear'");
  refused(xgboost_model({{"vector", "3"}}), "multi_output_tree");
  refused(xgboost_model({{"num_target", "2"}}), "several targets");
  refused(xgboost_model({{"objective", "rank:ndcg"}}), "'rank:ndcg'");
  std::string own = lightgbm_model();
  own.erase(own.find("objective=regression\n"), 21);
  refused(own, "names no objective");
  EXPECT_EQ(code_of([] {
              import_text(lightgbm_model(linear_leaf), {.categories = {{"a", {"x", "y"}}}});
            }),
            "import.unsupported");
}

TEST(ImportRefuses, files_of_other_kinds_with_what_to_do) {
  const auto refused = [](std::string_view text, const std::string& what) {
    const std::string message = message_of([&] { import_text(text); });
    EXPECT_NE(message.find("[import.not_a_model]"), std::string::npos) << message;
    EXPECT_NE(message.find(what), std::string::npos) << message;
  };
  refused("", "empty");
  refused("\x80\x04\x95 abc", "pickle");
  refused("CBM1....", "CatBoost");
  refused(std::string_view("\x08\x09\x12\x08skl2onnx", 12), "ONNX");
  refused("AUTOMILL....", "automill.load");
  refused("\x1f\x8b\x08", "gzip");
  refused("PK\x03\x04", "zip");
  refused("binf....", "old binary format");
  refused("booster[0]:\n0:[f0<1]", "dump_model");
  refused("[{\"nodeid\": 0}]", "dump of trees");
  refused("age,job\n39,clerk\n", "no model of LightGBM or XGBoost");
  refused(R"({"tree_info":[],"num_tree_per_iteration":1})", "dump_model");
  refused(R"({"oblivious_trees":[]})", "CatBoost");
  refused(R"({"a":1})", "no model of XGBoost");
  EXPECT_EQ(code_of([] { import_model("/nowhere/model.txt"); }), "file.missing");
}

TEST(ImportRefuses, damage_names_the_file_the_tree_and_the_field) {
  const auto damaged = [](const std::string& text, const std::string& place) {
    const std::string message = message_of([&] { import_model(bytes_of(text), {}, "a/file.txt"); });
    EXPECT_NE(message.find("[import.damaged]"), std::string::npos) << message;
    EXPECT_TRUE(message.starts_with("a/file.txt: ")) << message;
    EXPECT_NE(message.find(place), std::string::npos) << message;
  };
  damaged(lightgbm_model({{"threshold", "nan"}}), "tree 0, 'threshold'");
  damaged(lightgbm_model({{"threshold", "0.5x"}}), "tree 0, 'threshold'");
  damaged(lightgbm_model({{"threshold", "0.5 0.5"}}), "tree 0, 'threshold': 2 numbers where 1 are needed");
  damaged(lightgbm_model({{"split_feature", "2"}}), "tree 0, 'split_feature': there is no feature 2");
  damaged(lightgbm_model({{"left_child", "0"}}), "tree 0: two ways lead to node 0");
  damaged(lightgbm_model({{"left_child", "-2"}}), "tree 0: two ways lead to node 2");
  damaged(lightgbm_model({{"left_child", "7"}}), "tree 0, 'left_child'");
  damaged(lightgbm_model({{"right_child", "-3"}}), "tree 0, 'right_child'");
  damaged(lightgbm_model({{"decision_type", "12"}}), "tree 0, 'decision_type'");
  damaged(lightgbm_model({{"decision_type", "1"}}), "tree 0, 'threshold'");
  damaged(lightgbm_model({{"leaf_value", "1 inf"}}), "tree 0, 'leaf_value'");
  const auto linear = [](const std::string& from, const std::string& to) {
    std::string text = lightgbm_model(linear_leaf);
    return text.replace(text.find(from), from.size(), to);
  };
  damaged(linear("leaf_const=1 2", "leaf_const=1"), "tree 0, 'leaf_const'");
  damaged(linear("leaf_const=1 2", "leaf_const=1 nan"), "tree 0, 'leaf_const'");
  damaged(linear("num_features=2 0", "num_features=2 1"), "tree 0, 'leaf_features': 2 numbers where 3 are needed");
  damaged(linear("num_features=2 0", "num_features=2 -1"), "tree 0, 'num_features'");
  damaged(linear("leaf_features=0 1", "leaf_features=0 2"), "tree 0, 'leaf_features': there is no feature 2");
  damaged(linear("leaf_features=0 1", "leaf_features=1 1"), "tree 0, 'leaf_features': leaf 0 names feature 1 twice");
  damaged(linear("leaf_coeff=0.5 -1", "leaf_coeff=0.5"), "tree 0, 'leaf_coeff'");
  damaged(linear("leaf_coeff=0.5 -1", "leaf_coeff=0.5 inf"), "tree 0, 'leaf_coeff'");
  damaged(linear("is_linear=1", "is_linear=2"), "tree 0, 'is_linear'");
  damaged(lightgbm_model({{"names", "a a"}}), "'feature_names': 'a' stands twice");
  damaged(lightgbm_model({{"names", "a"}}), "'feature_names'");
  damaged(lightgbm_model({{"end", ""}, {"rest", ""}}), "before 'end of trees'");
  damaged(lightgbm_model({{"end", "Tree=2\nnum_leaves=1\n\n"}}), "tree 1");
  damaged(lightgbm_model({{"rest", "pandas_categorical:[[1,\n"}, {"infos", "[0:1] 0:1"}}), "'pandas_categorical'");
  damaged(lightgbm_model({{"num_cat", "1"}, {"sets", "cat_boundaries=0 2\ncat_threshold=1\n"}}),
          "tree 0, 'cat_threshold'");

  damaged(xgboost_model({{"conditions", "[NaN,10,20]"}}), "tree 0, 'split_conditions'");
  damaged(xgboost_model({{"conditions", "[0.5,10]"}}), "tree 0, 'split_conditions': 2 values where 3 are needed");
  damaged(xgboost_model({{"conditions", "[0.5,10,Infinity]"}}), "tree 0, 'split_conditions'");
  damaged(xgboost_model({{"left", "[0,-1,-1]"}}), "tree 0: two ways lead to node 0");
  damaged(xgboost_model({{"left", "[3,-1,-1]"}}), "tree 0, 'left_children'");
  damaged(xgboost_model({{"right", "[-1,-1,-1]"}}), "tree 0: a node has a child -1");
  damaged(xgboost_model({{"features", "[2,0,0]"}}), "tree 0, 'split_indices'");
  damaged(xgboost_model({{"kinds", "[1,0,0]"}}), "tree 0, 'categories_nodes'");
  damaged(xgboost_model(
              {{"kinds", "[1,0,0]"}, {"nodes", "[0]"}, {"first", "[0]"}, {"sizes", "[2]"}, {"categories", "[1]"}}),
          "tree 0, 'categories_sizes'");
  damaged(xgboost_model(
              {{"kinds", "[1,0,0]"}, {"nodes", "[0]"}, {"first", "[0]"}, {"sizes", "[1]"}, {"categories", "[-1]"}}),
          "tree 0, 'categories'");
  damaged(xgboost_model({{"groups", "[1]"}}), "'tree_info'");
  damaged(xgboost_model({{"num_class", "3"}}), "'num_class'");
  damaged(xgboost_model({{"base_score", "x"}}), "'base_score'");
  damaged(xgboost_model({{"base_score", "2"}, {"objective", "binary:logistic"}}), "'base_score'");
  damaged(xgboost_model({{"num_feature", "100000000"}}), "far more memory");
  damaged(xgboost_model().substr(0, 300), "not JSON");
  const std::string ubj = contents(folder + "xgboost32_multiclass.ubj");
  damaged(ubj.substr(0, ubj.size() / 2), "the file ends inside");
  damaged(ubj + "x", "bytes follow the document");
  damaged("{L" + std::string(8, '\x7f'), "byte 10: a text is longer than the file");
  damaged(std::string("{L\0\0\0\0\0\0\0\1a[$Z#L\x7f\0\0\0\0\0\0\0", 24), "far more memory");
  std::string deep = "{";
  for (int i = 0; i < 200; ++i) deep += "i\1a{";
  damaged(deep, "nested more than 100 deep");
}

TEST(ImportRefuses, lists_of_categories_that_it_cannot_place) {
  const std::string rest = "pandas_categorical:[[\"x\", \"y\"], [\"u\", \"v\"]]\n";
  const std::string text = lightgbm_model({{"rest", rest}, {"infos", "[0:1] 0:1"}});
  EXPECT_EQ(code_of([&] { import_text(text); }), "import.categories");
  EXPECT_EQ(import_text(text, {.categories = {{"a", {"x", "y"}}}}).schema()[0].kind, ColumnKind::category);
  const std::string parameter = "[categorical_feature: 0]\n" + rest;
  EXPECT_EQ(import_text(lightgbm_model({{"rest", parameter}, {"infos", "none 0:1"}})).schema()[0].dictionary->size(),
            2U);
  std::string cut = contents(folder + "xgboost32_binary.json");
  const std::size_t white = cut.find("119,104,105,116,101");
  ASSERT_NE(white, std::string::npos);
  EXPECT_EQ(code_of([&] { import_text(cut.replace(white, 3, "-61")); }), "import.categories");
  EXPECT_EQ(code_of([&] { import_text(cut, {.categories = {{"color", {"a", "b", "c", "d", "e"}}}}); }), "none");
}

TEST(ImportRefuses, trees_that_are_too_deep) {
  // a chain: node i has leaf 2i + 1 and node 2i + 2
  const auto chain = [](std::size_t splits) {
    std::string left, right, zeros, conditions;
    const std::size_t count = 2 * splits + 1;
    for (std::size_t i = 0; i < count; ++i) {
      const bool inner = i % 2 == 0 && i + 2 < count;
      const std::string comma = i == 0 ? "" : ",";
      left += comma + (inner ? std::to_string(i + 1) : "-1");
      right += comma + (inner ? std::to_string(i + 2) : "-1");
      zeros += comma + "0";
      conditions += comma + std::to_string(i);
    }
    std::string text = xgboost_model({{"left", "[" + left + "]"},
                                      {"right", "[" + right + "]"},
                                      {"conditions", "[" + conditions + "]"},
                                      {"features", "[" + zeros + "]"},
                                      {"default", "[" + zeros + "]"},
                                      {"kinds", "[]"}});
    const auto put = [&](const std::string& old, const std::string& replacement) {
      text.replace(text.find(old), old.size(), replacement);
    };
    put("[1,0,0],\"sum_hessian\":[3,1,2]", "[" + zeros + "],\"sum_hessian\":[" + zeros + "]");
    put("\"num_nodes\":\"3\"", "\"num_nodes\":\"" + std::to_string(count) + "\"");
    return text;
  };
  EXPECT_EQ(predict(import_text(chain(2000)), 1e9, "f0"), 4000);
  EXPECT_EQ(code_of([&] { import_text(chain(2001)); }), "import.unsupported");
}

TEST(ImportRefuses, bytes_changed_at_random_are_errors_or_sound_models) {
  std::size_t sound = 0, refused = 0;
  for (const std::string name : {"lightgbm4_codes.txt", "lightgbm3_multiclass.txt", "xgboost32_binary.json",
                                 "xgboost17_forest.json", "xgboost32_dart.ubj", "xgboost17_poisson.ubj"}) {
    const std::string original = contents(folder + name);
    for (std::uint64_t seed = 0; seed < 300; ++seed)
      (import_fuzz::try_bytes(import_fuzz::changed(original, seed)) ? sound : refused) += 1;
    const std::size_t end = std::min(original.size(), original.find("end of parameters"));
    for (std::size_t cut = 0; cut < end; cut += 1 + original.size() / 50)
      EXPECT_FALSE(import_fuzz::try_bytes(original.substr(0, cut)));
  }
  EXPECT_GT(sound, 100U);
  EXPECT_GT(refused, 300U);
}

}  // namespace
