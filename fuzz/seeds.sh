#!/bin/sh
# Fills fuzz/corpus with what stands below the first empty line of each vector.
set -eu
export LC_ALL=C
cd "$(dirname "$0")/.."
mkdir -p fuzz/corpus/open
for vector in crates/seal/vectors/age/*; do
  sed -e '1,/^$/d' "$vector" > "fuzz/corpus/open/$(basename "$vector")"
done

# Takes what stands below the first empty line of $1 to $2: whole, or (with "text") without the signature lines.
take() {
  mkdir -p "$2"
  for vector in "$1"/*; do
    seed="$2/$(basename "$1").$(basename "$vector")${3:+.$3}"
    if [ "${3:-}" = text ]; then
      sed -e '1,/^$/d' "$vector" | sed -e '/^$/,$d' > "$seed"
    else
      sed -e '1,/^$/d' "$vector" > "$seed"
    fi
  done
}
for kind in note head introduction key_notice; do
  take "crates/ledger/vectors/$kind" fuzz/corpus/note
done
take crates/ledger/vectors/head fuzz/corpus/checkpoint text
take crates/ledger/vectors/proof fuzz/corpus/proof
for kind in introduction key_notice; do
  take "crates/ledger/vectors/$kind" fuzz/corpus/introduction
  take "crates/ledger/vectors/$kind" fuzz/corpus/introduction text
done
take crates/cooperation/vectors/strict fuzz/corpus/strict_json
take crates/cooperation/vectors/body fuzz/corpus/body
take crates/cooperation/vectors/record fuzz/corpus/record
for kind in parcel mirrored returned problem; do
  take "crates/node/vectors/$kind" fuzz/corpus/parcel
done
take crates/ledger/vectors/head fuzz/corpus/cosignature
