#!/usr/bin/env bash
# Complexity and validated projections beside the peers, in one run: wall time, CPU time and peak memory.
#
#   PEERS=/path/to/venv/bin/python benches/foundation.sh [FORELAY]
#
# The virtual environment holds pandas, pyarrow, ecomplexity 0.5.3, econcomplex 1.0.1 and bicm 3.4.0. The table is made by
# the seeded generator beside the project (../shared/peers/complexity/gen.py): 226 x 5,000, 45 % of cells above 0.
# YEARS=20 (default) also runs the panel; PEER_FULL=1 also runs the peers' full tables, which take minutes of CPU each.
set -euo pipefail
cd "$(dirname "$0")/.."
forelay="${1:-target/release/forelay}"
peers="${PEERS:?name the python of the peers: PEERS=.../bin/python}"
shared="${SHARED:-../shared}/peers/complexity"
years="${YEARS:-20}"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

"$peers" "$shared/gen.py" 1 "$work/one.parquet" >/dev/null
measure() { # name, command…
  local name="$1"; shift
  "$peers" - "$name" "$@" <<'PY'
import os, resource, subprocess, sys, time
name, command = sys.argv[1], sys.argv[2:]
start = time.time()
done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
wall = time.time() - start
used = resource.getrusage(resource.RUSAGE_CHILDREN)
state = "" if done.returncode in (0, 1) else f"  FAILED: {done.stderr.decode()[-200:]}"
print(f"{name:<58} wall {wall:8.2f} s  CPU {used.ru_utime + used.ru_stime:8.2f} s  peak {used.ru_maxrss / 1024:7.0f} MB{state}", flush=True)
PY
}
columns="location=country,activity=product,value=value,year=year"
measure "forelay, full table, one year" "$forelay" calc complexity "$work/one.parquet" --columns "$columns" --cells none --out "$work/a"
measure "forelay, the same, all cells to Parquet" "$forelay" calc complexity "$work/one.parquet" --columns "$columns" --cells parquet --out "$work/b"
measure "forelay, ranges of every rank, 100 replicates" "$forelay" calc complexity "$work/one.parquet" --columns "$columns" --cells none --replicates 100 --out "$work/c"
measure "forelay, validated projection of 12.5 million pairs" "$forelay" calc proximity "$work/one.parquet" --columns "$columns" --validate 0.01 --least 0.99 --out "$work/d"
measure "econcomplex 1.0.1, proximity only" "$peers" "$shared/b_parts.py" "$work/one.parquet" ec_prox
measure "NumPy reference, full table" "$peers" "$shared/b_parts.py" "$work/one.parquet" np_all
measure "bicm 3.4.0, solve only" "$peers" "$shared/b_bicm.py" "$work/one.parquet" bicm none
if [ -n "${PEER_FULL:-}" ]; then
  measure "ecomplexity 0.5.3, full table" "$peers" "$shared/b_ecomplexity.py" "$work/one.parquet"
  measure "econcomplex 1.0.1, full table" "$peers" "$shared/b_econcomplex.py" "$work/one.parquet" -
fi
if [ "$years" -gt 1 ]; then
  "$peers" "$shared/gen.py" "$years" "$work/many.parquet" >/dev/null
  measure "forelay, $years years, all cells to Parquet" "$forelay" calc complexity "$work/many.parquet" --columns "$columns" --cells parquet --out "$work/e"
  measure "NumPy reference in float32, $years years, discarded" "$peers" "$shared/b_np20.py" "$work/many.parquet"
fi
