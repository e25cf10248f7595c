# SPDX-License-Identifier: MIT
"$NTSOCK" errors --json STATUS_SUCCESS
