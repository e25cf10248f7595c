# SPDX-License-Identifier: MIT
"$NTSOCK" run sh -c "exit 7"
