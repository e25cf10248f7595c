# SPDX-License-Identifier: MIT
"$NTSOCK" run --driver="$TEST_DRIVERS/no_entry.so" -- "$NTSOCK" echo --count=1
