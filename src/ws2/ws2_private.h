/* SPDX-License-Identifier: MIT */
/*
 * ws2_private.h - what the files of ws2 share.
 *
 * Layer: ws2; NT counterpart: ws2_32.dll. Every call does the same three things: is Winsock
 * started, which provider has this socket, and what error did it report. Ws2Enter answers the first
 * two.
 */
#ifndef WS2_PRIVATE_H
#define WS2_PRIVATE_H

#include <winsock2.h>
#include <mswsock.h>
#include <ws2spi.h>
#include <ws2tcpip.h>

#include <ntapi.h>
#include <ntstatus.h>

#include "host_memory.h"
#include "locks.h"
#include "msafd.h"
#include "ws2_ntos.h"

/*
 * A transport service provider. The built-in one is static; layered ones will be created when the
 * catalog names them, and live until the process ends, so that a pointer to one never dangles.
 *
 *   Idle --Ws2StartProvider--> Ready --Ws2StopProviders--> Idle
 */
typedef struct WS2_PROVIDER {
    const GUID *Id;
    LPWSPSTARTUP Startup;
    const WCHAR *Path;   /* of its library, for WSCGetProviderPath */
    volatile LONG Ready; /* Procedures is filled */
    WSPPROC_TABLE Procedures;
} WS2_PROVIDER;

/*
 * A slot of the socket table. Provider is NULL in a free slot; it is written last and cleared
 * first, so that a look-up is one load. The provider guards itself against a close at the same
 * time, so a slot needs no reference count.
 */
typedef struct WS2_SOCKET {
    WS2_PROVIDER *volatile Provider;
    volatile DWORD_PTR Context; /* of WPUCreateSocketHandle */
    volatile ULONG CatalogEntryId;
} WS2_SOCKET;

/* --- ws2_startup.c --- */
extern volatile LONG Ws2StartupCount;
extern EX_LOCK Ws2CatalogLockWord;
static inline VOID Ws2AcquireCatalogLock(VOID) _Acquires_lock_(Ws2CatalogLock) LOCK_UNCHECKED
{
    ExAcquireLock(&Ws2CatalogLockWord, Ws2CatalogLockRank);
}
static inline VOID Ws2ReleaseCatalogLock(VOID) _Releases_lock_(Ws2CatalogLock) LOCK_UNCHECKED
{
    ExReleaseLock(&Ws2CatalogLockWord, Ws2CatalogLockRank);
}
static inline BOOLEAN Ws2IsStarted(VOID)
{
    return (BOOLEAN)(__atomic_load_n(&Ws2StartupCount, __ATOMIC_ACQUIRE) != 0);
}
static inline VOID Ws2SetError(INT Error)
{
    *Ws2LastErrorSlot() = (ULONG)Error;
}
static inline int Ws2Fail(INT Error)
{
    Ws2SetError(Error);
    return SOCKET_ERROR;
}
/* 0, or WSANOTINITIALISED set as last error */
static inline INT Ws2CheckStarted(VOID)
{
    if (Ws2IsStarted())
        return 0;
    Ws2SetError(WSANOTINITIALISED);
    return WSANOTINITIALISED;
}
/*
 * What a provider's procedure returned, with its error as the last error if it failed, and 0 if it
 * succeeded. [obs:wine/sock] By address: the call that sets the error is an argument of the same
 * call, and arguments are evaluated in any order.
 */
static inline int Ws2Return(int Result, const INT *Error)
{
    Ws2SetError(Result == SOCKET_ERROR ? *Error : 0);
    return Result;
}

/* --- ws2_table.c --- */
/*
 * The procedures of the socket's provider; NULL with the last error WSANOTINITIALISED or
 * WSAENOTSOCK. Two loads; any thread.
 */
const WSPPROC_TABLE *Ws2Enter(SOCKET s);
/* The same, for a socket that is in the table already. */
const WSPPROC_TABLE *Ws2EnterKnown(SOCKET s);
/* The slot of a socket, NULL: none. Also imports a handle that DuplicateHandle has made. */
WS2_SOCKET *Ws2FindSocket(SOCKET s);
/* WSAENOBUFS */
INT Ws2InsertSocket(SOCKET s, WS2_PROVIDER *Provider, ULONG CatalogEntryId, DWORD_PTR Context);
/* Takes the socket out; NULL: it was not there. */
WS2_PROVIDER *Ws2RemoveSocket(SOCKET s);
VOID Ws2CloseAllSockets(VOID); /* the last WSACleanup */

/* --- ws2_provider.c --- */
extern WS2_PROVIDER Ws2BaseProvider;
/* Starts the provider of a catalog entry if it is not. WSAEPROVIDERFAILEDINIT. No lock held. */
INT Ws2StartProvider(WS2_PROVIDER *Provider, const WSAPROTOCOL_INFOW *Entry);
VOID Ws2StopProviders(VOID);

/* --- ws2_mswsock.c --- */
VOID Ws2NameExtensions(VOID); /* tells the base provider what its extension functions are */

/* --- ws2_catalog.c --- */
WS2_PROVIDER *Ws2FindProvider(ULONG CatalogEntryId, const WSAPROTOCOL_INFOW **Entry);
/*
 * Ws2FindProtocol - the first entry for a triple. Zeros match as documented for WSASocket.
 * PreferredId, if not 0, wins when that entry matches too. WSAEINVAL, WSAEAFNOSUPPORT,
 * WSAESOCKTNOSUPPORT, WSAEPROTONOSUPPORT.
 */
INT Ws2FindProtocol(INT Family, INT Type, INT Protocol, ULONG PreferredId,
    const WSAPROTOCOL_INFOW **Entry, WS2_PROVIDER **Provider);
VOID Ws2ProtocolInfoToA(const WSAPROTOCOL_INFOW *From, WSAPROTOCOL_INFOA *To);
VOID Ws2ProtocolInfoToW(const WSAPROTOCOL_INFOA *From, WSAPROTOCOL_INFOW *To);

/* --- ws2_string.c --- */
/* UTF-16 and UTF-8 copies, freed with host_free; NULL: out of memory. Unpaired surrogates become
 * U+FFFD. */
PWSTR Ws2WideFromAnsi(PCSTR Text);
PSTR Ws2AnsiFromWide(PCWSTR Text);
/* Copies with the terminator; FALSE: no room for it. */
BOOLEAN Ws2CopyWide(PCSTR Text, PWSTR Buffer, SIZE_T Characters);
SIZE_T Ws2AnsiLength(PCSTR Text);

/* SO_OPENTYPE of the calling thread; see ws2_option.c. */
extern _Thread_local INT Ws2OpenType;

#endif
