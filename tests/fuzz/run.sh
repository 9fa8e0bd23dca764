#!/usr/bin/env bash
# Builds every fuzz target with clang, AddressSanitizer and UndefinedBehaviorSanitizer and runs each:
#
#   tests/fuzz/run.sh [seconds a target, default 300] [target ...]
#
# What is found stands in build/fuzz/<target>.out/; corpora stay in build/fuzz/<target>.out/corpus for the next run.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-${AUTOMILL_FUZZ_SECONDS:-300}}
shift || true
jobs=${AUTOMILL_JOBS:-$(nproc)}
build=$PWD/build/fuzz
cmake -S . -B "$build" -G Ninja -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ -DCMAKE_BUILD_TYPE=RelWithDebInfo \
  -DCMAKE_CXX_FLAGS_RELWITHDEBINFO="-O2 -g1" -DAUTOMILL_FUZZERS=ON -DAUTOMILL_CLI=OFF -DAUTOMILL_INSTALL=OFF
targets=("$@")
[ "${#targets[@]}" -gt 0 ] || for source in tests/fuzz/fuzz_*.cpp; do targets+=("$(basename "$source" .cpp)"); done
cmake --build "$build" -j "$jobs" --target "${targets[@]}"
for target in "${targets[@]}"; do
  mkdir -p "$build/$target.out/corpus"
  echo "== $target: $seconds s"
  (cd "$build/$target.out" && "$build/$target" corpus -max_total_time="$seconds" -max_len=16000 -timeout=20 \
    -rss_limit_mb=2048 -malloc_limit_mb=256 -print_final_stats=1 2>&1 | tail -n 20)
done
echo "fuzz: ok"
