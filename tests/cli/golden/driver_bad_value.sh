# SPDX-License-Identifier: MIT
"$NTSOCK" run --driver=passthrough:fastio=maybe -- "$NTSOCK" echo --count=1
