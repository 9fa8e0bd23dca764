#pragma once
// One network in training: parameters, moments of Adam, and the way forward and back for a batch.
//
// The product of layer l is x W / sqrt(inputs) + b in the recipe (neural tangent parametrisation). W / sqrt(inputs) is
// what is stored here: steps and Adam's epsilon are scaled so that it moves alike.

#include "schedule.hpp"
#include "training_kernels.hpp"
#include "training_rows.hpp"

namespace automill::neural {

struct TrainerOptions {
  Activation activation = Activation::selu;
  std::vector<std::size_t> hidden{};
  std::size_t outputs = 1;
  bool classes = false;  ///< cross-entropy of a softmax, else squared errors
  std::size_t frequencies = 16, number_width = 4;
  double frequency_scale = 0.1;
  double learning_rate = 0.04, dropout = 0.15, weight_decay = 0.02, label_smoothing = 0, beta2 = 0.95;
  double first_layer_factor = 1, scale_factor = 6, number_factor = 0.1;  ///< of the learning rate
  std::size_t batch = 256;
};

/// Where a kind of parameters lies in the buffer of all, and how it moves.
struct ParameterSegment {
  std::size_t begin = 0, size = 0;
  float rate = 1;     ///< factor of the learning rate
  float decay = 1;    ///< factor of the weight decay: of the recipe's rate, squared
  float epsilon = 1;  ///< factor of Adam's epsilon
};

struct TrainerLayer {
  std::size_t inputs = 0, outputs = 0, panels = 0;
  ParameterSegment weights{}, bias{}, slopes{};
};

constexpr std::size_t numbers_at_once = 64;  // that are embedded between two looks at the time

/// Bytes of a trainer.
std::uint64_t trainer_bytes(const TrainerOptions& options, std::size_t inputs, std::size_t numbers,
                            std::size_t table_values);

class NetworkTrainer {
 public:
  /// Initialised by some of the rows. Stopped may leave it.
  NetworkTrainer(const NetworkInput& input, const TrainerOptions& options, const TrainingRows& rows, std::uint64_t seed,
                 const StopToken& stop);

  /// One step on a batch; `done` is the share of all steps before it. False: stopped, the network is of no use then.
  bool step(std::span<const std::uint32_t> batch, std::uint64_t number, double done);
  /// The network as it is.
  Network network() const;

  /// For tests: all parameters; the loss of a batch without dropout, and its gradient (nothing moves).
  std::vector<float>& parameters() { return values_; }
  double loss(std::span<const std::uint32_t> batch);
  std::vector<float> gradient(std::span<const std::uint32_t> batch);

 private:
  ParameterSegment segment(std::size_t size, double rate, double decay, double epsilon = 1);
  void lay_out();
  void draw_numbers();
  void draw_layers();
  void draw_layer(std::size_t number, const float* from, std::size_t stride, std::size_t rows, float* products);
  bool gather(std::span<const std::uint32_t> batch);
  bool put_input(std::size_t rows, const float* numbers, const std::uint32_t* table_rows, float* panels,
                 std::size_t stride);
  bool multiply(Product product) const;
  bool forward(std::uint64_t number, double dropout);
  double loss_gradient();
  bool backward();
  void back_layer(std::size_t number, const float* from, const float* g);
  bool back_input(float* g);
  void transpose(const TrainerLayer& layer);
  void move(const ParameterSegment& part, const float* gradient);
  NumberEmbedding embedding() const;
  std::vector<const float*> tables() const;
  HiddenLayer hidden(std::size_t number);
  float* at(const ParameterSegment& part) { return values_.data() + part.begin; }
  const float* at(const ParameterSegment& part) const { return values_.data() + part.begin; }

  const NetworkInput& input_;
  TrainerOptions options_;
  const TrainingRows& rows_;
  std::uint64_t seed_;
  StopToken stop_;
  const TrainingKernels& kernels_;

  std::size_t width_ = 0;  ///< of the input
  ParameterSegment frequency_{}, phase_{}, embedding_weight_{}, embedding_bias_{}, scales_{};
  std::vector<ParameterSegment> tables_{};  ///< of learned categories
  std::vector<TrainerLayer> layers_{};
  std::vector<float> values_{}, first_{}, second_{};

  std::size_t stride_ = 0, batch_rows_ = 0;
  std::vector<float> numbers_{};             ///< [number][stride]
  std::vector<std::uint32_t> table_rows_{};  ///< [category][stride]
  std::span<const std::uint32_t> batch_{};
  std::vector<float> raw_{}, scaled_{};  ///< input before and after the scale layer
  struct Activations {
    std::vector<float> values{}, derivatives{}, differences{};
  };
  std::vector<Activations> activations_{};  ///< of each layer; the last has values alone
  std::vector<float> above_{}, below_{}, transposed_{}, panel_gradient_{}, small_gradient_{}, scratch_{};

  AdamStep adam_{};
  double rate_ = 0, decay_ = 0;
  std::vector<float>* keep_gradient_ = nullptr;
};

}  // namespace automill::neural
