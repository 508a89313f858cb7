#!/usr/bin/env bash
# Brings a fresh Debian machine to where the tests run: packages of eng/packages.txt, only those that are missing, when root or with sudo.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v dpkg-query >/dev/null || { echo "setup: not a Debian machine; install what eng/packages.txt lists" >&2; exit 0; }
wanted=$(sed 's/#.*//' eng/packages.txt | awk 'NF { print $1 }' | sort -u)
installed=$(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' 2>/dev/null | sed -n 's/^ii *//p' | sort -u)
missing=$(comm -23 <(echo "$wanted") <(echo "$installed"))
may=yes become=()
if [ "$(id -u)" != 0 ]; then if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then become=(sudo -n); else may=; fi; fi
# Debian's udev lets every user open /dev/fuse; on a machine without udev it has the mode that the kernel gave it.
if [ -n "$may" ] && [ -c /dev/fuse ] && [ "$(stat -c %a /dev/fuse)" != 666 ]; then "${become[@]}" chmod 666 /dev/fuse; fi
[ -n "$missing" ] || exit 0
if [ -z "$may" ]; then
  echo "setup: not root and no sudo; some tests will be skipped. To have them all: sudo apt-get install -y --no-install-recommends" $missing >&2
  exit 0
fi
echo "setup: installing" $missing >&2
export DEBIAN_FRONTEND=noninteractive
# Services of Debian start on installation; the tests start their own with their own state.
policy=/usr/sbin/policy-rc.d
made=; if [ ! -e $policy ]; then printf '#!/bin/sh\nexit 101\n' | "${become[@]}" tee $policy >/dev/null; "${become[@]}" chmod +x $policy; made=1; fi
trap '[ -z "$made" ] || "${become[@]}" rm -f $policy' EXIT
"${become[@]}" apt-get update -qq >&2 || true
if ! "${become[@]}" apt-get install -y -qq --no-install-recommends $missing >&2; then
  # One name that this release does not have must not keep the others away.
  for package in $missing; do "${become[@]}" apt-get install -y -qq --no-install-recommends "$package" >/dev/null 2>&1 || echo "setup: $package cannot be installed; its tests will be skipped" >&2; done
fi
