#include "datetime_differences_fitted.hpp"

#include <automill/preprocess/datetime_differences.hpp>

#include "row_columns.hpp"
#include "state_check.hpp"

namespace automill {

class FittedDatetimeDifferences::Rows final : public RowTransformer {
 public:
  explicit Rows(const FittedDatetimeDifferences& fitted) : fitted_(&fitted) {}
  void transform(const RowView& row, double* numbers, std::string_view* texts) noexcept override {
    pass_row(*fitted_->input_schema(), row, numbers, texts);
    double* added = numbers + fitted_->input_schema()->size();
    for (const Pair& pair : fitted_->pairs_) *added++ = days_between(row.numbers[pair.first], row.numbers[pair.second]);
  }

 private:
  const FittedDatetimeDifferences* fitted_;
};

Schema FittedDatetimeDifferences::make_output_schema(const Schema& input) const {
  std::vector<ColumnSchema> added;
  for (const Pair& pair : pairs_)
    added.push_back(
        {.name = "days_from_" + input[pair.first].name + "_to_" + input[pair.second].name, .kind = ColumnKind::number});
  return with_added_columns(input, std::move(added));
}

Table FittedDatetimeDifferences::transform_aligned(const TableView& rows, const RunContext& context) const {
  const auto fill = [&](const TableView& part, std::size_t first, std::vector<std::vector<double>>& out) {
    std::vector<double> from(part.rows()), to(part.rows());
    for (std::size_t k = 0; k < pairs_.size(); ++k) {
      part.numbers(pairs_[k].first, from.data());
      part.numbers(pairs_[k].second, to.data());
      for (std::size_t i = 0; i < from.size(); ++i) out[k][first + i] = days_between(from[i], to[i]);
    }
  };
  return append_row_columns(rows, *output_schema(), context, fill);
}

std::unique_ptr<RowTransformer> FittedDatetimeDifferences::row_transformer() const {
  return std::make_unique<Rows>(*this);
}

void FittedDatetimeDifferences::save(ArchiveWriter& out) const {
  std::vector<std::uint32_t> firsts, seconds;
  for (const Pair& pair : pairs_) {
    firsts.push_back(pair.first);
    seconds.push_back(pair.second);
  }
  out.array("firsts", firsts);
  out.array("seconds", seconds);
}

std::unique_ptr<FittedTransformer> load_datetime_differences(const ArchiveReader& in,
                                                             const std::shared_ptr<const Schema>& input,
                                                             int state_version, const Registry&) {
  check_state_version(in, state_version, 1);
  const auto firsts = in.array<std::uint32_t>("firsts"), seconds = in.array<std::uint32_t>("seconds", firsts.size());
  std::vector<FittedDatetimeDifferences::Pair> pairs;
  const auto datetime = [&](std::uint32_t c) { return c < input->size() && (*input)[c].kind == ColumnKind::datetime; };
  for (std::size_t k = 0; k < firsts.size(); ++k) {
    if (!datetime(firsts[k]) || !datetime(seconds[k]))
      in.fail("'firsts' or 'seconds' has a column that is no datetime");
    in.charge(bytes_of({.name = "days_from_" + (*input)[firsts[k]].name + "_to_" + (*input)[seconds[k]].name}));
    pairs.push_back({firsts[k], seconds[k]});
  }
  return std::make_unique<FittedDatetimeDifferences>(std::move(pairs));
}

}  // namespace automill
