# SPDX-License-Identifier: MIT
"$NTSOCK" help stack
