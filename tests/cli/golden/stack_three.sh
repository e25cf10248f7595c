# SPDX-License-Identifier: MIT
"$NTSOCK" stack --driver=trace --driver=passthrough:fastio=0 --driver=passthrough
