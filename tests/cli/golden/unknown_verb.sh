# SPDX-License-Identifier: MIT
"$NTSOCK" dance
