# SPDX-License-Identifier: MIT
"$NTSOCK" stack --json --driver=passthrough
