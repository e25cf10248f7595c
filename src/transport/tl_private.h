/* SPDX-License-Identifier: MIT */
/*
 * tl_private.h - what the engines share: settings kept above the host, watches, lists of completions.
 *
 * Layer: transport, private.
 */
#ifndef TL_PRIVATE_H
#define TL_PRIVATE_H

#include "transport.h"

#include "ex.h"
#include "host_memory.h"
#include "ke.h"
#include "locks.h"

#define TL_AF_INET 2
#define TL_AF_INET6 23
#define TL_SOCK_STREAM 1
#define TL_SOCK_DGRAM 2
#define TL_SOCK_RAW 3

#define TL_SOL_SOCKET 0xffff
#define TL_SO_REUSEADDR 0x0004
#define TL_SO_OOBINLINE 0x0100
#define TL_SO_LINGER 0x0080
#define TL_SO_DONTLINGER (~TL_SO_LINGER)
#define TL_SO_EXCLUSIVEADDRUSE (~TL_SO_REUSEADDR)

extern const TL_PROVIDER_DISPATCH EpollEngine;
extern const TL_PROVIDER_DISPATCH UringEngine;
extern const TL_PROVIDER_DISPATCH LoopEngine;

/* --- addresses, tl_address.c --- */

/*
 * Address of a peer: not the wildcard, and for streams not port 0. STATUS_INVALID_ADDRESS_COMPONENT,
 * STATUS_INVALID_PARAMETER
 */
_Must_inspect_result_ NTSTATUS TlCheckPeerAddress(ULONG Family, ULONG Type, const VOID *Address, ULONG Length);
BOOLEAN TlIsWildcard(const VOID *Address); /* of either family; IPv4-mapped too */
USHORT TlPortOf(const VOID *Address);      /* in network order */

/* --- options that decide at bind or close and never reach the host, tl_settings.c --- */
typedef struct TL_SETTINGS {
    BOOLEAN ReuseAddress;
    BOOLEAN ExclusiveAddressUse;
    BOOLEAN OobInline; /* noted by the engine; the host has it too */
    BOOLEAN IgnoreUnreachable;
    BOOLEAN PacketInfo; /* so is this: IP_PKTINFO, IPV6_PKTINFO, as the program has set it */
    USHORT LingerOn;
    USHORT LingerSeconds;
} TL_SETTINGS;

/* STATUS_MORE_PROCESSING_REQUIRED: not one of these, ask the engine. */
_Must_inspect_result_ NTSTATUS TlSetSetting(TL_SETTINGS *Settings, ULONG Type, BOOLEAN Bound, LONG Level, LONG Name,
    const VOID *Value, ULONG Length);
_Must_inspect_result_ NTSTATUS TlGetSetting(const TL_SETTINGS *Settings, ULONG Type, LONG Level, LONG Name,
    VOID *Value, ULONG *Length);
/* IP_PKTINFO of the family */
BOOLEAN TlIsPacketInfo(LONG Level, LONG Name);
enum host_sharing TlSharing(const TL_SETTINGS *Settings);
/* BOOL options: any length counts when setting, 1 or 4 bytes are given when getting. */
_Must_inspect_result_ NTSTATUS TlReadBoolean(const VOID *Value, ULONG Length, BOOLEAN *On);
_Must_inspect_result_ NTSTATUS TlWriteBoolean(BOOLEAN On, VOID *Value, ULONG *Length);

/* --- buffers, tl_buffer.c --- */
#define TL_SLICE_MAX 16
SIZE_T TlTotalBytes(const TL_BUFFER *Buffers, ULONG Count);
/* What is left of Buffers after Done bytes, at most TL_SLICE_MAX of them; returns their number. */
ULONG TlSlice(const TL_BUFFER *Buffers, ULONG Count, SIZE_T Done, TL_BUFFER Slice[TL_SLICE_MAX], SIZE_T *Bytes);

/*
 * What is left of a request's buffers, in its own array if that is the whole of one buffer, as it mostly is, else
 * in Slice. Returns their number, 0 if nothing is left.
 */
static inline ULONG TlRemaining(const TL_REQUEST *Request, TL_BUFFER Slice[TL_SLICE_MAX], const TL_BUFFER **Buffers,
    SIZE_T *Bytes)
{
    if (Request->BufferCount == 1 && Request->Bytes == 0 && Request->Buffers[0].length != 0) {
        *Buffers = Request->Buffers;
        *Bytes = Request->Buffers[0].length;
        return 1;
    }
    *Buffers = Slice;
    return TlSlice(Request->Buffers, Request->BufferCount, Request->Bytes, Slice, Bytes);
}

/* --- the rest of a send that was taken whole, tl_kept.c --- */
/* Engine's own, in TL_REQUEST.Flags: nobody is told of its end. */
#define TL_REQUEST_KEPT 0x80
/* A request for what Request has left, with a copy of the bytes; NULL: none can be kept. Its queue is the engine's. */
TL_REQUEST *TlKeepRest(const TL_REQUEST *Request);
/* The whole of a send of one buffer of at most so many bytes, in memory of a cache. NULL: none, or a bad buffer. */
#define TL_KEEP_SMALL_MAX 512
TL_REQUEST *TlKeepSmall(const TL_REQUEST *Request);
VOID TlTrimKept(TL_REQUEST *Request); /* forgets what has gone, so that it may be started anew */
VOID TlReleaseKept(TL_REQUEST *Request);

/* --- changes of the host's addresses and routes, tl_changes.c --- */
_Must_inspect_result_ NTSTATUS TlBeginChanges(VOID (*Changed)(ULONG Changes));
VOID TlEndChanges(VOID);

/* --- requests that are over and wait for their upcall, tl_watch.c --- */
typedef struct TL_COMPLETION_LIST {
    LIST_ENTRY Head;
} TL_COMPLETION_LIST;

/*
 * TL_WATCH - the client of an endpoint and the events it wants to hear of.
 *
 * Embedded in the endpoint. Indicating counts Indicate calls under way, so that TlWaitForIndications can wait for
 * those of other threads; Waiting counts threads that do.
 */
typedef struct TL_WATCH {
    const TL_CLIENT_DISPATCH *Client; /* changed only while nothing is pending or watched */
    PVOID ClientContext;
    EX_LOCK Lock; /* class TlEngineLock */
    ULONG Mask; /* atomic; written under Lock; TlIndicate looks at it first */
    _Guarded_by_(TlEngineLock) USHORT Indicating;
    _Guarded_by_(TlEngineLock) USHORT Waiting;
    ULONG ChangeWord; /* futex: counts ends of Indicate */
} TL_WATCH;

static inline void TlLockWatch(TL_WATCH *Watch) _Acquires_lock_(TlEngineLock) LOCK_UNCHECKED
{
    ExAcquireLock(&Watch->Lock, TlEngineLockRank);
}
static inline void TlUnlockWatch(TL_WATCH *Watch) _Releases_lock_(TlEngineLock) LOCK_UNCHECKED
{
    ExReleaseLock(&Watch->Lock, TlEngineLockRank);
}

VOID TlInitializeWatch(TL_WATCH *Watch, const TL_CLIENT_DISPATCH *Client, PVOID ClientContext);
ULONG TlSetWatchMask(TL_WATCH *Watch, ULONG Mask); /* returns the old one */
VOID TlIndicate(TL_WATCH *Watch, ULONG Events);
VOID TlWaitForIndications(TL_WATCH *Watch); /* after the mask was set to 0 */

static inline VOID TlInitializeCompletions(TL_COMPLETION_LIST *List)
{
    InitializeListHead(&List->Head);
}
/* The request has left its queue; Status and the out fields are set. */
static inline VOID TlAddCompletion(TL_COMPLETION_LIST *List, TL_REQUEST *Request, NTSTATUS Status)
{
    Request->Status = Status;
    InsertTailList(&List->Head, &Request->Link);
}

#endif
