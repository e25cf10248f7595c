# SPDX-License-Identifier: MIT
"$NTSOCK" run --service-pack=4 -- "$NTSOCK" errata
