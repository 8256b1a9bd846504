#!/usr/bin/env bash
# Systemic risk of all firms on generated networks, seed 20260726: 10,000 firms, 80,000 links, 60 sectors, and
# 100,000 / 1,000,000 / 100.
#
#   benches/chain_cascade.sh --peers …/bin/python --generators DIR [--quick | --full]
#
# PYTHON has numpy; DIR holds gen_network.py (FIRMS LINKS SECTORS SEED OUT, writes edges.csv, firms.csv, essential.csv).
# --quick: the small network, and 200 firms of the large one. --full: all firms of the large one too (minutes).
# Compare CPU seconds: wall time doubles beside a busy neighbour.
set -euo pipefail
source "$(dirname "$0")/chain_common.sh"
need "--peers PYTHON" "$peers"
need "--generators DIR" "$generators"
cargo build --release -q -p chain --example bench_cascade
bench=${CARGO_TARGET_DIR:-target}/release/examples/bench_cascade
peer "$generators/gen_network.py" 10000 80000 60 20260726 "$work/n10k"
peer "$generators/gen_network.py" 100000 1000000 100 20260726 "$work/n100k"
machine
header
small() { rows "10,000 firms, $1" "$bench" "$work/n10k" "${@:2}"; }
large() { rows "100,000 firms, $1" "$bench" "$work/n100k" "${@:2}"; }
small "published, 1e-2" published
small "certified 1e-6, closed" converged
if [ -n "$quick" ]; then
    large "certified 1e-6, closed, 200 of them" converged --every 500
    exit
fi
small "certified 1e-6, closed, one thread" converged --threads 1
small "certified 1e-6, open" converged --open
small "certified 1e-6 and 1 % of the own share" converged --relative 0.01
large "certified 1e-6, closed, 800 of them" converged --every 125
[ -z "$full" ] || large "certified 1e-6, closed, all" converged
