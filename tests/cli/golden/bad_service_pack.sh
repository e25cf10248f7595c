# SPDX-License-Identifier: MIT
"$NTSOCK" run --service-pack=99 -- "$NTSOCK" echo --count=1
