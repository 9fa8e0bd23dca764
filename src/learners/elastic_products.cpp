#include "elastic_products.hpp"

namespace automill::linear {

void SquaredSums::add(const SquaredSums& other) {
  const auto sum = [](std::vector<double>& to, const std::vector<double>& from) {
    to.resize(from.size());
    for (std::size_t i = 0; i < to.size(); ++i) to[i] += from[i];
  };
  gram.columns = other.gram.columns;
  sum(gram.products, other.gram.products);
  sum(gram.sums, other.gram.sums);
  sum(gram.target, other.gram.target);
  gram.total_weight += other.gram.total_weight;
  target += other.target;
  squares += other.squares;
}

std::optional<SquaredSums> squared_sums(const Design& design, const Table& features,
                                        const std::vector<std::uint32_t>& positions, const std::vector<double>& targets,
                                        const RunContext& context) {
  std::vector<double> weights, values;
  SquaredSums sums;
  for (std::uint32_t i : positions) {
    weights.push_back(design.rows().weights[i]);
    values.push_back(targets[i]);
    sums.target += weights.back() * values.back();
    sums.squares += weights.back() * values.back() * values.back();
  }
  const std::size_t tiles = (positions.size() + tile_rows - 1) / tile_rows;
  const TileSource read = [&](std::size_t t, Tile& scratch) -> const Tile& {
    design.read_positions(features, positions, t, scratch);
    return scratch;
  };
  auto gram = weighted_gram(design, tiles, read, weights, values, context);
  if (!gram) return std::nullopt;
  sums.gram = std::move(*gram);
  return sums;
}

namespace {

class ProductFit final : public ElasticFit {
 public:
  ProductFit(const SquaredSums& train, const SquaredSums* held_out)
      : held_out_(held_out), size_(train.gram.columns), weights_(size_, 0.0), columns_(size_) {
    const double total = train.gram.total_weight;
    target_mean_ = train.target / total;
    means_ = train.gram.sums;
    for (double& mean : means_) mean /= total;
    products_.resize(size_ * size_);
    for (std::size_t a = 0; a < size_; ++a)
      for (std::size_t b = 0; b < size_; ++b)
        products_[a * size_ + b] = train.gram.products[a * size_ + b] / total - means_[a] * means_[b];
    for (std::size_t j = 0; j < size_; ++j) {
      target_.push_back(train.gram.target[j] / total - means_[j] * target_mean_);
      columns_[j] = static_cast<std::uint32_t>(j);
    }
    rest_ = target_;
  }

  double largest_slope() const override {
    double largest = 0;
    for (double slope : target_) largest = std::max(largest, std::abs(slope));
    return largest;
  }

  bool go_to(const ElasticPenalty& penalty, double, double tolerance, const RunContext& context) override {
    constexpr int most_passes = 10000;
    ProductQuadratic quadratic(products_, rest_, context.stop);
    if (descend(quadratic, penalty, weights_, columns_, tolerance, most_passes) == Descent::stopped) return false;
    rest_ = quadratic.rests();
    return true;
  }

  /// sum w (t - b0 - x'b)^2 / W from the sums, over the columns that have a weight.
  std::optional<double> held_out_loss(const RunContext&) const override {
    const Gram& gram = held_out_->gram;
    const double b0 = intercept();
    double loss = held_out_->squares - 2 * b0 * held_out_->target + gram.total_weight * b0 * b0;
    std::vector<std::size_t> used;
    for (std::size_t j = 0; j < size_; ++j)
      if (weights_[j] != 0) used.push_back(j);
    for (std::size_t a : used) {
      double product = 0;
      for (std::size_t b : used) product += gram.products[a * size_ + b] * weights_[b];
      loss += weights_[a] * (product + 2 * b0 * gram.sums[a] - 2 * gram.target[a]);
    }
    return std::max(0.0, loss) / gram.total_weight;
  }
  double held_out_weight() const override { return held_out_->gram.total_weight; }

  ElasticPoint point() const override {
    ElasticPoint all = weights_;
    all.push_back(intercept());
    return all;
  }
  void set_point(const ElasticPoint& point) override {
    std::copy_n(point.begin(), size_, weights_.begin());
    rest_ = target_;
    for (std::size_t a = 0; a < size_; ++a)
      if (weights_[a] != 0)
        for (std::size_t b = 0; b < size_; ++b) rest_[b] -= products_[a * size_ + b] * weights_[a];
  }

 private:
  double intercept() const {
    double at_zero = target_mean_;
    for (std::size_t j = 0; j < size_; ++j) at_zero -= means_[j] * weights_[j];
    return at_zero;
  }

  const SquaredSums* held_out_;
  std::size_t size_;
  std::vector<double> products_{}, target_{}, means_{};  ///< centred, a unit of weight
  double target_mean_ = 0;
  std::vector<double> weights_, rest_{};
  std::vector<std::uint32_t> columns_;
};

}  // namespace

std::unique_ptr<ElasticFit> make_product_fit(const SquaredSums& train, const SquaredSums* held_out) {
  return std::make_unique<ProductFit>(train, held_out);
}

}  // namespace automill::linear
