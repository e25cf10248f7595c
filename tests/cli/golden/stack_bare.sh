# SPDX-License-Identifier: MIT
"$NTSOCK" stack
