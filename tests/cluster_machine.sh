#!/usr/bin/env bash
# What `make test-cluster` needs from Debian to launch a cluster on hosts made of namespaces. Only root can make those.
set -euo pipefail

packages=(openssh-server openssh-client rsync iproute2)
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
  echo "Hosts cannot be made here, and nothing is installed for them." >&2
  exit 0
fi
programs=(sshd ssh-keygen rsync ip)
if [ "$(command -v "${programs[@]}" | wc -l)" = "${#programs[@]}" ]; then
  exit 0
fi

# The hosts start servers of their own: this machine's is to stay as it was, which is off if it was not there.
had_sshd=$(command -v sshd || true)
policy=/usr/sbin/policy-rc.d
if [ -z "$had_sshd" ] && [ ! -e "$policy" ]; then
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
  trap 'rm -f "$policy"' EXIT
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${packages[@]}"
if [ -z "$had_sshd" ] && command -v systemctl >/dev/null; then
  systemctl disable --quiet ssh 2>/dev/null || true
fi
