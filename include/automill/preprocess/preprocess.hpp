#pragma once
// The simple transformers: each learns from training rows, passes columns that are not its concern, and is one part of
// a pipeline.

#include <automill/preprocess/datetime_parts.hpp>
#include <automill/preprocess/drop.hpp>
#include <automill/preprocess/impute.hpp>
#include <automill/preprocess/one_hot.hpp>
#include <automill/preprocess/ordinal.hpp>
#include <automill/preprocess/parse_text.hpp>
#include <automill/preprocess/scale.hpp>
