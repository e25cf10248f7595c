# SPDX-License-Identifier: MIT
NTSOCK_ENGINE=epoll "$NTSOCK" stack --json --driver=passthrough
