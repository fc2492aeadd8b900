#!/bin/sh
# Measures how often the statistics hold and writes results/coverage.csv and results/coverage.md.
set -eu
cd "$(dirname "$0")/.."
mkdir -p results
cargo run --locked --release --example coverage -- results
