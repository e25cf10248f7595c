/* SPDX-License-Identifier: MIT */
/* ntifs.h - the name under which file system filters include the driver model. [ddi:ntifs] */
#ifndef _NTIFS_
#define _NTIFS_
#include <wdm.h>
#endif
