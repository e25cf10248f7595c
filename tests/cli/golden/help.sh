# SPDX-License-Identifier: MIT
# --help equals the SYNOPSIS of the manual page, word for word.
"$NTSOCK" --help >help
sed -n '/^\.SH SYNOPSIS/,/^\.fi/p' "$ROOT/docs/man/ntsock.1" | grep '^ntsock' | sed 's/\\-/-/g' >synopsis
diff synopsis help
