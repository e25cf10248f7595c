/* SPDX-License-Identifier: MIT */
/*
 * process.h - the C run-time's threads, and the process id.
 *
 * Layer: application headers (C run-time); _beginthreadex and its kin are implemented by win32.
 */
#ifndef _INC_PROCESS
#define _INC_PROCESS

#include <ntsock_types.h>
#include <stdint.h>

NTSOCK_EXTERN_C_BEGIN

typedef void(__cdecl *_beginthread_proc_type)(void *);
typedef unsigned(__stdcall *_beginthreadex_proc_type)(void *);

NTSOCKAPI uintptr_t __cdecl _beginthread(_beginthread_proc_type start_address, unsigned stack_size, void *arglist);
NTSOCKAPI void __cdecl _endthread(void);
NTSOCKAPI uintptr_t __cdecl _beginthreadex(void *security, unsigned stack_size,
    _beginthreadex_proc_type start_address, void *arglist, unsigned initflag, unsigned *thrdaddr);
NTSOCKAPI void __cdecl _endthreadex(unsigned retval);

#ifndef NTSOCK_INTERNAL
extern int getpid(void) __attribute__((nothrow));
FORCEINLINE int _getpid(void)
{
    return getpid();
}
#endif

NTSOCK_EXTERN_C_END

#endif
