#include "learners/additive/bag_group.hpp"

#include <algorithm>

namespace automill::additive {

BagGroup::BagGroup(const BagProblem& problem, const BagSettings& settings, std::vector<std::uint8_t> in_bag,
                   std::uint8_t counted, std::uint64_t seed)
    : problem_(problem),
      settings_(settings),
      in_bag_(std::move(in_bag)),
      counted_(counted),
      seed_(seed),
      state_(problem.rows() * problem.width()),
      scores_(block * problem.width()),
      gradients_(chunk * problem.width()),
      hessians_(chunk * problem.width()),
      trees_(settings) {}

/// States, offsets, sums of both precisions, tables of both and kept ones.
LaneRows BagGroup::rows_at(std::size_t begin, std::size_t end) {
  return {.state = state_.data() + begin * problem_.width(),
          .targets = problem_.targets.data() + begin,
          .weights = problem_.weights.empty() ? nullptr : problem_.weights.data() + begin,
          .in_bag = in_bag_.data() + begin,
          .count = end - begin,
          .vectors = problem_.vectors(),
          .lanes_per_bag = problem_.lanes_per_bag(),
          .classes = problem_.classes};
}

/// Where lane `lane` of a row begins: bags have the same base; lanes without a class have no part in the softmax.
float BagGroup::scores_of_base(std::size_t lane) const {
  const std::size_t of_class = lane % problem_.lanes_per_bag();
  return of_class < problem_.classes ? static_cast<float>(problem_.base[of_class]) : -1e30F;
}

/// False when it is time to stop; the token is asked now and then.
bool BagGroup::passed(std::size_t work, const StopToken& stop) {
  work_ += work * problem_.vectors();
  if (work_ < ask) return true;
  work_ = 0;
  return !stop.stop_requested();
}

bool BagGroup::begin(const std::vector<Term>& terms, std::int64_t smoothing_rounds, const StopToken& stop) {
  const std::size_t width = problem_.width(), n = problem_.rows();
  if (terms_ != nullptr) {  // what was kept is where this stage begins
    offsets_.resize(n * width);
    for (std::size_t at = 0; at < n; at += block) {
      const std::size_t count = std::min(block, n - at);
      float* to = offsets_.data() + at * width;
      for (std::size_t i = 0; i < count * width; ++i) to[i] = scores_of_base(i % width);
      for (std::size_t t = 0; t < terms_->size(); ++t) {
        const std::vector<float> table(kept_[t].begin(), kept_[t].end());
        lane_kernels().add_table((*terms_)[t].codes.data() + at, table.data(), count, width, to);
      }
      if (!passed(count * (terms_->size() + 1), stop)) return false;
    }
  }
  terms_ = &terms;
  ++stage_;
  rounds_ = 0;
  smoothing_ = smoothing_rounds;
  pending_.reset();
  changed_ = true;
  tables_.clear();
  kept_.clear();
  single_.clear();
  first_sum_.clear();
  std::size_t sums = 0, most = 0;
  for (const Term& term : terms) {
    tables_.emplace_back(term.bins * width, 0.0);
    kept_.emplace_back(term.bins * width, 0.0);
    single_.emplace_back(term.bins * width, 0.0F);
    first_sum_.push_back(sums);
    sums += term.bins * bin_sums;
    most = std::max(most, term.bins);
    if (!passed(64 * term.bins, stop)) return false;
  }
  floats_.assign(sums * problem_.vectors(), 0.0F);
  sums_.assign(sums * problem_.vectors(), 0.0);
  update_.assign(most * width, 0.0F);
  gains_.assign(terms.size(), 0.0);
  return count_rows(stop) && refresh(stop);
}

/// Rows of each bag in each bin; for squared errors their weights, too. All classes of a bag have the same ones.
bool BagGroup::count_rows(const StopToken& stop) {
  term_rows_.clear();
  const bool weighted = !problem_.weights.empty();
  std::vector<double> counts, weights;
  for (std::size_t t = 0; t < terms_->size(); ++t) {
    const Term& term = (*terms_)[t];
    counts.assign(term.bins * lanes, 0.0);
    weights.assign(term.bins * lanes, 0.0);
    for (std::size_t row = 0; row < problem_.rows(); ++row) {
      const std::uint8_t bits = in_bag_[row];
      const double weight = weighted ? static_cast<double>(problem_.weights[row]) : 1.0;
      const std::size_t at = term.codes[row] * lanes;
      for (std::size_t lane = 0; lane < lanes; ++lane) {
        const int in = (bits >> lane) & 1;
        counts[at + lane] += in;
        weights[at + lane] += in * weight;
      }
      if (row % 4096 == 0 && !passed(4096, stop)) return false;
    }
    for (std::size_t i = 0; problem_.loss == Loss::squared_error && i < weights.size(); ++i)
      sums_[first_sum_[t] + i / lanes * bin_sums + lanes + i % lanes] = weights[i];
    term_rows_.push_back(term_rows(term, counts, settings_));
  }
  return true;
}

/// States and the held-out loss, from the tables.
bool BagGroup::refresh(const StopToken& stop) {
  const std::size_t width = problem_.width(), n = problem_.rows();
  double losses[lanes] = {};
  for (std::size_t at = 0; at < n; at += block) {
    const std::size_t end = std::min(n, at + block);
    if (offsets_.empty())
      for (std::size_t i = 0; i < (end - at) * width; ++i) scores_[i] = scores_of_base(i % width);
    else std::copy_n(offsets_.data() + at * width, (end - at) * width, scores_.data());
    for (std::size_t t = 0; t < terms_->size(); ++t)
      lane_kernels().add_table((*terms_)[t].codes.data() + at, single_[t].data(), end - at, width, scores_.data());
    lane_kernels().start(problem_.loss, rows_at(at, end), scores_.data(), counted_, losses);
    if (!passed((end - at) * (terms_->size() + 4), stop)) return false;
  }
  loss_ = 0;
  for (double loss : losses) loss_ += loss;
  pending_.reset();
  return true;
}

/// Squared errors keep their Hessians, which are the weights of the rows.
void BagGroup::clear(double* sums, std::size_t size) const {
  if (problem_.loss != Loss::squared_error) {
    std::fill_n(sums, size, 0.0);
    return;
  }
  for (std::size_t i = 0; i < size; i += bin_sums) std::fill_n(sums + i, lanes, 0.0);
}

/// Rows whose states have several vectors, or classes: a block at a time.
void BagGroup::add_classes(std::size_t first, std::size_t last, std::size_t term) {
  const std::size_t vectors = problem_.vectors(), size = (*terms_)[term].bins * bin_sums;
  for (std::size_t at = first; at < last; at += block) {
    const std::size_t end = std::min(last, at + block);
    lane_kernels().step(problem_.loss, rows_at(at, end), pending_ ? (*terms_)[*pending_].codes.data() + at : nullptr,
                        pending_ ? update_.data() : nullptr, gradients_.data(), hessians_.data());
    for (std::size_t v = 0; v < vectors; ++v)
      lane_kernels().add((*terms_)[term].codes.data() + at, gradients_.data(), hessians_.data(), end - at, vectors, v,
                         sums_of(term) + v * size);
  }
}

/// The sums of a term, after the states were brought up to date.
bool BagGroup::histogram(std::size_t term, const StopToken& stop) {
  if (pending_ && largest_ > most_step && !refresh(stop)) return false;
  const std::size_t vectors = problem_.vectors(), n = problem_.rows();
  const std::size_t size = (*terms_)[term].bins * bin_sums * vectors;
  double* sums = sums_.data() + first_sum_[term] * vectors;
  clear(sums, size);
  for (std::size_t first = 0; first < n; first += chunk) {
    const std::size_t last = std::min(n, first + chunk);
    if (problem_.loss == Loss::softmax) add_classes(first, last, term);
    else
      lane_kernels().step_and_add(
          problem_.loss, rows_at(first, last), pending_ ? (*terms_)[*pending_].codes.data() + first : nullptr,
          pending_ ? update_.data() : nullptr, (*terms_)[term].codes.data() + first, sums_of(term));
    lane_kernels().flush(sums_of(term), sums, size);
    if (!passed(last - first, stop)) return false;
  }
  pending_.reset();
  return true;
}

/// The sums of all terms for the same states.
bool BagGroup::all_histograms(const StopToken& stop) {
  if (pending_ && !refresh(stop)) return false;
  const std::size_t vectors = problem_.vectors(), n = problem_.rows();
  const float* hessians = problem_.loss == Loss::squared_error ? nullptr : hessians_.data();
  clear(sums_.data(), sums_.size());
  for (std::size_t first = 0; first < n; first += chunk) {
    const std::size_t last = std::min(n, first + chunk);
    lane_kernels().step(problem_.loss, rows_at(first, last), nullptr, nullptr, gradients_.data(), hessians_.data());
    for (std::size_t t = 0; t < terms_->size(); ++t) {
      const std::size_t size = (*terms_)[t].bins * bin_sums;
      for (std::size_t v = 0; v < vectors; ++v)
        lane_kernels().add((*terms_)[t].codes.data() + first, gradients_.data(), hessians, last - first, vectors, v,
                           sums_of(t) + v * size);
      lane_kernels().flush(sums_of(t), sums_.data() + first_sum_[t] * vectors, size * vectors);
      if (!passed(last - first + (*terms_)[t].bins, stop)) return false;
    }
  }
  return true;
}

/// A tree on the sums of a term, into update_; the gain over all lanes.
double BagGroup::fit(std::size_t term, bool random) {
  const std::size_t vectors = problem_.vectors(), size = (*terms_)[term].bins * bin_sums;
  double gain = 0;
  largest_ = 0;
  for (std::size_t v = 0; v < vectors; ++v) {
    std::vector<RandomStream> streams;
    for (std::size_t lane = 0; random && lane < lanes; ++lane)
      streams.emplace_back(combine_hashes(seed_, stage_), purpose("additive cut"),
                           combine_hashes(steps_, v * lanes + lane));
    gain += trees_.fit((*terms_)[term], term_rows_[term], sums_.data() + first_sum_[term] * vectors + v * size,
                       random ? streams.data() : nullptr, problem_.width(), update_.data() + v * lanes);
    largest_ = std::max(largest_, trees_.largest());
  }
  ++steps_;
  return gain;
}

/// Adds update_ to the table of its term.
void BagGroup::take(std::size_t term) {
  std::vector<double>& table = tables_[term];
  std::vector<float>& single = single_[term];
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i] += static_cast<double>(update_[i]);
    single[i] = static_cast<float>(table[i]);
  }
  pending_ = term;
  changed_ = changed_ || largest_ > 0;
}

bool BagGroup::round(bool look, const StopToken& stop) {
  changed_ = false;
  const bool done = rounds_ < smoothing_ ? cyclic_round(stop) : greedy_round(stop);
  if (!done || (look && !refresh(stop))) return false;
  ++rounds_;
  return true;
}

bool BagGroup::cyclic_round(const StopToken& stop) {
  for (std::size_t t = 0; t < terms_->size(); ++t) {
    if (!histogram(t, stop)) return false;
    fit(t, true);
    take(t);
  }
  return true;
}

bool BagGroup::measure(const StopToken& stop) {
  if (!all_histograms(stop)) return false;
  for (std::size_t t = 0; t < terms_->size(); ++t) {
    gains_[t] = fit(t, false);
    if (!passed(16 * (*terms_)[t].bins, stop)) return false;
  }
  return true;
}

bool BagGroup::greedy_round(const StopToken& stop) {
  if ((rounds_ - smoothing_) % settings_.greedy_rounds == 0 && !measure(stop)) return false;
  for (std::size_t step = 0; step < terms_->size(); ++step) {
    const auto best = static_cast<std::size_t>(std::max_element(gains_.begin(), gains_.end()) - gains_.begin());
    if (!(gains_[best] > 0)) return true;
    if (!histogram(best, stop)) return false;
    gains_[best] = fit(best, false);
    if (gains_[best] > 0) take(best);
  }
  return true;
}

void BagGroup::keep() { kept_ = tables_; }

}  // namespace automill::additive
