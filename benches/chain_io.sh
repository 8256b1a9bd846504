#!/usr/bin/env bash
# Leontief inverse, extraction and one solve beside NumPy and pymrio, in one run and on the same threads.
#
#   benches/chain_io.sh --peers …/bin/python [--quick]
#
# The virtual environment holds numpy, pandas and pymrio 0.7.0. n = 1,980 and 3,510; --quick: 990.
# One table of the best of three runs each; everything else goes to stderr.
set -euo pipefail
source "$(dirname "$0")/chain_common.sh"
need "--peers PYTHON" "$peers"
cargo build --release -q -p chain --example bench_io
bench=${CARGO_TARGET_DIR:-target}/release/examples/bench_io
sizes="1980 3510"
[ -z "$quick" ] || sizes=990
machine
peer -c 'import numpy, pandas, pymrio; print(f"numpy {numpy.__version__}, pandas {pandas.__version__}, pymrio {pymrio.__version__}")'
header
for n in $sizes; do
    peer benches/chain_io.py write "$n" "$work/$n"
    for threads in 1 2; do
        OPENBLAS_NUM_THREADS=$threads rows "peers n = $n, threads $threads" \
            env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE "$peers" benches/chain_io.py time "$n" "$work/$n"
        RAYON_NUM_THREADS=$threads rows "forelay n = $n, threads $threads" "$bench" "$work/$n"
    done
    rm -r "${work:?}/$n"
done
