#!/bin/sh
# The commands of Afterword with the user and the settings of its service: to /usr/local/sbin/afterword,
# then `sudo afterword doctor`. With other settings a command would look at another database. Files
# that it shall read or write are best told as -, standard input and output: it may enter few folders.
exec systemd-run --quiet --pipe --wait --collect --uid=afterword \
    --property=EnvironmentFile=/etc/afterword.env /opt/afterword/bin/afterword "$@"
