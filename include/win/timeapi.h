/* SPDX-License-Identifier: MIT */
/* timeapi.h - multimedia timers: resolution and milliseconds.
 * Layer: application headers. */
#ifndef _TIMEAPI_H_
#define _TIMEAPI_H_

#include <minwindef.h>

NTSOCK_EXTERN_C_BEGIN

typedef UINT MMRESULT;
#define TIMERR_NOERROR 0
#define TIMERR_NOCANDO 97
typedef struct timecaps_tag {
    UINT wPeriodMin;
    UINT wPeriodMax;
} TIMECAPS, *PTIMECAPS, *NPTIMECAPS, *LPTIMECAPS;
NTSOCKAPI DWORD WINAPI timeGetTime(void);
NTSOCKAPI MMRESULT WINAPI timeBeginPeriod(UINT uPeriod);
NTSOCKAPI MMRESULT WINAPI timeEndPeriod(UINT uPeriod);
NTSOCKAPI MMRESULT WINAPI timeGetDevCaps(LPTIMECAPS ptc, UINT cbtc);

NTSOCK_EXTERN_C_END

#endif
