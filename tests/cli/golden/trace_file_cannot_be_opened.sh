# SPDX-License-Identifier: MIT
"$NTSOCK" run --driver=trace:file=/nowhere/at/all -- "$NTSOCK" echo --count=1
