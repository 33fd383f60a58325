#!/usr/bin/env bash
# What the tests need from Debian: the effects that they render, what those are compared with, a browser, a database for the
# tracking server, and a reader of its Compose file.
set -euo pipefail

packages=(mda-lv2 lilv-utils zam-plugins chromium)
alone=(postgresql docker-compose) # without what they recommend: Docker itself is not needed
if ls /usr/lib/lv2/mda.lv2/*.so /usr/lib/vst3/ZamComp.vst3 /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 &&
  command -v lv2apply >/dev/null && command -v chromium >/dev/null &&
  { command -v docker-compose || docker compose version; } >/dev/null 2>&1; then
  exit 0
fi
sudo=$([ "$(id -u)" = 0 ] && echo "" || command -v sudo || true)
if ! command -v apt-get >/dev/null || { [ "$(id -u)" != 0 ] && [ -z "$sudo" ]; }; then
  echo "The tests need these Debian packages, and this user cannot install them: ${packages[*]} ${alone[*]}." >&2
  exit 2
fi
$sudo apt-get update -qq
$sudo apt-get install -y -qq "${packages[@]}"
$sudo apt-get install -y -qq --no-install-recommends "${alone[@]}"
