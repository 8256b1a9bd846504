# What the benches of the chain share: arguments, the machine, one table. Sourced, not run.
#
# --peers PYTHON      python of a virtual environment with the peers
# --generators DIR    folder of gen_network.py (chain_cascade.sh)
# --data DIR          folder of the WIOD Parquet files (chain_inventory.sh)
# --quick             small sizes
# --full              the largest network too (chain_cascade.sh)

cd "$(dirname "${BASH_SOURCE[0]}")/.."
peers="" generators="" data="" quick="" full=""
while [ $# -gt 0 ]; do
    case $1 in
        --peers) peers=$2; shift 2 ;;
        --generators) generators=$2; shift 2 ;;
        --data) data=$2; shift 2 ;;
        --quick) quick=yes; shift ;;
        --full) full=yes; shift ;;
        *) echo "unknown argument $1" >&2; exit 2 ;;
    esac
done

need() { # name value
    [ -n "$2" ] || { echo "give $1" >&2; exit 2; }
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Peers choose their own kernels.
peer() { env -u OPENBLAS_CORETYPE -u OPENBLAS_L2_SIZE "$peers" "$@"; }

machine() {
    echo
    echo "$(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2 | sed 's/^ //'), $(nproc) cores; $(rustc --version | cut -d' ' -f1,2); load $(cut -d' ' -f1-3 /proc/loadavg)"
}

# Runs a command, keeps its table rows (they begin with |), adds a row for the whole run, and leaves the rest on stderr.
rows() { # name command…
    local name=$1
    shift
    /usr/bin/time -o "$work/time" -f '%e %U %S %M' "$@" >"$work/out"
    grep '^|' "$work/out" || true
    grep -v '^|' "$work/out" >&2 || true
    awk -v name="$name" 'END { printf "| %s, whole program | %.2f | %.2f | peak %.0f MB |\n", name, $1, $2 + $3, $4 / 1024 }' "$work/time"
}

header() {
    echo
    echo "| what | wall s | CPU s | |"
    echo "|---|---|---|---|"
}
