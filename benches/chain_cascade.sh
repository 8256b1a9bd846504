#!/bin/sh
# Systemic risk of all firms on generated networks: usage chain_cascade.sh FOLDER, which holds n10k and n100k
# (10,000 / 80,000 / 60 and 100,000 / 1,000,000 / 100 firms / links / sectors, seed 20260726), each with edges.csv, firms.csv,
# essential.csv. Compare CPU seconds: wall time doubles beside a busy neighbour.
set -eu
folder=${1:?folder with n10k and n100k}
cargo build --release -p chain --example bench_cascade
bench=target/release/examples/bench_cascade
run() { echo "== $*"; /usr/bin/time -f '%U user %S system %e wall %M KB' "$bench" "$@"; }
run "$folder/n10k" published
run "$folder/n10k" converged
run "$folder/n10k" converged --open
run "$folder/n10k" converged --relative 0.01
run "$folder/n100k" converged --every 125
[ "${2:-}" = full ] && run "$folder/n100k" converged || true
