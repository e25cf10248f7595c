# SPDX-License-Identifier: MIT
"$NTSOCK"
