#!/usr/bin/env bash
# The browser tests where Node and Chromium are there; says what is missing elsewhere, and is then no failure.
set -euo pipefail
cd "$(dirname "$0")/.."
chromium="${CHROMIUM:-/usr/bin/chromium}"
command -v npm >/dev/null || { echo "browser tests: ignored (no Node)"; exit 0; }
[ -x "$chromium" ] || { echo "browser tests: ignored (no $chromium)"; exit 0; }
[ -d node_modules/playwright-core ] || npm ci --no-audit --no-fund --silent || { echo "browser tests: ignored (npm ci failed)"; exit 0; }
forelay="${CARGO_TARGET_DIR:-../target}/debug/forelay"
study="$(mktemp -d)"
trap 'rm -rf "$study"' EXIT
"$forelay" --quiet init --example china-2021 "$study/study" >/dev/null
"$forelay" --quiet --study "$study/study" run >/dev/null
CHROMIUM="$chromium" node tests/run.mjs --forelay "$forelay" --study "$study/study"
