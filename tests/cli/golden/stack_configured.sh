# SPDX-License-Identifier: MIT
# What --driver says counts, and not what is configured, which the library has read before main.
printf '[ntsock]\ndrivers=trace\n' >ntsock.conf
export NTSOCK_CONFIG="$PWD/ntsock.conf"
"$NTSOCK" stack --json | grep '"driver"'
"$NTSOCK" stack --json --driver=passthrough | grep '"driver"'
NTSOCK_DRIVERS=';' "$NTSOCK" stack --json | grep '"driver"'
