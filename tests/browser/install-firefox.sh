#!/usr/bin/env bash
# Prints the path of a Firefox that browser tests can drive; installs Debian's when root may.
set -euo pipefail

find_firefox() {
  for name in firefox-esr firefox; do
    command -v "$name" && return 0
  done
  return 1
}

find_firefox && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends firefox-esr
  } >&2
  find_firefox && exit 0
fi
echo "Browser tests need Firefox: install it (Debian: apt-get install firefox-esr) and run again." >&2
exit 1
