#pragma once
// What a model file holds, as an archive and back.

#include <automill/predict/served_model.hpp>

namespace automill {

Archive archive_of(const ModelParts& parts);
/// Errors: model_file.invalid with the place inside the file, model_file.unknown_component.
ModelParts parts_of(const Archive& archive, const Registry& registry);

/// The schema alone, as members of the object that is written or read.
void save_schema(const Schema& schema, ArchiveWriter& out);
std::shared_ptr<const Schema> load_schema(const ArchiveReader& in);

}  // namespace automill
