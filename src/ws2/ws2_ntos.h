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
/*
 * Is what a program points to there? Free on the calling thread's stack, a call of the host elsewhere.
 * 0 bytes are always there.
 */
BOOLEAN Ws2Probe(const VOID *Address, SIZE_T Bytes);
BOOLEAN Ws2ProbeWrite(const VOID *Address, SIZE_T Bytes);
BOOLEAN Ws2ProbeText(const char *Text); /* with its terminating zero */
BOOLEAN Ws2ProbeWideText(const WCHAR *Text);

#endif
