# SPDX-License-Identifier: MIT
"$NTSOCK" run -- ./nowhere
