#!/usr/bin/env bash
# Prints the path of a Chromium that browser tests can drive; installs Debian's when root may.
set -euo pipefail

find_chromium() {
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" && return 0
  done
  # One that Playwright downloaded on this machine before.
  for path in "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}"/chromium-*/chrome-linux*/chrome; do
    [ -x "$path" ] && echo "$path" && return 0
  done
  return 1
}

find_chromium && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
      chromium fonts-dejavu-core fonts-noto-color-emoji
  } >&2
  find_chromium && exit 0
fi
echo "Browser tests need Chromium: install it (Debian: apt-get install chromium) and run again." >&2
exit 1
