#!/bin/sh
# A year of daily steps on WIOD 2011 (1,435 industries), beside BoARIO 0.7.2, with every industry and step compared.
# Usage: benches/chain_inventory.sh PYTHON DATA   (PYTHON with boario 0.7.2, progressbar2, pymrio 0.7.0, pyarrow; DATA:
# the folder with wiot_2011_Z.parquet and wiot_2011_Y.parquet)
set -eu
python=$1
data=$2
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cargo build --release -p chain --example bench_inventory
/usr/bin/time -v "$python" benches/chain_inventory.py "$data" "$work" TWN c14 2>"$work/peer.time"
grep -E "User time|System time|Elapsed|Maximum resident" "$work/peer.time"
/usr/bin/time -v target/release/examples/bench_inventory "$work" TWN c14 2>"$work/ours.time"
grep -E "User time|System time|Elapsed|Maximum resident" "$work/ours.time"
