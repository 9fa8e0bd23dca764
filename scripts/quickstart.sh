#!/usr/bin/env bash
# From nothing to a model: installs what is needed, builds into build/, trains on examples/data through the shell
# command, prints the model, predicts, and holds the score to scikit-learn's HistGradientBoosting on the same split.
#
#   ./scripts/quickstart.sh              AUTOMILL_TIME_LIMIT=30 ./scripts/quickstart.sh
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/packages.sh
. scripts/packages.sh
time_limit=${AUTOMILL_TIME_LIMIT:-20}
jobs=${AUTOMILL_JOBS:-$(nproc)}
say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

say "1. what is needed"
mkdir -p build
export AUTOMILL_LOG_FOLDER=$PWD/build
automill_install "${automill_build_packages[@]}"
automill_venv .venv "${automill_quickstart_python[@]}"

say "2. build (Release, build/)"
automill_use_compiler
cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release -DAUTOMILL_CLI=ON >build/configure.log 2>&1 ||
  { cat build/configure.log >&2; exit 1; }
cmake --build build -j "$jobs" 2>&1 | tee build/build.log | tail -n 3
automill=build/automill

say "3. train: $automill train examples/data/adult_train.csv --target income --time-limit $time_limit"
"$automill" train examples/data/adult_train.csv --target income --time-limit "$time_limit" --output build/income.automill

say "4. the model, its candidates, and what it scores on rows it has not seen"
"$automill" inspect build/income.automill
"$automill" leaderboard build/income.automill
"$automill" evaluate build/income.automill examples/data/adult_test.csv

say "5. predict: $automill predict build/income.automill examples/data/adult_test.csv --output build/predictions.csv"
"$automill" predict build/income.automill examples/data/adult_test.csv --output build/predictions.csv
head -n 4 build/predictions.csv

say "6. held to scikit-learn's HistGradientBoosting on the same split"
.venv/bin/python scripts/hold_score.py examples/data/adult_train.csv examples/data/adult_test.csv income build/predictions.csv

say "done: the model is build/income.automill; next: README.md, docs/quickstart.md"
