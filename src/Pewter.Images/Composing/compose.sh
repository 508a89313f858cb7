#!/usr/bin/env bash
# Composes a Debian system from packages, and a disk of it that boots by BIOS, by a kernel of its own, over NBD and over iSCSI.
#
#   compose.sh root DIR SUITE MIRROR AGENT PACKAGE…          the system as a directory
#   compose.sh filesystem OUT SIZE_MIB dir|tar|oci SOURCE…   a directory, archives or layers as an ext4 file system (0: as large as it needs)
#   compose.sh disk DIR OUT SIZE_MIB                         the directory as a disk: OUT/disk, OUT/kernel, OUT/initrd
#
# A system's files are root's: the first needs root, the others do with fakeroot. Nothing outside of DIR and OUT changes.
set -euo pipefail

need() { command -v "$1" >/dev/null || [ -e "$1" ] || { echo "$1 is missing: 'apt-get install $2'" >&2; exit 1; }; }

compose_root() {
  local dir=$1 suite=$2 mirror=$3 agent=$4; shift 4
  need mmdebstrap mmdebstrap
  [ "$(id -u)" = 0 ] || { echo "a Debian system is composed by root, because its files are root's" >&2; exit 1; }
  local work; work=$(mktemp -d); trap 'rm -rf "$work"' RETURN
  mkdir -p "$work/etc/initramfs-tools/conf.d" "$work/etc/initramfs-tools/scripts/init-bottom" "$work/etc/initramfs-tools/hooks" "$work/etc/iscsi" \
    "$work/usr/lib/pewter" "$work/etc/systemd/system/multi-user.target.wants" "$work/etc/systemd/network" "$work/etc/systemd/system/sockets.target.wants"
  printf 'MODULES=most\nCOMPRESS=zstd\nBUSYBOX=y\n' > "$work/etc/initramfs-tools/conf.d/pewter"
  printf '%s\n' virtio_pci virtio_mmio virtio_net virtio_blk virtio_scsi e1000 e1000e nbd iscsi_tcp iscsi_ibft overlay > "$work/etc/initramfs-tools/modules"
  # Whoever boots by iPXE's sanboot has left the target's name and secret in the firmware's table.
  echo 'ISCSI_AUTO=true' > "$work/etc/iscsi/iscsi.initramfs"
  cat > "$work/etc/initramfs-tools/scripts/init-bottom/pewter-overlay" <<'OVERLAY'
#!/bin/sh
# pewter.overlay: the disk is only read, and what is written lives in memory.
[ "$1" = prereqs ] && exit 0
grep -qw pewter.overlay /proc/cmdline || exit 0
mkdir -p /run/pewter/over /run/pewter/below
mount -t tmpfs -o mode=755 tmpfs /run/pewter/over
mkdir -p /run/pewter/over/upper /run/pewter/over/work
mount --move "$rootmnt" /run/pewter/below
mount -t overlay -o lowerdir=/run/pewter/below,upperdir=/run/pewter/over/upper,workdir=/run/pewter/over/work overlay "$rootmnt"
mkdir -p "$rootmnt/run"
OVERLAY
  chmod 755 "$work/etc/initramfs-tools/scripts/init-bottom/pewter-overlay"
  "$agent" install --root="$work" >/dev/null
  # A root over the network has its address already, and a second answer must not take it away.
  cat > "$work/etc/systemd/network/80-pewter.network" <<'NETWORK'
[Match]
Name=eth* en*

[Network]
DHCP=yes
KeepConfiguration=yes
NETWORK
  ln -s /lib/systemd/system/systemd-networkd.service "$work/etc/systemd/system/multi-user.target.wants/systemd-networkd.service"
  printf 'LABEL=pewter-root / ext4 rw,relatime 0 1\n' > "$work/etc/fstab"
  echo debian > "$work/etc/hostname"
  printf '127.0.0.1 localhost debian\n::1 localhost\n' > "$work/etc/hosts"
  tar -C "$work" -cf "$work.tar" .
  local packages; packages=$(IFS=,; echo "$*")
  mmdebstrap --quiet --mode=root --variant=minbase --include="$packages" \
    --aptopt='Acquire::Languages "none"' --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/info/*' --dpkgopt='force-confold' \
    --essential-hook="tar -C \"\$1\" -xf '$work.tar'" \
    --customize-hook="chroot \"\$1\" passwd -d root >/dev/null" \
    --customize-hook="rm -f \"\$1\"/etc/machine-id; : > \"\$1\"/etc/machine-id" \
    "$suite" "$dir" "$mirror"
  rm -f "$work.tar"
}

# sectors: 0 the boot code and table, 2048 a FAT file system with kernel, initramfs and syslinux, then the root file system.
compose_disk() {
  local dir=$1 out=$2 size=$3 boot_mib=96 kernel initrd
  need mke2fs e2fsprogs; need sfdisk fdisk; need mkfs.vfat dosfstools; need mcopy mtools; need syslinux syslinux
  need /usr/lib/syslinux/mbr/mbr.bin syslinux-common
  kernel=$(ls "$dir"/boot/vmlinuz-* 2>/dev/null | tail -n 1); initrd=$(ls "$dir"/boot/initrd.img-* 2>/dev/null | tail -n 1)
  [ -n "$kernel" ] && [ -n "$initrd" ] || { echo "there is no kernel among the packages: add linux-image-cloud-amd64 and initramfs-tools" >&2; exit 1; }
  cp "$kernel" "$out/kernel"; cp "$initrd" "$out/initrd"
  truncate -s "${size}M" "$out/disk"
  sfdisk --quiet "$out/disk" <<TABLE
label: dos
start=2048, size=$((boot_mib * 2048)), type=e, bootable
start=$(((boot_mib + 1) * 2048)), type=83
TABLE
  dd if=/usr/lib/syslinux/mbr/mbr.bin of="$out/disk" conv=notrunc status=none
  # The boot code reads where its partition begins from the file system itself.
  truncate -s "${boot_mib}M" "$out/boot"
  mkfs.vfat -F 16 -n PEWTERBOOT -h 2048 "$out/boot" >/dev/null
  export MTOOLS_SKIP_CHECK=1
  cat > "$out/syslinux.cfg" <<'BOOT'
SERIAL 0 115200
DEFAULT debian
PROMPT 0
TIMEOUT 1
LABEL debian
  KERNEL /vmlinuz
  INITRD /initrd.img
  APPEND root=LABEL=pewter-root ro console=tty0 console=ttyS0,115200 net.ifnames=0 ip=dhcp panic=30
BOOT
  mcopy -i "$out/boot" "$out/kernel" ::/vmlinuz
  mcopy -i "$out/boot" "$out/initrd" ::/initrd.img
  mcopy -i "$out/boot" "$out/syslinux.cfg" ::/syslinux.cfg
  syslinux --install "$out/boot"
  dd if="$out/boot" of="$out/disk" bs=1M seek=1 conv=notrunc,sparse status=none
  rm "$out/syslinux.cfg" "$out/boot"
  mke2fs -q -F -t ext4 -L pewter-root -m 0 -O ^metadata_csum_seed,^orphan_file -E "offset=$(((boot_mib + 1) * 1024 * 1024)),lazy_itable_init=1" \
    -d "$dir" "$out/disk" "$((size - boot_mib - 1))M"
}

# A later layer takes away what it names with '.wh.' before it, and all of a directory with '.wh..wh..opq' in it (OCI image-spec, layer.md).
apply_layer() {
  local dir=$1 archive=$2 mark path
  while IFS= read -r mark; do
    path=$dir/${mark%/*}; [ "$mark" != "${mark%/*}" ] || path=$dir
    case ${mark##*/} in
      .wh..wh..opq) [ ! -d "$path" ] || find "$path" -mindepth 1 -delete ;;
      *) rm -rf "${path:?}/${mark##*/.wh.}" ;;
    esac
  done < <(tar -tf "$archive" | sed 's|^\./||' | grep -E '(^|/)\.wh\.' | sed -E 's|^\.wh\.|/.wh.|' || true)
  tar -C "$dir" --exclude='.wh.*' --numeric-owner --same-permissions --delay-directory-restore -xf "$archive"
}

compose_filesystem() {
  local out=$1 size=$2 kind=$3 source dir used; shift 3
  need mke2fs e2fsprogs
  if [ "$(id -u)" != 0 ] && [ -z "${FAKEROOTKEY:-}" ]; then
    need fakeroot fakeroot
    exec fakeroot bash -c "$COMPOSE_SCRIPT" compose.sh filesystem "$out" "$size" "$kind" "$@"
  fi
  dir=$1
  if [ "$kind" != dir ]; then
    dir=$out.root; rm -rf "$dir"; mkdir "$dir"
    for source in "$@"; do apply_layer "$dir" "$source"; done
  fi
  if [ "$size" = 0 ]; then
    # What the files need, their names and the journal, and room to work in.
    used=$(du -sk --apparent-size "$dir" | cut -f 1)
    size=$((used * 5 / 4 / 1024 + $(find "$dir" | wc -l) / 2048 + 64))
  fi
  truncate -s "${size}M" "$out"
  mke2fs -q -F -t ext4 -m 0 -E lazy_itable_init=1 -d "$dir" "$out"
  [ "$kind" = dir ] || rm -rf "$dir"
}

case ${1:-} in
  filesystem) shift; compose_filesystem "$@" ;;
  root) shift; compose_root "$@" ;;
  disk) shift; compose_disk "$@" ;;
  *) echo "usage: compose.sh root|filesystem|disk …" >&2; exit 2 ;;
esac
