# SPDX-License-Identifier: MIT
"$NTSOCK" errors | head -n 1
