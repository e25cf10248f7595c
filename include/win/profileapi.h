/* SPDX-License-Identifier: MIT */
/* profileapi.h - the performance counter.
 * Layer: application headers. Contracts are those documented for Windows. */
#ifndef _PROFILEAPI_H_
#define _PROFILEAPI_H_

#include <minwinbase.h>

#ifndef WINBASEAPI
#define WINBASEAPI NTSOCKAPI
#endif

NTSOCK_EXTERN_C_BEGIN

WINBASEAPI BOOL WINAPI QueryPerformanceCounter(LARGE_INTEGER *lpPerformanceCount);
WINBASEAPI BOOL WINAPI QueryPerformanceFrequency(LARGE_INTEGER *lpFrequency);

NTSOCK_EXTERN_C_END

#endif
