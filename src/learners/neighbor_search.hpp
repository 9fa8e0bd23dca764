#pragma once
// Exact search of the nearest points by brute force. Half the squared distance without the query's norm,
//
//   t_i = |b_i|^2 / 2 - q'b_i + half the weights of codes that differ,
//
// is computed in single precision as a lower bound: the bound of its rounding, c (|b_i|^2 + |q|^2 / 2 + W), is taken
// off beforehand as far as it depends on i (c |b_i|^2, inside the stored norms). A point is out where its lower bound
// is above the k-th smallest upper bound; squared distances of those that are left are computed in double precision.

#include <automill/core/export.hpp>
#include <automill/core/stop.hpp>
#include <automill/learners/neighbors.hpp>

#include "neighbor_kernels.hpp"

namespace automill::neighbors {

struct Neighbor {
  double squared_distance = 0;
  std::uint32_t point = 0;
};

/// Squared distances that differ by a smaller share are the same: what the order of sums makes of equal ones.
constexpr double same_distance = 1e-9;

/// Some queries, as the points are: count x coordinates, count x categories.
struct Queries {
  std::size_t count = 0;
  std::vector<double> numbers{};
  std::vector<std::int32_t> codes{};
  std::vector<std::uint32_t> left_out{};  ///< a point a query that is not its neighbour; empty: none
};

class AUTOMILL_EXPORT Search {
 public:
  static constexpr std::size_t most_queries = 128;  ///< that are searched together

  /// Keeps a reference. O(size).
  explicit Search(const NeighborPoints& points);

  /// Memory of searches one after the other.
  struct Scratch {
    struct Query {
      float limit = 0;       ///< lower bounds above it are out
      double slack = 0;      ///< upper minus lower bound, as far as it depends on the query
      std::size_t most = 0;  ///< candidates before they are sifted
      std::vector<std::pair<float, std::uint32_t>> candidates{};
    };
    std::vector<Query> queries{};
    std::vector<float> numbers{}, codes{}, limits{}, scores{};
    std::vector<float> uppers{};
    /// The result: of each query the k nearest and those as far as the k-th, by distance, then position.
    std::vector<std::vector<Neighbor>> found{};
  };

  /// For up to most_queries. False: stopped.
  bool find(const Queries& queries, std::size_t k, Scratch& scratch, const StopToken& stop) const;
  /// Bytes that the points take here, of so many.
  static std::uint64_t bytes(std::size_t points, std::size_t coordinates, std::size_t categories);

 private:
  void prepare(const Queries& queries, std::size_t k, Scratch& scratch) const;
  void scan(const Queries& queries, std::size_t group, std::size_t panel, std::size_t k, Scratch& scratch) const;
  void sift(Scratch::Query& query, std::size_t k, std::vector<float>& uppers) const;
  void decide(const Queries& queries, std::size_t q, std::size_t k, Scratch& scratch) const;
  double squared_distance(const double* numbers, const std::int32_t* codes, std::size_t point) const;

  const NeighborPoints* points_;
  std::size_t panels_;
  double rounding_;                    ///< c
  double all_codes_;                   ///< W
  std::vector<float> numbers_{};       ///< panels x coordinates x 32
  std::vector<float> codes_{};         ///< panels x categories x 32
  std::vector<float> starts_{};        ///< panels x 32: |b|^2 (1/2 - c); infinite beyond the last point
  std::vector<float> slacks_{};        ///< panels x 32: 2 c |b|^2
  std::vector<float> code_weights_{};  ///< halves
};

}  // namespace automill::neighbors
