/* SPDX-License-Identifier: MIT */
/* consoleapi.h - forwards to wincon.h, where what socket programs need of it is. */
#include <wincon.h>
