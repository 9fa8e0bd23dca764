#!/usr/bin/env bash
# Makes the golden files of this version again (before its release only): run_make_golden.sh <build folder>, where the
# library was built with AUTOMILL_TESTS=ON.
set -euo pipefail
cd "$(dirname "$0")/../.."
version=$(sed -n 's/#define AUTOMILL_VERSION "\(.*\)"/\1/p' include/automill/core/export.hpp)
rows=$(grep -v "_$version.automill" tests/golden/predictions.txt || true)
{ [ -z "$rows" ] || printf '%s\n' "$rows"; "$1/make_golden" tests/golden; } >tests/golden/predictions.new
mv tests/golden/predictions.new tests/golden/predictions.txt
git status --short tests/golden || true
