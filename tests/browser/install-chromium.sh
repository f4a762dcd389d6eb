#!/usr/bin/env bash
# Prints the paths of two Chromiums that browser tests can drive, one a line: one that is whole, and
# one that draws no windows nobody sees (the same, where a system has no such package). Installs
# Debian's when root may.
set -euo pipefail

find_whole() {
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" && return 0
  done
  # One that Playwright downloaded on this machine before.
  for path in "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}"/chromium-*/chrome-linux*/chrome; do
    [ -x "$path" ] && echo "$path" && return 0
  done
  return 1
}

find_light() {
  command -v chromium-headless-shell
}

may_install() {
  [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null
}

install() {
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
}

if may_install && ! { find_whole && find_light; } >/dev/null; then
  apt-get update -qq >&2
  find_whole >/dev/null || install chromium fonts-dejavu-core fonts-noto-color-emoji || true
  find_light >/dev/null || install chromium-headless-shell || true
fi
if ! find_whole; then
  echo "Browser tests need Chromium: install it (Debian: apt-get install chromium) and run again." >&2
  exit 1
fi
find_light || find_whole
