# SPDX-License-Identifier: MIT
"$NTSOCK" run echo --driver=mine --help
