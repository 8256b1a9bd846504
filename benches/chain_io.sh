#!/usr/bin/env bash
# Leontief inverse, extraction and one solve beside NumPy and pymrio, in one run: wall time, rate and CPU time.
#
#   cargo build --release -p chain --example bench_io
#   PEERS=/path/to/venv/bin/python benches/chain_io.sh [N…]
#
# The virtual environment holds numpy, pandas and pymrio 0.7.0. N defaults to 1980 3465 3510, in steps of 45.
set -euo pipefail
cd "$(dirname "$0")/.."
peers="${PEERS:?name the python of the peers: PEERS=.../bin/python}"
bench="${BENCH:-target/release/examples/bench_io}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
nproc
for n in "${@:-1980 3465 3510}"; do
    for size in $n; do
        "$peers" benches/chain_io.py "$size" "$work/$size"
        /usr/bin/time -f "whole run: %e s wall, %U + %S s CPU, %M KiB peak" "$bench" "$work/$size"
        rm -r "${work:?}/$size"
    done
done
