#!/usr/bin/env bash
# Multi-dimensional knapsacks of the OR-Library beside OR-Tools CP-SAT: value, bound, distance to the best known; one table.
#
#   cargo build --release -p forelay
#   PEERS=/path/to/venv/bin/python benches/portfolio.sh DATA [SECONDS] [EVERY]
#
# DATA holds mkp/*.txt with mkp_best.csv and rd_petersen_best.csv. Every EVERY-th instance is run for SECONDS by each program, one after
# the other, on two threads. The virtual environment holds ortools. FORELAY names the binary.
set -euo pipefail
cd "$(dirname "$0")/.."
peers="${PEERS:?name the python of the peers: PEERS=.../bin/python}"
data="${1:?folder with mkp}"
nproc
uptime
RAYON_NUM_THREADS=2 "$peers" benches/portfolio.py "${FORELAY:-${CARGO_TARGET_DIR:-target}/release/forelay}" "$data/mkp" "${2:-30}" "${3:-10}"
uptime
