#pragma once
// Turns each text column into numbers that say how it is written; other columns pass.
//
//   Pipeline{TextStatistics{}, GradientBoosting{}}
//   ColumnTransformer({{"how", TextStatistics{}, {"message"}}, {"what", TfIdf{}, {"message"}}});

#include <automill/core/transformer.hpp>

namespace automill {

class Registry;

struct TextStatisticsParameters {
  bool symbols = true;
  double min_share = 0.01;

  static auto declare() {
    return std::tuple{parameter("symbols", &TextStatisticsParameters::symbols,
                                "Whether common symbols are counted, each in a column of its own."),
                      parameter("min_share", &TextStatisticsParameters::min_share,
                                "A symbol that a smaller share of the training rows holds is not counted.")
                          .range(0, 1)};
  }
};

/// '<name>.length' (characters), '.words' (between spaces), '.capitals', '.small', '.digits', '.special' (shares of the
/// characters; special: neither letter, digit, underscore nor space), and '<name>.count(!)' for symbols of
/// ! " # $ % & ' ( ) * + , - . / : ; = ? @. Missing text gives missing numbers, empty text zeros. O(characters).
class AUTOMILL_EXPORT TextStatistics final : public DeclaredTransformer<TextStatistics, TextStatisticsParameters> {
 public:
  static constexpr const char* registered_name = "text_statistics";
  using DeclaredTransformer::DeclaredTransformer;

  DataShape output_shape(const DataShape& input) const override;

 protected:
  std::unique_ptr<FittedTransformer> fit(const DatasetView& train, const RunContext& context) const override;
};

/// Loader of "text_statistics" for Registry::add_transformer_loader.
AUTOMILL_EXPORT std::unique_ptr<FittedTransformer> load_text_statistics(const ArchiveReader& in,
                                                                        const std::shared_ptr<const Schema>& input,
                                                                        int state_version, const Registry& registry);

}  // namespace automill
