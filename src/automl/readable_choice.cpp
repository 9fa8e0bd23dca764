#include "automl/readable_choice.hpp"

#include <cstdio>

#include "automl/portfolio.hpp"

namespace automill {
namespace {

std::vector<int> complexity_of(const std::vector<Candidate*>& candidates) {
  std::vector<int> all;
  for (const Candidate* candidate : candidates) all.push_back(candidate->complexity);
  return all;
}

/// Mean of the losses of a candidate, less those of another where that is given, and the standard error of that mean.
std::pair<double, double> mean_and_error(const std::vector<double>& losses, const std::vector<double>* less,
                                         const std::vector<std::size_t>& parts) {
  double sum = 0, squares = 0;
  const auto n = static_cast<double>(parts.size());
  const auto value = [&](std::size_t part) { return losses[part] - (less != nullptr ? (*less)[part] : 0.0); };
  for (const std::size_t part : parts) sum += value(part);
  const double mean = sum / n;
  for (const std::size_t part : parts) squares += (value(part) - mean) * (value(part) - mean);
  return {mean, parts.size() < 2 ? 0.0 : std::sqrt(squares / (n - 1) / n)};
}

/// Parts that tell of every candidate.
std::vector<std::size_t> telling_parts(const std::vector<std::vector<double>>& losses,
                                       const std::function<bool(std::size_t)>& skipped) {
  std::vector<std::size_t> parts;
  for (std::size_t part = 0; part < losses.front().size(); ++part) {
    if (skipped && skipped(part)) continue;
    if (std::all_of(losses.begin(), losses.end(), [&](const auto& own) { return std::isfinite(own[part]); }))
      parts.push_back(part);
  }
  return parts;
}

/// The losses that are compared: [candidate][part].
std::vector<std::vector<double>> losses_of_parts(const WeightsInput& input, const std::vector<std::int32_t>& part) {
  const auto parts = static_cast<std::size_t>(1 + *std::max_element(part.begin(), part.end()));
  std::vector<std::vector<double>> losses(input.candidates->size(), std::vector<double>(parts));
  for (std::size_t p = 0; p < parts; ++p) {
    const Scorer own =
        input.scorer->where([&](std::uint32_t row) { return part[row] == static_cast<std::int32_t>(p); });
    for (std::size_t i = 0; i < losses.size(); ++i)
      losses[i][p] = own.rows().empty() ? std::numeric_limits<double>::quiet_NaN()
                                        : own.loss(own.gather((*input.candidates)[i]->out_of_fold).values);
  }
  return losses;
}

std::string words_of(const Candidate& candidate) {
  if (candidate.family == "baseline") return "the same prediction for every row";
  switch (candidate.complexity) {
    case linear_complexity:
      return "a linear model: coefficients()";
    case tree_complexity:
      return "a single tree: rules()";
    case columns_complexity:
      return "a sum of functions of single columns: shapes()";
    default:
      return "a sum of functions of single columns and of pairs: shapes()";
  }
}

std::string short_figure(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

}  // namespace

ReadableChoice choose_readable(const std::vector<std::vector<double>>& losses, const std::vector<int>& complexity,
                               const std::function<bool(std::size_t part)>& skipped) {
  ReadableChoice choice;
  const std::vector<std::size_t> parts = telling_parts(losses, skipped);
  if (parts.empty()) {  // nothing tells them apart: the simplest
    choice.chosen =
        static_cast<std::size_t>(std::min_element(complexity.begin(), complexity.end()) - complexity.begin());
    choice.best = choice.chosen;
    return choice;
  }
  std::vector<double> means;
  for (const auto& own : losses) means.push_back(mean_and_error(own, nullptr, parts).first);
  choice.best = static_cast<std::size_t>(std::min_element(means.begin(), means.end()) - means.begin());
  choice.chosen = choice.best;
  for (std::size_t i = 0; i < losses.size(); ++i) {
    const auto [more, error] = mean_and_error(losses[i], &losses[choice.best], parts);
    if (more > error) continue;
    const bool simpler = complexity[i] < complexity[choice.chosen];
    if (!simpler && !(complexity[i] == complexity[choice.chosen] && means[i] < means[choice.chosen])) continue;
    choice.chosen = i;
    choice.more_loss = more;
    choice.standard_error = error;
  }
  return choice;
}

EnsembleWeights readable_weights(const WeightsInput& input) {
  EnsembleWeights found{.part = parts_of_rows(*input.folded, input.seed)};
  const std::vector<std::vector<double>> losses = losses_of_parts(input, found.part);
  const std::vector<int> complexity = complexity_of(*input.candidates);
  const auto only = [&](std::size_t chosen) {
    Blend blend{std::vector<double>(losses.size(), 0.0)};
    blend.weights[chosen] = 1;
    return blend;
  };
  found.all = only(choose_readable(losses, complexity).chosen);
  const bool forward = input.folded->plan().forward;  // in time order what comes later is not known
  for (std::size_t part = 0; part < losses.front().size() && losses.size() > 1; ++part)
    found.without_part.push_back(only(choose_readable(losses, complexity, [&](std::size_t other) {
                                        return forward ? other >= part : other == part;
                                      }).chosen));
  return found;
}

Object describe_choice(const WeightsInput& input, bool compared) {
  const std::vector<Candidate*>& candidates = *input.candidates;
  const auto chosen = static_cast<std::size_t>(
      std::find_if(candidates.begin(), candidates.end(), [](const auto* each) { return each->weight > 0; }) -
      candidates.begin());
  Object words{{"chosen", candidates[chosen]->name}, {"what", words_of(*candidates[chosen])}};
  if (!compared) return words;
  const auto losses = losses_of_parts(input, parts_of_rows(*input.folded, input.seed));
  const ReadableChoice choice = choose_readable(losses, complexity_of(candidates));
  const std::string& best = candidates[choice.best]->name;
  words["reason"] = candidates.size() == 1    ? std::string("the only one that was compared")
                    : chosen != choice.chosen ? "the limits of the model asked for another one than " + best
                    : chosen == choice.best   ? std::string("the least loss of those compared")
                                            : "the simplest within a standard error of the best, " + best + " (loss +" +
                                                  short_figure(choice.more_loss) + ", standard error " +
                                                  short_figure(choice.standard_error) + ")";
  return words;
}

}  // namespace automill
