/* SPDX-License-Identifier: MIT */
/*
 * ws2_names.c - getaddrinfo, getnameinfo and their wide forms.
 *
 * Layer: ws2; NT counterpart: the same of ws2_32.dll. Each entry of a result is one block, with its
 * address in it, so that programs may take lists apart. Failures are returned and set as last
 * error.
 */
#include "ws2_private.h"

#include "nsp.h"

#define WS2_ADDRESS_BYTES sizeof(((struct nsp_address *)0)->address)

static INT Ws2pNameError(INT Error)
{
    if (Error != 0)
        Ws2SetError(Error);
    return Error;
}

/* Hints that must be empty, and combinations that make no sense. [doc:ws2tcpip/getaddrinfo] */
static INT Ws2pCheckHints(const ADDRINFOA *Hints, PCSTR Node)
{
    if (Hints->ai_addrlen != 0 || Hints->ai_canonname != NULL || Hints->ai_addr != NULL ||
        Hints->ai_next != NULL)
        return WSANO_RECOVERY;
    if ((Hints->ai_flags & AI_CANONNAME) != 0 && Node == NULL)
        return WSAEINVAL;
    if (Hints->ai_family != AF_UNSPEC && Hints->ai_family != AF_INET &&
        Hints->ai_family != AF_INET6)
        return WSAEAFNOSUPPORT;
    if (Hints->ai_socktype < 0 || Hints->ai_socktype > SOCK_RAW)
        return WSAESOCKTNOSUPPORT;
    return 0;
}

static INT Ws2pLookup(PCSTR Node, PCSTR Service, INT Flags, INT Family, INT Type, INT Protocol,
    struct nsp_address **List, char **Canonical)
{
    if (Node == NULL && Service == NULL)
        return WSAHOST_NOT_FOUND;
    return nsp_lookup(Node, Service, Flags, Family, Type, Protocol, List, Canonical);
}

static ADDRINFOA *Ws2pCreateEntryA(const struct nsp_address *From)
{
    ADDRINFOA *Entry = host_allocate(sizeof *Entry + WS2_ADDRESS_BYTES);
    if (Entry == NULL)
        return NULL;
    RtlZeroMemory(Entry, sizeof *Entry);
    Entry->ai_family = From->family;
    Entry->ai_socktype = From->type;
    Entry->ai_protocol = From->protocol;
    Entry->ai_addrlen = From->length;
    Entry->ai_addr = (struct sockaddr *)(PVOID)(Entry + 1);
    RtlCopyMemory(Entry->ai_addr, From->address, WS2_ADDRESS_BYTES);
    return Entry;
}

static ADDRINFOA *Ws2pCreateListA(const struct nsp_address *From, const char *Canonical)
{
    ADDRINFOA *List = NULL, **End = &List;
    for (; From != NULL; From = From->next) {
        *End = Ws2pCreateEntryA(From);
        if (*End == NULL) {
            freeaddrinfo(List);
            return NULL;
        }
        End = &(*End)->ai_next;
    }
    if (Canonical != NULL && List != NULL) {
        SIZE_T Bytes = Ws2AnsiLength(Canonical) + 1;
        List->ai_canonname = host_allocate(Bytes);
        if (List->ai_canonname == NULL) {
            freeaddrinfo(List);
            return NULL;
        }
        RtlCopyMemory(List->ai_canonname, Canonical, Bytes);
    }
    return List;
}

static INT Ws2pGetAddrInfoA(PCSTR Node, PCSTR Service, const ADDRINFOA *Hints, PADDRINFOA *Result)
{
    static const ADDRINFOA NoHints;
    struct nsp_address *List;
    char *Canonical;
    if (!Ws2ProbeWrite(Result, sizeof *Result) || (Node != NULL && !Ws2ProbeText(Node)) ||
        (Service != NULL && !Ws2ProbeText(Service)) ||
        (Hints != NULL && !Ws2Probe(Hints, sizeof *Hints)))
        return WSAEFAULT;
    *Result = NULL;
    INT Error = Hints == NULL ? 0 : Ws2pCheckHints(Hints, Node);
    if (Hints == NULL)
        Hints = &NoHints;
    if (Error == 0)
        Error = Ws2pLookup(Node, Service, Hints->ai_flags, Hints->ai_family, Hints->ai_socktype,
            Hints->ai_protocol, &List, &Canonical);
    if (Error != 0)
        return Error;
    /* A numeric host has itself as its canonical name. */
    *Result = Ws2pCreateListA(List, Canonical);
    nsp_free(List);
    nsp_free_text(Canonical);
    return *Result == NULL ? WSA_NOT_ENOUGH_MEMORY : 0;
}

INT WSAAPI getaddrinfo(
    PCSTR pNodeName, PCSTR pServiceName, const ADDRINFOA *pHints, PADDRINFOA *ppResult)
{
    if (Ws2CheckStarted() != 0)
        return WSANOTINITIALISED;
    return Ws2pNameError(Ws2pGetAddrInfoA(pNodeName, pServiceName, pHints, ppResult));
}

VOID WSAAPI freeaddrinfo(PADDRINFOA pAddrInfo)
{
    while (pAddrInfo != NULL) {
        ADDRINFOA *Next = pAddrInfo->ai_next;
        host_free(pAddrInfo->ai_canonname);
        host_free(pAddrInfo);
        pAddrInfo = Next;
    }
}

VOID WSAAPI FreeAddrInfoW(PADDRINFOW pAddrInfo)
{
    /* The two structures differ in the type of one pointer. */
    freeaddrinfo((PADDRINFOA)(PVOID)pAddrInfo);
}

INT WSAAPI GetAddrInfoW(
    PCWSTR pNodeName, PCWSTR pServiceName, const ADDRINFOW *pHints, PADDRINFOW *ppResult)
{
    ADDRINFOA *List = NULL;
    INT Error = 0;
    _Static_assert(sizeof(ADDRINFOA) == sizeof(ADDRINFOW),
        "the wide list is the narrow one with another name");
    if (Ws2CheckStarted() != 0)
        return WSANOTINITIALISED;
    if (!Ws2ProbeWrite(ppResult, sizeof *ppResult) ||
        (pNodeName != NULL && !Ws2ProbeWideText(pNodeName)) ||
        (pServiceName != NULL && !Ws2ProbeWideText(pServiceName)))
        return Ws2pNameError(WSAEFAULT);
    PSTR Node = pNodeName == NULL ? NULL : Ws2AnsiFromWide(pNodeName);
    PSTR Service = pServiceName == NULL ? NULL : Ws2AnsiFromWide(pServiceName);
    if ((pNodeName != NULL && Node == NULL) || (pServiceName != NULL && Service == NULL))
        Error = WSA_NOT_ENOUGH_MEMORY;
    else
        Error = Ws2pGetAddrInfoA(Node, Service, (const ADDRINFOA *)(const VOID *)pHints, &List);
    if (Error == 0 && List->ai_canonname != NULL) {
        PWSTR Wide = Ws2WideFromAnsi(List->ai_canonname);
        host_free(List->ai_canonname);
        List->ai_canonname = (char *)(PVOID)Wide;
        if (Wide == NULL)
            Error = WSA_NOT_ENOUGH_MEMORY;
    }
    if (Error != 0) {
        freeaddrinfo(List);
        List = NULL;
    }
    *ppResult = (PADDRINFOW)(PVOID)List;
    host_free(Node);
    host_free(Service);
    return Ws2pNameError(Error);
}

/* --- getnameinfo --- */

/* No name is longer than NI_MAXHOST, whatever the buffer. */
static DWORD Ws2pRoom(DWORD BufferSize)
{
    return BufferSize < NI_MAXHOST ? BufferSize : NI_MAXHOST;
}

INT WSAAPI getnameinfo(const SOCKADDR *pSockaddr, socklen_t SockaddrLength, PCHAR pNodeBuffer,
    DWORD NodeBufferSize, PCHAR pServiceBuffer, DWORD ServiceBufferSize, INT Flags)
{
    if (Ws2CheckStarted() != 0)
        return WSANOTINITIALISED;
    if (SockaddrLength < (socklen_t)sizeof pSockaddr->sa_family ||
        !Ws2Probe(pSockaddr, (SIZE_T)SockaddrLength))
        return Ws2pNameError(WSAEFAULT);
    if ((pNodeBuffer != NULL && !Ws2ProbeWrite(pNodeBuffer, Ws2pRoom(NodeBufferSize))) ||
        (pServiceBuffer != NULL && !Ws2ProbeWrite(pServiceBuffer, Ws2pRoom(ServiceBufferSize))))
        return Ws2pNameError(WSAEFAULT);
    return Ws2pNameError(nsp_name(pSockaddr, (unsigned)SockaddrLength, pNodeBuffer,
        pNodeBuffer != NULL ? NodeBufferSize : 0, pServiceBuffer,
        pServiceBuffer != NULL ? ServiceBufferSize : 0, Flags));
}

INT WSAAPI GetNameInfoW(const SOCKADDR *pSockaddr, socklen_t SockaddrLength, PWCHAR pNodeBuffer,
    DWORD NodeBufferSize, PWCHAR pServiceBuffer, DWORD ServiceBufferSize, INT Flags)
{
    CHAR Node[NI_MAXHOST], Service[NI_MAXSERV];
    BOOLEAN WantsNode = (BOOLEAN)(pNodeBuffer != NULL && NodeBufferSize != 0);
    BOOLEAN WantsService = (BOOLEAN)(pServiceBuffer != NULL && ServiceBufferSize != 0);
    if ((WantsNode && !Ws2ProbeWrite(pNodeBuffer, sizeof *pNodeBuffer)) ||
        (WantsService && !Ws2ProbeWrite(pServiceBuffer, sizeof *pServiceBuffer)))
        return Ws2CheckStarted() != 0 ? WSANOTINITIALISED : Ws2pNameError(WSAEFAULT);
    INT Error = getnameinfo(pSockaddr, SockaddrLength, WantsNode ? Node : NULL, sizeof Node,
        WantsService ? Service : NULL, sizeof Service, Flags);
    if (Error != 0)
        return Error;
    if ((WantsNode && !Ws2CopyWide(Node, pNodeBuffer, NodeBufferSize)) ||
        (WantsService && !Ws2CopyWide(Service, pServiceBuffer, ServiceBufferSize)))
        return Ws2pNameError(ERROR_INSUFFICIENT_BUFFER);
    return 0;
}

/* --- texts of their errors; one buffer per thread --- */

char *WSAAPI gai_strerrorA(int ecode)
{
    static _Thread_local char Text[GAI_STRERROR_BUFFER_SIZE];
    DWORD Length = FormatMessageA(
        FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK,
        NULL, (DWORD)ecode, 0, Text, sizeof Text, NULL);
    Text[Length] = 0;
    return Text;
}

WCHAR *WSAAPI gai_strerrorW(int ecode)
{
    static _Thread_local WCHAR Text[GAI_STRERROR_BUFFER_SIZE];
    DWORD Length = FormatMessageW(
        FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK,
        NULL, (DWORD)ecode, 0, Text, RTL_NUMBER_OF(Text), NULL);
    Text[Length] = 0;
    return Text;
}
