/* SPDX-License-Identifier: MIT */
/* specstrings.h - forwards to sal.h, where what socket programs need of it is. */
#include <sal.h>
