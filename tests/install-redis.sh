#!/usr/bin/env bash
# Prints the path of redis-server, which tests run on a port of their own; installs it when root may.
set -euo pipefail

find_redis() {
  PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v redis-server
}

find_redis && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends redis-server
  } >&2
  find_redis && exit 0
fi
echo "Tests need Redis: install it (Debian: apt-get install redis-server) and run again." >&2
exit 1
