#!/bin/sh
# Commands of Afterword with the user and the settings of its service: to /usr/local/sbin/afterword,
# then `sudo afterword doctor`. With other settings a command would look at another database.
# It runs in no folder of yours: give it files as standard input and output, which is -.
exec systemd-run --quiet --pipe --wait --collect --uid=afterword \
    --property=EnvironmentFile=/etc/afterword.env /opt/afterword/bin/afterword "$@"
