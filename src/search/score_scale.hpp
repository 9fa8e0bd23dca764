#pragma once
// Scores on the scale on which a Gaussian process sees them: mean 0, variance 1, tails drawn in.

#include <vector>

namespace automill::search {

/// Standardised Yeo-Johnson transform (Yeo & Johnson 2000) whose exponent makes them most like a normal sample, as in
/// HEBO (Cowen-Rivers et al. 2022). The order stays. All zeros where scores are equal. O(n) an exponent, 40 of them.
std::vector<double> scaled_scores(const std::vector<double>& scores);

/// Mean 0 and variance 1; zeros where all are equal. Gives the standard deviation through `deviation`.
std::vector<double> standardised(std::vector<double> values, double& deviation);

}  // namespace automill::search
