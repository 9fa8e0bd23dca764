#pragma once
// The simple transformers: each learns from training rows, passes columns that are not its concern, and is one part of
// a pipeline.

#include <automill/preprocess/count_encoder.hpp>
#include <automill/preprocess/datetime_parts.hpp>
#include <automill/preprocess/drop.hpp>
#include <automill/preprocess/hash_encoder.hpp>
#include <automill/preprocess/impute.hpp>
#include <automill/preprocess/merge_categories.hpp>
#include <automill/preprocess/min_hash_encoder.hpp>
#include <automill/preprocess/one_hot.hpp>
#include <automill/preprocess/ordinal.hpp>
#include <automill/preprocess/rare_categories.hpp>
#include <automill/preprocess/scale.hpp>
#include <automill/preprocess/target_encoder.hpp>
