#!/usr/bin/env bash
# Makes a small Debian disk that boots from a SAN, for tests: PC boot sector, extlinux, one ext4 partition, a login prompt on the first serial
# line, and open-iscsi in its initramfs, which takes the root disk over from what the firmware's boot table (iBFT) says.
#
#   eng/debian-disk.sh         prints the path of the raw image, which is made at the first call: $PEWTER_CACHE/disks/debian-12.raw
#   eng/debian-disk.sh cloud   the same with cloud-init: debian-12-cloud.raw
#
# Needs root (a chroot and a loop mount) and mmdebstrap, extlinux, syslinux-common, fdisk, e2fsprogs.
set -euo pipefail

folder="${PEWTER_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/pewter}/disks"
image=$folder/debian-12${1:+-$1}.raw
size=900M packages=linux-image-cloud-amd64,systemd-sysv,udev,kmod,iproute2,open-iscsi,initramfs-tools,e2fsprogs
case ${1:-} in
  '') ;;
  cloud) size=1500M packages=$packages,cloud-init,ifupdown ;;
  *) echo "debian-disk: there is no disk '$1'; there is 'cloud'" >&2; exit 2 ;;
esac
start=2048
mkdir -p "$folder"
exec 9>"$folder/.lock"; flock 9
[ -e "$image" ] && { echo "$image"; exit 0; }
for program in mmdebstrap extlinux sfdisk mke2fs; do
  command -v "$program" >/dev/null || { echo "debian-disk: $program is missing; install mmdebstrap extlinux syslinux-common fdisk e2fsprogs" >&2; exit 1; }
done

work=$(mktemp -d "$folder/.make.XXXXXX")
trap 'umount -q "$work/mnt" 2>/dev/null || true; rm -rf --one-file-system "$work"' EXIT
cat >"$work/customise" <<'CUSTOMISE'
#!/bin/sh
set -e
root=$1
echo debian >"$root/etc/hostname"
echo 'LABEL=pewter-root / ext4 defaults 0 1' >"$root/etc/fstab"
printf 'virtio_net\nvirtio_pci\nvirtio_blk\niscsi_tcp\niscsi_ibft\nsd_mod\next4\ncrc32c_generic\n' >"$root/etc/initramfs-tools/modules"
sed -i 's/^MODULES=.*/MODULES=list/' "$root/etc/initramfs-tools/initramfs.conf"
echo 'ISCSI_AUTO=true' >"$root/etc/iscsi/iscsi.initramfs"
echo 'InitiatorName=iqn.2026-11.example.client:boot' >"$root/etc/iscsi/initiatorname.iscsi"
# Nothing here waits for a network that the firmware has already set up.
for unit in systemd-networkd-wait-online.service apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer; do
  ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
[ ! -d "$root/etc/cloud" ] || echo 'datasource_list: [NoCloud, None]' >"$root/etc/cloud/cloud.cfg.d/90_sources.cfg"
chroot "$root" sh -c 'echo root:pewter | chpasswd'
chroot "$root" update-initramfs -u -k all
mkdir -p "$root/boot/extlinux"
kernel=$(basename "$root"/boot/vmlinuz-*); initrd=$(basename "$root"/boot/initrd.img-*)
cat >"$root/boot/extlinux/extlinux.conf" <<BOOT
SERIAL 0 115200
DEFAULT linux
LABEL linux
KERNEL /boot/$kernel
INITRD /boot/$initrd
APPEND root=LABEL=pewter-root rw console=ttyS0 net.ifnames=0 iscsi_auto mitigations=off
BOOT
rm -rf "$root"/usr/share/doc/* "$root"/usr/share/man/* "$root"/usr/share/locale/* "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/*
CUSTOMISE
chmod +x "$work/customise"
mmdebstrap --quiet --mode=root --variant=minbase --customize-hook="$work/customise" \
  --include=$packages bookworm "$work/root" >&2

truncate -s $size "$work/disk"
echo "start=$start, type=83, bootable" | sfdisk -q "$work/disk"
bytes=$(($(stat -c %s "$work/disk") - start * 512))
mke2fs -q -F -t ext4 -O ^64bit,^metadata_csum -L pewter-root -E offset=$((start * 512)),root_owner=0:0 -d "$work/root" "$work/disk" $((bytes / 1024))k
# extlinux writes where its own file lies into its first sector, which only a mounted file system can tell.
mkdir "$work/mnt"
mount -o loop,offset=$((start * 512)),sizelimit=$bytes "$work/disk" "$work/mnt"
extlinux --install "$work/mnt/boot/extlinux" 2>/dev/null
umount "$work/mnt"
dd if=/usr/lib/EXTLINUX/mbr.bin of="$work/disk" bs=440 count=1 conv=notrunc status=none
mv "$work/disk" "$image"
echo "$image"
