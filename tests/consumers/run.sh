#!/usr/bin/env bash
# Installs AutoMill and builds five programs that use it from outside, each in a folder of its own:
#
#   tests/consumers/run.sh [build folder]      # a build with static libraries; default: build/test, made when missing
#
# static (own, other Eigen and spdlog; -O3 -march=native), shared, subdirectory, predict_only (C++ and C), core_only.
set -euo pipefail
cd "$(dirname "$0")/../.."
source=$PWD
build=$(realpath -m "${1:-build/test}")
work=$build/consumers
jobs=${AUTOMILL_JOBS:-$(nproc)}
golden=$source/tests/golden
# shellcheck source=scripts/packages.sh
. scripts/packages.sh
automill_use_compiler
rm -rf "$work"
mkdir -p "$work"
log=$work/log.txt
trap 'code=$?; [ $code -eq 0 ] || { tail -n 25 "$log" >&2; echo "consumers: failed" >&2; }' EXIT

build_library() { # folder, options
  local folder=$1
  shift
  cmake -S "$source" -B "$folder" -G Ninja -DCMAKE_BUILD_TYPE=Release -DAUTOMILL_CLI=OFF "$@" >>"$log" 2>&1
  cmake --build "$folder" -j "$jobs" >>"$log" 2>&1
}
install_library() { # build folder, prefix, components
  local folder=$1 prefix=$2 component
  shift 2
  for component in "$@"; do cmake --install "$folder" --prefix "$prefix" --component "$component" >>"$log" 2>&1; done
}
build_consumer() { # name, options
  local name=$1
  shift
  cmake -S "$source/tests/consumers/${name%%-*}" -B "$work/$name" -G Ninja -DCMAKE_BUILD_TYPE=Release -DGOLDEN="$golden" "$@" >>"$log" 2>&1
  cmake --build "$work/$name" -j "$jobs" >>"$log" 2>&1
}

[ -f "$build/CMakeCache.txt" ] || build_library "$build"
mkdir -p "$work/files"

install_library "$build" "$work/prefix-core" core
build_consumer core_only -DCMAKE_PREFIX_PATH="$work/prefix-core"
"$work/core_only/consumer"

install_library "$build" "$work/prefix-predict" core predict
build_consumer predict_only -DCMAKE_PREFIX_PATH="$work/prefix-predict"
"$work/predict_only/consumer" "$golden"
"$work/predict_only/c_consumer" "$golden"

install_library "$build" "$work/prefix-static" core predict automill
build_consumer static -DCMAKE_PREFIX_PATH="$work/prefix-static"
"$work/static/consumer" "$golden" "$work/files"

build_consumer subdirectory -DAUTOMILL_SOURCE="$source"
"$work/subdirectory/consumer" "$golden"

build_library "$work/build-shared" -DBUILD_SHARED_LIBS=ON
install_library "$work/build-shared" "$work/prefix-shared" core predict automill
build_consumer shared -DCMAKE_PREFIX_PATH="$work/prefix-shared"
"$work/shared/consumer" "$golden" "$work/files"
build_consumer predict_only-shared -DCMAKE_PREFIX_PATH="$work/prefix-shared"
"$work/predict_only-shared/c_consumer" "$golden"
tests/consumers/check_library.sh "$(ls "$work"/prefix-shared/lib*/{,*/}libautomill_predict.so 2>/dev/null | head -1)"
echo "consumers: ok"
