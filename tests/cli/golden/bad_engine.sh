# SPDX-License-Identifier: MIT
"$NTSOCK" run --engine=steam -- "$NTSOCK" echo --count=1
