# SPDX-License-Identifier: MIT
# The profiles that are tried have no other drivers and updates than they say, whatever is configured.
printf '[ntsock]\ndrivers=passthrough\nhotfixes=Q201348\n' >ntsock.conf
NTSOCK_CONFIG="$PWD/ntsock.conf" "$NTSOCK" errata --json Q201348 | grep -E '"(profile|error|expected)"'
