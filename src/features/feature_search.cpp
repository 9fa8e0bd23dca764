#include "features/feature_search.hpp"

#include <cmath>

#include "features/group_tables.hpp"

namespace automill::features {
namespace {

constexpr std::size_t most_columns = 200;  // that others are made of: the most important ones
constexpr std::size_t member_bytes = sizeof(double) + sizeof(std::uint16_t);
constexpr std::size_t most_levels = 50;   // different values of a number that is also tried as groups
constexpr std::size_t most_keys = 12;     // columns that rows are grouped by
constexpr std::size_t most_crossed = 20;  // category columns that are tried with each other
constexpr std::size_t most_parts = 24;    // pairs that a third column is tried with
constexpr std::size_t most_finalists = 300;
constexpr double same_order = 0.995;
// shares of the candidates
constexpr double pair_share = 0.6, group_share = 0.2, triple_share = 0.2;
constexpr double pair_forms = 5, group_forms = 5;

bool one_sign(const std::vector<double>& values) {
  bool below = false, above = false;
  for (double value : values) {
    below = below || !(value > 0);
    above = above || !(value < 0);
  }
  return below != above;
}

}  // namespace

FeatureSearch::FeatureSearch(const GenerateFeaturesParameters& parameters, const Dataset& data, Residuals residuals,
                             std::vector<double> importance, const RunContext& context)
    : parameters_(parameters),
      data_(data),
      schema_(*data.features.schema()),
      context_(context),
      claim_(context.memory, member_bytes * data.rows() * std::min(most_columns, schema_.size()),
             "columns to generate from"),
      importance_(std::move(importance)),
      score_(data, std::move(residuals), context.seed) {
  add_columns();
}

void FeatureSearch::add_columns() {
  std::vector<std::uint32_t> order(schema_.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return importance_[a] > importance_[b]; });
  for (std::uint32_t column : order) {
    if (schema_[column].kind == ColumnKind::datetime) continue;
    if (numbers_.size() + categories_.size() == most_columns) break;
    context_.stop.throw_if_requested();
    std::vector<double> values(data_.rows());
    data_.features[column].numbers(0, values.size(), values.data());
    const std::uint32_t member = add_member({.operation = Operation::input, .first = column}, std::move(values));
    (groups(member) ? categories_ : numbers_).push_back(member);
    if (groups(member)) {
      keys_.push_back(member);
      continue;
    }
    const auto levels = different_values(members_[member].values, most_levels);
    if (!parameters_.groups || levels.size() > most_levels || keys_.size() >= most_keys) continue;
    std::vector<double> groups_of_rows;
    const Candidate candidate{Operation::levels, member, member};
    Step step = make_step(candidate, groups_of_rows);
    if (step.numbers.size() > 1) keys_.push_back(add_member(std::move(step), std::move(groups_of_rows)));
  }
}

std::uint32_t FeatureSearch::add_member(Step step, std::vector<double> values) {
  const auto number = static_cast<std::uint32_t>(members_.size());
  program_.steps.push_back(std::move(step));
  Member member;
  if (!groups(number))
    for (double& value : values)
      if (!std::isfinite(value)) value = std::numeric_limits<double>::quiet_NaN();
  member.binned = bin(program_.steps.back(), values);
  member.scores = score_.score(member.binned);
  member.varies_in_sign = !one_sign(values);
  member.values = std::move(values);
  members_.push_back(std::move(member));
  return number;
}

Step FeatureSearch::make_step(const Candidate& candidate, std::vector<double>& values) const {
  Step step{.operation = candidate.operation, .first = candidate.first, .second = candidate.second};
  const Member& first = members_[candidate.first];
  const Member& second = members_[candidate.second];
  learn_step(step, {first.values, second.values, data_.weights, program_.groups(schema_, candidate.first),
                    program_.groups(schema_, candidate.second)});
  values.resize(data_.rows());
  evaluate(step, first.values.data(), second.values.data(), values.size(), values.data());
  return step;
}

BinnedCandidate FeatureSearch::bin(const Step& step, const std::vector<double>& values) const {
  if (step.operation == Operation::input && schema_[step.first].kind == ColumnKind::category)
    return bin_groups(values, schema_[step.first].dictionary->size());
  if (step.operation == Operation::levels) return bin_groups(values, step.numbers.size());
  if (step.operation == Operation::cross) return bin_groups(values, step.keys.size());
  return bin_numbers(values);
}

/// What a candidate tells more than its parts do, of the residuals (lane 0) or of a shuffle.
double FeatureSearch::merit(const Scored& scored, std::size_t lane) const {
  const double parts =
      std::max(members_[scored.candidate.first].scores[lane], members_[scored.candidate.second].scores[lane]);
  return scored.scores[lane] - std::max(0.0, parts);
}

void FeatureSearch::try_all(const std::vector<Candidate>& candidates, std::vector<Scored>& scored) {
  constexpr std::size_t block = 16;
  std::vector<Scored> made(candidates.size());
  for_each_block(context_.executor(), candidates.size(), block, [&](std::size_t begin, std::size_t end) {
    std::vector<double> values;
    for (std::size_t i = begin; i < end; ++i) {
      context_.stop.throw_if_requested();
      const Step step = make_step(candidates[i], values);
      made[i].candidate = candidates[i];
      made[i].scores = score_.score(bin(step, values));
      made[i].merit = merit(made[i], 0);
    }
  });
  for (const Scored& one : made)
    for (std::size_t s = 1; s <= shuffles; ++s) level_ = std::max(level_, merit(one, s));
  scored.insert(scored.end(), made.begin(), made.end());
}

/// How many of the members give about so many candidates, `each` for every pair.
std::size_t FeatureSearch::members_within(const std::vector<std::uint32_t>& members, double candidates,
                                          double each) const {
  std::size_t count = 0;
  while (count < members.size() && each * static_cast<double>(count * (count + 1)) / 2 <= candidates) ++count;
  return count;
}

/// Two columns in the order of their names, which is that of the columns.
std::pair<std::uint32_t, std::uint32_t> FeatureSearch::by_name(std::uint32_t a, std::uint32_t b) const {
  return program_.steps[a].first < program_.steps[b].first ? std::pair{a, b} : std::pair{b, a};
}

std::vector<FeatureSearch::Candidate> FeatureSearch::pairs() const {
  std::vector<Candidate> candidates;
  const std::size_t count =
      members_within(numbers_, pair_share * static_cast<double>(parameters_.max_candidates), pair_forms);
  for (std::size_t a = 0; a < count; ++a)
    for (std::size_t b = a + 1; b < count; ++b) {
      const auto [first, second] = by_name(numbers_[a], numbers_[b]);
      for (Operation operation : {Operation::sum, Operation::difference, Operation::product, Operation::ratio})
        candidates.push_back({operation, first, second});
      // where neither passes through 0 this is the same order backwards
      if (members_[first].varies_in_sign || members_[second].varies_in_sign)
        candidates.push_back({Operation::ratio, second, first});
    }
  return candidates;
}

std::vector<FeatureSearch::Candidate> FeatureSearch::grouped() const {
  std::vector<Candidate> candidates;
  const double most = group_share * static_cast<double>(parameters_.max_candidates);
  const std::size_t keys = std::min(keys_.size(), most_keys);
  for (std::size_t k = 0; k < keys; ++k) {
    if (static_cast<double>(candidates.size()) < most) candidates.push_back({Operation::count, keys_[k], keys_[k]});
    const Step& key = program_.steps[keys_[k]];
    for (std::uint32_t number : numbers_) {
      if (static_cast<double>(candidates.size()) + group_forms >
          most * static_cast<double>(k + 1) / static_cast<double>(keys))
        break;
      if (key.operation == Operation::levels && key.first == number) continue;
      for (Operation operation :
           {Operation::mean, Operation::deviation, Operation::rank, Operation::from_mean, Operation::over_mean})
        candidates.push_back({operation, keys_[k], number});
    }
  }
  return candidates;
}

std::vector<FeatureSearch::Candidate> FeatureSearch::crossed() const {
  std::vector<Candidate> candidates;
  const std::size_t count = std::min(categories_.size(), most_crossed);
  for (std::size_t a = 0; a < count; ++a)
    for (std::size_t b = a + 1; b < count; ++b) {
      const auto [first, second] = by_name(categories_[a], categories_[b]);
      candidates.push_back({Operation::cross, first, second});
    }
  return candidates;
}

/// In the order of a chosen one. That of a column does not count: what it tells is taken off a candidate's merit.
bool FeatureSearch::repeats(const BinnedCandidate& binned, const std::vector<BinnedCandidate>& chosen) {
  if (binned.groups) return false;
  return std::any_of(chosen.begin(), chosen.end(), [&](const BinnedCandidate& other) {
    return !other.groups && std::abs(rank_correlation(binned, other)) > same_order;
  });
}

/// Makes members of the best, without those in the order of a better one.
std::vector<std::uint32_t> FeatureSearch::keep_best(const std::vector<Scored>& scored, std::size_t most) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < scored.size(); ++i)
    if (scored[i].merit > 0) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return scored[a].merit > scored[b].merit; });
  std::vector<std::uint32_t> kept;
  std::vector<BinnedCandidate> chosen;
  for (std::size_t i : order) {
    if (kept.size() == most) break;
    context_.stop.throw_if_requested();
    std::vector<double> values;
    Step step = make_step(scored[i].candidate, values);
    BinnedCandidate binned = bin(step, values);
    if (repeats(binned, chosen)) continue;
    chosen.push_back(std::move(binned));
    kept.push_back(add_member(std::move(step), std::move(values)));
  }
  return kept;
}

std::vector<FeatureSearch::Candidate> FeatureSearch::triples(const std::vector<Scored>& pairs) {
  std::vector<Candidate> candidates;
  const bool crosses = !pairs.empty() && pairs.front().candidate.operation == Operation::cross;
  const std::vector<std::uint32_t>& columns = crosses ? categories_ : numbers_;
  const std::size_t count = crosses ? std::min(columns.size(), most_crossed) : columns.size();
  const double most = triple_share * static_cast<double>(parameters_.max_candidates);
  const double each = (crosses ? 1 : pair_forms) * static_cast<double>(std::max<std::size_t>(1, count));
  const auto parts = static_cast<std::size_t>(std::min(most / each, static_cast<double>(most_parts)));
  for (std::uint32_t part : keep_best(pairs, parts)) {
    const Step& pair = program_.steps[part];
    for (std::size_t c = 0; c < count; ++c) {
      const std::uint32_t third = columns[c];
      if (crosses) {
        if (third != pair.first && third != pair.second) candidates.push_back({Operation::cross, part, third});
        continue;
      }
      for (Operation operation : {Operation::sum, Operation::difference, Operation::product, Operation::ratio})
        candidates.push_back({operation, part, third});
      candidates.push_back({Operation::ratio, third, part});
    }
  }
  return candidates;
}

/// The best by what is left of the residuals, as long as that is above the level.
std::vector<FeatureSearch::Candidate> FeatureSearch::choose(std::vector<Scored> scored, std::size_t most) {
  // the largest of `shuffles` runs is exceeded by one more with a probability of 1 / (1 + shuffles e^(margin / 2))
  // where the tails fall by half a unit of the exponent each, as those of chi-squared do
  const double odds = (1 / parameters_.chance - 1) / static_cast<double>(shuffles);
  const double level = level_ + 2 * std::max(0.0, math::log(odds));
  std::erase_if(scored, [&](const Scored& one) { return !(one.merit > level); });
  std::stable_sort(scored.begin(), scored.end(), [](const auto& a, const auto& b) { return a.merit > b.merit; });
  if (scored.size() > most_finalists) scored.resize(most_finalists);
  std::vector<BinnedCandidate> binned(scored.size()), chosen;
  context_.executor().run(scored.size(), [&](std::size_t i) {
    context_.stop.throw_if_requested();
    std::vector<double> values;
    const Step step = make_step(scored[i].candidate, values);
    binned[i] = bin(step, values);
  });
  std::vector<Candidate> result;
  while (result.size() < most) {
    std::size_t best = scored.size();
    for (std::size_t i = 0; i < scored.size(); ++i)
      if (scored[i].merit > level && (best == scored.size() || scored[i].merit > scored[best].merit)) best = i;
    if (best == scored.size()) break;
    scored[best].merit = 0;
    if (repeats(binned[best], chosen)) continue;
    result.push_back(scored[best].candidate);
    chosen.push_back(binned[best]);
    if (!score_.take_off(binned[best])) break;
    context_.executor().run(members_.size(), [&](std::size_t m) {
      context_.stop.throw_if_requested();
      members_[m].scores = score_.score(members_[m].binned);
    });
    context_.executor().run(scored.size(), [&](std::size_t i) {
      if (!(scored[i].merit > 0)) return;
      context_.stop.throw_if_requested();
      scored[i].scores = score_.score(binned[i]);
      scored[i].merit = merit(scored[i], 0);
    });
  }
  return result;
}

/// The chosen ones and the members that they are made of, in the order of the members.
FeatureProgram FeatureSearch::program_of(const std::vector<Candidate>& chosen) const {
  std::vector<std::uint8_t> used(members_.size(), 0);
  for (const Candidate& candidate : chosen) used[candidate.first] = used[candidate.second] = 1;
  for (std::size_t m = members_.size(); m-- > 0;)
    if (used[m] != 0 && program_.steps[m].operation != Operation::input)
      used[program_.steps[m].first] = used[program_.steps[m].second] = 1;
  FeatureProgram program;
  std::vector<std::uint32_t> place(members_.size(), 0);
  const auto add = [&](Step step) {
    if (step.operation != Operation::input) {
      step.first = place[step.first];
      step.second = place[step.second];
    }
    program.steps.push_back(std::move(step));
    return static_cast<std::uint32_t>(program.steps.size() - 1);
  };
  for (std::size_t m = 0; m < members_.size(); ++m)
    if (used[m] != 0) place[m] = add(program_.steps[m]);
  for (const Candidate& candidate : chosen) {
    std::vector<double> values;
    program.outputs.push_back(add(make_step(candidate, values)));
  }
  return program;
}

FeatureProgram FeatureSearch::run(std::size_t most) {
  std::vector<Scored> scored;
  const auto try_pairs = [&](const std::vector<Candidate>& candidates) {
    std::vector<Scored> pairs;
    try_all(candidates, pairs);
    scored.insert(scored.end(), pairs.begin(), pairs.end());
    if (parameters_.order >= 3) try_all(triples(pairs), scored);
  };
  if (parameters_.arithmetic) try_pairs(pairs());
  if (parameters_.groups) try_all(grouped(), scored);
  if (parameters_.crosses) try_pairs(crossed());
  return program_of(choose(std::move(scored), most));
}

}  // namespace automill::features
