#!/usr/bin/env bash
# Compiles automill::predict for aarch64, runs it under qemu-user, and compares the predictions of the golden files with
# those that x86-64 recorded, bit for bit. Debian packages: g++-aarch64-linux-gnu qemu-user.
set -euo pipefail
cd "$(dirname "$0")/../.."
work=${1:-build/aarch64}
compiler=${AUTOMILL_AARCH64_CXX:-aarch64-linux-gnu-g++}
jobs=${AUTOMILL_JOBS:-$(nproc)}
for program in "$compiler" qemu-aarch64 cmake python3; do
  command -v "$program" >/dev/null || { echo "run_aarch64: $program is missing" >&2; exit 1; }
done
mkdir -p "$work/include" "$work/objects"

# the list of sources is the one of CMakeLists.txt
cmake -S . -B "$work/list" -DAUTOMILL_PREDICT_ONLY=ON -DCMAKE_EXPORT_COMPILE_COMMANDS=ON >"$work/cmake.log"
sources=$(python3 -c 'import json, sys
print("\n".join(entry["file"] for entry in json.load(open(sys.argv[1]))))' "$work/list/compile_commands.json")

# the two header-only dependencies, without the host's other headers
ln -sfn /usr/include/nlohmann "$work/include/nlohmann"
ln -sfn /usr/include/xxhash.h "$work/include/xxhash.h"

# a moved std::variant is taken for uninitialised (GCC 12): that warning is off
launcher=$(command -v ccache || true)
compile="$launcher $compiler -std=c++20 -O2 -ffp-contract=off -fvisibility=hidden -fvisibility-inlines-hidden -Wall -Wextra -Wpedantic -Wshadow -Werror -Wno-maybe-uninitialized -Iinclude -Isrc -Itests -isystem $work/include"
# shellcheck disable=SC2016
printf '%s\n' $sources tests/cross/predict_golden.cpp |
  xargs -P "$jobs" -I{} sh -c '$2 -c "$1" -o "$3/$(echo "$1" | tr / _).o"' _ {} "$compile" "$work/objects"
$compiler -static -o "$work/predict_golden" "$work"/objects/*.o
file "$work/predict_golden" 2>/dev/null | grep -q aarch64 || "$compiler" -dumpmachine | grep -q aarch64
qemu-aarch64 "$work/predict_golden" tests/golden
echo "aarch64: ok"
