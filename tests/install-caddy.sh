#!/usr/bin/env bash
# Prints the path of caddy, which tests put in front of the service too; installs it when root may.
set -euo pipefail

find_caddy() {
  PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v caddy
}

find_caddy && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends caddy
  } >&2
  find_caddy && exit 0
fi
echo "Tests need caddy: install it (Debian: apt-get install caddy) and run again." >&2
exit 1
