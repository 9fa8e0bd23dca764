#include "../check.hpp"
#include "golden_rows.hpp"

int main(int, char** arguments) {
  CHECK(golden::count_differences(arguments[1], stderr) == 0);
  std::puts("subdirectory: ok");
}
