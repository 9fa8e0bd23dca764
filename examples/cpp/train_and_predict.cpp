// A table in, a model out, predictions of new rows.
//
//   train_and_predict adult_train.csv adult_test.csv

#include <automill/automill.hpp>
#include <iostream>

int main(int argc, char** argv) {
  using namespace automill::literals;
  using namespace std::literals;
  if (argc != 3) {
    std::cerr << "usage: train_and_predict TRAIN.csv TEST.csv   (target: income)\n";
    return 2;
  }
  try {
    const automill::Table rows = automill::read_csv(argv[1]);
    const automill::AutoMLModel model =
        automill::train(rows, {.target = "income", .time_limit = 5s, .memory_limit = 2_GiB});
    std::cout << model << "\n" << automill::leaderboard_text(model.leaderboard(), false);

    // New rows are read with the types of training; they need no target.
    const auto result = model.predict(automill::read_csv(argv[2], model.schema()));
    const auto labels = result.labels();
    for (std::size_t i = 0; i < 3; ++i)
      std::cout << "row " << i << ": " << labels[i] << ", " << model.classes()[1] << " with probability "
                << result.probabilities().row(i)[1] << "\n";

    // Rows with the target can be scored: every metric of the task with a 90 % interval.
    const auto evaluation = automill::evaluate(model, automill::read_csv(argv[2]), {"roc_auc", "log_loss"});
    for (const auto& row : evaluation.rows)
      std::cout << row.metric << " " << row.value << " (" << row.low << " .. " << row.high << ")\n";

    model.save("income.automill");
    std::cout << "saved income.automill\n";
  } catch (const automill::Error& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
