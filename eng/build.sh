#!/usr/bin/env bash
# usage: eng/build.sh APP…   — publishes apps/APP into artifacts/APP, quietly; what went wrong is shown when something does.
set -euo pipefail
cd "$(dirname "$0")/.."
. eng/env.sh
command -v dotnet >/dev/null || { echo "pewter: the .NET SDK is missing. Install version $(sed -n 's/.*"version": "\([0-9]*\.[0-9]*\).*/\1/p' global.json) of it: https://dotnet.microsoft.com/download" >&2; exit 1; }
mkdir -p artifacts
# One build at a time: two first runs at once would write the same object files.
exec 9>artifacts/.build.lock
flock 9
for app in "$@"; do
  program=artifacts/$app/$app
  # A library is not a program, and cannot do without the C compiler that links it.
  case $app in lib*) program=$program.so; command -v gcc >/dev/null || command -v clang >/dev/null || { echo "pewter: $app is not built, because there is no C compiler: apt-get install gcc" >&2; continue; } ;; esac
  if [ -x "$program" ] && [ -z "$(find src apps Directory.*.props \( -name obj -o -name bin \) -prune -o -newer "$program" -type f -print -quit)" ]; then continue; fi
  started=$SECONDS
  printf 'pewter: building %s…\n' "$app" >&2
  framework=$(sed -n 's|.*<TargetFramework>\(net[0-9.]*\)</TargetFramework>.*|\1|p' "apps/$app/$app.csproj")
  options=(-c Release -o "artifacts/$app" -v quiet -nologo -p:DebugType=none)
  [ -z "$framework" ] || options+=(-f "$framework")
  if ! command -v gcc >/dev/null && ! command -v clang >/dev/null; then
    # NativeAOT links with a C compiler. Without one the program still works, only its start is slower.
    options+=(-p:PublishAot=false -p:RollForward=Major --no-self-contained)
  fi
  log=artifacts/$app.build.log
  # The servers that a build leaves running must not keep the lock.
  if ! dotnet publish "apps/$app/$app.csproj" "${options[@]}" >"$log" 2>&1 9>&-; then
    grep -E 'error|warning' "$log" | sort -u | head -40 >&2 || true
    echo "pewter: building $app failed; the whole log is in $log" >&2
    exit 1
  fi
  # The time of the program says when it was built, also where the publish found nothing to write.
  touch "$program"
  printf 'pewter: built %s in %d s\n' "$app" $((SECONDS - started)) >&2
done
