# SPDX-License-Identifier: MIT
"$NTSOCK" stack --driver=nosuch
