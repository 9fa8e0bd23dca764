#include <spdlog/spdlog.h>

#include <Eigen/Core>

#include "../everything.hpp"
#include "golden_rows.hpp"

int main(int, char** arguments) {
  static_assert(sizeof(Eigen::MatrixXd) == 3 && sizeof(spdlog::logger) == 5);
  use_everything(std::string(arguments[2]) + "/static.automill");
  CHECK(Eigen::calls == 0);  // AutoMill's linear algebra is its own
  CHECK(spdlog::calls == 0);
  CHECK(golden::count_differences(arguments[1], stderr) == 0);  // and so are its compile options
  std::puts("static: ok");
}
