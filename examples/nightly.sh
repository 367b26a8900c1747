#!/bin/sh
# One night: look at last night's images again, verify, say what got worse. Leaves with 1 only where something got worse,
# with 2 where there is no new result to compare.
#
#   TARGET   a target of targets.toml           KNOWN    the list of known failures (optional)
#   BUDGET   such as '5 USD' (paid targets)     REPORTS  where reports are kept (default: reports)
set -u
reports=${REPORTS:-reports}
new=$reports/$(date -u +%Y-%m-%dT%H%M%S)
yardstick=$reports/yardstick
old=$(cat "$yardstick" 2>/dev/null)

mkdir -p "$reports"
if [ -n "$old" ]; then
  proofsheet recheck "$old" --report-dir "$new-recheck"
fi

set -- verify "$TARGET" --repeat 3 --report-dir "$new" --history "$reports/history.sqlite" "$@"
[ -n "${KNOWN:-}" ] && set -- "$@" --known "$KNOWN"
[ -n "${BUDGET:-}" ] && set -- "$@" --max-spend "$BUDGET"
proofsheet "$@"
code=$?
[ -f "$new/results.json" ] || exit 2

worse=0
if [ -n "$old" ]; then
  proofsheet compare "$old" "$new" --markdown "$new/compare.md" --json "$new/compare.json"
  worse=$?
fi
# A night that was cut short is no yardstick for the next one.
case $code in 0 | 1) echo "$new" >"$yardstick" ;; esac
exit $worse
