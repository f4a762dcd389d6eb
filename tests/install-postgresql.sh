#!/usr/bin/env bash
# Prints the folder of PostgreSQL's programs (initdb, pg_ctl); installs Debian's when root may.
# Tests run a cluster of their own with them: none that is there is touched.
set -euo pipefail

find_programs() {
  # Debian keeps them out of PATH, one folder a version; the newest is printed.
  for folder in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) \
    "$(dirname "$(command -v initdb || echo /none/)")"; do
    [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ] && echo "$folder" && return 0
  done
  return 1
}

find_programs && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  {
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql
  } >&2
  find_programs && exit 0
fi
echo "Tests need PostgreSQL's programs: install them (Debian: apt-get install postgresql) and run again." >&2
exit 1
