#pragma once
// The whole core: header-only, the standard library alone. It knows of no algorithm.

#include <automill/core/metric.hpp>
#include <automill/core/named_estimator.hpp>
#include <automill/core/pipeline.hpp>
