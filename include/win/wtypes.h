/* SPDX-License-Identifier: MIT */
/* wtypes.h - forwards to windef.h, where what socket programs need of it is. */
#include <windef.h>
