#!/usr/bin/env bash
# Writes Pewter.slnx from the projects that exist, so that the solution is never edited by hand.
set -euo pipefail
cd "$(dirname "$0")/.."
{
  echo '<Solution>'
  for folder in src apps tests benchmarks examples; do
    [ -d "$folder" ] || continue
    projects=$(find "$folder" -mindepth 2 -maxdepth 2 -name '*.csproj' | LC_ALL=C sort)
    [ -n "$projects" ] || continue
    echo "  <Folder Name=\"/$folder/\">"
    sed 's|.*|    <Project Path="&" />|' <<<"$projects"
    echo '  </Folder>'
  done
  echo '</Solution>'
} > Pewter.slnx
