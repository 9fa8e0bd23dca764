#include "bins_fitted.hpp"

#include <automill/preprocess/bins.hpp>

namespace automill {
namespace {

const std::vector<std::string>& encoding_names() {
  static const std::vector<std::string> names{"ordinal", "one_hot"};
  return names;
}

}  // namespace

FittedBins::FittedBins(const Schema& input, BinEncoding encoding, ColumnLists edges)
    : encoding_(encoding), edges_(std::move(edges)) {
  lay_out(input, [this](const ColumnSchema& column, std::size_t source) -> Part {
    if (column.kind != ColumnKind::number) return {};
    if (encoding_ == BinEncoding::ordinal)
      return {.changed = true, .columns = {{.name = column.name, .kind = ColumnKind::number, .integer = true}}};
    Part part{.changed = true};
    for (std::size_t bin = 0; bin <= edges_[source].size(); ++bin)
      part.columns.push_back({.name = column.name + "_bin_" + std::to_string(bin), .kind = ColumnKind::boolean});
    return part;
  });
}

void FittedBins::apply(std::size_t source, double value, double* out) const noexcept {
  const std::vector<double>& edges = edges_[source];
  const auto bin = std::upper_bound(edges.begin(), edges.end(), value) - edges.begin();
  if (encoding_ == BinEncoding::ordinal) {
    out[0] = std::isnan(value) ? value : static_cast<double>(bin);
    return;
  }
  std::fill_n(out, edges.size() + 1, 0.0);
  if (!std::isnan(value)) out[bin] = 1;
}

void FittedBins::save(ArchiveWriter& out) const {
  out.set("encoding", encoding_names()[static_cast<std::size_t>(encoding_)]);
  save_lists(out, "edges", edges_);
}

std::string FittedBins::describe(int indent) const { return describe_columns(indent, type(), filled_lists(edges_)); }

std::unique_ptr<FittedTransformer> load_bins(const ArchiveReader& in, const std::shared_ptr<const Schema>& input,
                                             int state_version, const Registry&) {
  check_state_version(in, state_version, 1);
  const auto& names = encoding_names();
  const auto encoding = std::find(names.begin(), names.end(), in.text("encoding"));
  if (encoding == names.end()) in.fail("'encoding' must be ordinal or one_hot");
  ColumnLists edges = load_ascending_lists(in, "edges", *input);
  check_distinct(in, "edges", edges);
  return std::make_unique<FittedBins>(*input, static_cast<BinEncoding>(encoding - names.begin()), std::move(edges));
}

}  // namespace automill
