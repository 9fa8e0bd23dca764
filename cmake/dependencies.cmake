# Every dependency and why it is here. The system package is taken where it is found; otherwise FetchContent downloads it;
# without either, the message says which package to install.

include(FetchContent)

# need(<target> <debian package> <what for>): stops with a helpful message when the target does not exist.
function(automill_need target package what)
  if(NOT TARGET ${target})
    message(FATAL_ERROR "AutoMill needs ${target} for ${what}: install the package '${package}' (Debian) or let CMake download it (FETCHCONTENT_FULLY_DISCONNECTED=OFF).")
  endif()
endfunction()

set(FETCHCONTENT_TRY_FIND_PACKAGE_MODE ALWAYS)

# nlohmann/json: the manifest of the model file and machine-readable output; inside src/ only.
FetchContent_Declare(nlohmann_json URL https://github.com/nlohmann/json/releases/download/v3.11.3/json.tar.xz FIND_PACKAGE_ARGS 3.10 CONFIG)
FetchContent_MakeAvailable(nlohmann_json)
automill_need(nlohmann_json::nlohmann_json nlohmann-json3-dev "JSON")

# xxHash: checksums of the model file and hashing of strings, the same on every platform; header-only mode, inside src/ only.
find_path(XXHASH_INCLUDE_DIR xxhash.h)
if(NOT XXHASH_INCLUDE_DIR)
  message(FATAL_ERROR "AutoMill needs xxhash.h for checksums: install the package 'libxxhash-dev' (Debian).")
endif()

# No Unicode library: a model that reads text must find words and lower case when it predicts, and the library that predicts depends on nothing.
# What it needs of Unicode is 15 KB of tables (src/data/unicode_tables.hpp), against 350 KB of utf8proc; words and lower case are Python's.

if(NOT AUTOMILL_PREDICT_ONLY)
  # Eigen: dense linear algebra of the linear learners; inside src/ only, its own threading off, its namespace renamed.
  FetchContent_Declare(Eigen3 URL https://gitlab.com/libeigen/eigen/-/archive/3.4.0/eigen-3.4.0.tar.gz FIND_PACKAGE_ARGS 3.4 CONFIG)
  FetchContent_MakeAvailable(Eigen3)
  automill_need(Eigen3::Eigen libeigen3-dev "linear algebra")

  # oneTBB: the thread pool behind Executor (work stealing, nested loops).
  FetchContent_Declare(TBB URL https://github.com/oneapi-src/oneTBB/archive/refs/tags/v2021.11.0.tar.gz FIND_PACKAGE_ARGS CONFIG)
  FetchContent_MakeAvailable(TBB)
  automill_need(TBB::tbb libtbb-dev "threads")

  # zlib: CSV files compressed with gzip.
  find_package(ZLIB)
  automill_need(ZLIB::ZLIB zlib1g-dev "gzip")

  # SQLite: the journal of a run, a file that survives a kill at any moment and that every language reads. The static library is taken where there is
  # one, so that nothing has to be carried along; without the package its one source file becomes a part of AutoMill.
  find_library(SQLite3_LIBRARY NAMES libsqlite3.a sqlite3)
  find_package(SQLite3 3.24)
  if(NOT TARGET SQLite::SQLite3 AND NOT FETCHCONTENT_FULLY_DISCONNECTED)
    FetchContent_Declare(sqlite_amalgamation URL https://sqlite.org/2022/sqlite-amalgamation-3400100.zip)
    FetchContent_MakeAvailable(sqlite_amalgamation)
    set(AUTOMILL_SQLITE_SOURCE ${sqlite_amalgamation_SOURCE_DIR}/sqlite3.c)
    add_library(SQLite::SQLite3 INTERFACE IMPORTED GLOBAL)
    target_include_directories(SQLite::SQLite3 INTERFACE ${sqlite_amalgamation_SOURCE_DIR})
  endif()
  automill_need(SQLite::SQLite3 libsqlite3-dev "the journal")
endif()

if(AUTOMILL_CLI)
  # CLI11: subcommands and options of the shell command; in src/cli only (3 s a file).
  FetchContent_Declare(CLI11 URL https://github.com/CLIUtils/CLI11/archive/refs/tags/v2.3.2.tar.gz FIND_PACKAGE_ARGS CONFIG)
  FetchContent_MakeAvailable(CLI11)
  automill_need(CLI11::CLI11 libcli11-dev "the shell command")
  # spdlog: log files of the shell command, behind the event sink; compiled, never in a public header but its own adapter.
  FetchContent_Declare(spdlog URL https://github.com/gabime/spdlog/archive/refs/tags/v1.12.0.tar.gz FIND_PACKAGE_ARGS CONFIG)
  FetchContent_MakeAvailable(spdlog)
  automill_need(spdlog::spdlog libspdlog-dev "log files")
endif()

if(AUTOMILL_TESTS)
  # GoogleTest: unit tests. RapidCheck: properties over generated inputs.
  FetchContent_Declare(GTest URL https://github.com/google/googletest/archive/refs/tags/v1.14.0.tar.gz FIND_PACKAGE_ARGS CONFIG)
  FetchContent_MakeAvailable(GTest)
  automill_need(GTest::gtest libgtest-dev "tests")
  FetchContent_Declare(rapidcheck URL https://github.com/emil-e/rapidcheck/archive/refs/heads/master.tar.gz FIND_PACKAGE_ARGS CONFIG)
  FetchContent_MakeAvailable(rapidcheck)
  find_package(Threads REQUIRED)
  automill_need(rapidcheck librapidcheck-dev "property tests")
endif()
