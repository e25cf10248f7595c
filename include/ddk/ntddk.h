/* SPDX-License-Identifier: MIT */
/* ntddk.h - the older name under which NT drivers include the driver model. [ddi:wdm] */
#ifndef _NTDDK_
#define _NTDDK_
#include <wdm.h>
#endif
