#!/usr/bin/env bash
# A year of daily steps on WIOD 2011 (1,435 industries), beside BoARIO 0.7.2, with every industry and step compared.
#
#   benches/chain_inventory.sh --peers …/bin/python --data DIR [--quick]
#
# PYTHON has boario 0.7.2, progressbar2, pymrio 0.7.0, pyarrow; DIR holds wiot_2011_Z.parquet and wiot_2011_Y.parquet.
# --quick: 70 days.
set -euo pipefail
source "$(dirname "$0")/chain_common.sh"
need "--peers PYTHON" "$peers"
need "--data DIR" "$data"
cargo build --release -q -p chain --example bench_inventory
days=365
[ -z "$quick" ] || days=70
machine
peer -c 'import boario, numpy, pandas, pymrio; print(f"boario {boario.__version__}, numpy {numpy.__version__}, pandas {pandas.__version__}, pymrio {pymrio.__version__}")'
header
rows "BoARIO" env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE "$peers" benches/chain_inventory.py "$data" "$work" TWN c14 "$days"
for threads in 1 2; do
    RAYON_NUM_THREADS=$threads rows "forelay, threads $threads" "${CARGO_TARGET_DIR:-target}"/release/examples/bench_inventory "$work" TWN c14 "$days"
done
