#!/usr/bin/env bash
# rolesim's engine beside other simulators that crates.io and PyPI offer, all in one run on one machine; writes
# results/peers.csv, results/peers.md and results/peers.svg. Takes about ten minutes; nothing else should run meanwhile.
#
#   scripts/peers.sh [DIVISOR]        (with a divisor only a part of the customers: to try it out)
#
# Needs a Rust toolchain and Python 3 with venv. The programs are in peers/, which is no part of the package.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

environment=$(mktemp -d)
trap 'rm -rf "$environment"' EXIT
python3 -m venv "$environment" >"$environment/log" 2>&1 || {
  cat "$environment/log" >&2
  echo "this needs Python 3 with venv (on Debian the package python3-venv)" >&2
  exit 2
}
"$environment/bin/pip" install --quiet --disable-pip-version-check --requirement peers/requirements.txt

mkdir -p results
cargo build --release --manifest-path peers/Cargo.toml
"${CARGO_TARGET_DIR:-peers/target}/release/peers" compare "$environment/bin/python" "$@"
cat results/peers.md
