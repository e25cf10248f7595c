# SPDX-License-Identifier: MIT
"$NTSOCK" errata
