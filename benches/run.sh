#!/usr/bin/env bash
# Times the journey of the embedded study with the program in target/release (or FORELAY=path).
# Prints the median of five runs in seconds; results with versions stand in docs/benchmarks.md.
set -euo pipefail
cd "$(dirname "$0")/.."
forelay=${FORELAY:-target/release/forelay}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

median() { sort -n | sed -n 3p; }
seconds() { local start end; start=$(date +%s%N); "$@" >/dev/null; end=$(date +%s%N); awk -v ns=$((end - start)) 'BEGIN { printf "%.2f\n", ns / 1e9 }'; }

"$forelay" init --example china-2021 "$work/study" >/dev/null
"$forelay" --version; rustc --version; nproc
for step in "run, nothing cached" "run, all cached" "report, English" "replay"; do
    for _ in 1 2 3 4 5; do
        case $step in
            "run, nothing cached") rm -rf "$work/study/.forelay" "$work/study/runs"; seconds "$forelay" -q --study "$work/study" run ;;
            "run, all cached") seconds "$forelay" -q --study "$work/study" run ;;
            "report, English") seconds "$forelay" -q --study "$work/study" report ;;
            "replay") seconds "$forelay" -q --study "$work/study" replay ;;
        esac
    done | median | sed "s|^|$step: |"
done
