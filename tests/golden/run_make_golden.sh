#!/usr/bin/env bash
# Makes the golden files that are not there yet: run_make_golden.sh <build folder>, where the library was built with
# AUTOMILL_TESTS=ON.
set -euo pipefail
cd "$(dirname "$0")/../.."
"$1/make_golden" tests/golden >>tests/golden/predictions.txt
git status --short tests/golden || true
