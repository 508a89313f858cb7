#!/usr/bin/env bash
# Puts Debian guest kernels into a cache, for tests, benchmarks and the built-in guest image; installs nothing into the system.
#
#   eng/kernels.sh [FLAVOUR…]      flavours: cloud-6.1 generic-6.1 generic-6.12 (default: all)
#
# A flavour becomes $PEWTER_CACHE/kernels/FLAVOUR/ with
#   vmlinuz      the bzImage               vmlinux      the ELF inside it, for QEMU's PVH boot (a second faster than the bzImage)
#   config       the kernel's own .config  modules/     the modules below and all they need, uncompressed
#   modules.dep  "name: needs needs…", names without path and suffix, in the order of insmod     release  the kernel's release
set -euo pipefail

cache="${PEWTER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pewter}/kernels"
flavours=("$@")
[ $# -gt 0 ] || flavours=(cloud-6.1 generic-6.1 generic-6.12)
wanted=(virtio_pci virtio_mmio virtio_net virtio_blk virtio_console virtio_balloon virtio_rng virtio_scsi 9p 9pnet_virtio 9pnet_fd nbd iscsi_tcp
  libiscsi iscsi_ibft sd_mod crc32c_generic crc32c_intel overlay squashfs ext4 loop tipc e1000 e1000e af_packet vxlan 8021q fuse isofs nls_ascii
  nls_utf8 vsock vmw_vsock_virtio_transport qemu_fw_cfg udp_tunnel ip6_udp_tunnel ipv6)

newest() { apt-cache search --names-only "$1" | awk '{print $1}' | grep -Ex "$1" | sort -V | tail -n 1; }

package_of() {
  case $1 in
    cloud-6.1) newest 'linux-image-6\.1\.0-[0-9]+-cloud-amd64' ;;
    generic-6.1) newest 'linux-image-6\.1\.0-[0-9]+-amd64' ;;
    generic-6.12) newest 'linux-image-6\.12\.[0-9]+\+deb12-amd64' ;;
    *) echo "kernels: no flavour '$1'; there are cloud-6.1, generic-6.1 and generic-6.12" >&2; exit 2 ;;
  esac
}

# The ELF lies compressed inside the bzImage at the offset and length that its header names (Documentation/arch/x86/boot.rst).
extract_vmlinux() {
  local image=$1 out=$2 sectors offset length magic payload
  sectors=$(od -An -tu1 -j $((0x1f1)) -N1 "$image" | tr -d ' ')
  [ "$sectors" -ne 0 ] || sectors=4
  read -r offset length < <(od -An -tu4 -j $((0x248)) -N8 "$image")
  payload=$(mktemp "$out.XXXXXX")
  # The last four bytes are the unpacked size, not part of the stream.
  cut_out() { dd if="$image" iflag=skip_bytes,count_bytes bs=1M skip=$(((sectors + 1) * 512 + offset)) count="$1" status=none; }
  cut_out $((length - 4)) > "$payload"
  magic=$(od -An -tx1 -N4 "$payload" | tr -d ' ')
  case $magic in
    02214c18) lz4 -dcq "$payload" > "$out" ;;
    28b52ffd) zstd -dcq "$payload" > "$out" ;;
    fd377a58) xz -dcq "$payload" > "$out" ;;
    1f8b*) gzip -dcq "$payload" > "$out" ;;
    *) rm -f "$payload"; echo "kernels: unknown compression $magic in $image" >&2; exit 1 ;;
  esac
  rm -f "$payload"
}

# Copies the wanted modules and their closure, and writes modules.dep in plain names.
collect_modules() {
  local tree=$1 out=$2 name line path
  declare -A path_of needs_of
  while IFS=: read -r path line; do
    name=$(basename "$path"); name=${name%%.ko*}; name=${name//-/_}
    path_of[$name]=$path
    needs_of[$name]=$line
  done < "$tree/modules.dep"
  mkdir -p "$out/modules"
  : > "$out/modules.dep"
  declare -A done_already
  add() {
    local name=$1 needs="" need short
    [ -n "${path_of[$name]:-}" ] && [ -z "${done_already[$name]:-}" ] || return 0
    done_already[$name]=1
    # modules.dep lists what must be there first last.
    for need in $(tr ' ' '\n' <<< "${needs_of[$name]}" | tac); do
      short=$(basename "$need"); short=${short%%.ko*}; short=${short//-/_}
      add "$short"
      needs="$needs $short"
    done
    case ${path_of[$name]} in
      *.xz) xz -dc "$tree/${path_of[$name]}" > "$out/modules/$name.ko" ;;
      *.zst) zstd -dcq "$tree/${path_of[$name]}" > "$out/modules/$name.ko" ;;
      *) cp "$tree/${path_of[$name]}" "$out/modules/$name.ko" ;;
    esac
    echo "$name:$needs" >> "$out/modules.dep"
  }
  for name in "${wanted[@]}"; do add "$name"; done
}

for flavour in "${flavours[@]}"; do
  [ -e "$cache/$flavour/release" ] && continue
  package=$(package_of "$flavour")
  [ -n "$package" ] || { echo "kernels: no Debian package for $flavour; run 'apt-get update' and try again" >&2; exit 1; }
  mkdir -p "$cache"
  work=$(mktemp -d "$cache/.$flavour.XXXXXX")
  trap 'rm -rf "$work"' EXIT
  echo "kernels: fetching $package" >&2
  (cd "$work" && apt-get download -qq "$package" 2> /dev/null)
  dpkg-deb -x "$work"/*.deb "$work/root"
  release=$(basename "$work"/root/lib/modules/*)
  depmod -b "$work/root" "$release" 2> /dev/null || true
  mkdir "$work/out"
  cp "$work"/root/boot/vmlinuz-* "$work/out/vmlinuz"
  cp "$work"/root/boot/config-* "$work/out/config"
  extract_vmlinux "$work/out/vmlinuz" "$work/out/vmlinux"
  collect_modules "$work/root/lib/modules/$release" "$work/out"
  echo "$release" > "$work/out/release"
  rm -rf "${cache:?}/$flavour"
  mv "$work/out" "$cache/$flavour"
  rm -rf "$work"
done
