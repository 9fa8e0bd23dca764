// Serving: one row at a time, in microseconds, without Python. An application that only does this links
// automill::predict and loads a model file; this example trains one first.
//
//   single_row adult_train.csv

#include <automill/automill.hpp>
#include <chrono>
#include <iostream>

namespace {

struct Applicant {
  double age;
  std::string education;
  double hours;
};

/// A model file with few columns, as an application would find it.
void make_model(const char* csv, const std::string& path) {
  using namespace std::literals;
  const auto rows = automill::read_csv(csv);
  automill::train(rows, {.target = "income", .time_limit = 3s, .refit = "always"}).save(path);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: single_row TRAIN.csv   (target: income)\n";
    return 2;
  }
  try {
    make_model(argv[1], "single_row.automill");
    const automill::ServedModel served = automill::load("single_row.automill");

    // Cells by name, resolved once; a cell that is not set is missing. One predictor a thread; the model is shared.
    auto one = served.row_predictor();
    const auto age = one.column("age"), education = one.column("education"), country = one.column("native-country");
    one.set(age, 39.0);
    one.set(education, "Bachelors");
    one.set_missing(country);
    std::span<const double> p = one.predict();  // no allocation, no exception
    std::cout << served.classes()[1] << ": " << p[1] << "\n";

    const auto start = std::chrono::steady_clock::now();
    constexpr int calls = 10000;
    double sum = 0;
    for (int i = 0; i < calls; ++i) {
      one.set(age, 20.0 + i % 50);
      sum += one.predict()[1];
    }
    const std::chrono::duration<double, std::micro> spent = std::chrono::steady_clock::now() - start;
    std::cout << spent.count() / calls << " us a row, mean probability " << sum / calls << "\n";

    // The same for a struct of the application: names and kinds are checked here, once.
    auto score = automill::bind(served, automill::field("age", &Applicant::age),
                                automill::field("education", &Applicant::education),
                                automill::field("hours-per-week", &Applicant::hours));
    std::cout << "a struct: " << score(Applicant{39, "Bachelors", 40})[1] << "\n";

    // A name that is not there says which is near.
    try {
      one.column("educaton");
    } catch (const automill::Error& error) {
      std::cout << error.what() << "\n";
    }
  } catch (const automill::Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
