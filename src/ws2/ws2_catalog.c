/* SPDX-License-Identifier: MIT */
/*
 * ws2_catalog.c - the protocols that are offered, and which of them socket() means.
 *
 * Layer: ws2; NT counterpart: the protocol catalog of ws2_32.dll. The entries are those of the
 * built-in provider; installing, removing and ordering providers is refused.
 */
#include "ws2_private.h"

#include <stddef.h>

WS2_PROVIDER *Ws2FindProvider(ULONG CatalogEntryId, const WSAPROTOCOL_INFOW **Entry)
{
    ULONG Count;
    const WSAPROTOCOL_INFOW *Entries = MsafdProtocols(&Count);
    for (ULONG i = 0; i < Count; i++) {
        if (Entries[i].dwCatalogEntryId == CatalogEntryId) {
            *Entry = &Entries[i];
            return &Ws2BaseProvider;
        }
    }
    return NULL;
}

static BOOLEAN Ws2pMatchesProtocol(const WSAPROTOCOL_INFOW *Entry, INT Protocol)
{
    if (Protocol == 0)
        return (BOOLEAN)((Entry->dwProviderFlags & PFL_MATCHES_PROTOCOL_ZERO) != 0);
    return (BOOLEAN)(Protocol >= Entry->iProtocol &&
                     Protocol <= Entry->iProtocol + Entry->iProtocolMaxOffset);
}

/* A type that no protocol has is the worst; then how far the entries agree decides. [obs:wine/sock WSASocket] */
INT Ws2FindProtocol(INT Family, INT Type, INT Protocol, ULONG PreferredId,
    const WSAPROTOCOL_INFOW **Entry, WS2_PROVIDER **Provider)
{
    ULONG Count;
    const WSAPROTOCOL_INFOW *Entries = MsafdProtocols(&Count), *Found = NULL;
    INT Error = WSAEAFNOSUPPORT;
    if (Family == AF_UNSPEC && Protocol == 0)
        return WSAEINVAL;
    BOOLEAN TypeExists = (BOOLEAN)(Type == 0);
    for (ULONG i = 0; i < Count; i++) {
        TypeExists |= Entries[i].iSocketType == Type;
        if (Family != AF_UNSPEC && Entries[i].iAddressFamily != Family)
            continue;
        if (Error == WSAEAFNOSUPPORT)
            Error = WSAESOCKTNOSUPPORT;
        if (Type != 0 && Entries[i].iSocketType != Type)
            continue;
        Error = WSAEPROTONOSUPPORT;
        if (!Ws2pMatchesProtocol(&Entries[i], Protocol))
            continue;
        if (Found == NULL || Entries[i].dwCatalogEntryId == PreferredId)
            Found = &Entries[i];
    }
    if (Found == NULL)
        return TypeExists ? Error : WSAESOCKTNOSUPPORT;
    *Entry = Found;
    *Provider = &Ws2BaseProvider;
    return Ws2StartProvider(&Ws2BaseProvider, Found);
}

VOID Ws2ProtocolInfoToA(const WSAPROTOCOL_INFOW *From, WSAPROTOCOL_INFOA *To)
{
    SIZE_T i = 0;
    RtlZeroMemory(To, sizeof *To);
    RtlCopyMemory(To, From, offsetof(WSAPROTOCOL_INFOW, szProtocol));
    for (; i < WSAPROTOCOL_LEN && From->szProtocol[i] != 0; i++)
        To->szProtocol[i] = From->szProtocol[i] < 0x80 ? (CHAR)From->szProtocol[i] : '?';
}

VOID Ws2ProtocolInfoToW(const WSAPROTOCOL_INFOA *From, WSAPROTOCOL_INFOW *To)
{
    RtlZeroMemory(To, sizeof *To);
    RtlCopyMemory(To, From, offsetof(WSAPROTOCOL_INFOA, szProtocol));
    for (SIZE_T i = 0; i < WSAPROTOCOL_LEN && From->szProtocol[i] != 0; i++)
        To->szProtocol[i] = (WCHAR)(UCHAR)From->szProtocol[i];
}

/* A list of protocols, ended by zero; none means all. */
static BOOLEAN Ws2pIsList(const INT *Wanted)
{
    for (; Wanted != NULL; Wanted++) {
        if (!Ws2Probe(Wanted, sizeof *Wanted))
            return FALSE;
        if (*Wanted == 0)
            break;
    }
    return TRUE;
}

/* Hidden ones are there for WSCEnumProtocols only. [doc:winsock2/wsaprotocol_infow] */
static BOOLEAN Ws2pIsWanted(const INT *Wanted, const WSAPROTOCOL_INFOW *Entry, BOOLEAN Hidden)
{
    if (!Hidden && (Entry->dwProviderFlags & PFL_HIDDEN) != 0)
        return FALSE;
    if (Wanted == NULL)
        return TRUE;
    for (; *Wanted != 0; Wanted++) {
        if (*Wanted == Entry->iProtocol ||
            (Entry->iProtocol == 0 && Ws2pMatchesProtocol(Entry, *Wanted) &&
                *Wanted == IPPROTO_RAW))
            return TRUE;
    }
    return FALSE;
}

static int Ws2pRefuse(LPINT Errno, INT Error)
{
    if (Ws2ProbeWrite(Errno, sizeof *Errno))
        *Errno = Error;
    return SOCKET_ERROR;
}

/* All of WSAEnumProtocolsA, WSAEnumProtocolsW and WSCEnumProtocols. Returns a count or
 * SOCKET_ERROR. */
static int Ws2pEnumerate(const INT *Wanted, PVOID Buffer, LPDWORD Length, BOOLEAN Wide, BOOLEAN Hidden,
    LPINT Errno)
{
    ULONG Count, Matches = 0;
    DWORD EntryBytes = Wide ? sizeof(WSAPROTOCOL_INFOW) : sizeof(WSAPROTOCOL_INFOA);
    const WSAPROTOCOL_INFOW *Entries = MsafdProtocols(&Count);
    if (!Ws2ProbeWrite(Length, sizeof *Length) || !Ws2pIsList(Wanted)) {
        *Errno = WSAEFAULT;
        return SOCKET_ERROR;
    }
    for (ULONG i = 0; i < Count; i++)
        Matches += Ws2pIsWanted(Wanted, &Entries[i], Hidden);
    if (Buffer == NULL || *Length < Matches * EntryBytes) {
        *Length = Matches * EntryBytes;
        *Errno = WSAENOBUFS;
        return SOCKET_ERROR;
    }
    if (!Ws2ProbeWrite(Buffer, Matches * (SIZE_T)EntryBytes)) {
        *Errno = WSAEFAULT;
        return SOCKET_ERROR;
    }
    Matches = 0;
    for (ULONG i = 0; i < Count; i++) {
        if (!Ws2pIsWanted(Wanted, &Entries[i], Hidden))
            continue;
        if (Wide)
            ((WSAPROTOCOL_INFOW *)Buffer)[Matches++] = Entries[i];
        else
            Ws2ProtocolInfoToA(&Entries[i], &((WSAPROTOCOL_INFOA *)Buffer)[Matches++]);
    }
    *Length = Matches * EntryBytes;
    return (int)Matches;
}

int WSAAPI WSAEnumProtocolsA(
    LPINT lpiProtocols, LPWSAPROTOCOL_INFOA lpProtocolBuffer, LPDWORD lpdwBufferLength)
{
    INT Error = 0;
    if (Ws2CheckStarted() != 0)
        return SOCKET_ERROR;
    return Ws2Return(
        Ws2pEnumerate(lpiProtocols, lpProtocolBuffer, lpdwBufferLength, FALSE, FALSE, &Error), &Error);
}

int WSAAPI WSAEnumProtocolsW(
    LPINT lpiProtocols, LPWSAPROTOCOL_INFOW lpProtocolBuffer, LPDWORD lpdwBufferLength)
{
    INT Error = 0;
    if (Ws2CheckStarted() != 0)
        return SOCKET_ERROR;
    return Ws2Return(
        Ws2pEnumerate(lpiProtocols, lpProtocolBuffer, lpdwBufferLength, TRUE, FALSE, &Error), &Error);
}

int WSPAPI WSCEnumProtocols(LPINT lpiProtocols, LPWSAPROTOCOL_INFOW lpProtocolBuffer,
    LPDWORD lpdwBufferLength, LPINT lpErrno)
{
    INT Error = 0;
    int Result = Ws2pEnumerate(lpiProtocols, lpProtocolBuffer, lpdwBufferLength, TRUE, TRUE, &Error);
    return Result == SOCKET_ERROR ? Ws2pRefuse(lpErrno, Error) : Result;
}

int WSPAPI WSCGetProviderPath(
    LPGUID lpProviderId, WCHAR *lpszProviderDllPath, LPINT lpProviderDllPathLen, LPINT lpErrno)
{
    INT Length = 0;
    if (!Ws2Probe(lpProviderId, sizeof *lpProviderId) || lpszProviderDllPath == NULL ||
        !Ws2ProbeWrite(lpProviderDllPathLen, sizeof *lpProviderDllPathLen))
        return Ws2pRefuse(lpErrno, WSAEFAULT);
    if (!RtlEqualMemory(lpProviderId, Ws2BaseProvider.Id, sizeof *lpProviderId))
        return Ws2pRefuse(lpErrno, WSAEINVAL);
    while (Ws2BaseProvider.Path[Length] != 0)
        Length++;
    if (*lpProviderDllPathLen <= Length) {
        *lpProviderDllPathLen = Length + 1;
        return Ws2pRefuse(lpErrno, WSAEFAULT);
    }
    if (!Ws2ProbeWrite(lpszProviderDllPath, sizeof(WCHAR) * (SIZE_T)(Length + 1)))
        return Ws2pRefuse(lpErrno, WSAEFAULT);
    RtlCopyMemory(lpszProviderDllPath, Ws2BaseProvider.Path, sizeof(WCHAR) * (SIZE_T)(Length + 1));
    *lpProviderDllPathLen = Length + 1;
    return 0;
}

/* --- changes of the catalog --- */

int WSPAPI WSCInstallProvider(LPGUID lpProviderId, const WCHAR *lpszProviderDllPath,
    const LPWSAPROTOCOL_INFOW lpProtocolInfoList, DWORD dwNumberOfEntries, LPINT lpErrno)
{
    (VOID) lpProviderId, (VOID)lpszProviderDllPath, (VOID)lpProtocolInfoList,
        (VOID)dwNumberOfEntries;
    return Ws2pRefuse(lpErrno, WSAEACCES);
}

int WSPAPI WSCDeinstallProvider(LPGUID lpProviderId, LPINT lpErrno)
{
    (VOID) lpProviderId;
    return Ws2pRefuse(lpErrno, WSAEACCES);
}

int WSPAPI WSCUpdateProvider(LPGUID lpProviderId, const WCHAR *lpszProviderDllPath,
    const LPWSAPROTOCOL_INFOW lpProtocolInfoList, DWORD dwNumberOfEntries, LPINT lpErrno)
{
    (VOID) lpProviderId, (VOID)lpszProviderDllPath, (VOID)lpProtocolInfoList,
        (VOID)dwNumberOfEntries;
    return Ws2pRefuse(lpErrno, WSAEACCES);
}

int WSPAPI WSCWriteProviderOrder(LPDWORD lpwdCatalogEntryId, DWORD dwNumberOfEntries)
{
    (VOID) lpwdCatalogEntryId, (VOID)dwNumberOfEntries;
    return WSAEACCES;
}

int WSPAPI WSCSetProviderInfo(LPGUID lpProviderId, WSC_PROVIDER_INFO_TYPE InfoType, PBYTE Info,
    size_t InfoSize, DWORD Flags, LPINT lpErrno)
{
    (VOID) lpProviderId, (VOID)InfoType, (VOID)Info, (VOID)InfoSize, (VOID)Flags;
    return Ws2pRefuse(lpErrno, WSAEACCES);
}

int WSPAPI WSCGetProviderInfo(LPGUID lpProviderId, WSC_PROVIDER_INFO_TYPE InfoType, PBYTE Info,
    size_t *InfoSize, DWORD Flags, LPINT lpErrno)
{
    if (!Ws2Probe(lpProviderId, sizeof *lpProviderId) ||
        !Ws2ProbeWrite(InfoSize, sizeof *InfoSize))
        return Ws2pRefuse(lpErrno, WSAEFAULT);
    if (Flags != 0 || InfoType != ProviderInfoLspCategories)
        return Ws2pRefuse(lpErrno, WSAEINVAL);
    if (Info == NULL || *InfoSize < sizeof(DWORD)) {
        *InfoSize = sizeof(DWORD);
        return Ws2pRefuse(lpErrno, WSAEFAULT);
    }
    if (!Ws2ProbeWrite(Info, sizeof(DWORD)))
        return Ws2pRefuse(lpErrno, WSAEFAULT);
    /* a base provider has no category */
    RtlZeroMemory(Info, sizeof(DWORD));
    *InfoSize = sizeof(DWORD);
    return 0;
}

int WSPAPI WSCSetApplicationCategory(LPCWSTR Path, DWORD PathLength, LPCWSTR Extra,
    DWORD ExtraLength, DWORD PermittedLspCategories, DWORD *pPrevPermLspCat, LPINT lpErrno)
{
    (VOID) Path, (VOID)PathLength, (VOID)Extra, (VOID)ExtraLength, (VOID)PermittedLspCategories,
        (VOID)pPrevPermLspCat;
    return Ws2pRefuse(lpErrno, WSAEACCES);
}

int WSPAPI WSCGetApplicationCategory(LPCWSTR Path, DWORD PathLength, LPCWSTR Extra,
    DWORD ExtraLength, DWORD *pPermittedLspCategories, LPINT lpErrno)
{
    (VOID) Path, (VOID)PathLength, (VOID)Extra, (VOID)ExtraLength, (VOID)pPermittedLspCategories;
    return Ws2pRefuse(lpErrno, WSASERVICE_NOT_FOUND);
}
