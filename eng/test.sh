#!/usr/bin/env bash
# usage: ./test [--all] [--no-setup] [NAME…]   — sets this machine up, builds, and runs every test program.
#   NAME      only the test programs whose name contains NAME, in any case
#   --all     soaks at their full length (PEWTER_SOAK=full), with a longer limit for each program
#   --no-setup  no packages, no guest kernels
# The last line on stdout is `N passed, N failed, N skipped`; a build error, a crash or a timeout counts as failed.
set -euo pipefail
cd "$(dirname "$0")"; [ -f Pewter.slnx ] || cd ..
. eng/env.sh

limit=600 setup=yes names=()
for argument in "$@"; do
  case $argument in
    --all) export PEWTER_SOAK=full; limit=7200 ;;
    --no-setup) setup= ;;
    -h|--help) sed -n '2,6s/^# \{0,1\}//p' "$0"; exit 0 ;;
    -*) echo "test: unknown option $argument; see ./test --help" >&2; exit 2 ;;
    *) names+=("$argument") ;;
  esac
done

passed=0 failed=0 skipped=0
finish() { dotnet build-server shutdown >/dev/null 2>&1 || true; echo "$passed passed, $failed failed, $skipped skipped"; [ "$failed" = 0 ]; }

if [ -n "$setup" ]; then
  eng/setup.sh
  eng/guest-packages.sh || echo "test: open-iscsi cannot be unpacked for guests; its test will be skipped"
  if [ -x eng/kernels.sh ]; then eng/kernels.sh || echo "test: no guest kernels; the tests that boot a guest will be skipped"; fi
fi
mkdir -p artifacts/test
# Made beside the build, once for a machine: it takes two minutes, mostly of waiting.
[ -z "$setup" ] || [ "$(id -u)" != 0 ] || eng/debian-disk.sh >artifacts/test/debian-disk.log 2>&1 &
disk=$!
echo "test: building"
if ! dotnet build Pewter.slnx -v quiet -nologo >artifacts/test/build.log 2>&1; then
  grep -E 'error' artifacts/test/build.log | sort -u | head -40
  echo "test: the build failed; the whole log is in artifacts/test/build.log"
  failed=1; finish; exit 1
fi
# The tests of the whole system run the programs that a person runs.
export PEWTER_TEST_PUBLISHED=1
for app in apps/*/*.csproj; do
  [ -e "$app" ] || continue
  eng/build.sh "$(basename "$app" .csproj)" || { failed=$((failed + 1)); echo "FAILED: building $app"; }
done
wait $disk || echo "test: no Debian disk for guests (artifacts/test/debian-disk.log); the test that boots it will be skipped"

attribute() { sed -n "s/.*<assembly [^>]*[ ]$2=\"\([0-9]*\)\".*/\1/p" "$1" | head -1; }

run() {
  local project=$1 name program report log status=0 started=$SECONDS p f s
  name=$(basename "$project" .csproj); program=$(dirname "$project")/bin/Debug/net10.0/$name
  report=artifacts/test/$name.xml; log=artifacts/test/$name.log; rm -f "$report"
  if [ ! -x "$program" ]; then echo "FAILED  $name: $program was not built"; failed=$((failed + 1)); return; fi
  if [ -z "$(find "$(dirname "$project")" \( -name obj -o -name bin \) -prune -o -name '*.cs' -print -quit)" ]; then return; fi
  timeout --kill-after=20 "$limit" "$program" -noLogo -noColor -xml "$report" >"$log" 2>&1 </dev/null || status=$?
  if [ ! -s "$report" ]; then
    tail -n 60 "$log"
    if [ "$status" = 124 ] || [ "$status" = 137 ]; then echo "FAILED  $name: not done within $limit s"; else echo "FAILED  $name: ended with code $status and no report; see $log"; fi
    failed=$((failed + 1)); return
  fi
  p=$(attribute "$report" passed) f=$(attribute "$report" failed) s=$(attribute "$report" skipped)
  local errors; errors=$(attribute "$report" errors); f=$((f + ${errors:-0}))
  # A program that fails without naming a test is a failure all the same.
  if [ "$status" != 0 ] && [ "$f" = 0 ]; then f=1; tail -n 30 "$log"; echo "FAILED  $name: ended with code $status"; fi
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
  if [ "$f" != 0 ]; then cat "$log"; fi
  printf '%-7s %-32s %5d passed %3d failed %3d skipped %5d s\n' "$([ "$f" = 0 ] && echo ok || echo FAILED)" "$name" "$p" "$f" "$s" $((SECONDS - started))
  if [ "$s" != 0 ]; then grep -oE 'skipped, because [^<"]*' "$report" | sort | uniq -c | sort -rn | sed 's/^ */          /'; fi
}

ran=
for project in tests/Pewter.*.Tests/*.csproj; do
  name=$(basename "$project" .csproj) wanted=
  [ ${#names[@]} = 0 ] && wanted=yes
  for n in "${names[@]}"; do case ${name,,} in *"${n,,}"*) wanted=yes ;; esac; done
  if [ -n "$wanted" ]; then ran=yes; run "$project"; fi
done
if [ -z "$ran" ]; then echo "test: no test program is named like: ${names[*]}" >&2; failed=1; fi
finish
