/* SPDX-License-Identifier: MIT */
/* winver.h - forwards to minwindef.h, where what socket programs need of it is. */
#include <minwindef.h>
