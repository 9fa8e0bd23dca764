// Disks that fail at every stage of a run: what was reported as recorded is there, the file opens, a resumed run has
// the bits of one that nothing ended, and the model of the run itself is never lost.

#include <gtest/gtest.h>

#include <filesystem>
#include <set>

#include "automl/books.hpp"
#include "automl/tables.hpp"
#include "journal/faulty_files.hpp"
#include "journal/journal_summary.hpp"

namespace automill {
namespace {

using faulty::Fault;

const Table& rows() {
  static const Table table = tables::plain(Task::regression, 120);
  return table;
}

TrainOptions options_of(const std::string& journal) {
  TrainOptions options{.target = "target", .max_trials = 3, .threads = 1, .folds = 2};
  options.include = {"baseline", "ridge", "random_forest"};
  options.journal = journal;
  return options;
}

std::string new_path() {
  const std::string path = (std::filesystem::temp_directory_path() / "faulty.journal").string();
  for (const char* end : {"", "-wal", "-shm", "-lock"}) std::filesystem::remove(path + end);
  return path;
}

const AutoMLModel& reference() {
  static const AutoMLModel model = train(rows(), options_of(""));
  return model;
}

using FoldOfName = std::pair<std::string, std::int64_t>;

std::set<FoldOfName> folds_in(const std::string& path) {
  std::set<FoldOfName> all;
  sqlite::Database database(path, sqlite::Database::Mode::write);
  sqlite::Statement rows_of(database,
                            "SELECT name, fold FROM folds JOIN trials USING (trial) WHERE archive IS NOT NULL");
  while (rows_of.step()) all.emplace(rows_of.text(0), rows_of.integer(1));
  return all;
}

/// Whether the fault happened.
bool survives(Fault fault, int at) {
  const std::string path = new_path();
  TrainOptions options = options_of(path);
  std::set<FoldOfName> reported;
  options.callback = [&](const Event& event) {
    if (event.kind == "fold.recorded")
      reported.emplace(event.fields.find("name")->text(), event.fields.find("fold")->integer());
  };
  faulty::arm(fault, at);
  bool refused = false;
  try {
    const AutoMLModel model = train(rows(), options);
    faulty::disarm();
    expect_same_bits(model, reference());  // with the journal or without it
  } catch (const Error& error) {           // a journal that cannot even be begun is said before anything is fitted
    faulty::disarm();
    refused = true;
    EXPECT_TRUE(error.code() == "journal.disk_full" || error.code() == "journal.unwritable") << error.what();
    EXPECT_TRUE(reported.empty()) << error.what();
  }
  const bool happened = faulty::plan().happened > 0;
  EXPECT_TRUE(happened || !refused);
  if (!reported.empty()) {
    const std::set<FoldOfName> kept = folds_in(path);
    for (const FoldOfName& fold : reported) EXPECT_TRUE(kept.contains(fold)) << fold.first << " " << fold.second;
  }
  options.resume = true;
  options.callback = {};
  expect_same_bits(train(rows(), options), reference());
  EXPECT_EQ(folds_in(path).size(), 6U);
  return happened;
}

int operations_of_a_run() {
  faulty::install();
  faulty::arm(Fault::none, 0);
  train(rows(), options_of(new_path()));
  return faulty::plan().operations;
}

/// Some dozens of points over the whole run, the first ones all.
void survive_everywhere(Fault fault) {
  const int operations = operations_of_a_run();
  ASSERT_GT(operations, 40);
  int happened = 0, points = 0;
  for (int at = 1; at <= operations; at += at < 12 ? 1 : std::max(1, operations / 30)) {
    SCOPED_TRACE(testing::Message() << "operation " << at << " of " << operations);
    happened += survives(fault, at) ? 1 : 0;
    ++points;
  }
  EXPECT_GE(points, 36);
  EXPECT_GE(happened, points - 6);  // the last operations of a run need not be of the kind
}

TEST(Faults, short_writes) { survive_everywhere(Fault::short_write); }
TEST(Faults, a_full_disk) { survive_everywhere(Fault::disk_full); }
TEST(Faults, failed_flushes) { survive_everywhere(Fault::failed_flush); }

TEST(Faults, training_goes_on_and_says_why_the_journal_ends) {
  const int operations = operations_of_a_run();
  const std::string path = new_path();
  faulty::arm(Fault::disk_full, operations / 2);
  const AutoMLModel model = train(rows(), options_of(path));
  faulty::disarm();
  bool said = false;
  for (const Value& note : model.metadata().find("books")->at("notes").array())
    said = said || note.text().find("the journal ends here") != std::string::npos;
  EXPECT_TRUE(said);
}

}  // namespace
}  // namespace automill
