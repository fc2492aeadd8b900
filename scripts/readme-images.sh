#!/usr/bin/env bash
# Makes the pictures in results/images again, from the shipped scenarios.
#
#   scripts/readme-images.sh [PROGRAM]        (by default target/release/rolesim)
#
# Needs Chromium (CHROMIUM=/usr/bin/chromium) for the pictures of the page. Look at them before you commit them.
set -euo pipefail
cd "$(dirname "$0")/.."
rolesim=${1:-target/release/rolesim}
chromium=${CHROMIUM:-$(command -v chromium || command -v chromium-browser || true)}
[ -x "$rolesim" ] || { echo "build it first, or name the program" >&2; exit 2; }
[ -x "$chromium" ] || { echo "this needs Chromium: set CHROMIUM to its path" >&2; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A missed objective (3) or an undecided one (4) is part of what a scenario shows.
simulate() {
  "$rolesim" run "scenarios/$1.toml" --quiet --png --out "$work/$1" || [ $? -ge 3 ]
}
# page SCENARIO WIDTH HEIGHT FILE
page() {
  "$chromium" --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --hide-scrollbars --user-data-dir="$work/profile" \
    --window-size="$2,$3" --screenshot="$PWD/results/images/$4" "file://$work/$1/report.html" 2>/dev/null
}
simulate docs-example
simulate crash-single-node-shard
page docs-example 1000 1000 docs-example-report.png
cp "$work/docs-example/charts/utilization.svg" results/images/docs-example-utilization.svg
cp "$work/crash-single-node-shard/charts/timeline.png" results/images/crash-single-node-shard-timeline.png
cp "$work/crash-single-node-shard/charts/push.png" results/images/crash-single-node-shard-push.png
ls -l results/images
