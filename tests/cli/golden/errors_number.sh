# SPDX-License-Identifier: MIT
"$NTSOCK" errors 10022
