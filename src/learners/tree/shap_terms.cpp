#include "learners/tree/shap_terms.hpp"

#include "learners/tree/shap_edges.hpp"

namespace automill::tree {

void ShapTerms::start(const TreeArrays& arrays, std::uint32_t root, std::size_t nodes, const ShapRule& rule) {
  arrays_ = &arrays;
  rule_ = &rule;
  root_ = root;
  points_ = rule.points.size();
  places_.assign(nodes, 0);
  leaves_.clear();
  terms_.clear();
  numbers_.clear();
}

void ShapTerms::add(std::uint32_t node, const std::vector<double>& shares) {
  const LinearLeaves& linear = arrays_->linear;
  const LinearLeaf* model = linear.find(node);
  if (model == nullptr) return;
  leaves_.push_back({linear.middle(*model), arrays_->nodes[node].threshold, model->least, model->most,
                     static_cast<std::uint32_t>(terms_.size()), model->terms});
  places_[node - root_] = static_cast<std::uint32_t>(leaves_.size());
  for (std::uint32_t i = model->first; i < model->first + model->terms; ++i) {
    const LinearTerm& term = linear.terms[i];
    const double share = shares[term.cell] < 0 ? 1.0 : shares[term.cell];
    terms_.push_back(term);
    numbers_.resize(numbers_.size() + 2 * points_);
    double *known = numbers_.data() + numbers_.size() - 2 * points_, *own = known + points_;
    for (std::size_t q = 0; q < points_; ++q) {
      const double y = rule_->points[q], factor = share * (1 - y) + y;
      known[q] = y / factor;
      own[q] = rule_->weights[q] * share / (factor * factor);
    }
  }
}

}  // namespace automill::tree
