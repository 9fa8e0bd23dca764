// Row kernels for processors with AVX2.

#if defined(__x86_64__)
#include <immintrin.h>

#include "learners/tree/row_kernels.hpp"

#define AUTOMILL_TARGET __attribute__((target("avx2,bmi,bmi2,popcnt")))
#define AUTOMILL_INLINE AUTOMILL_TARGET inline __attribute__((always_inline))

namespace automill::tree {
namespace {

AUTOMILL_INLINE __m256i bytes_at(const std::uint8_t* at) {
  return _mm256_load_si256(reinterpret_cast<const __m256i*>(at));
}
AUTOMILL_INLINE __m256i twice(const std::uint8_t* at) {
  return _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at)));
}

/// Codes of 32 slots whose halves are given. A permutation gives 0 where the highest bit of its index is set.
AUTOMILL_INLINE __m256i look_up(__m256i low, __m256i high, __m256i slot) {
  const __m256i other = _mm256_xor_si256(slot, _mm256_set1_epi8(static_cast<char>(RowBlock::high)));
  return _mm256_or_si256(_mm256_shuffle_epi8(low, slot), _mm256_shuffle_epi8(high, other));
}

/// Places that the nodes lead to.
AUTOMILL_INLINE __m256i decide(const RowBlock& block, __m256i code) {
  const __m256i goes_right = _mm256_cmpeq_epi8(_mm256_max_epu8(code, bytes_at(block.least)), code);
  return _mm256_xor_si256(_mm256_and_si256(goes_right, bytes_at(block.change)), bytes_at(block.left));
}

struct LeafList {
  std::uint8_t* out;
  AUTOMILL_INLINE void operator()(const RowGroup&, const std::uint64_t (&leaves)[RowGroup::trees]) {
    for (std::size_t k = 0; k < RowGroup::trees; ++k)
      *out++ = static_cast<std::uint8_t>(leaves[k] - RowPlaces::leaf_place);
  }
};
struct LeafSum {
  const double* values;
  double sum;
  AUTOMILL_INLINE void operator()(const RowGroup& group, const std::uint64_t (&leaves)[RowGroup::trees]) {
    for (std::size_t k = 0; k < RowGroup::trees; ++k)
      sum += values[group.first_value[k] + (leaves[k] - RowPlaces::leaf_place)];
  }
};

/// The vectors of a window are no struct: compilers would keep that in memory.
template <bool missing, bool one_window, class Use>
AUTOMILL_INLINE Use visit(const RowForest& forest, const RowCodes& codes, RowPlaces& places, Use use) {
  const std::uint8_t *right = codes.right, *left = codes.left;
  __m256i right_low = twice(right), right_high = twice(right + 16), left_low = twice(left),
          left_high = twice(left + 16);
  const RowBlock* block = forest.blocks;
  const BlockTarget* target = forest.targets;
  for (const RowGroup *group = forest.groups, *last = group + forest.count; group != last; ++group) {
    for (const RowBlock* end = block + group->blocks; block != end; ++block, ++target) {
      if (!one_window) {
        right_low = twice(right + target->window);
        right_high = twice(right + target->window + 16);
      }
      const __m256i slot = bytes_at(block->slot);
      __m256i code = look_up(right_low, right_high, slot);
      if (missing) {
        if (!one_window) {
          left_low = twice(left + target->window);
          left_high = twice(left + target->window + 16);
        }
        const __m256i flag = _mm256_add_epi8(slot, slot);  // in the highest bit, which picks
        code = _mm256_blendv_epi8(code, look_up(left_low, left_high, slot), flag);
      }
      _mm256_store_si256(reinterpret_cast<__m256i*>(places.next[0] + target->to), decide(*block, code));
    }
    std::uint64_t at[RowGroup::trees];  // in registers
    for (std::size_t k = 0; k < RowGroup::trees; ++k) at[k] = group->root[k];
    for (std::uint32_t step = group->steps; step > 0; --step)
      for (std::size_t k = 0; k < RowGroup::trees; ++k) at[k] = places.next[k][at[k]];
    use(*group, at);
  }
  return use;
}

template <class Use>
AUTOMILL_INLINE Use visit_leaves(const RowForest& forest, const RowCodes& codes, RowPlaces& places, Use use) {
  if (codes.missing) {
    if (forest.one_window) return visit<true, true>(forest, codes, places, use);
    return visit<true, false>(forest, codes, places, use);
  }
  if (forest.one_window) return visit<false, true>(forest, codes, places, use);
  return visit<false, false>(forest, codes, places, use);
}

AUTOMILL_TARGET void find_leaves(const RowForest& forest, const RowCodes& codes, RowPlaces& places,
                                 std::uint8_t* leaves) {
  visit_leaves(forest, codes, places, LeafList{leaves});
}

AUTOMILL_TARGET double add_leaves(const RowForest& forest, const RowCodes& codes, RowPlaces& places,
                                  const double* values, double sum) {
  return visit_leaves(forest, codes, places, LeafSum{values, sum}).sum;
}

/// How many of 16 numbers are below a value.
AUTOMILL_INLINE std::uint32_t below_of_part(const double* numbers, __m256d value) {
  __m256i four[4];
  for (std::size_t i = 0; i < 4; ++i)
    four[i] = _mm256_castpd_si256(_mm256_cmp_pd(_mm256_loadu_pd(numbers + 4 * i), value, _CMP_LT_OQ));
  const __m256i bytes = _mm256_packs_epi16(_mm256_packs_epi32(four[0], four[1]), _mm256_packs_epi32(four[2], four[3]));
  return static_cast<std::uint32_t>(_mm_popcnt_u32(static_cast<std::uint32_t>(_mm256_movemask_epi8(bytes)))) / 2;
}

AUTOMILL_TARGET bool encode(const RowSlot* slots, std::size_t count, const double* thresholds, const double* cells,
                            std::uint8_t* right, std::uint8_t* left) {
  std::uint32_t missing = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double cell = cells[slots[i].cell];
    const double* highest = thresholds + slots[i].first;
    const __m256d value = _mm256_set1_pd(cell);
    const std::uint32_t part = below_of_part(highest, value);
    const std::uint32_t code =
        RowSlot::parts * part + below_of_part(highest + RowSlot::parts * (std::size_t{part} + 1), value);
    const auto lacks = static_cast<std::uint32_t>(cell != cell);
    missing |= lacks;
    left[i] = static_cast<std::uint8_t>(code);
    right[i] = static_cast<std::uint8_t>(code | (0U - lacks));
  }
  return missing != 0;
}

}  // namespace

const RowKernels& avx2_row_kernels() {
  static const RowKernels table{encode, find_leaves, add_leaves};
  return table;
}

}  // namespace automill::tree
#endif
