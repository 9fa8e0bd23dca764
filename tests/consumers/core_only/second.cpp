// A second file that includes the core: everything in a header must be inline.

#include <automill/core/core.hpp>

int rows_of_second_file() {
  const std::vector<double> x{1, 2, 3};
  return static_cast<int>(automill::Table::from({{"x", std::span<const double>(x)}}).rows());
}
