# SPDX-License-Identifier: MIT
"$NTSOCK" version
