#!/usr/bin/env bash
# usage: ./bench [--quick] [NAME…]   — prints the table of SPECIFICATION.md, ours beside the rivals, measured now on this machine.
#   NAME      only the rows or programs whose name contains NAME, in any case
#   --quick   short runs: for a look, not for a figure
# Each benchmarks/*.Benchmarks program prints one JSON object a row; they are kept in artifacts/bench/. The exit code is 1 when a row misses its target.
set -euo pipefail
cd "$(dirname "$0")"; [ -f Pewter.slnx ] || cd ..
. eng/env.sh

quick=() names=() limit=1800
for argument in "$@"; do
  case $argument in
    --quick) quick=(--quick); limit=300 ;;
    -h|--help) sed -n '2,5s/^# \{0,1\}//p' "$0"; exit 0 ;;
    -*) echo "bench: unknown option $argument; see ./bench --help" >&2; exit 2 ;;
    *) names+=("$argument") ;;
  esac
done

mkdir -p artifacts/bench
# A program with many rows may leave out those that nobody asked for.
export PEWTER_BENCH_ROWS="${names[*]}"
for app in apps/*/*.csproj; do eng/build.sh "$(basename "$app" .csproj)"; done
failed=0 rows=artifacts/bench/rows.ndjson
: >"$rows"
for project in benchmarks/*.Benchmarks/*.csproj; do
  [ -e "$project" ] || { echo "bench: there are no benchmarks" >&2; exit 1; }
  name=$(basename "$project" .csproj)
  # A name of a row begins with its program's short name: ninep.getattr.depth32 is in Pewter.NineP.Benchmarks.
  short=${name#Pewter.}; short=${short%.Benchmarks}; short=${short,,} wanted=
  [ ${#names[@]} = 0 ] && wanted=yes
  for n in "${names[@]}"; do n=${n,,}; case ${name,,} in *"${n%%.*}"*) wanted=yes ;; esac; [ "${n%%.*}" = "$short" ] && wanted=yes; done
  [ -n "$wanted" ] || continue
  echo "bench: $name" >&2
  if ! dotnet publish "$project" -c Release -v quiet -nologo -o "artifacts/bench/$name" >"artifacts/bench/$name.build.log" 2>&1; then
    grep error "artifacts/bench/$name.build.log" | sort -u | head -20 >&2; failed=1; continue
  fi
  if ! timeout --kill-after=20 "$limit" "artifacts/bench/$name/$name" "${quick[@]}" 2>&1 >"artifacts/bench/$name.ndjson" | sed 's/^/  /' >&2; then
    echo "bench: $name did not end well" >&2; failed=1
  fi
  grep '^{' "artifacts/bench/$name.ndjson" >>"$rows" || true
done
dotnet build-server shutdown >/dev/null 2>&1 || true

# What is promised is measured: no row of the specification may be missing from the whole run, but those that a test proves.
if [ ${#names[@]} = 0 ]; then
  for row in $(sed -n 's/^| `\([a-z0-9._-]*\)` |.*/\1/p' <(grep -vF '| `./test' SPECIFICATION.md)); do
    grep -q "\"id\":\"${row//./\\.}[\".]" "$rows" || { echo "bench: SPECIFICATION.md promises $row, and no program has printed it" >&2; failed=1; }
  done
fi

# One table; the width of each column is that of its longest cell.
awk -v names="${names[*]}" '
function field(key,   pattern, value) {
  pattern = "\"" key "\":[ ]*(\"([^\"\\\\]|\\\\.)*\"|[^,}]*)"
  if (!match($0, pattern)) return ""
  value = substr($0, RSTART, RLENGTH); sub(/^"[^"]*":[ ]*/, "", value)
  if (value ~ /^"/) value = substr(value, 2, length(value) - 2)
  return value == "null" ? "" : value
}
function number(value) { return value !~ /^-?[0-9.]+([eE][-+]?[0-9]+)?$/ ? value : value + 0 >= 1000 ? sprintf("%.0f", value) : sprintf("%.4g", value) }
BEGIN { count = split("row ours unit rival theirs ratio target pass note", head, " "); for (c = 1; c <= count; c++) { cell[0, c] = head[c]; width[c] = length(head[c]) } keys = split(tolower(names), wanted, " ") }
{
  id = field("id"); keep = keys == 0
  for (k = 1; k <= keys; k++) if (index(tolower(id), wanted[k]) || index(wanted[k], ".") == 0) keep = 1
  if (!keep) next
  rows++; pass = field("pass"); if (pass == "false") missed++
  cell[rows, 1] = id; cell[rows, 2] = number(field("ours")); cell[rows, 3] = field("unit"); cell[rows, 4] = field("rival"); cell[rows, 5] = number(field("theirs"))
  cell[rows, 6] = number(field("ratio")); cell[rows, 7] = field("target"); cell[rows, 8] = pass == "true" ? "pass" : pass == "false" ? "MISS" : "-"; cell[rows, 9] = field("note")
  for (c = 1; c <= count; c++) if (length(cell[rows, c]) > width[c]) width[c] = length(cell[rows, c])
}
END {
  for (r = 0; r <= rows; r++) {
    line = ""
    for (c = 1; c <= count; c++) line = line sprintf(c == 2 || c == 5 || c == 6 ? "%" width[c] "s  " : "%-" width[c] "s  ", cell[r, c])
    sub(/ +$/, "", line); print line
  }
  printf "%d rows, %d passed, %d missed\n", rows, rows - missed, missed
  exit missed > 0
}' "$rows" || failed=1
exit $failed
