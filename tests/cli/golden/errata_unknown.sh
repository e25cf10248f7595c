# SPDX-License-Identifier: MIT
"$NTSOCK" errata Q1
