#include <thread>

#include "conformance/at_work.hpp"
#include "conformance/small_learner.hpp"

namespace automill::conformance {
namespace {

using Flaw = TransformerFlaw;

struct CentreParameters {
  double by = 0;
  bool mark = true;
  static auto declare() {
    return std::tuple{parameter("by", &CentreParameters::by, "Where the mean goes.").range(-1e6, 1e6),
                      parameter("mark", &CentreParameters::mark, "Whether a column counts the missing numbers.")};
  }
};

/// Numbers less their mean; the other columns pass; one column counts the missing numbers of the row.
class FittedCentre final : public FittedTransformer {
 public:
  FittedCentre(Flaw flaw, std::vector<double> offsets, bool mark)
      : flaw_(flaw), offsets_(std::move(offsets)), mark_(mark) {}

  Table transform_aligned(const TableView& rows, const RunContext& context) const override {
    const bool first_missing = rows.rows() > 1 && rows.schema().size() > 0 && rows.table()[0].missing(rows.row(0));
    const bool loses = flaw_ == Flaw::loses_missing_rows && first_missing;
    if (flaw_ == Flaw::half_done_when_stopped && context.stop.stop_requested())
      return FittedTransformer::transform_aligned(rows.part(0, rows.rows() / 2), {});
    ++batches_;
    Table table = FittedTransformer::transform_aligned(loses ? rows.part(1, rows.rows() - 1) : rows, context);
    --batches_;
    return table;
  }
  std::unique_ptr<RowTransformer> row_transformer() const override {
    return std::make_unique<Row>(*this, flaw_ == Flaw::other_single_rows && batches_ == 0);
  }
  std::string type() const override { return "small_centre"; }
  void save(ArchiveWriter& out) const override {
    out.set("mark", mark_);
    if (flaw_ == Flaw::saves_in_float) out.array("offsets", std::vector<float>(offsets_.begin(), offsets_.end()));
    else out.array("offsets", offsets_);
  }
  static std::unique_ptr<FittedTransformer> load(Flaw flaw, const ArchiveReader& in, const Schema& input) {
    if (flaw != Flaw::saves_in_float)
      return std::make_unique<FittedCentre>(flaw, in.array<double>("offsets", input.size()), in.boolean("mark"));
    const auto offsets = in.array<float>("offsets", input.size());
    return std::make_unique<FittedCentre>(flaw, std::vector<double>(offsets.begin(), offsets.end()),
                                          in.boolean("mark"));
  }

 protected:
  Schema make_output_schema(const Schema& input) const override {
    std::vector<ColumnSchema> columns = input.columns();
    if (mark_)
      columns.push_back(
          {.name = flaw_ == Flaw::uses_a_name_twice && !columns.empty() ? columns.back().name : "missing numbers"});
    return Schema(std::move(columns));
  }

 private:
  struct Row final : RowTransformer {
    Row(const FittedCentre& fitted, bool other) : fitted_(&fitted), other_(other) {}
    void transform(const RowView& row, double* numbers, std::string_view* texts) noexcept override {
      const Schema& schema = *fitted_->input_schema();
      double missing = 0;
      for (std::size_t c = 0; c < schema.size(); ++c) {
        numbers[c] = row.numbers[c] + fitted_->offsets_[c] + (other_ ? 1.0 : 0.0);
        if (schema[c].kind == ColumnKind::text) texts[c] = row.texts[c];
        missing += schema[c].kind == ColumnKind::number && std::isnan(row.numbers[c]) ? 1 : 0;
      }
      if (fitted_->mark_) numbers[schema.size()] = missing;
    }
    const FittedCentre* fitted_;
    bool other_;
  };
  Flaw flaw_;
  std::vector<double> offsets_;
  bool mark_;
  mutable std::atomic<int> batches_{0};
};

std::atomic<int> fits_at_once{0};

template <Flaw flaw>
class Centre final : public DeclaredTransformer<Centre<flaw>, CentreParameters> {
  using Base = DeclaredTransformer<Centre<flaw>, CentreParameters>;

 public:
  static constexpr const char* registered_name = "small_centre";
  using Base::Base;

  Object parameters() const override {
    Object values = parameter_values(this->parameters_);
    if (flaw == Flaw::forgets_a_parameter) values["mark"] = true;
    return values;
  }
  std::unique_ptr<Transformer> with_parameters(const Object& values) const override {
    Object kept;
    for (const auto& [key, value] : values.entries())
      if (flaw != Flaw::ignores_unknown_parameters || key == "by" || key == "mark") kept.append(key, value);
    return Base::with_parameters(kept);
  }
  std::string describe(int indent = 0) const override {
    return flaw == Flaw::describes_nothing ? "" : Transformer::describe(indent);
  }
  Transformer::Fitted fit_transform(const DatasetView& train, const RunContext& context) const override {
    if (flaw == Flaw::fails_on_no_rows && train.rows() == 0) throw std::out_of_range("no first row");
    auto fitted = Base::fit_transform(train, context);
    if (flaw == Flaw::loses_training_rows)
      fitted.train = FittedTransformerPipeline::copy_rows(TableView(fitted.train, 0, train.rows() / 2));
    return fitted;
  }
  std::vector<Transformer::Fitted> fit_transform_folds(const FoldedDataset& folded,
                                                       const RunContext& context) const override {
    auto all = Base::fit_transform_folds(folded, context);
    if (flaw == Flaw::one_fit_for_all_folds)
      for (auto& each : all) each = all[0];
    return all;
  }

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override {
    const AtWork running(fits_at_once);
    if (flaw == Flaw::shares_scratch) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    const bool disturbed = flaw == Flaw::shares_scratch && running.disturbed();
    const Table& table = train.dataset().features;
    std::vector<double> offsets(table.size(), 0.0);
    for (std::size_t c = 0; c < table.size(); ++c)
      if (table[c].kind() == ColumnKind::number)
        offsets[c] = this->parameters_.by - mean(train, c, context) + (disturbed ? 1 : 0);
    return std::make_unique<FittedCentre>(flaw, std::move(offsets), this->parameters_.mark);
  }

 private:
  static double mean(const DatasetView& train, std::size_t column, const RunContext& context) {
    std::vector<double> values(train.rows());
    train.features().numbers(column, values.data());
    if (flaw == Flaw::looks_at_held_out_rows) {
      values.resize(train.dataset().rows());
      train.dataset().features[column].numbers(0, values.size(), values.data());
    }
    const std::size_t block =
        flaw == Flaw::sums_by_thread ? values.size() / static_cast<std::size_t>(context.executor().width()) + 1 : 1000;
    double sum = 0, total = 0;
    for (std::size_t first = 0; first < values.size(); first += block) {
      double part = 0;
      for (std::size_t i = first; i < std::min(values.size(), first + block); ++i) {
        if (!std::isfinite(values[i])) continue;
        const double weight =
            flaw == Flaw::ignores_weights || flaw == Flaw::looks_at_held_out_rows ? 1.0 : train.weight(i);
        part += weight * (values[i] / 1e10);
        total += weight;
        if (flaw == Flaw::centres_on_the_first_row) return values[i];
      }
      sum += part;
    }
    return total > 0 ? 1e10 * (sum / total) : 0.0;
  }
};

}  // namespace

template <TransformerFlaw flaw>
void add_centre(Registry& registry) {
  registry.add_transformer<Centre<flaw>>("Takes off the mean.");
  registry.add_transformer_loader(
      "small_centre", [](const ArchiveReader& in, const std::shared_ptr<const Schema>& input, int, const Registry&) {
        return FittedCentre::load(flaw, in, *input);
      });
}

template <int... numbers>
void add_centre_numbered(Registry& registry, TransformerFlaw flaw, std::integer_sequence<int, numbers...>) {
  ((static_cast<int>(flaw) == numbers ? add_centre<static_cast<TransformerFlaw>(numbers)>(registry) : void()), ...);
}

Registry registry_with(TransformerFlaw flaw, const Registry& parent) {
  Registry registry(&parent);
  add_centre_numbered(registry, flaw,
                      std::make_integer_sequence<int, static_cast<int>(TransformerFlaw::half_done_when_stopped) + 1>());
  return registry;
}

}  // namespace automill::conformance
