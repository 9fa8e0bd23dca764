#include "drop_fitted.hpp"

#include <automill/preprocess/drop.hpp>

#include "state_check.hpp"

namespace automill {

FittedDrop::FittedDrop(const Schema& input, std::vector<std::uint8_t> dropped) : dropped_(std::move(dropped)) {
  lay_out(input, [this](const ColumnSchema&, std::size_t source) { return Part{.changed = dropped_[source] != 0}; });
}

void FittedDrop::apply(std::size_t, double, double*) const noexcept {}

void FittedDrop::save(ArchiveWriter& out) const { out.array("dropped", dropped_); }

std::string FittedDrop::describe(int indent) const {
  return std::string(static_cast<std::size_t>(indent), ' ') +
         "drop: " + std::to_string(std::count(dropped_.begin(), dropped_.end(), std::uint8_t{1})) + " columns\n";
}

std::unique_ptr<FittedTransformer> load_drop(const ArchiveReader& in, const std::shared_ptr<const Schema>& input,
                                             int state_version, const Registry&) {
  check_state_version(in, state_version, 1);
  auto dropped = in.array<std::uint8_t>("dropped", input->size());
  for (std::uint8_t one : dropped)
    if (one > 1) in.fail("'dropped' must hold 0 and 1 only");
  return std::make_unique<FittedDrop>(*input, std::move(dropped));
}

}  // namespace automill
