# SPDX-License-Identifier: MIT
"$NTSOCK" run --driver
