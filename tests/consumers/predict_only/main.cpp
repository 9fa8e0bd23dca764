#include <automill/predict/bind.hpp>

#include "../check.hpp"
#include "golden_rows.hpp"

struct Person {
  int age;
  std::string job;
};

int main(int, char** arguments) {
  const std::string folder = arguments[1];
  CHECK(golden::count_differences(folder, stderr) == 0);
  const automill::ServedModel served = automill::load(folder + "/binary_0.1.0.automill");
  auto score = automill::bind(served, automill::field("age", &Person::age), automill::field("job", &Person::job));
  CHECK(score({39, "clerk"})[0] + score({39, "clerk"})[1] == 1.0);
  std::string code;
  try {  // thrown inside the library, caught here
    served.row_predictor().column("jbo");
  } catch (const automill::Error& error) {
    code = error.code() + ": " + error.hint();
  }
  CHECK(code == "data.column_unknown: did you mean 'job'?");
  std::puts("predict_only: ok");
}
