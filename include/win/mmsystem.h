/* SPDX-License-Identifier: MIT */
/* mmsystem.h - the multimedia API, of which only the timer functions exist here. */
#ifndef _INC_MMSYSTEM
#define _INC_MMSYSTEM
#include <timeapi.h>
#endif
