/* SPDX-License-Identifier: MIT */
/*
 * winternl.h - the native API for programs: NtCreateFile, NtDeviceIoControlFile, RtlNtStatusToDosError.
 *
 * Layer: application headers. [doc:winternl]
 */
#ifndef _WINTERNL_
#define _WINTERNL_

#include <minwindef.h>

#include <ntapi.h>

NTSOCK_EXTERN_C_BEGIN

typedef struct _CLIENT_ID {
    HANDLE UniqueProcess;
    HANDLE UniqueThread;
} CLIENT_ID;

#ifndef _WDMDDK_
NTSOCKAPI ULONG NTAPI RtlNtStatusToDosError(NTSTATUS Status);
NTSOCKAPI VOID NTAPI RtlInitUnicodeString(PUNICODE_STRING DestinationString, PCWSTR SourceString);
NTSOCKAPI VOID NTAPI RtlInitAnsiString(PANSI_STRING DestinationString, PCSZ SourceString);
NTSOCKAPI NTSTATUS NTAPI RtlGetVersion(PRTL_OSVERSIONINFOW lpVersionInformation);
#endif

NTSOCK_EXTERN_C_END

#endif
