/* SPDX-License-Identifier: MIT */
/* debugapi.h - debugger support.
 * Layer: application headers. Contracts are those documented for Windows. */
#ifndef _APISETDEBUG_
#define _APISETDEBUG_

#include <minwinbase.h>

#ifndef WINBASEAPI
#define WINBASEAPI NTSOCKAPI
#endif

NTSOCK_EXTERN_C_BEGIN

WINBASEAPI BOOL WINAPI IsDebuggerPresent(VOID);
WINBASEAPI VOID WINAPI DebugBreak(VOID);
WINBASEAPI VOID WINAPI OutputDebugStringA(LPCSTR lpOutputString);
WINBASEAPI VOID WINAPI OutputDebugStringW(LPCWSTR lpOutputString);
#ifdef UNICODE
#define OutputDebugString OutputDebugStringW
#else
#define OutputDebugString OutputDebugStringA
#endif

NTSOCK_EXTERN_C_END

#endif
