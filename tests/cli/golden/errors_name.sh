# SPDX-License-Identifier: MIT
"$NTSOCK" errors wsaeaddrinuse
