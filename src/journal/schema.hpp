#pragma once
// The tables of a journal, as docs/journal.md explains them to readers. A change that an older AutoMill cannot read
// raises `journal_format`.

#include <cstdint>

namespace automill {

inline constexpr std::int64_t journal_format = 1;                ///< PRAGMA user_version
inline constexpr std::int64_t journal_application = 0x414d4a4c;  ///< PRAGMA application_id: "AMJL"

inline constexpr const char* journal_tables = R"(
CREATE TABLE run (
  automill TEXT NOT NULL, simd_level TEXT NOT NULL, started TEXT NOT NULL,
  options TEXT NOT NULL, data TEXT NOT NULL, plan TEXT NOT NULL, source TEXT NOT NULL,
  status TEXT NOT NULL, metric TEXT, score REAL, low REAL, high REAL);
CREATE TABLE sessions (
  session INTEGER PRIMARY KEY, started TEXT NOT NULL, host TEXT, pid INTEGER, threads INTEGER,
  automill TEXT, simd_level TEXT, time_limit REAL, max_trials INTEGER, seconds REAL NOT NULL, status TEXT NOT NULL);
CREATE TABLE trials (
  trial INTEGER PRIMARY KEY, name TEXT NOT NULL, family TEXT NOT NULL, parameters TEXT NOT NULL, folds INTEGER NOT NULL,
  session INTEGER NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL, metric TEXT, score REAL, low REAL, high REAL);
CREATE TABLE folds (
  trial INTEGER NOT NULL, fold INTEGER NOT NULL, session INTEGER NOT NULL, status TEXT NOT NULL, reason TEXT NOT NULL,
  score REAL, seconds REAL NOT NULL, rounds INTEGER NOT NULL, predict_us_per_row REAL, model_bytes INTEGER,
  report TEXT NOT NULL, left_out TEXT NOT NULL, row_checksum TEXT NOT NULL,
  learning_curve BLOB,
  predictions_checksum TEXT, archive_checksum TEXT, predictions BLOB, archive BLOB,
  PRIMARY KEY (trial, fold));
CREATE TABLE checkpoints (
  trial INTEGER NOT NULL, fold INTEGER NOT NULL, round INTEGER NOT NULL, checksum TEXT NOT NULL, predictions BLOB NOT NULL,
  PRIMARY KEY (trial, fold, round));
CREATE TABLE events (
  event INTEGER PRIMARY KEY, session INTEGER NOT NULL, seconds REAL NOT NULL, kind TEXT NOT NULL, message TEXT NOT NULL,
  fields TEXT NOT NULL);
)";

}  // namespace automill
