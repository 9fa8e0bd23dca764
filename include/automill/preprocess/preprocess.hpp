#pragma once
// The simple transformers: each learns from training rows, passes columns that are not its concern, and is one part of
// a pipeline.

#include <automill/preprocess/bins.hpp>
#include <automill/preprocess/clean.hpp>
#include <automill/preprocess/count_encoder.hpp>
#include <automill/preprocess/datetime_differences.hpp>
#include <automill/preprocess/datetime_parts.hpp>
#include <automill/preprocess/drop.hpp>
#include <automill/preprocess/hash_encoder.hpp>
#include <automill/preprocess/impute.hpp>
#include <automill/preprocess/iterative_impute.hpp>
#include <automill/preprocess/merge_categories.hpp>
#include <automill/preprocess/min_hash_encoder.hpp>
#include <automill/preprocess/one_hot.hpp>
#include <automill/preprocess/ordinal.hpp>
#include <automill/preprocess/parse_text.hpp>
#include <automill/preprocess/piecewise_linear.hpp>
#include <automill/preprocess/quantile_normal.hpp>
#include <automill/preprocess/rare_categories.hpp>
#include <automill/preprocess/row_statistics.hpp>
#include <automill/preprocess/scale.hpp>
#include <automill/preprocess/spline.hpp>
#include <automill/preprocess/target_encoder.hpp>
#include <automill/preprocess/text_category.hpp>
#include <automill/preprocess/text_statistics.hpp>
#include <automill/preprocess/tf_idf.hpp>
#include <automill/preprocess/truncated_svd.hpp>
#include <automill/preprocess/winsorize.hpp>
#include <automill/preprocess/yeo_johnson.hpp>
