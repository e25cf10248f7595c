# SPDX-License-Identifier: MIT
"$NTSOCK" run --driver=nosuch -- "$NTSOCK" echo --count=1
