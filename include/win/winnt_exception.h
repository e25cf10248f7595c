/* SPDX-License-Identifier: MIT */
/*
 * winnt_exception.h - exception records: the part of winnt.h that error handling code names.
 *
 * Layer: application headers; included by winnt.h. CONTEXT is opaque: no program under ntsock sees a
 * machine context, because there is no structured exception handling.
 */
#ifndef _WINNT_EXCEPTION_H_
#define _WINNT_EXCEPTION_H_

#include <ntsock_types.h>

#define EXCEPTION_MAXIMUM_PARAMETERS 15
#define EXCEPTION_NONCONTINUABLE 0x1
typedef struct _EXCEPTION_RECORD {
    ULONG ExceptionCode;
    ULONG ExceptionFlags;
    struct _EXCEPTION_RECORD *ExceptionRecord;
    PVOID ExceptionAddress;
    ULONG NumberParameters;
    ULONG_PTR ExceptionInformation[EXCEPTION_MAXIMUM_PARAMETERS];
} EXCEPTION_RECORD, *PEXCEPTION_RECORD;
typedef struct _CONTEXT CONTEXT, *PCONTEXT;
typedef struct _EXCEPTION_POINTERS {
    PEXCEPTION_RECORD ExceptionRecord;
    PCONTEXT ContextRecord;
} EXCEPTION_POINTERS, *PEXCEPTION_POINTERS;
typedef LONG (*PVECTORED_EXCEPTION_HANDLER)(struct _EXCEPTION_POINTERS *ExceptionInfo);

#define EXCEPTION_ACCESS_VIOLATION ((ULONG)0xC0000005)
#define EXCEPTION_DATATYPE_MISALIGNMENT ((ULONG)0x80000002)
#define EXCEPTION_BREAKPOINT ((ULONG)0x80000003)
#define EXCEPTION_SINGLE_STEP ((ULONG)0x80000004)
#define EXCEPTION_ARRAY_BOUNDS_EXCEEDED ((ULONG)0xC000008C)
#define EXCEPTION_FLT_DIVIDE_BY_ZERO ((ULONG)0xC000008E)
#define EXCEPTION_INT_DIVIDE_BY_ZERO ((ULONG)0xC0000094)
#define EXCEPTION_INT_OVERFLOW ((ULONG)0xC0000095)
#define EXCEPTION_PRIV_INSTRUCTION ((ULONG)0xC0000096)
#define EXCEPTION_ILLEGAL_INSTRUCTION ((ULONG)0xC000001D)
#define EXCEPTION_STACK_OVERFLOW ((ULONG)0xC00000FD)
#define EXCEPTION_IN_PAGE_ERROR ((ULONG)0xC0000006)

#endif
