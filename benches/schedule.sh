#!/usr/bin/env bash
# Schedules beside OR-Tools CP-SAT: share proven, distance to the best known, bounds; one table.
#
#   cargo build --release -p forelay
#   PEERS=/path/to/venv/bin/python benches/schedule.sh DATA [SECONDS] [EVERY] [SET…]
#
# DATA holds psplib/{j30,j60,j120} and rcpsp_max/{sm_j10,…} with their *_bounds.csv. Every EVERY-th instance is run for SECONDS
# by each program, one after the other, on two threads. The virtual environment holds ortools. FORELAY names the binary.
set -euo pipefail
cd "$(dirname "$0")/.."
peers="${PEERS:?name the python of the peers: PEERS=.../bin/python}"
data="${1:?folder with psplib and rcpsp_max}"
seconds="${2:-30}"
every="${3:-10}"
shift $(($# < 3 ? $# : 3))
sets="${*:-psplib/j30 psplib/j60 psplib/j120 rcpsp_max/sm_j10 rcpsp_max/sm_j20 rcpsp_max/sm_j30 rcpsp_max/testset_ubo50}"
nproc
uptime
for set in $sets; do
    RAYON_NUM_THREADS=2 "$peers" benches/schedule.py "${FORELAY:-${CARGO_TARGET_DIR:-target}/release/forelay}" "$data/$set" "$seconds" "$every"
done
uptime
