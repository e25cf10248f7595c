/* SPDX-License-Identifier: MIT */
/*
 * ws2_address.c - addresses as text: the Winsock 2 calls, and the inet_ family.
 *
 * Layer: ws2; NT counterpart: the same of ws2_32.dll. The inet_ calls need no WSAStartup.
 */
#include "ws2_private.h"

/* --- WSAAddressToString, WSAStringToAddress: the provider's, chosen by family or by the caller ---
 */

static LPWSPADDRESSTOSTRING Ws2pFormatter(const WSAPROTOCOL_INFOW *Info, INT Family, INT *Error)
{
    const WSAPROTOCOL_INFOW *Entry;
    WS2_PROVIDER *Provider;
    if (Info != NULL)
        *Error = (Provider = Ws2FindProvider(Info->dwCatalogEntryId, &Entry)) == NULL
                     ? WSAEINVAL
                     : Ws2StartProvider(Provider, Entry);
    else
        *Error = Ws2FindProtocol(Family, SOCK_STREAM, IPPROTO_TCP, 0, &Entry, &Provider) == 0
                     ? 0
                     : WSAEINVAL;
    return *Error == 0 ? Provider->Procedures.lpWSPAddressToString : NULL;
}

static INT Ws2pAddressToString(LPSOCKADDR Address, DWORD Length, const WSAPROTOCOL_INFOW *Info,
    LPWSTR Text, LPDWORD TextLength)
{
    INT Error = 0;
    if (!Ws2Probe(Address, Length != 0 ? Length : 1) ||
        !Ws2ProbeWrite(TextLength, sizeof *TextLength) ||
        (Info != NULL && !Ws2Probe(Info, sizeof *Info)))
        return WSAEFAULT;
    if (Length < sizeof Address->sa_family)
        return WSAEINVAL;
    LPWSPADDRESSTOSTRING Format = Ws2pFormatter(Info, Address->sa_family, &Error);
    if (Format != NULL)
        (VOID)
            Format(Address, Length, (LPWSAPROTOCOL_INFOW)(ULONG_PTR)Info, Text, TextLength, &Error);
    return Error;
}

INT WSAAPI WSAAddressToStringW(LPSOCKADDR lpsaAddress, DWORD dwAddressLength,
    LPWSAPROTOCOL_INFOW lpProtocolInfo, LPWSTR lpszAddressString, LPDWORD lpdwAddressStringLength)
{
    if (Ws2CheckStarted() != 0)
        return SOCKET_ERROR;
    INT Error = Ws2pAddressToString(
        lpsaAddress, dwAddressLength, lpProtocolInfo, lpszAddressString, lpdwAddressStringLength);
    return Error != 0 ? Ws2Fail(Error) : 0;
}

INT WSAAPI WSAAddressToStringA(LPSOCKADDR lpsaAddress, DWORD dwAddressLength,
    LPWSAPROTOCOL_INFOA lpProtocolInfo, LPSTR lpszAddressString, LPDWORD lpdwAddressStringLength)
{
    WCHAR Wide[MSAFD_ADDRESS_TEXT_MAX];
    WSAPROTOCOL_INFOW Info;
    DWORD Length = RTL_NUMBER_OF(Wide);
    if (Ws2CheckStarted() != 0)
        return SOCKET_ERROR;
    if (!Ws2ProbeWrite(lpdwAddressStringLength, sizeof *lpdwAddressStringLength) ||
        (lpProtocolInfo != NULL && !Ws2Probe(lpProtocolInfo, sizeof *lpProtocolInfo)))
        return Ws2Fail(WSAEFAULT);
    if (lpProtocolInfo != NULL)
        Ws2ProtocolInfoToW(lpProtocolInfo, &Info);
    INT Error = Ws2pAddressToString(
        lpsaAddress, dwAddressLength, lpProtocolInfo != NULL ? &Info : NULL, Wide, &Length);
    if (Error != 0)
        return Ws2Fail(Error);
    BOOLEAN Fits = (BOOLEAN)(lpszAddressString != NULL && *lpdwAddressStringLength >= Length);
    *lpdwAddressStringLength = Length;
    if (!Fits || !Ws2ProbeWrite(lpszAddressString, Length))
        return Ws2Fail(WSAEFAULT);
    for (DWORD i = 0; i < Length; i++)
        lpszAddressString[i] = (CHAR)Wide[i];
    return 0;
}

static INT Ws2pStringToAddress(
    LPWSTR Text, INT Family, LPWSAPROTOCOL_INFOW Info, LPSOCKADDR Address, LPINT Length)
{
    const WSAPROTOCOL_INFOW *Entry;
    WS2_PROVIDER *Provider;
    INT Error = 0;
    if (!Ws2ProbeWideText(Text) || Address == NULL || !Ws2ProbeWrite(Length, sizeof *Length) ||
        (Info != NULL && !Ws2Probe(Info, sizeof *Info)))
        return WSAEFAULT;
    if (Info != NULL)
        Error = (Provider = Ws2FindProvider(Info->dwCatalogEntryId, &Entry)) == NULL
                    ? WSAEINVAL
                    : Ws2StartProvider(Provider, Entry);
    else if (Ws2FindProtocol(Family, SOCK_STREAM, IPPROTO_TCP, 0, &Entry, &Provider) != 0)
        Error = WSAEINVAL;
    if (Error == 0)
        (VOID)
            Provider->Procedures.lpWSPStringToAddress(Text, Family, Info, Address, Length, &Error);
    return Error;
}

INT WSAAPI WSAStringToAddressW(LPWSTR AddressString, INT AddressFamily,
    LPWSAPROTOCOL_INFOW lpProtocolInfo, LPSOCKADDR lpAddress, LPINT lpAddressLength)
{
    if (Ws2CheckStarted() != 0)
        return SOCKET_ERROR;
    INT Error = Ws2pStringToAddress(
        AddressString, AddressFamily, lpProtocolInfo, lpAddress, lpAddressLength);
    return Error != 0 ? Ws2Fail(Error) : 0;
}

INT WSAAPI WSAStringToAddressA(LPSTR AddressString, INT AddressFamily,
    LPWSAPROTOCOL_INFOA lpProtocolInfo, LPSOCKADDR lpAddress, LPINT lpAddressLength)
{
    WSAPROTOCOL_INFOW Info;
    if (Ws2CheckStarted() != 0)
        return SOCKET_ERROR;
    if (AddressString == NULL)
        return Ws2Fail(WSAEINVAL);
    if (!Ws2ProbeText(AddressString) ||
        (lpProtocolInfo != NULL && !Ws2Probe(lpProtocolInfo, sizeof *lpProtocolInfo)))
        return Ws2Fail(WSAEFAULT);
    if (lpProtocolInfo != NULL)
        Ws2ProtocolInfoToW(lpProtocolInfo, &Info);
    PWSTR Wide = Ws2WideFromAnsi(AddressString);
    if (Wide == NULL)
        return Ws2Fail(WSAENOBUFS);
    INT Error = Ws2pStringToAddress(
        Wide, AddressFamily, lpProtocolInfo != NULL ? &Info : NULL, lpAddress, lpAddressLength);
    host_free(Wide);
    return Error != 0 ? Ws2Fail(Error) : 0;
}

/* --- inet_addr, inet_ntoa --- */

/* A number as C writes it: decimal, 0 octal, 0x hexadecimal. NULL: none. */
static const char *Ws2pTakeNumber(const char *At, ULONGLONG *Value)
{
    ULONG Base = 10, Digits = 0;
    *Value = 0;
    if (*At == '0') {
        Base = 8;
        Digits = 1;
        At++;
        if (*At == 'x' || *At == 'X') {
            Base = 16;
            Digits = 0;
            At++;
        }
    }
    for (;; At++, Digits++) {
        ULONG Digit;
        if (*At >= '0' && *At <= '9')
            Digit = (ULONG)(*At - '0');
        else if ((*At | 0x20) >= 'a' && (*At | 0x20) <= 'f')
            Digit = (ULONG)((*At | 0x20) - 'a' + 10);
        else
            break;
        if (Digit >= Base)
            return NULL;
        *Value = *Value * Base + Digit;
        if (*Value > MAXULONG)
            return NULL;
    }
    return Digits != 0 ? At : NULL;
}

/* a, a.b, a.b.c or a.b.c.d: the last number fills the bytes that are left. [doc:winsock2/inet_addr]
 */
unsigned int WSAAPI inet_addr(const char *cp)
{
    ULONGLONG Parts[4];
    ULONG Count = 0;
    if (!Ws2ProbeText(cp)) {
        Ws2SetError(WSAEFAULT);
        return INADDR_NONE;
    }
    if (cp[0] == 0)
        return INADDR_NONE;
    if (cp[0] == ' ' && cp[1] == 0) /* one blank is zero */
        return 0;
    for (;;) {
        cp = Ws2pTakeNumber(cp, &Parts[Count++]);
        if (cp == NULL)
            return INADDR_NONE;
        if (*cp != '.')
            break;
        if (Count == 4)
            return INADDR_NONE;
        cp++;
    }
    if (*cp != 0 && *cp != ' ')
        return INADDR_NONE;
    ULONG Address = 0;
    for (ULONG i = 0; i + 1 < Count; i++) {
        if (Parts[i] > 255)
            return INADDR_NONE;
        Address |= (ULONG)Parts[i] << (24 - 8 * i);
    }
    if (Parts[Count - 1] > (MAXULONG >> (8 * (Count - 1))))
        return INADDR_NONE;
    return htonl(Address | (ULONG)Parts[Count - 1]);
}

char *WSAAPI inet_ntoa(struct in_addr in)
{
    static _Thread_local char Text[16];
    (VOID) MsafdFormatIpv4((const UCHAR *)&in, Text);
    return Text;
}

/* --- inet_pton, inet_ntop --- */

INT WSAAPI inet_pton(INT Family, PCSTR pszAddrString, PVOID pAddrBuf)
{
    if (Family != AF_INET && Family != AF_INET6)
        return Ws2Fail(WSAEAFNOSUPPORT);
    if (!Ws2ProbeText(pszAddrString) || !Ws2ProbeWrite(pAddrBuf, Family == AF_INET ? 4 : 16))
        return Ws2Fail(WSAEFAULT);
    return Family == AF_INET ? MsafdParseIpv4(pszAddrString, pAddrBuf)
                             : MsafdParseIpv6(pszAddrString, pAddrBuf);
}

INT WSAAPI InetPtonW(INT Family, PCWSTR pszAddrString, PVOID pAddrBuf)
{
    CHAR Text[MSAFD_ADDRESS_TEXT_MAX];
    SIZE_T i = 0;
    if (Family != AF_INET && Family != AF_INET6)
        return Ws2Fail(WSAEAFNOSUPPORT);
    if (!Ws2ProbeWideText(pszAddrString) || pAddrBuf == NULL)
        return Ws2Fail(WSAEFAULT);
    for (; pszAddrString[i] != 0; i++) {
        if (i + 1 >= sizeof Text || pszAddrString[i] > 0x7E)
            return 0;
        Text[i] = (CHAR)pszAddrString[i];
    }
    Text[i] = 0;
    return inet_pton(Family, Text, pAddrBuf);
}

/* Length of the text, 0 with the last error set. */
static ULONG Ws2pFormat(INT Family, const VOID *Address, CHAR *Text)
{
    if (Family != AF_INET && Family != AF_INET6)
        return Ws2SetError(WSAEAFNOSUPPORT), 0;
    if (!Ws2Probe(Address, Family == AF_INET ? 4 : 16))
        return Ws2SetError(WSAEINVAL), 0;
    return Family == AF_INET ? MsafdFormatIpv4(Address, Text) : MsafdFormatIpv6(Address, Text);
}

PCSTR WSAAPI inet_ntop(INT Family, const VOID *pAddr, PSTR pStringBuf, size_t StringBufSize)
{
    CHAR Text[MSAFD_ADDRESS_TEXT_MAX];
    ULONG Length = Ws2pFormat(Family, pAddr, Text);
    if (Length == 0)
        return NULL;
    if (StringBufSize <= Length || !Ws2ProbeWrite(pStringBuf, Length + 1))
        return Ws2SetError(WSA_INVALID_PARAMETER), NULL;
    RtlCopyMemory(pStringBuf, Text, Length + 1);
    return pStringBuf;
}

PCWSTR WSAAPI InetNtopW(INT Family, const VOID *pAddr, PWSTR pStringBuf, size_t StringBufSize)
{
    CHAR Text[MSAFD_ADDRESS_TEXT_MAX];
    ULONG Length = Ws2pFormat(Family, pAddr, Text);
    if (Length == 0)
        return NULL;
    if (StringBufSize <= Length || !Ws2ProbeWrite(pStringBuf, (Length + 1) * sizeof(WCHAR)))
        return Ws2SetError(WSA_INVALID_PARAMETER), NULL;
    for (ULONG i = 0; i <= Length; i++)
        pStringBuf[i] = (WCHAR)Text[i];
    return pStringBuf;
}
