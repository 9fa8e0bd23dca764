#pragma once
// A fitted network, and how rows pass through it: embedded numbers and table rows side by side, then layers of a
// product, an activation with a slope a neuron, and last a product alone.

#include <automill/core/export.hpp>

#include "network_input.hpp"

namespace automill::neural {

/// Weights in panels of 16 outputs; what is beyond the last output is 0.
struct DenseLayer {
  std::size_t inputs = 0, outputs = 0;
  std::vector<float> weights{};  ///< [panels of outputs][inputs][16]
  std::vector<float> bias{};     ///< padded
  std::vector<float> slopes{};   ///< padded; of the last layer empty
};

struct AUTOMILL_EXPORT Network {
  Activation activation = Activation::selu;
  std::size_t frequencies = 1, number_width = 1;
  std::vector<float> frequency{}, phase{}, embedding_weight{}, embedding_bias{};  ///< as in NumberEmbedding
  std::vector<std::vector<float>> tables{};  ///< of the learned categories in their order: rows x width
  std::vector<DenseLayer> layers{};          ///< at least one

  std::size_t outputs() const { return layers.back().outputs; }
  NumberEmbedding embedding(std::size_t numbers) const {
    return {numbers,
            frequencies,
            number_width,
            frequency.data(),
            phase.data(),
            embedding_weight.data(),
            embedding_bias.data()};
  }
  bool finite() const;

  void save(ArchiveWriter& out) const;
  static Network load(const ArchiveReader& in, const NetworkInput& input, std::size_t outputs);
};

/// Where a cell of panels lies.
inline float& cell_of(float* panels, std::size_t stride, std::size_t row, std::size_t column) {
  return panels[(column / panel * stride + row) * panel + column % panel];
}

/// Writes the table rows of each category into its columns of `panels`.
AUTOMILL_EXPORT void put_categories(const NetworkInput& input, const std::vector<const float*>& tables,
                                    std::size_t first_column, const std::uint32_t* table_rows, std::size_t table_stride,
                                    std::size_t rows, float* panels, std::size_t stride);

/// Scratch for passing blocks of rows through networks of one shape.
class NetworkPass {
 public:
  NetworkPass(const NetworkInput& input, const Network& network, std::size_t most_rows);
  /// Outputs of the encoded rows, at most `most_rows`: out[row * outputs + o].
  void run(const NetworkInput& input, const Network& network, const EncodedRows& rows, float* out);

 private:
  std::size_t stride_;  ///< that of the encoded rows
  std::vector<float> input_, first_, second_;
  std::vector<const float*> tables_;
};

}  // namespace automill::neural
