#!/usr/bin/env bash
# Prints the path of php, which an example of the docs is run by; installs it when root may.
set -euo pipefail

command -v php && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends php-cli
  } >&2
  command -v php && exit 0
fi
echo "Tests need PHP: install it (Debian: apt-get install php-cli) and run again." >&2
exit 1
