# SPDX-License-Identifier: MIT
"$NTSOCK" run --driver=passthrough:colour=red -- "$NTSOCK" echo --count=1
