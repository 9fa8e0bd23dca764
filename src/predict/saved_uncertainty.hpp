#pragma once
// What intervals and sets are made of, in a model file: member "uncertainty" beside the model, absent where it has
// none.

#include <automill/predict/served_model.hpp>

namespace automill {

void save_uncertainty(const Uncertainty& uncertainty, ArchiveWriter& out);
/// `parts`: with schema and target. Errors: model_file.invalid with the place inside the file.
std::shared_ptr<const Uncertainty> load_uncertainty(const ArchiveReader& in, const ModelParts& parts,
                                                    const Registry& registry);

}  // namespace automill
