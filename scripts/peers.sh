#!/usr/bin/env bash
# rolesim's engine beside others that crates.io and PyPI offer, in one run on one machine: writes results/peers.csv
# (engine, independent M/M/4 queues, million events a second). Needs a Rust toolchain and Python 3; the programs are in
# peers/, which is no part of the package.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

environment=$(mktemp -d)
trap 'rm -rf "$environment"' EXIT
python3 -m venv "$environment"
"$environment/bin/pip" install --quiet simpy

cargo build --release --quiet --manifest-path peers/Cargo.toml
{
  echo "engine,queues,million_events_per_second"
  "${CARGO_TARGET_DIR:-peers/target}/release/peers"
  "$environment/bin/python" peers/simpy_queues.py
} >results/peers.csv
cat results/peers.csv
