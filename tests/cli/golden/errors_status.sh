# SPDX-License-Identifier: MIT
"$NTSOCK" errors 0xC000020D
