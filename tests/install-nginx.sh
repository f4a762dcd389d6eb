#!/usr/bin/env bash
# Prints the path of nginx, which tests put in front of the service; installs it when root may.
set -euo pipefail

find_nginx() {
  PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v nginx
}

find_nginx && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nginx-light
  } >&2
  find_nginx && exit 0
fi
echo "Tests need nginx: install it (Debian: apt-get install nginx-light) and run again." >&2
exit 1
