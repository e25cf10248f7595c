/* SPDX-License-Identifier: MIT */
/*
 * ws2_hostent.c - the database calls of Winsock 1.1, and the host's name.
 *
 * Layer: ws2; NT counterpart: the same of ws2_32.dll. Results lie in storage of the calling thread,
 * one for hosts, one for services, one for protocols, each valid until the thread's next call of
 * its kind.
 */
#include "ws2_private.h"

#include "host_system.h"
#include "nsp.h"

#define WS2_HOST_ADDRESSES 16

typedef struct WS2_HOST {
    struct hostent Entry;
    char Name[NI_MAXHOST];
    char *Aliases[1];
    char *List[WS2_HOST_ADDRESSES + 1];
    UCHAR Addresses[WS2_HOST_ADDRESSES][16];
} WS2_HOST;

static _Thread_local WS2_HOST Ws2pHost;

typedef struct WS2_ENTRY {
    union {
        struct servent Service;
        struct protoent Protocol;
    };
    struct nsp_entry Data;
} WS2_ENTRY;

static _Thread_local WS2_ENTRY Ws2pService, Ws2pProtocol;

static VOID Ws2pCopyName(const char *Name)
{
    SIZE_T i = 0;
    for (; Name[i] != 0 && i + 1 < sizeof Ws2pHost.Name; i++)
        Ws2pHost.Name[i] = Name[i];
    Ws2pHost.Name[i] = 0;
}

static struct hostent *Ws2pFinishHost(INT Family, ULONG Count)
{
    WS2_HOST *Host = &Ws2pHost;
    Host->Aliases[0] = NULL;
    Host->List[Count] = NULL;
    Host->Entry.h_name = Host->Name;
    Host->Entry.h_aliases = Host->Aliases;
    Host->Entry.h_addrtype = (short)Family;
    Host->Entry.h_length = (short)(Family == AF_INET6 ? 16 : 4);
    Host->Entry.h_addr_list = Host->List;
    return &Host->Entry;
}

static VOID Ws2pAddHostAddress(ULONG Index, const VOID *Address, SIZE_T Bytes)
{
    RtlCopyMemory(Ws2pHost.Addresses[Index], Address, Bytes);
    Ws2pHost.List[Index] = (char *)Ws2pHost.Addresses[Index];
}

/* NULL and "" name this machine. Addresses are IPv4 alone. [doc:winsock2/gethostbyname] */
struct hostent *WSAAPI gethostbyname(const char *name)
{
    struct nsp_address *List;
    char *Canonical = NULL, Local[NI_MAXHOST];
    ULONG Count = 0;
    if (Ws2CheckStarted() != 0)
        return NULL;
    if (name != NULL && !Ws2ProbeText(name))
        return Ws2SetError(WSAEFAULT), NULL;
    BOOLEAN Own = (BOOLEAN)(name == NULL || name[0] == 0);
    if (host_hostname(Local, sizeof Local) != 0)
        Local[0] = 0;
    if (!Own && Local[0] != 0 && __builtin_strcmp(name, Local) == 0)
        Own = TRUE;
    INT Error = nsp_lookup(
        Own ? "" : name, NULL, Own ? 0 : NSP_CANONICAL, AF_INET, SOCK_STREAM, 0, &List, &Canonical);
    if (Error != 0)
        return Ws2SetError(Error), NULL;
    for (struct nsp_address *At = List; At != NULL && Count < WS2_HOST_ADDRESSES; At = At->next)
        Ws2pAddHostAddress(Count++, At->address + 4, 4);
    Ws2pCopyName(Own ? Local : Canonical != NULL ? Canonical : name);
    nsp_free(List);
    nsp_free_text(Canonical);
    return Ws2pFinishHost(AF_INET, Count);
}

struct hostent *WSAAPI gethostbyaddr(const char *addr, int len, int type)
{
    UCHAR Sockaddr[sizeof(SOCKADDR_IN6)] = {0};
    char Name[NI_MAXHOST];
    USHORT Family = (USHORT)type;
    int Bytes = type == AF_INET6 ? 16 : 4;
    if (Ws2CheckStarted() != 0)
        return NULL;
    if (len < Bytes || !Ws2Probe(addr, (SIZE_T)Bytes))
        return Ws2SetError(WSAEFAULT), NULL;
    if (type != AF_INET && type != AF_INET6)
        return Ws2SetError(WSAEAFNOSUPPORT), NULL;
    RtlCopyMemory(Sockaddr, &Family, sizeof Family);
    RtlCopyMemory(Sockaddr + (type == AF_INET6 ? 8 : 4), addr, (SIZE_T)Bytes);
    INT Error = nsp_name(Sockaddr, type == AF_INET6 ? sizeof(SOCKADDR_IN6) : sizeof(SOCKADDR_IN),
        Name, sizeof Name, NULL, 0, NSP_NAME_REQUIRED);
    if (Error != 0)
        return Ws2SetError(Error), NULL;
    Ws2pCopyName(Name);
    Ws2pAddHostAddress(0, addr, (SIZE_T)Bytes);
    return Ws2pFinishHost(type, 1);
}

int WSAAPI gethostname(char *name, int namelen)
{
    char Local[NI_MAXHOST];
    if (Ws2CheckStarted() != 0)
        return SOCKET_ERROR;
    if (name == NULL || namelen <= 0)
        return Ws2Fail(WSAEFAULT);
    if (host_hostname(Local, sizeof Local) != 0)
        return Ws2Fail(WSAENETDOWN);
    SIZE_T Bytes = Ws2AnsiLength(Local) + 1;
    if (Bytes > (SIZE_T)namelen || !Ws2ProbeWrite(name, Bytes))
        return Ws2Fail(WSAEFAULT);
    RtlCopyMemory(name, Local, Bytes);
    return 0;
}

int WSAAPI GetHostNameW(PWSTR name, int namelen)
{
    char Local[NI_MAXHOST];
    if (name == NULL)
        return Ws2CheckStarted() != 0 ? SOCKET_ERROR : Ws2Fail(WSAEFAULT);
    if (gethostname(Local, sizeof Local) != 0)
        return SOCKET_ERROR;
    return namelen > 0 && Ws2CopyWide(Local, name, (SIZE_T)namelen) ? 0 : Ws2Fail(WSAEFAULT);
}

static struct servent *Ws2pFinishService(INT Error)
{
    WS2_ENTRY *Entry = &Ws2pService;
    if (Error != 0)
        return Ws2SetError(Error), NULL;
    Entry->Service.s_name = (char *)(ULONG_PTR)Entry->Data.name;
    Entry->Service.s_aliases = (char **)(ULONG_PTR)Entry->Data.aliases;
    Entry->Service.s_port = (short)Entry->Data.number;
    Entry->Service.s_proto = (char *)(ULONG_PTR)Entry->Data.protocol;
    return &Entry->Service;
}

struct servent *WSAAPI getservbyname(const char *name, const char *proto)
{
    if (Ws2CheckStarted() != 0)
        return NULL;
    if (!Ws2ProbeText(name) || (proto != NULL && !Ws2ProbeText(proto)))
        return Ws2SetError(WSAEFAULT), NULL;
    return Ws2pFinishService(nsp_service_by_name(name, proto, &Ws2pService.Data));
}

struct servent *WSAAPI getservbyport(int port, const char *proto)
{
    if (Ws2CheckStarted() != 0)
        return NULL;
    if (proto != NULL && !Ws2ProbeText(proto))
        return Ws2SetError(WSAEFAULT), NULL;
    return Ws2pFinishService(nsp_service_by_port(port & 0xFFFF, proto, &Ws2pService.Data));
}

static struct protoent *Ws2pFinishProtocol(INT Error)
{
    WS2_ENTRY *Entry = &Ws2pProtocol;
    if (Error != 0)
        return Ws2SetError(Error), NULL;
    Entry->Protocol.p_name = (char *)(ULONG_PTR)Entry->Data.name;
    Entry->Protocol.p_aliases = (char **)(ULONG_PTR)Entry->Data.aliases;
    Entry->Protocol.p_proto = (short)Entry->Data.number;
    return &Entry->Protocol;
}

struct protoent *WSAAPI getprotobyname(const char *name)
{
    if (Ws2CheckStarted() != 0)
        return NULL;
    if (!Ws2ProbeText(name))
        return Ws2SetError(WSAEFAULT), NULL;
    return Ws2pFinishProtocol(nsp_protocol_by_name(name, &Ws2pProtocol.Data));
}

struct protoent *WSAAPI getprotobynumber(int number)
{
    if (Ws2CheckStarted() != 0)
        return NULL;
    return Ws2pFinishProtocol(nsp_protocol_by_number(number, &Ws2pProtocol.Data));
}
