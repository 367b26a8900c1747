#!/bin/sh
# Makes docs/examples/evaluation.html again: the four reference gateways, verified and compared, and the report directories
# that are named, such as that of examples/litellm/run.py. It must stay under 1 MB.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python}
report=$(mktemp -d)
trap 'rm -rf "$report"' EXIT
"$python" -m proofsheet verify --report-dir "$report" >"$report/said.txt" || { cat "$report/said.txt"; exit 1; }
"$python" -m proofsheet evaluate "$report" "$@" -o docs/examples/evaluation.html --max-size 900000
size=$(wc -c <docs/examples/evaluation.html)
[ "$size" -lt 1000000 ] || { echo "docs/examples/evaluation.html has $size bytes: it must stay under 1 MB" >&2; exit 1; }
