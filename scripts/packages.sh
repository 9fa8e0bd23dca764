#!/usr/bin/env bash
# The one list of what AutoMill is built and tested with, and how it is installed. Sourced by the other scripts;
# run by itself it prints a list:   scripts/packages.sh build|test|full
#
# Debian 12 (or a derivative with apt-get) installs by itself as root or through sudo. Elsewhere the same libraries
# under your system's names do; where one is missing CMake says which.

# Compiler, build tools and libraries of the library, the shell command and the Python module.
automill_build_packages=(
  g++ cmake ninja-build ccache
  libeigen3-dev nlohmann-json3-dev libtbb-dev zlib1g-dev libsqlite3-dev libxxhash-dev
  libcli11-dev libspdlog-dev
  python3 python3-dev python3-venv
)
# Tests: unit and property tests.
automill_test_packages=("${automill_build_packages[@]}" libgtest-dev librapidcheck-dev libutf8proc-dev)
# test.sh --full: sanitizers and fuzzing with clang, another processor, benchmarks.
automill_full_packages=("${automill_test_packages[@]}"
  clang libclang-rt-14-dev llvm g++-aarch64-linux-gnu qemu-user libbenchmark-dev
)

# Python packages: comparing the quickstart's score; all tests.
automill_quickstart_python=(numpy pandas scikit-learn)
automill_test_python=(numpy pandas scikit-learn pytest polars pyarrow duckdb nbclient nbformat ipykernel clang-format==14.0.6)

# The compiler has one name everywhere, as the cache goes by it: what one build compiled, the next takes.
automill_use_compiler() {
  export CC=${CC:-gcc} CXX=${CXX:-g++}
  if command -v ccache >/dev/null; then
    export CMAKE_CXX_COMPILER_LAUNCHER=ccache CMAKE_C_COMPILER_LAUNCHER=ccache
    export CCACHE_SLOPPINESS=pch_defines,time_macros  # it caches nothing that has a precompiled header otherwise
    export CCACHE_BASEDIR=$PWD/build                  # the groups of sources lie in each build's own folder
  fi
}

automill_missing_packages() {
  local package
  for package in "$@"; do
    dpkg-query -W -f='${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed$' || echo "$package"
  done
}

# automill_install <package...>: installs what is missing; without the right to, says which packages and ends.
automill_install() {
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "note: this is not Debian, so nothing is installed; needed are the libraries of: $*" >&2
    return 0
  fi
  local missing as_root=()
  mapfile -t missing < <(automill_missing_packages "$@")
  [ "${#missing[@]}" -eq 0 ] && return 0
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 0 ]; }; then
      as_root=(sudo)
    else
      echo "error: these packages are missing and only root may install them:" >&2
      echo "  apt-get install ${missing[*]}" >&2
      return 1
    fi
  fi
  echo "installing: ${missing[*]}"
  if ! { "${as_root[@]}" apt-get update -q &&
         "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"; } \
       >"${AUTOMILL_LOG_FOLDER:-/tmp}/apt-get.log" 2>&1; then
    tail -n 20 "${AUTOMILL_LOG_FOLDER:-/tmp}/apt-get.log" >&2
    echo "error: apt-get could not install: ${missing[*]}" >&2
    return 1
  fi
}

# automill_venv <folder> <python package...>: a virtual environment with these packages; kept when it has them already.
automill_venv() {
  local folder=$1 wanted
  shift
  wanted=$(printf '%s\n' "$@" | sort)
  [ -x "$folder/bin/python" ] && [ "$(cat "$folder/.packages" 2>/dev/null)" = "$wanted" ] && return 0
  [ -x "$folder/bin/python" ] || python3 -m venv "$folder" || {
    echo "error: python3 cannot make a virtual environment: install the package python3-venv" >&2
    return 1
  }
  echo "installing Python packages into ${folder#"$PWD/"}: $*"
  "$folder/bin/python" -m pip install -q --disable-pip-version-check "$@" || return 1
  printf '%s\n' "$wanted" >"$folder/.packages"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  case "${1:-}" in
    build) echo "${automill_build_packages[@]}" ;;
    test) echo "${automill_test_packages[@]}" ;;
    full) echo "${automill_full_packages[@]}" ;;
    *) echo "usage: scripts/packages.sh build|test|full" >&2; exit 2 ;;
  esac
fi
