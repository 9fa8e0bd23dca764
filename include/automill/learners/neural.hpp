#pragma once
// RealMLP (Holzmueller, Grinsztajn & Steinwart 2024, "Better by Default", arXiv 2407.04491): a network for tables that
// is good with its defaults. Numbers are centred by medians and scaled by quartiles; periodic embeddings, a scale for
// each input, slopes of the activations, and initial weights from the data are learned by Adam along a schedule of four
// humps.
//
//   FitResult result = RealMlp{}.fit(FitInput{.train = train, .validation = &held_out});
//   result.report.learning_curve;           // validation loss after each round
//   result.report.rounds;                   // the round whose weights were kept
//
// A round is an epoch, or a part of one of at most 256 steps. With validation rows the best round is kept (of equal
// ones the last), else the last. A fit that is stopped keeps the best round so far. The same data, parameters and seed
// give the same bits for any number of threads and any order of rows, on processors of one SIMD level.

#include <automill/core/estimator.hpp>
#include <automill/learners/neural_model.hpp>

namespace automill {

struct RealMlpParameters {
  std::int64_t hidden_layers = 3;
  std::int64_t hidden_width = 256;
  std::string activation = "auto";
  std::optional<double> learning_rate{};
  double dropout = 0.15;
  double weight_decay = 0.02;
  double label_smoothing = 0.0;
  std::optional<std::int64_t> n_epochs{};
  std::optional<std::int64_t> batch_size{};
  double beta2 = 0.95;
  double first_layer_lr_factor = 1.0;
  double scale_lr_factor = 6.0;
  double embedding_lr_factor = 0.1;
  std::int64_t frequencies = 16;
  std::int64_t embedding_width = 4;
  double frequency_scale = 0.1;
  std::int64_t max_one_hot = 9;
  std::int64_t category_width = 8;
  std::int64_t n_ens = 1;
  bool early_stopping = false;

  static auto declare() {
    using P = RealMlpParameters;
    return std::tuple{
        parameter("hidden_layers", &P::hidden_layers, "Number of hidden layers.").range(1, 16).search(2, 4),
        parameter("hidden_width", &P::hidden_width, "Neurons of a hidden layer.")
            .range(1, 4096)
            .search(64, 512, Scale::log),
        parameter("activation", &P::activation, "Of the hidden layers; auto: selu for classes, mish for numbers.")
            .choices({"auto", "selu", "mish", "relu"}),
        parameter("learning_rate", &P::learning_rate,
                  "Largest learning rate of the schedule; null: 0.04 for classes, 0.2 for numbers.")
            .range(1e-6, 10)
            .search(0.02, 0.3, Scale::log),
        parameter("dropout", &P::dropout,
                  "Share of neurons that are left out in a step, in the first half of training.")
            .range(0, 0.95)
            .search(0, 0.5),
        parameter("weight_decay", &P::weight_decay, "Decoupled weight decay, in units of the learning rate.")
            .range(0, 1)
            .search(1e-3, 0.05, Scale::log),
        parameter("label_smoothing", &P::label_smoothing,
                  "Share of a label that is given to all classes alike: helps accuracy, harms probabilities.")
            .range(0, 0.9),
        parameter("n_epochs", &P::n_epochs, "Passes over the rows; null: 256, fewer where there are many rows.")
            .range(1, 1e6),
        parameter("batch_size", &P::batch_size, "Rows of a step; null: 256, more where there are many rows.")
            .range(1, 65536),
        parameter("beta2", &P::beta2, "Decay of the second moments of Adam.").range(0, 0.99999),
        parameter("first_layer_lr_factor", &P::first_layer_lr_factor, "Learning rate of the first layer, as a factor.")
            .range(1e-3, 100)
            .search(0.3, 1.5, Scale::log),
        parameter("scale_lr_factor", &P::scale_lr_factor, "Learning rate of the scales of the inputs, as a factor.")
            .range(1e-3, 100)
            .search(2, 10, Scale::log),
        parameter("embedding_lr_factor", &P::embedding_lr_factor,
                  "Learning rate of the embeddings of numbers, as a factor.")
            .range(1e-3, 100)
            .search(0.05, 0.3, Scale::log),
        parameter("frequencies", &P::frequencies, "Frequencies of a number's embedding.").range(1, 256).search(8, 64),
        parameter("embedding_width", &P::embedding_width,
                  "Inputs that a number becomes, itself included; 1: itself alone.")
            .range(1, 64)
            .search(4, 16),
        parameter("frequency_scale", &P::frequency_scale, "Standard deviation of the first frequencies.")
            .range(1e-4, 100)
            .search(0.01, 50, Scale::log),
        parameter("max_one_hot", &P::max_one_hot,
                  "Most categories of a column, a missing one included, that become inputs of their own; more become a "
                  "learned vector.")
            .range(1, 4096)
            .search(4, 33, Scale::log),
        parameter("category_width", &P::category_width, "Inputs of a learned vector of a category.")
            .range(1, 256)
            .search(4, 16),
        parameter("n_ens", &P::n_ens, "Networks with different seeds whose predictions are averaged.").range(1, 256),
        parameter("early_stopping", &P::early_stopping,
                  "Whether training ends once three times the best epoch and 40 more have passed; needs validation "
                  "rows.")};
  }
};

/// Numbers, booleans, datetimes and categories, missing ones too; all tasks, regression also of several outputs.
/// O(rows epochs (inputs + hidden_layers width) width).
class AUTOMILL_EXPORT RealMlp final : public Learner<RealMlp, RealMlpParameters> {
 public:
  static constexpr const char* registered_name = "realmlp";
  using Learner::Learner;

  EstimatorTraits traits() const override;
  CostEstimate cost(const DataShape& shape) const override;

 protected:
  FitResult fit_checked(const FitInput& input, const RunContext& context) const override;
};

}  // namespace automill
