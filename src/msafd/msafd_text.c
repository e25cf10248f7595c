/* SPDX-License-Identifier: MIT */
/*
 * msafd_text.c - addresses as text, and back.
 *
 * Layer: msafd; NT counterpart: RtlIpv4AddressToString and its family, which the provider and
 * ws2_32 both use. IPv6 texts are those of RFC 5952, as Windows prints them; scope identifiers are
 * numbers.
 */
#include "msafd_private.h"

#include <stddef.h>

static CHAR *MsafdpPutNumber(CHAR *At, ULONG Value, ULONG Base)
{
    CHAR Digits[12];
    ULONG Count = 0;
    do {
        Digits[Count++] = "0123456789abcdef"[Value % Base];
        Value /= Base;
    } while (Value != 0);
    while (Count != 0)
        *At++ = Digits[--Count];
    return At;
}

static CHAR *MsafdpPutIpv4(CHAR *At, const UCHAR *Address)
{
    for (ULONG i = 0; i < 4; i++) {
        if (i != 0)
            *At++ = '.';
        At = MsafdpPutNumber(At, Address[i], 10);
    }
    return At;
}

ULONG MsafdFormatIpv4(const UCHAR *Address, CHAR *Text)
{
    CHAR *End = MsafdpPutIpv4(Text, Address);
    *End = 0;
    return (ULONG)(End - Text);
}

/* First and length of the longest run of two or more zero groups. */
static ULONG MsafdpFindZeroRun(const ULONG *Groups, ULONG Count, ULONG *First)
{
    ULONG Best = 0;
    for (ULONG i = 0; i < Count; i++) {
        ULONG Run = 0;
        while (i + Run < Count && Groups[i + Run] == 0)
            Run++;
        if (Run > Best) {
            Best = Run;
            *First = i;
        }
    }
    return Best > 1 ? Best : 0;
}

/* Mapped (::ffff:a.b.c.d) and compatible (::a.b.c.d) addresses end in the IPv4 form. */
static BOOLEAN MsafdpHasIpv4Tail(const ULONG *Groups)
{
    for (ULONG i = 0; i < 5; i++) {
        if (Groups[i] != 0)
            return FALSE;
    }
    return (BOOLEAN)(Groups[5] == 0xFFFF || (Groups[5] == 0 && Groups[6] != 0));
}

ULONG MsafdFormatIpv6(const UCHAR *Address, CHAR *Text)
{
    ULONG Groups[8], First = 0;
    for (ULONG i = 0; i < 8; i++)
        Groups[i] = (ULONG)Address[2 * i] << 8 | Address[2 * i + 1];
    BOOLEAN Tail = MsafdpHasIpv4Tail(Groups);
    ULONG Count = Tail ? 6 : 8;
    ULONG Run = MsafdpFindZeroRun(Groups, Count, &First);
    CHAR *At = Text;
    for (ULONG i = 0; i < Count;) {
        if (Run != 0 && i == First) {
            *At++ = ':';
            *At++ = ':';
            i += Run;
            continue;
        }
        if (i != 0 && !(Run != 0 && i == First + Run))
            *At++ = ':';
        At = MsafdpPutNumber(At, Groups[i++], 16);
    }
    if (Tail) {
        if (At[-1] != ':')
            *At++ = ':';
        At = MsafdpPutIpv4(At, Address + 12);
    }
    *At = 0;
    return (ULONG)(At - Text);
}

static ULONG MsafdpPort(const UCHAR *NetworkOrder)
{
    return (ULONG)NetworkOrder[0] << 8 | NetworkOrder[1];
}

ULONG MsafdFormatSockaddr(const VOID *Address, ULONG Length, CHAR *Text)
{
    USHORT Family;
    RtlCopyMemory(&Family, Address, sizeof Family);
    const UCHAR *Bytes = Address;
    CHAR *At = Text;
    if (Family == AF_INET && Length >= sizeof(SOCKADDR_IN)) {
        ULONG Port = MsafdpPort(Bytes + offsetof(SOCKADDR_IN, sin_port));
        At += MsafdFormatIpv4(Bytes + offsetof(SOCKADDR_IN, sin_addr), At);
        if (Port != 0) {
            *At++ = ':';
            At = MsafdpPutNumber(At, Port, 10);
        }
    } else if (Family == AF_INET6 && Length >= sizeof(SOCKADDR_IN6)) {
        ULONG Scope, Port = MsafdpPort(Bytes + offsetof(SOCKADDR_IN6, sin6_port));
        RtlCopyMemory(&Scope, Bytes + offsetof(SOCKADDR_IN6, sin6_scope_id), sizeof Scope);
        if (Port != 0)
            *At++ = '[';
        At += MsafdFormatIpv6(Bytes + offsetof(SOCKADDR_IN6, sin6_addr), At);
        if (Scope != 0) {
            *At++ = '%';
            At = MsafdpPutNumber(At, Scope, 10);
        }
        if (Port != 0) {
            *At++ = ']';
            *At++ = ':';
            At = MsafdpPutNumber(At, Port, 10);
        }
    }
    *At = 0;
    return (ULONG)(At - Text);
}

/* Decimal number up to Max; NULL if there is none. */
static const CHAR *MsafdpTakeNumber(const CHAR *At, ULONG Max, ULONG *Value)
{
    ULONGLONG Number = 0;
    if (*At < '0' || *At > '9')
        return NULL;
    while (*At >= '0' && *At <= '9') {
        Number = Number * 10 + (ULONG)(*At++ - '0');
        if (Number > Max)
            return NULL;
    }
    *Value = (ULONG)Number;
    return At;
}

static const CHAR *MsafdpTakeIpv4(const CHAR *At, UCHAR *Address)
{
    for (ULONG i = 0; i < 4; i++) {
        ULONG Value;
        if (i != 0 && *At++ != '.')
            return NULL;
        /* a leading zero would be octal to inet_addr: strict forms have none */
        if (At[0] == '0' && At[1] >= '0' && At[1] <= '9')
            return NULL;
        At = MsafdpTakeNumber(At, 255, &Value);
        if (At == NULL)
            return NULL;
        Address[i] = (UCHAR)Value;
    }
    return At;
}

static INT MsafdpHexDigit(CHAR c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* One group of hexadecimal digits; NULL if there is none or more than four. */
static const CHAR *MsafdpTakeGroup(const CHAR *At, UCHAR *Bytes)
{
    ULONG Value = 0, Count = 0;
    for (; MsafdpHexDigit(*At) >= 0; At++, Count++)
        Value = Value << 4 | (ULONG)MsafdpHexDigit(*At);
    if (Count == 0 || Count > 4)
        return NULL;
    Bytes[0] = (UCHAR)(Value >> 8);
    Bytes[1] = (UCHAR)Value;
    return At;
}

/* Groups, of which one "::" may stand for any number of zeros. */
static const CHAR *MsafdpTakeIpv6(const CHAR *At, UCHAR *Address)
{
    UCHAR Bytes[16] = {0};
    ULONG Count = 0, Gap = 17; /* bytes so far; where the "::" is, 17: none */
    if (At[0] == ':') {
        if (At[1] != ':')
            return NULL;
        At += 2;
        Gap = 0;
    }
    while (Count < 16 && MsafdpHexDigit(*At) >= 0) {
        const CHAR *Next;
        if (Count <= 12 && (Next = MsafdpTakeIpv4(At, Bytes + Count)) != NULL) {
            At = Next;
            Count += 4;
            break;
        }
        At = MsafdpTakeGroup(At, Bytes + Count);
        if (At == NULL)
            return NULL;
        Count += 2;
        if (At[0] != ':')
            break;
        if (At[1] == ':') {
            if (Gap != 17)
                return NULL;
            Gap = Count;
            At += 2;
        } else if (Count < 16) {
            At++;
            if (MsafdpHexDigit(*At) < 0)
                return NULL;
        }
    }
    if (Gap == 17 ? Count != 16 : Count > 14)
        return NULL;
    ULONG Head = Gap == 17 ? Count : Gap, Rest = Count - Head;
    RtlZeroMemory(Address, 16);
    RtlCopyMemory(Address, Bytes, Head);
    RtlCopyMemory(Address + 16 - Rest, Bytes + Head, Rest);
    return At;
}

BOOLEAN MsafdParseIpv4(const CHAR *Text, UCHAR *Address)
{
    UCHAR Parsed[4];
    const CHAR *End = MsafdpTakeIpv4(Text, Parsed);
    if (End == NULL || *End != 0)
        return FALSE;
    RtlCopyMemory(Address, Parsed, sizeof Parsed);
    return TRUE;
}

BOOLEAN MsafdParseIpv6(const CHAR *Text, UCHAR *Address)
{
    UCHAR Parsed[16];
    const CHAR *End = MsafdpTakeIpv6(Text, Parsed);
    if (End == NULL || *End != 0)
        return FALSE;
    RtlCopyMemory(Address, Parsed, sizeof Parsed);
    return TRUE;
}

static VOID MsafdpSetPort(UCHAR *Sockaddr, ULONG Port)
{
    Sockaddr[offsetof(SOCKADDR_IN, sin_port)] = (UCHAR)(Port >> 8);
    Sockaddr[offsetof(SOCKADDR_IN, sin_port) + 1] = (UCHAR)Port;
}

static INT MsafdpParseSockaddr4(const CHAR *Text, UCHAR *Sockaddr)
{
    ULONG Port;
    const CHAR *At = MsafdpTakeIpv4(Text, Sockaddr + offsetof(SOCKADDR_IN, sin_addr));
    if (At == NULL)
        return WSAEINVAL;
    if (*At == ':') {
        At = MsafdpTakeNumber(At + 1, 65535, &Port);
        if (At == NULL)
            return WSAEINVAL;
        MsafdpSetPort(Sockaddr, Port);
    }
    return *At == 0 ? 0 : WSAEINVAL;
}

static INT MsafdpParseSockaddr6(const CHAR *Text, UCHAR *Sockaddr)
{
    ULONG Port, Scope;
    BOOLEAN Bracket = (BOOLEAN)(*Text == '[');
    const CHAR *At = MsafdpTakeIpv6(Text + Bracket, Sockaddr + offsetof(SOCKADDR_IN6, sin6_addr));
    if (At == NULL)
        return WSAEINVAL;
    if (*At == '%') {
        At = MsafdpTakeNumber(At + 1, MAXULONG, &Scope);
        if (At == NULL)
            return WSAEINVAL;
        RtlCopyMemory(Sockaddr + offsetof(SOCKADDR_IN6, sin6_scope_id), &Scope, sizeof Scope);
    }
    if (Bracket && *At++ != ']')
        return WSAEINVAL;
    if (Bracket && *At == ':') {
        At = MsafdpTakeNumber(At + 1, 65535, &Port);
        if (At == NULL)
            return WSAEINVAL;
        MsafdpSetPort(Sockaddr, Port);
    }
    return *At == 0 ? 0 : WSAEINVAL;
}

INT MsafdParseSockaddr(INT Family, const CHAR *Text, VOID *Address, ULONG *Length)
{
    USHORT Short = (USHORT)Family;
    *Length = Family == AF_INET6 ? sizeof(SOCKADDR_IN6) : sizeof(SOCKADDR_IN);
    if (Family != AF_INET && Family != AF_INET6)
        return WSAEINVAL;
    RtlZeroMemory(Address, *Length);
    RtlCopyMemory(Address, &Short, sizeof Short);
    return Family == AF_INET ? MsafdpParseSockaddr4(Text, Address)
                             : MsafdpParseSockaddr6(Text, Address);
}
