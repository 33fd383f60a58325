#!/usr/bin/env bash
# The first process of a made-up host (namespace_hosts.py), in namespaces of its own: NAME FOLDER [MODE:PATH]...
# It sees this machine's files, but for a /tmp, a /run, a home and a memory of its own, and what the paths bring back, `ro` or `rw`.
set -euo pipefail
name=$1 folder=$2 root=$2/root
shift 2

mount --make-rprivate /
hostname "$name"
mkdir -p "$root" "$folder/home" "$folder/tmp"
chmod 1777 "$folder/tmp"
mount -t tmpfs tmpfs "$root"
for entry in /*; do
  case $entry in
    /proc | /run | /tmp | "$HOME") continue ;;
  esac
  if [ -L "$entry" ]; then
    cp -P "$entry" "$root$entry"
  elif [ -d "$entry" ]; then
    mkdir "$root$entry" && mount --rbind "$entry" "$root$entry"
  fi
done
mkdir -p "$root"/{proc,run,tmp} "$root$HOME"
mount -t proc proc "$root/proc"
mount -t tmpfs -o mode=755 tmpfs "$root/run"
mount -t tmpfs -o mode=1777,size=2g tmpfs "$root/dev/shm"
mount --bind "$folder/tmp" "$root/tmp"
mount --bind "$folder/home" "$root$HOME"
mount --bind "$folder/hosts" "$root/etc/hosts"
mount --bind "$folder/nsswitch.conf" "$root/etc/nsswitch.conf"
for path in "$@"; do
  from=${path#*:} to=$root${path##*:}
  mkdir -p "$to"
  mount --bind "${from%%:*}" "$to"
  [ "${path%%:*}" = rw ] || mount -o remount,bind,ro "$to"
done
mkdir -p "$root/run/sshd"

# sshd as the first process would leave what dies in a host as zombies, for which `ray stop` waits.
exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME="$HOME" chroot "$root" \
  bash -c '"$0" -D -e -f ~/sshd/config & while :; do wait -n; sleep 0.2; done' "$(command -v sshd)"
