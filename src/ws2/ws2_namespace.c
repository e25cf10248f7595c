/* SPDX-License-Identifier: MIT */
/*
 * ws2_namespace.c - name space queries and registration.
 *
 * Layer: ws2; NT counterpart: the name space part of ws2_32.dll. getaddrinfo is the way to names;
 * there are no name space providers to query or to register with, and these calls say so:
 * WSASERVICE_NOT_FOUND for a query, an empty list of providers, WSAEACCES for a registration.
 */
#include "ws2_private.h"

static INT Ws2pAnswer(INT Error)
{
    return Ws2CheckStarted() != 0 ? SOCKET_ERROR : Ws2Fail(Error);
}

INT WSAAPI WSALookupServiceBeginA(
    LPWSAQUERYSETA lpqsRestrictions, DWORD dwControlFlags, LPHANDLE lphLookup)
{
    (VOID) dwControlFlags;
    return Ws2pAnswer(
        lpqsRestrictions == NULL || lphLookup == NULL ? WSAEFAULT : WSASERVICE_NOT_FOUND);
}

INT WSAAPI WSALookupServiceBeginW(
    LPWSAQUERYSETW lpqsRestrictions, DWORD dwControlFlags, LPHANDLE lphLookup)
{
    (VOID) dwControlFlags;
    return Ws2pAnswer(
        lpqsRestrictions == NULL || lphLookup == NULL ? WSAEFAULT : WSASERVICE_NOT_FOUND);
}

INT WSAAPI WSALookupServiceNextA(
    HANDLE hLookup, DWORD dwControlFlags, LPDWORD lpdwBufferLength, LPWSAQUERYSETA lpqsResults)
{
    (VOID) hLookup, (VOID)dwControlFlags, (VOID)lpdwBufferLength, (VOID)lpqsResults;
    return Ws2pAnswer(WSA_INVALID_HANDLE);
}

INT WSAAPI WSALookupServiceNextW(
    HANDLE hLookup, DWORD dwControlFlags, LPDWORD lpdwBufferLength, LPWSAQUERYSETW lpqsResults)
{
    (VOID) hLookup, (VOID)dwControlFlags, (VOID)lpdwBufferLength, (VOID)lpqsResults;
    return Ws2pAnswer(WSA_INVALID_HANDLE);
}

INT WSAAPI WSALookupServiceEnd(HANDLE hLookup)
{
    (VOID) hLookup;
    return Ws2pAnswer(WSA_INVALID_HANDLE);
}

INT WSAAPI WSANSPIoctl(HANDLE hLookup, DWORD dwControlCode, LPVOID lpvInBuffer, DWORD cbInBuffer,
    LPVOID lpvOutBuffer, DWORD cbOutBuffer, LPDWORD lpcbBytesReturned, LPWSACOMPLETION lpCompletion)
{
    (VOID) hLookup, (VOID)dwControlCode, (VOID)lpvInBuffer, (VOID)cbInBuffer, (VOID)lpvOutBuffer;
    (VOID) cbOutBuffer, (VOID)lpcbBytesReturned, (VOID)lpCompletion;
    return Ws2pAnswer(WSA_INVALID_HANDLE);
}

INT WSAAPI WSAInstallServiceClassA(LPWSASERVICECLASSINFOA lpServiceClassInfo)
{
    (VOID) lpServiceClassInfo;
    return Ws2pAnswer(WSAEACCES);
}

INT WSAAPI WSAInstallServiceClassW(LPWSASERVICECLASSINFOW lpServiceClassInfo)
{
    (VOID) lpServiceClassInfo;
    return Ws2pAnswer(WSAEACCES);
}

INT WSAAPI WSARemoveServiceClass(LPGUID lpServiceClassId)
{
    (VOID) lpServiceClassId;
    return Ws2pAnswer(WSATYPE_NOT_FOUND);
}

INT WSAAPI WSAGetServiceClassInfoA(LPGUID lpProviderId, LPGUID lpServiceClassId,
    LPDWORD lpdwBufSize, LPWSASERVICECLASSINFOA lpServiceClassInfo)
{
    (VOID) lpProviderId, (VOID)lpServiceClassId, (VOID)lpdwBufSize, (VOID)lpServiceClassInfo;
    return Ws2pAnswer(WSATYPE_NOT_FOUND);
}

INT WSAAPI WSAGetServiceClassInfoW(LPGUID lpProviderId, LPGUID lpServiceClassId,
    LPDWORD lpdwBufSize, LPWSASERVICECLASSINFOW lpServiceClassInfo)
{
    (VOID) lpProviderId, (VOID)lpServiceClassId, (VOID)lpdwBufSize, (VOID)lpServiceClassInfo;
    return Ws2pAnswer(WSATYPE_NOT_FOUND);
}

INT WSAAPI WSAGetServiceClassNameByClassIdA(
    LPGUID lpServiceClassId, LPSTR lpszServiceClassName, LPDWORD lpdwBufferLength)
{
    (VOID) lpServiceClassId, (VOID)lpszServiceClassName, (VOID)lpdwBufferLength;
    return Ws2pAnswer(WSATYPE_NOT_FOUND);
}

INT WSAAPI WSAGetServiceClassNameByClassIdW(
    LPGUID lpServiceClassId, LPWSTR lpszServiceClassName, LPDWORD lpdwBufferLength)
{
    (VOID) lpServiceClassId, (VOID)lpszServiceClassName, (VOID)lpdwBufferLength;
    return Ws2pAnswer(WSATYPE_NOT_FOUND);
}

INT WSAAPI WSASetServiceA(
    LPWSAQUERYSETA lpqsRegInfo, WSAESETSERVICEOP essoperation, DWORD dwControlFlags)
{
    (VOID) lpqsRegInfo, (VOID)essoperation, (VOID)dwControlFlags;
    return Ws2pAnswer(WSAEACCES);
}

INT WSAAPI WSASetServiceW(
    LPWSAQUERYSETW lpqsRegInfo, WSAESETSERVICEOP essoperation, DWORD dwControlFlags)
{
    (VOID) lpqsRegInfo, (VOID)essoperation, (VOID)dwControlFlags;
    return Ws2pAnswer(WSAEACCES);
}

INT WSAAPI WSAEnumNameSpaceProvidersA(LPDWORD lpdwBufferLength, LPWSANAMESPACE_INFOA lpnspBuffer)
{
    (VOID) lpnspBuffer;
    if (lpdwBufferLength == NULL)
        return Ws2pAnswer(WSAEFAULT);
    return Ws2CheckStarted() != 0 ? SOCKET_ERROR : 0;
}

INT WSAAPI WSAEnumNameSpaceProvidersW(LPDWORD lpdwBufferLength, LPWSANAMESPACE_INFOW lpnspBuffer)
{
    (VOID) lpnspBuffer;
    if (lpdwBufferLength == NULL)
        return Ws2pAnswer(WSAEFAULT);
    return Ws2CheckStarted() != 0 ? SOCKET_ERROR : 0;
}

/* The catalog never changes, so nobody is ever told. */
INT WSAAPI WSAProviderConfigChange(LPHANDLE lpNotificationHandle, LPWSAOVERLAPPED lpOverlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
    (VOID) lpNotificationHandle, (VOID)lpOverlapped, (VOID)lpCompletionRoutine;
    return Ws2pAnswer(WSAEOPNOTSUPP);
}
