# SPDX-License-Identifier: MIT
NTSOCK_ENGINE=epoll "$NTSOCK" stack --driver=trace --driver=passthrough:fastio=0 --driver=passthrough
