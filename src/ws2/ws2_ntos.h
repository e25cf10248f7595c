/* SPDX-License-Identifier: MIT */
/*
 * ws2_ntos.h - services of ntos that ws2 uses beside the native API.
 *
 * Layer: ws2. Declared with types that winsock2.h and wdm.h share: the two are never included
 * together.
 */
#ifndef WS2_NTOS_H
#define WS2_NTOS_H

#include <ntdef.h>

VOID Ws2InitializeSystem(VOID); /* NtsInitializeSystem */
PULONG Ws2LastErrorSlot(VOID);  /* the thread's last error, one with GetLastError */

#endif
