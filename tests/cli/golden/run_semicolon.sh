# SPDX-License-Identifier: MIT
"$NTSOCK" run --driver="a;b" -- true
