#!/usr/bin/env bash
# What the tests need from Debian: the effects that they render, what those are compared with, and a browser.
set -euo pipefail

packages=(mda-lv2 lilv-utils zam-plugins chromium)
if ls /usr/lib/lv2/mda.lv2/*.so /usr/lib/vst3/ZamComp.vst3 >/dev/null 2>&1 &&
  command -v lv2apply >/dev/null && command -v chromium >/dev/null; then
  exit 0
fi
sudo=$([ "$(id -u)" = 0 ] && echo "" || command -v sudo || true)
if ! command -v apt-get >/dev/null || { [ "$(id -u)" != 0 ] && [ -z "$sudo" ]; }; then
  echo "The tests need these Debian packages, and this user cannot install them: ${packages[*]}." >&2
  exit 2
fi
$sudo apt-get update -qq
$sudo apt-get install -y -qq "${packages[@]}"
