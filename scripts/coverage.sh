#!/bin/sh
# Measures how often the statistics, plan and compare hold what they promise; writes results/coverage.csv,
# results/coverage.md and results/decisions.md. Takes a few minutes.
set -eu
cd "$(dirname "$0")/.."
mkdir -p results
cargo run --locked --release --example coverage -- results
cargo run --locked --release --example decisions -- results
