# SPDX-License-Identifier: MIT
"$NTSOCK" run --driver=trace:fastio=0 -- "$NTSOCK" accept-once 2>trace.log
grep -c " fast " trace.log || true
grep -q " irp IOCTL_AFD_SEND " trace.log && echo sends are IRPs
