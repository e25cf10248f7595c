# SPDX-License-Identifier: MIT
"$NTSOCK" echo --port=http
