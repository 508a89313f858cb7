#!/usr/bin/env bash
# Unpacks Debian packages for use in guests into a cache; installs nothing into the system.
#
#   eng/guest-packages.sh    open-iscsi with the libraries that few machines have: $PEWTER_CACHE/guest/open-iscsi
set -euo pipefail
folder="${PEWTER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pewter}/guest"
[ -e "$folder/open-iscsi" ] && exit 0
mkdir -p "$folder"
work=$(mktemp -d "$folder/.make.XXXXXX")
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
(cd "$work" && apt-get download -qq open-iscsi libisns0 libopeniscsiusr 2>/dev/null)
for package in "$work"/*.deb; do dpkg-deb -x "$package" "$work/root"; done
mv "$work/root" "$folder/open-iscsi"
