#!/usr/bin/env bash
# check_library.sh <libautomill_predict.so>: what the predict library shows and needs.
#   - exports automill:: and automill_* alone, and the weak copies of the standard library's templates
#   - needs the C and C++ run-time libraries alone
#   - is smaller than 2 MB when stripped
set -euo pipefail
library=$1
failed=0
say() { echo "check_library: $*" >&2; failed=1; }

exported=$(nm -D --defined-only -C "$library" | cut -d' ' -f2-)
foreign=$(echo "$exported" | grep -vE '^[A-Za-z] (automill::|automill_|(vtable|typeinfo|typeinfo name|VTT|guard variable|construction vtable) for (automill::|std::|__gnu_cxx::))' |
  grep -vE '^[WVu] .*(std::|__gnu_cxx::)' | grep -vE '^[A-Za-z] .*\bautomill::' || true)
[ -z "$foreign" ] || say "exports what is not AutoMill's:
$foreign"
third=$(echo "$exported" | grep -iE 'nlohmann|Eigen|XXH|spdlog|tbb::|CLI::' || true)
[ -z "$third" ] || say "exports a third party's symbols:
$third"
for name in automill_load_file automill_row_predict automill_last_error; do
  grep -q " $name\$" <<<"$exported" || say "$name is not exported"
done

needed=$(readelf -d "$library" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p')
others=$(echo "$needed" | grep -vE '^(libc|libm|libstdc\+\+|libgcc_s|ld-linux[^.]*)\.so' || true)
[ -z "$others" ] || say "needs $others"

stripped=$(mktemp)
trap 'rm -f "$stripped"' EXIT
strip -o "$stripped" "$library"
size=$(stat -c %s "$stripped")
[ "$size" -lt 2000000 ] || say "$size bytes when stripped"
[ "$failed" -eq 0 ]
echo "library: ok ($size bytes stripped, $(echo "$exported" | grep -c automill) symbols of AutoMill; needs $(echo $needed))"
