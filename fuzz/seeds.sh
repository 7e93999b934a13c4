#!/bin/sh
# Fills fuzz/corpus/open with the sealed files of the vectors, without the lines above them.
set -eu
export LC_ALL=C
cd "$(dirname "$0")/.."
mkdir -p fuzz/corpus/open
for vector in crates/seal/vectors/age/*; do
  sed -e '1,/^$/d' "$vector" > "fuzz/corpus/open/$(basename "$vector")"
done
