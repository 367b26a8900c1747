#!/bin/sh
# Records the reference gateways of all providers into cassettes/reference-*, which ship with the project.
# Run it whenever specs, cases or the reference gateway have changed: a recording of other specs is refused.
set -eu
cd "$(dirname "$0")/.."
report=$(mktemp -d)
trap 'rm -rf "$report"' EXIT
python -m proofsheet verify --mode record --cassettes cassettes --report-dir "$report/recorded" >"$report/recorded.txt" || { cat "$report/recorded.txt"; exit 1; }
python -m proofsheet verify --mode replay --cassettes cassettes --report-dir "$report/replayed" >"$report/replayed.txt" || { cat "$report/replayed.txt"; exit 1; }
python -m proofsheet cassettes pin cassettes
du -sb cassettes/reference-*
