# SPDX-License-Identifier: MIT
"$NTSOCK" errata --json Q201348
