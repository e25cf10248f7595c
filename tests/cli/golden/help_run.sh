# SPDX-License-Identifier: MIT
"$NTSOCK" run --help
