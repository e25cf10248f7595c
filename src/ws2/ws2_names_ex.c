/* SPDX-License-Identifier: MIT */
/*
 * ws2_names_ex.c - GetAddrInfoEx and its companions.
 *
 * Layer: ws2; NT counterpart: the same of ws2_32.dll. A query is answered before the call returns,
 * also one that offers an OVERLAPPED, as the documentation allows; so there is never one to cancel.
 * There is one name space.
 */
#include "ws2_private.h"

/* Both structures have the same members; the narrow functions are the wide ones on the same list.
 */
static INT Ws2pConvert(const ADDRINFOA *From, BOOLEAN Wide, PADDRINFOEXW *Result)
{
    PADDRINFOEXW *End = Result;
    for (; From != NULL; From = From->ai_next) {
        PADDRINFOEXW Entry = host_allocate(sizeof *Entry + sizeof(SOCKADDR_STORAGE));
        if (Entry == NULL)
            return WSA_NOT_ENOUGH_MEMORY;
        RtlZeroMemory(Entry, sizeof *Entry);
        *End = Entry;
        End = &Entry->ai_next;
        Entry->ai_family = From->ai_family;
        Entry->ai_socktype = From->ai_socktype;
        Entry->ai_protocol = From->ai_protocol;
        Entry->ai_addrlen = From->ai_addrlen;
        Entry->ai_addr = (struct sockaddr *)(PVOID)(Entry + 1);
        RtlCopyMemory(Entry->ai_addr, From->ai_addr, From->ai_addrlen);
        if (From->ai_canonname == NULL)
            continue;
        SIZE_T Bytes = Ws2AnsiLength(From->ai_canonname) + 1;
        Entry->ai_canonname = Wide ? Ws2WideFromAnsi(From->ai_canonname) : host_allocate(Bytes);
        if (Entry->ai_canonname == NULL)
            return WSA_NOT_ENOUGH_MEMORY;
        if (!Wide)
            RtlCopyMemory(Entry->ai_canonname, From->ai_canonname, Bytes);
    }
    return 0;
}

VOID WSAAPI FreeAddrInfoExW(PADDRINFOEXW pAddrInfoEx)
{
    while (pAddrInfoEx != NULL) {
        PADDRINFOEXW Next = pAddrInfoEx->ai_next;
        host_free(pAddrInfoEx->ai_canonname);
        host_free(pAddrInfoEx);
        pAddrInfoEx = Next;
    }
}

VOID WSAAPI FreeAddrInfoEx(PADDRINFOEXA pAddrInfoEx)
{
    FreeAddrInfoExW((PADDRINFOEXW)(PVOID)pAddrInfoEx);
}

static INT Ws2pQuery(PCSTR Name, PCSTR Service, DWORD NameSpace, const ADDRINFOEXW *Hints,
    BOOLEAN Wide, PADDRINFOEXW *Result)
{
    ADDRINFOA Plain, *List;
    RtlZeroMemory(&Plain, sizeof Plain);
    if (!Ws2ProbeWrite(Result, sizeof *Result) ||
        (Hints != NULL && !Ws2Probe(Hints, sizeof *Hints)))
        return WSAEFAULT;
    *Result = NULL;
    if (NameSpace != NS_ALL && NameSpace != NS_DNS)
        return WSAEINVAL;
    if (Hints != NULL) {
        Plain.ai_flags = Hints->ai_flags;
        Plain.ai_family = Hints->ai_family;
        Plain.ai_socktype = Hints->ai_socktype;
        Plain.ai_protocol = Hints->ai_protocol;
    }
    INT Error = getaddrinfo(Name, Service, &Plain, &List);
    if (Error != 0)
        return Error;
    Error = Ws2pConvert(List, Wide, Result);
    freeaddrinfo(List);
    if (Error != 0) {
        FreeAddrInfoExW(*Result);
        *Result = NULL;
    }
    return Error;
}

static INT Ws2pResult(INT Error)
{
    if (Error != 0)
        Ws2SetError(Error);
    return Error;
}

INT WSAAPI GetAddrInfoExA(PCSTR pName, PCSTR pServiceName, DWORD dwNameSpace, LPGUID lpNspId,
    const ADDRINFOEXA *hints, PADDRINFOEXA *ppResult, struct timeval *timeout,
    LPOVERLAPPED lpOverlapped, LPLOOKUPSERVICE_COMPLETION_ROUTINE lpCompletionRoutine,
    LPHANDLE lpNameHandle)
{
    (VOID) lpNspId, (VOID)timeout, (VOID)lpOverlapped, (VOID)lpCompletionRoutine,
        (VOID)lpNameHandle;
    if (Ws2CheckStarted() != 0)
        return WSANOTINITIALISED;
    return Ws2pResult(Ws2pQuery(pName, pServiceName, dwNameSpace,
        (const ADDRINFOEXW *)(const VOID *)hints, FALSE, (PADDRINFOEXW *)(PVOID)ppResult));
}

INT WSAAPI GetAddrInfoExW(PCWSTR pName, PCWSTR pServiceName, DWORD dwNameSpace, LPGUID lpNspId,
    const ADDRINFOEXW *hints, PADDRINFOEXW *ppResult, struct timeval *timeout,
    LPOVERLAPPED lpOverlapped, LPLOOKUPSERVICE_COMPLETION_ROUTINE lpCompletionRoutine,
    LPHANDLE lpHandle)
{
    INT Error;
    (VOID) lpNspId, (VOID)timeout, (VOID)lpOverlapped, (VOID)lpCompletionRoutine, (VOID)lpHandle;
    if (Ws2CheckStarted() != 0)
        return WSANOTINITIALISED;
    if ((pName != NULL && !Ws2ProbeWideText(pName)) ||
        (pServiceName != NULL && !Ws2ProbeWideText(pServiceName)))
        return Ws2pResult(WSAEFAULT);
    PSTR Name = pName == NULL ? NULL : Ws2AnsiFromWide(pName);
    PSTR Service = pServiceName == NULL ? NULL : Ws2AnsiFromWide(pServiceName);
    if ((pName != NULL && Name == NULL) || (pServiceName != NULL && Service == NULL))
        Error = WSA_NOT_ENOUGH_MEMORY;
    else
        Error = Ws2pQuery(Name, Service, dwNameSpace, hints, TRUE, ppResult);
    host_free(Name);
    host_free(Service);
    return Ws2pResult(Error);
}

INT WSAAPI GetAddrInfoExCancel(LPHANDLE lpHandle)
{
    (VOID) lpHandle;
    return WSA_INVALID_HANDLE;
}

INT WSAAPI GetAddrInfoExOverlappedResult(LPOVERLAPPED lpOverlapped)
{
    if (!Ws2Probe(lpOverlapped, sizeof *lpOverlapped))
        return WSAEINVAL;
    return MsafdWsaErrorFromStatus((LONG)lpOverlapped->Internal);
}
