# SPDX-License-Identifier: MIT
"$NTSOCK" errata q201348
