#!/usr/bin/env bash
# Builds and runs every test. Continuous integration calls it, and so do you:
#
#   ./scripts/test.sh             everything, on 2 cores in less than half an hour from a clean clone
#   ./scripts/test.sh --full      also sanitizers, clang, long fuzzing, another processor, benchmark smoke
#   ./scripts/test.sh cpp python  only these parts: cpp python cli docs benchmarks examples notebook consumers
#                                 asan tsan clang fuzz aarch64 smoke
#
# Logs and reports are in build/test/. The last line is "N passed, N failed"; the exit code is 1 when a test failed.
set -uo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/packages.sh
. scripts/packages.sh

full=no
only=()
for argument in "$@"; do
  case "$argument" in
    --full) full=yes ;;
    -h | --help) sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 0 ;;
    -*) echo "unknown option $argument: see --help" >&2; exit 2 ;;
    *) only+=("$argument") ;;
  esac
done

jobs=${AUTOMILL_JOBS:-$(nproc)}
build=$PWD/build/test
logs=$build/logs reports=$build/reports
python=$PWD/.venv/bin/python
passed=0 failed=0 skipped=0
mkdir -p "$logs" "$reports"
export AUTOMILL_LOG_FOLDER=$logs AUTOMILL_CLI=$build/automill AUTOMILL_JOBS=$jobs
export CTEST_OUTPUT_ON_FAILURE=1 PYTHONDONTWRITEBYTECODE=1

wanted() { # part, list of the parts that run when none is named
  local each
  [ "${#only[@]}" -eq 0 ] && { [ "$2" = always ] || [ "$full" = yes ]; return; }
  for each in "${only[@]}"; do [ "$each" = "$1" ] && return 0; done
  return 1
}

# part <name> <always|full> <function>: runs it, counts its tests, shows the end of the log where it fails.
part() {
  local name=$1 when=$2 code=0 started=$SECONDS counts
  shift 2
  wanted "$name" "$when" || return 0
  rm -rf "${reports:?}/$name"
  mkdir -p "$reports/$name"
  printf '%-11s ' "$name"
  ("$@") >"$logs/$name.log" 2>&1 || code=$?
  read -r -a counts < <(python3 scripts/count_tests.py "$reports/$name" "$code")
  passed=$((passed + counts[0])) failed=$((failed + counts[1])) skipped=$((skipped + counts[2]))
  printf '%5d passed, %d failed, %d skipped  (%d s)\n' "${counts[@]}" $((SECONDS - started))
  if [ "$code" -ne 0 ] || [ "${counts[1]}" -ne 0 ]; then
    echo "--- end of build/test/logs/$name.log"
    tail -n 40 "$logs/$name.log"
    echo "---"
    return 1
  fi
}

finish() {
  echo
  echo "took $((SECONDS / 60)) min $((SECONDS % 60)) s; $skipped skipped; logs in build/test/logs"
  echo "$passed passed, $failed failed"
  [ "$failed" -eq 0 ]
  exit
}

pytest_part() { # name, paths
  local name=$1
  shift
  "$python" -m pytest -q -p no:cacheprovider --junitxml="$reports/$name/pytest.xml" "$@"
}

# --- what is always tested --------------------------------------------------------------------------------------------

install_everything() {
  set -e
  if [ "$full" = yes ]; then automill_install "${automill_full_packages[@]}"; else automill_install "${automill_test_packages[@]}"; fi
  automill_venv .venv "${automill_test_python[@]}"
}

# A warning fails as an error does. -Werror would do the same, but then the wheel and the consumers, which a user builds
# without it, would have to compile the library again instead of taking it from the compiler cache.
no_warnings() { # file, to which this writes as well: it is read before anything is written
  local lines
  lines=$(grep -n ' warning: ' "$1") || return 0
  echo "$lines"
  return 1
}

build_cpp() {
  cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DAUTOMILL_CLI=ON -DAUTOMILL_TESTS=ON &&
    cmake --build "$build" -j "$jobs" && no_warnings "$logs/build.log"
}

run_cpp() {
  GTEST_OUTPUT="xml:$reports/cpp/" ctest --test-dir "$build" -j "$jobs" --output-junit "$reports/cpp/ctest.xml"
}

build_wheel() { # the way a user installs it
  "$python" -m pip install -q --disable-pip-version-check --force-reinstall --no-deps .
}

run_python() { pytest_part python python/tests; }
run_cli() { pytest_part cli tests/cli; }
run_docs() { pytest_part docs tests/docs; }
run_benchmarks() { pytest_part benchmarks benchmarks; }

# C++ examples against an installed AutoMill, as an application would; Python examples against the wheel.
run_examples() {
  set -e
  local prefix=$build/prefix name
  rm -rf "$prefix"
  cmake --install "$build" --prefix "$prefix" >/dev/null
  cmake -S examples/cpp -B "$build/examples" -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$prefix"
  cmake --build "$build/examples" -j "$jobs"
  for name in train_and_predict single_row custom_learner pipeline_by_hand; do
    echo "== $name"
    (cd "$build/examples" && "./$name" "$OLDPWD/examples/data/adult_train.csv" "$OLDPWD/examples/data/adult_test.csv")
  done
  for name in examples/python/*.py; do
    echo "== $name"
    "$python" "$name"
  done
}

run_notebook() {
  local notebook
  for notebook in examples/notebooks/*.ipynb; do
    "$python" scripts/run_notebook.py "$notebook" || return 1
  done
}

run_consumers() { tests/consumers/run.sh; }

# --- what --full adds -------------------------------------------------------------------------------------------------

run_preset() { # preset: configure, build and test it
  local preset=$1 name=$2
  cmake --preset "$preset" && cmake --build "build/$preset" -j "$jobs" &&
    GTEST_OUTPUT="xml:$reports/$name/" ctest --test-dir "build/$preset" -j "$jobs" --output-junit "$reports/$name/ctest.xml"
}

run_asan() { run_preset asan-ubsan asan; }
run_tsan() { run_preset tsan tsan; }
run_clang() { run_preset clang clang; }
run_fuzz() { tests/fuzz/run.sh; }
run_aarch64() { tests/cross/run_aarch64.sh; }
run_smoke() {
  set -e
  "$python" -m pip install --quiet lightgbm
  "$python" -m pip install --quiet --no-deps xgboost  # without its libraries for GPUs
  "$python" benchmarks/smoke.py
  cmake -S . -B "$build" -DAUTOMILL_BENCHMARKS=ON >/dev/null && cmake --build "$build" -j "$jobs" --target benchmark_roofline
  "$build/benchmark_roofline" 10000 | grep -q "ns a row"
}

# --- in order ---------------------------------------------------------------------------------------------------------

echo "installing what is missing"
if ! (install_everything) >"$logs/install.log" 2>&1; then
  tail -n 20 "$logs/install.log"
  failed=1
  finish
fi
automill_use_compiler
needs_build() { local name; for name in cpp cli docs examples consumers python notebook benchmarks; do wanted "$name" always && return 0; done; return 1; }
if needs_build; then
  [ "${#only[@]}" -gt 0 ] && only+=(build)
  part build always build_cpp || finish # nothing else would work
fi
part cpp always run_cpp
if wanted python always || wanted docs always || wanted examples always || wanted notebook always; then
  [ "${#only[@]}" -gt 0 ] && only+=(wheel)
  part wheel always build_wheel
fi
part python always run_python
part cli always run_cli
part docs always run_docs
part benchmarks always run_benchmarks
part examples always run_examples
part notebook always run_notebook
part consumers always run_consumers
part asan full run_asan
part tsan full run_tsan
part clang full run_clang
part fuzz full run_fuzz
part aarch64 full run_aarch64
part smoke full run_smoke
finish
