# SPDX-License-Identifier: MIT
"$NTSOCK" errors 4711
