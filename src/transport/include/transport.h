/* SPDX-License-Identifier: MIT */
/*
 * transport.h - the boundary between AFD and what moves the bytes: two call tables.
 *
 * Layer: transport. NT counterpart: TDI, as direct calls. Down: TL_PROVIDER_DISPATCH, implemented by an engine (epoll, uring,
 * loop). Up: TL_CLIENT_DISPATCH, implemented by AFD. The two handle types differ so that an upper
 * one cannot be passed where a lower one is meant: TL_ENDPOINT belongs to the engine, the client's
 * context is a PVOID.
 *
 * Requests. Connect, accept, send and receive take a TL_REQUEST, which the client allocates and which
 * the engine owns from the call until it ends. Every one is tried at once, on the caller's thread:
 *   - a final status: the request is over, nothing will be called.
 *   - STATUS_PENDING: Client->Complete(Request) will be called exactly once, from some thread, unless
 *     Cancel takes the request back first. It may be called before the downcall returns.
 *   - STATUS_DEVICE_NOT_READY: it would block, and TL_REQUEST_NO_PEND was set. Nothing was done.
 *     A connect always pends: it cannot be undone, and its end must be told.
 * Requests of one direction of one endpoint complete in the order they were made; receives of
 * expedited data (MSG_OOB) have an order of their own, and so has AwaitEnd. Sends that are chained with
 * TL_REQUEST_MORE count as one. A send completes with all its bytes; with
 * TL_REQUEST_NO_PEND it may send a part and then succeeds with that part. A datagram longer than the
 * buffers completes with STATUS_SUCCESS and TL_MESSAGE_TRUNCATED. After Disconnect of its direction a
 * request fails with STATUS_PIPE_DISCONNECTED. An error that ended a connection stays: it is returned
 * by every later receive that would find the end of the stream, and by every later send.
 *
 * Direct polling. With TL_REQUEST_DIRECT the engine may leave the descriptor out of every interest set
 * and call KeSetDirectWait instead: the calling thread is about to wait for this very request.
 *
 * Accept credit. A listener takes a connection from the host only for a request that waits for one,
 * so the host's backlog means what it should.
 *
 * Context of all calls, both ways: any thread, no lock of the caller held, nothing blocks. Upcalls
 * are made without engine locks and may call down again.
 *
 * Reuse. Reopen and Adopt change what connection an endpoint stands for, never the endpoint: the client's
 * pointer stays good for calls that other threads make meanwhile. They end as after Abort, or find the
 * endpoint before or after the change. The watch goes on.
 *
 * Life. Open gives an endpoint in the client's hand; so does a completed accept. Abort ends activity
 * (requests complete with STATUS_CANCELLED, further ones fail with STATUS_FILE_CLOSED) and may be
 * called at any time; Close frees the endpoint: after Abort, once, when no call on it is under way
 * and no request is outstanding. Watches end with Abort, which returns when no Indicate is running any
 * more but those that the calling thread itself is inside of. So after Close the client may free its context.
 */
#ifndef TRANSPORT_H
#define TRANSPORT_H

#include <wdm.h>

#include "host_interface.h"
#include "host_socket.h"

typedef struct TL_ENDPOINT TL_ENDPOINT;
typedef struct host_buffer TL_BUFFER; /* layout of WSABUF */
typedef struct host_interface TL_INTERFACE;

/* TL_REQUEST.Flags */
#define TL_REQUEST_NO_PEND 0x1
#define TL_REQUEST_DIRECT 0x2
/*
 * Sends of a stream that belong together (TransmitFile reads its file in between):
 *   MORE      when this send has succeeded the direction is kept: other sends wait, or would block
 *   CONTINUE  the next of them: goes at once, before the sends that wait
 * The last has no MORE, and may have no bytes. One that fails or is cancelled ends the chain. After
 * Disconnect of the direction a chain that had begun goes on to its end.
 */
#define TL_REQUEST_MORE 0x4
#define TL_REQUEST_CONTINUE 0x8
/*
 * What an edge or a short read has told already is enough, and the host is not asked in vain: the request may wait, or,
 * with TL_REQUEST_NO_PEND, the same one follows that may; with TL_REQUEST_DIRECT too as a direct one. An edge that
 * has come but was not looked at yet ends it a moment later. Without this flag every request asks first.
 */
#define TL_REQUEST_FOLLOWED 0x20
/*
 * With TL_REQUEST_NO_PEND, streams: a send of which a part is taken is taken whole. The rest is copied and goes
 * later, before other sends, and even after Abort, unless that resets. Levels do not tell of TL_EVENT_SEND
 * meanwhile. There are bounds (tl_kept.c); beyond them a part is taken.
 */
#define TL_REQUEST_WHOLE 0x40
#define TL_REQUEST_MESSAGE 0x10 /* datagrams: with control data, and all of TL_MESSAGE_xxx */
/* TL_REQUEST.MessageFlags in: MSG_OOB, MSG_PEEK, MSG_DONTROUTE, MSG_WAITALL; out: */
#define TL_MESSAGE_TRUNCATED HOST_MSG_TRUNCATED
#define TL_MESSAGE_CONTROL_TRUNCATED HOST_MSG_CONTROL_TRUNCATED
#define TL_MESSAGE_BROADCAST HOST_MSG_BROADCAST /* out: the datagram came to a broadcast address */
#define TL_MESSAGE_MULTICAST HOST_MSG_MULTICAST
#define TL_MESSAGE_STOPPED 0x1000 /* out, streams: it may have ended at the urgent mark, with data behind that */
#define TL_MESSAGE_ALL \
    (TL_MESSAGE_TRUNCATED | TL_MESSAGE_CONTROL_TRUNCATED | TL_MESSAGE_BROADCAST | TL_MESSAGE_MULTICAST)

/* An option of the transport itself: BOOL, on at first. Receives tell of datagrams that found their port closed. */
#define TL_LEVEL_OWN 0x7f00
#define TL_REPORT_UNREACHABLE 1

/* How of Disconnect, besides HOST_SHUTDOWN_xxx */
#define TL_DISCONNECT_REUSE 0x100

typedef enum TL_REQUEST_KIND {
    TlConnect,
    TlAccept,
    TlSend,
    TlReceive,
    TlSendDatagram,
    TlReceiveDatagram,
    TlAwaitSent,
    TlAwaitEnd
} TL_REQUEST_KIND;

/*
 * What comes behind the line is there for requests that use it, by their kind: a send or a receive of a stream may be
 * allocated without.
 */
typedef struct TL_REQUEST {
    LIST_ENTRY Link; /* engine's, while it owns the request */
    TL_ENDPOINT *Endpoint;
    UCHAR Kind; /* TL_REQUEST_KIND, set by the engine */
    UCHAR Flags;
    USHORT AddressLength; /* in: of Address; out: of the peer's address */
    ULONG MessageFlags;
    const TL_BUFFER *Buffers; /* valid until the request ends */
    ULONG BufferCount;
    NTSTATUS Status; /* out, when completed by upcall */
    SIZE_T Bytes;    /* out; progress of a send or MSG_WAITALL receive while pending */
    union {
        /*
         * Where to register the endpoint if the request pends and it is not registered yet: the poller of the
         * file's completion port; NULL: the process's. The first registration stays. NULL for a direct request.
         */
        struct KE_POLLER *Poller;
        PKTHREAD Thread; /* engine's: who waits for a direct request that pends */
        struct host_attempt *Attempt; /* engine's: of a request that pends */
    };
    /* --- accepts, connects, datagrams and their messages --- */
    TL_ENDPOINT *Accepted; /* out, of an accept: the client owns it and calls SetClient on it */
    /*
     * With TL_REQUEST_MESSAGE: control data (WSACMSGHDR, Windows' layout), in the program's memory when
     * receiving. Send: ControlLength bytes to pass on; STATUS_INVALID_PARAMETER: malformed, or of an unknown type.
     * Receive: room in; out the bytes written, TL_MESSAGE_CONTROL_TRUNCATED if there was more.
     */
    PVOID Control;
    ULONG ControlLength;
    union {
        UCHAR Address[28];       /* datagram destination or source; peer of an accepted connection */
        ULONG Align;
    };
} TL_REQUEST;
#define TL_REQUEST_STREAM_BYTES UFIELD_OFFSET(TL_REQUEST, Accepted)

/* Readiness, levels. */
#define TL_EVENT_RECEIVE 0x01         /* data (the end is none), or (listener) a connection waits in the host */
#define TL_EVENT_RECEIVE_EXPEDITED 0x02
#define TL_EVENT_SEND 0x04
#define TL_EVENT_DISCONNECT 0x08      /* the peer will send no more */
#define TL_EVENT_ABORT 0x10           /* reset */
#define TL_EVENT_ACCEPT 0x20
#define TL_EVENT_DATA 0x40            /* of Indicate, with RECEIVE: IsDataThere may know without asking the host */

typedef struct TL_CLIENT_DISPATCH {
    /* The request is over: Status, Bytes and the out fields are set. The client owns it again. */
    VOID (*Complete)(PVOID ClientContext, TL_REQUEST *Request);
    /*
     * Events that may newly be true on a watched endpoint (edges: each arrival of data counts, even if
     * there was data before). Spurious calls are allowed; QueryEvents tells the truth. What is not among Events has not
     * become true, or will be indicated too: the client need not look at it now.
     */
    VOID (*Indicate)(PVOID ClientContext, ULONG Events);
} TL_CLIENT_DISPATCH;

typedef struct TL_PROVIDER_DISPATCH {
    const char *Name;
    /* Family, Type, Protocol: Windows' numbers. Creates the host's socket. STATUS_PROTOCOL_NOT_SUPPORTED,
     * STATUS_TOO_MANY_OPENED_FILES, STATUS_INSUFFICIENT_RESOURCES, STATUS_ACCESS_DENIED (raw). */
    NTSTATUS (*Open)(ULONG Family, ULONG Type, ULONG Protocol, const TL_CLIENT_DISPATCH *Client,
        PVOID ClientContext, TL_ENDPOINT **Endpoint);
    VOID (*SetClient)(TL_ENDPOINT *Endpoint, const TL_CLIENT_DISPATCH *Client, PVOID ClientContext);
    VOID (*Abort)(TL_ENDPOINT *Endpoint, BOOLEAN Reset); /* Reset: a connection is reset, at once */
    VOID (*Close)(TL_ENDPOINT *Endpoint);

    /* STATUS_ADDRESS_ALREADY_EXISTS, STATUS_INVALID_ADDRESS, STATUS_ACCESS_DENIED, STATUS_INVALID_PARAMETER */
    NTSTATUS (*Bind)(TL_ENDPOINT *Endpoint, const VOID *Address, ULONG Length);
    NTSTATUS (*Listen)(TL_ENDPOINT *Endpoint, ULONG Backlog);
    NTSTATUS (*Accept)(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);
    /* Streams. Address in Request. STATUS_CONNECTION_REFUSED, STATUS_IO_TIMEOUT, STATUS_NETWORK_UNREACHABLE, ... */
    NTSTATUS (*Connect)(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);
    /* Datagram peers. Length 0 dissolves the association. Never pends. */
    NTSTATUS (*Associate)(TL_ENDPOINT *Endpoint, const VOID *Address, ULONG Length);

    NTSTATUS (*Send)(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);
    /* End of stream: STATUS_SUCCESS, 0 bytes. STATUS_CONNECTION_RESET, STATUS_CONNECTION_ABORTED. */
    NTSTATUS (*Receive)(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);
    NTSTATUS (*SendDatagram)(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);
    NTSTATUS (*ReceiveDatagram)(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);
    /*
     * Takes a pending request back. TRUE: the caller owns it again and no upcall comes for it. FALSE: it is
     * being completed, the upcall comes or has come.
     */
    BOOLEAN (*Cancel)(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);

    /* HOST_SHUTDOWN_xxx; pending sends first. With TL_DISCONNECT_REUSE the endpoint will be reopened. */
    NTSTATUS (*Disconnect)(TL_ENDPOINT *Endpoint, ULONG How);
    /* After Disconnect of the send direction: what was sent before, and the end, are on their way. */
    NTSTATUS (*AwaitSent)(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);
    /* The peer will send no more: it has ended its direction, or the connection was reset. Takes no data. */
    NTSTATUS (*AwaitEnd)(TL_ENDPOINT *Endpoint, TL_REQUEST *Request);
    /*
     * A stream that was connected becomes as after Open; with Rebind as after Bind to the address it
     * had. Requests complete with STATUS_CANCELLED. Open's and Bind's statuses: the endpoint is then as after
     * Open if a descriptor could be had; STATUS_FILE_CLOSED after Abort. One caller at a time.
     */
    NTSTATUS (*Reopen)(TL_ENDPOINT *Endpoint, ULONG Protocol, BOOLEAN Rebind);
    /*
     * A stream that is as after Open takes over an accepted connection, whose endpoint, new and unused, is
     * freed. On failure that is still the caller's.
     */
    NTSTATUS (*Adopt)(TL_ENDPOINT *Endpoint, TL_ENDPOINT *Accepted);
    /* From now on Indicate is called for edges; registers the descriptor once, as TL_REQUEST.Poller says.
     * Mask 0 ends it. */
    NTSTATUS (*Watch)(TL_ENDPOINT *Endpoint, ULONG Mask, struct KE_POLLER *Poller);
    /* Levels now, of several endpoints in one host call. Entries with a NULL endpoint are skipped. Connection
     * attempts that the host has decided meanwhile are completed first. */
    VOID (*QueryEvents)(TL_ENDPOINT *const *Endpoints, ULONG *Events, ULONG Count);

    NTSTATUS (*GetLocalAddress)(TL_ENDPOINT *Endpoint, VOID *Address, ULONG *Length);
    NTSTATUS (*GetRemoteAddress)(TL_ENDPOINT *Endpoint, VOID *Address, ULONG *Length);
    /*
     * Of a listening endpoint: Bytes is the number of connections that nobody has accepted. ExpeditedBytes and AtMark may
     * be NULL: each is a host call of its own.
     */
    NTSTATUS (*QueryReceive)(TL_ENDPOINT *Endpoint, ULONG *Bytes, ULONG *ExpeditedBytes, BOOLEAN *AtMark);
    /* Streams, from within an Indicate with TL_EVENT_DATA. TRUE: there is data. FALSE: QueryReceive tells. */
    BOOLEAN (*IsDataThere)(TL_ENDPOINT *Endpoint);
    /* Bytes of completed sends that have not reached the peer's host. */
    NTSTATUS (*QuerySend)(TL_ENDPOINT *Endpoint, ULONG *Bytes);
    NTSTATUS (*SetOption)(TL_ENDPOINT *Endpoint, LONG Level, LONG Name, const VOID *Value, ULONG Length);
    NTSTATUS (*GetOption)(TL_ENDPOINT *Endpoint, LONG Level, LONG Name, VOID *Value, ULONG *Length);

    /* The machine, and no endpoint: host_interfaces and host_route_source. */
    NTSTATUS (*QueryInterfaces)(ULONG Family, TL_INTERFACE *Interfaces, ULONG *Count);
    NTSTATUS (*QueryRoute)(const VOID *Remote, ULONG Length, VOID *Local, ULONG *LocalLength);
    /*
     * Between Begin and its End, Changed is called with HOST_CHANGE_xxx for changes of addresses and routes. Begins
     * count; all name the same function, which may be called once more after the last End.
     */
    NTSTATUS (*BeginChanges)(VOID (*Changed)(ULONG Changes));
    VOID (*EndChanges)(VOID);
} TL_PROVIDER_DISPATCH;

/*
 * "epoll"; "uring": the same with io_uring; "auto": uring, or epoll where there is no io_uring (host_ring_absence);
 * "loop": in memory. NULL: no such engine here. To be asked before the first poller is made.
 */
const TL_PROVIDER_DISPATCH *TlFindEngine(const char *Name);

#endif
