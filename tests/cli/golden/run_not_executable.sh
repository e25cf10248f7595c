# SPDX-License-Identifier: MIT
: >file; "$NTSOCK" run -- ./file
