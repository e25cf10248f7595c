/* SPDX-License-Identifier: MIT */
/* realtimeapiset.h - interrupt time.
 * Layer: application headers. Contracts are those documented for Windows. */
#ifndef _APISETREALTIME_
#define _APISETREALTIME_

#include <minwinbase.h>

#ifndef WINBASEAPI
#define WINBASEAPI NTSOCKAPI
#endif

NTSOCK_EXTERN_C_BEGIN

WINBASEAPI VOID WINAPI QueryInterruptTime(PULONGLONG lpInterruptTime);
WINBASEAPI VOID WINAPI QueryInterruptTimePrecise(PULONGLONG lpInterruptTimePrecise);
WINBASEAPI BOOL WINAPI QueryUnbiasedInterruptTime(PULONGLONG UnbiasedTime);

NTSOCK_EXTERN_C_END

#endif
