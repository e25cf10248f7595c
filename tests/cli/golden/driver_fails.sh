# SPDX-License-Identifier: MIT
"$NTSOCK" run --driver="$TEST_DRIVERS/fails_entry.so" -- "$NTSOCK" echo --count=1
