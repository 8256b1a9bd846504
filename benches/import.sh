#!/usr/bin/env bash
# CSV to Parquet on generated trade data in BACI's layout: Forelay, DuckDB and pandas in turn, three rounds.
# Prints wall seconds, CPU seconds (user + system) and peak memory of each run; then memory on more rows, and reading
# and writing of columns. Needs GNU time and a Python with numpy, pyarrow, duckdb and pandas (PYTHON=path).
#   cargo build -p evidence --release --example import_speed
set -euo pipefail
cd "$(dirname "$0")/.."
speed=${SPEED:-target/release/examples/import_speed}
python=${PYTHON:-python3}
rows=${ROWS:-11000000}
more=${MORE:-44000000}
work=$(mktemp -d "${WORK:-${TMPDIR:-/tmp}}/import.XXXXXX")
trap 'rm -rf "$work"' EXIT

# name, command…
timed() {
    local name=$1; shift
    /usr/bin/time -f "%e %U %S %M" -o "$work/time" "$@" >"$work/said" 2>&1 || { cat "$work/said"; exit 1; }
    awk -v name="$name" '{ printf "%-34s wall %6.2f s   CPU %6.2f s   peak %6.0f MiB\n", name, $1, $2 + $3, $4 / 1024 }' "$work/time"
}

"$python" -c 'import duckdb, pandas, pyarrow; print("duckdb", duckdb.__version__, "pandas", pandas.__version__, "pyarrow", pyarrow.__version__)'
nproc
"$python" benches/import.py generate "$rows" "$work/baci.csv"
wc -lc "$work/baci.csv" | awk '{ print $1, "lines,", $2, "bytes" }'
cat "$work/baci.csv" >/dev/null
for _ in 1 2 3; do
    timed "forelay, CSV to Parquet" "$speed" import "$work/baci.csv" "$work/forelay.parquet"
    timed "duckdb, CSV to Parquet, zstd" "$python" benches/import.py duckdb "$work/baci.csv" "$work/duckdb.parquet" zstd
    timed "duckdb, CSV to Parquet, snappy" "$python" benches/import.py duckdb "$work/baci.csv" "$work/snappy.parquet" snappy
    timed "pandas, CSV to Parquet" "$python" benches/import.py pandas "$work/baci.csv" "$work/pandas.parquet"
done
ls -l "$work"/*.parquet | awk '{ n = split($9, part, "/"); print part[n], $5, "bytes" }'
"$python" benches/import.py compare "$work/forelay.parquet" "$work/duckdb.parquet" 2>"$work/said" || { cat "$work/said"; exit 1; }
timed "forelay, read the table" "$speed" read "$work/forelay.parquet"
timed "forelay, read DuckDB's Parquet" "$speed" long "$work/duckdb.parquet" location=i,activity=k,value=v,year=t
timed "forelay, read the CSV" "$speed" long "$work/baci.csv" location=i,activity=k,value=v,year=t
timed "forelay, write 22 M x 8 Parquet" "$speed" write 22000000 "$work/result.parquet"
timed "forelay, write 22 M x 8 CSV" "$speed" write 22000000 "$work/result.csv"
rm "$work"/*.parquet "$work/result.csv"
if [ "$more" -gt 0 ]; then
    "$python" benches/import.py generate "$more" "$work/baci.csv"
    timed "forelay, $more rows" "$speed" import "$work/baci.csv" "$work/more.parquet"
fi
