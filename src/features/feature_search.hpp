#pragma once
// Which derived columns are worth having: candidates are scored on the residuals of a quick model, and chosen one after
// the other (see generate_features.hpp).

#include <automill/features/generate_features.hpp>

#include "features/distinct_rows.hpp"
#include "features/feature_program.hpp"
#include "features/residual_score.hpp"

namespace automill::features {

class FeatureSearch {
 public:
  /// `data`: rows in a random order (DistinctRows). `importance`: of its columns.
  FeatureSearch(const GenerateFeaturesParameters& parameters, const Dataset& data, Residuals residuals,
                std::vector<double> importance, const RunContext& context);
  /// The chosen columns as a program on the columns of `data`; tables are those of its rows.
  FeatureProgram run(std::size_t most);

 private:
  struct Candidate {
    Operation operation = Operation::input;
    std::uint32_t first = 0, second = 0;
  };
  struct Scored {
    Candidate candidate;
    Scores scores{};
    double merit = 0;
  };
  /// Operands: columns, numbers with few values as groups, and what was found worth going on with.
  struct Member {
    std::vector<double> values;
    BinnedCandidate binned;
    Scores scores{};
    bool varies_in_sign = true;
  };

  void add_columns();
  std::uint32_t add_member(Step step, std::vector<double> values);
  Step make_step(const Candidate& candidate, std::vector<double>& values) const;
  BinnedCandidate bin(const Step& step, const std::vector<double>& values) const;
  bool groups(std::uint32_t member) const { return program_.is_group(schema_, member); }
  std::size_t members_within(const std::vector<std::uint32_t>& members, double candidates, double each) const;

  void try_all(const std::vector<Candidate>& candidates, std::vector<Scored>& scored);
  double merit(const Scored& scored, std::size_t lane) const;
  std::pair<std::uint32_t, std::uint32_t> by_name(std::uint32_t a, std::uint32_t b) const;
  std::vector<Candidate> pairs() const;
  std::vector<Candidate> grouped() const;
  std::vector<Candidate> crossed() const;
  std::vector<Candidate> triples(const std::vector<Scored>& pairs);
  std::vector<std::uint32_t> keep_best(const std::vector<Scored>& scored, std::size_t most);
  static bool repeats(const BinnedCandidate& binned, const std::vector<BinnedCandidate>& chosen);
  std::vector<Candidate> choose(std::vector<Scored> scored, std::size_t most);
  FeatureProgram program_of(const std::vector<Candidate>& chosen) const;

  const GenerateFeaturesParameters& parameters_;
  const Dataset& data_;
  const Schema& schema_;
  const RunContext& context_;
  MemoryClaim claim_;
  std::vector<double> importance_;
  ResidualScore score_;
  FeatureProgram program_;  ///< the members' steps
  std::vector<Member> members_;
  std::vector<std::uint32_t> numbers_, categories_, keys_;  ///< members, by importance; keys: categories and levels
  double level_ = 0;                                        ///< the most that shuffled residuals gave
};

}  // namespace automill::features
