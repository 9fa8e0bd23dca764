#pragma once
// Out-of-fold predictions in a model file.

#include <automill/core/archive.hpp>
#include <automill/predict/served_model.hpp>

namespace automill {

void save_out_of_fold(const OutOfFold& out_of_fold, ArchiveWriter& out);

/// Of the model whose other parts are given. Errors: model_file.invalid.
std::shared_ptr<const OutOfFold> load_out_of_fold(const ArchiveReader& in, const ModelParts& parts);

}  // namespace automill
