/* SPDX-License-Identifier: MIT */
/*
 * msafd_select.c - select and WSAPoll: one poll request with all sockets in it, on the first of
 * them.
 *
 * Layer: msafd; NT counterpart: WSPSelect, and the poll behind WSAPoll. AFD returns the entries
 * that have events, in the order they were asked in; what a set or an entry asked decides what it
 * is told.
 */
#include "msafd_private.h"

#include <stddef.h>

#include "host_memory.h"

#define MSAFD_POLL_STACK_ENTRIES 64

/*
 * What select's three sets ask. A socket that another thread closes counts as readable
 * [obs:wine/sock select]. A successful connect shows as AFD_POLL_SEND; AFD_POLL_CONNECT stays true
 * for as long as the socket is connected, so it would make every connected socket writable.
 */
#define MSAFD_READ_EVENTS                                                             \
    (AFD_POLL_RECEIVE | AFD_POLL_DISCONNECT | AFD_POLL_ABORT | AFD_POLL_LOCAL_CLOSE | \
        AFD_POLL_ACCEPT)
#define MSAFD_WRITE_EVENTS AFD_POLL_SEND

typedef struct MSAFD_POLL_BUFFER {
    AFD_POLL_INFO *Info;
    ULONG *Index; /* select's answer by handle: MsafdpIndexAnswer; NULL: it is short enough to be searched */
    ULONG Buckets;
    SIZE_T InfoBytes; /* of Info, if it is not Small */
    union {
        AFD_POLL_INFO Small;
        UCHAR Room[offsetof(AFD_POLL_INFO, Handles) +
                   MSAFD_POLL_STACK_ENTRIES * sizeof(AFD_POLL_HANDLE_INFO)];
    };
} MSAFD_POLL_BUFFER;

static INT MsafdpOpenPoll(MSAFD_POLL_BUFFER *Buffer, ULONG Count)
{
    Buffer->Info = &Buffer->Small;
    Buffer->Index = NULL;
    Buffer->InfoBytes = offsetof(AFD_POLL_INFO, Handles) + Count * sizeof(AFD_POLL_HANDLE_INFO);
    if (Count > MSAFD_POLL_STACK_ENTRIES)
        Buffer->Info = host_scratch_allocate(Buffer->InfoBytes);
    if (Buffer->Info == NULL)
        return WSAENOBUFS;
    RtlZeroMemory(Buffer->Info, offsetof(AFD_POLL_INFO, Handles));
    return 0;
}

static SIZE_T MsafdpIndexBytes(ULONG Buckets)
{
    return (SIZE_T)Buckets * 2 * sizeof(ULONG);
}

static VOID MsafdpClosePoll(MSAFD_POLL_BUFFER *Buffer)
{
    if (Buffer->Info != &Buffer->Small)
        host_scratch_free(Buffer->Info, Buffer->InfoBytes);
    host_scratch_free(Buffer->Index, MsafdpIndexBytes(Buffer->Buckets));
}

static VOID MsafdpAddPoll(MSAFD_POLL_BUFFER *Buffer, SOCKET s, ULONG Events)
{
    AFD_POLL_HANDLE_INFO *Entry = &Buffer->Info->Handles[Buffer->Info->NumberOfHandles++];
    Entry->Handle = (HANDLE)(ULONG_PTR)s;
    Entry->PollEvents = Events;
    Entry->Status = STATUS_SUCCESS;
}

/* APCs of the thread run while it waits; then the request is made again for the time that is left.
 */
static NTSTATUS MsafdpPollAlertable(
    MSAFD_SOCKET *Socket, AFD_POLL_INFO *Info, ULONG Length, LONGLONG Timeout)
{
    IO_STATUS_BLOCK Iosb;
    BOOLEAN Limited = (BOOLEAN)(Timeout < 0);
    ULONGLONG Deadline = Limited ? MsafdInterruptTime() + (ULONGLONG)-Timeout : 0;
    for (;;) {
        Info->Timeout.QuadPart = Timeout;
        NTSTATUS Status = MsafdDeviceControl(
            Socket->FileObject, &Iosb, IOCTL_AFD_POLL, Info, Length, Info, Length, TRUE, NULL);
        if (Status != STATUS_USER_APC)
            return Status;
        ULONGLONG Now = MsafdInterruptTime();
        if (Limited)
            Timeout = Now < Deadline ? -(LONGLONG)(Deadline - Now) : 0;
    }
}

/*
 * Sends the request on the first socket's file. When that very socket is closed meanwhile, the
 * request is cancelled with it: then only the close is reported.
 */
static INT MsafdpPoll(MSAFD_POLL_BUFFER *Buffer, LONGLONG Timeout)
{
    AFD_POLL_INFO *Info = Buffer->Info;
    SOCKET First = (SOCKET)(ULONG_PTR)Info->Handles[0].Handle;
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(First);
    if (Socket == NULL)
        return WSAENOTSOCK;
    ULONG Length = (ULONG)(offsetof(AFD_POLL_INFO, Handles) +
                           Info->NumberOfHandles * sizeof(AFD_POLL_HANDLE_INFO));
    if (Length < sizeof *Info)
        Length = sizeof *Info;
    NTSTATUS Status = MsafdpPollAlertable(Socket, Info, Length, Timeout);
    if (Status == STATUS_CANCELLED && MsafdTestFlags(Socket, MSAFD_CLOSING)) {
        Info->NumberOfHandles = 1;
        Info->Handles[0].Handle = (HANDLE)(ULONG_PTR)First;
        Info->Handles[0].PollEvents = AFD_POLL_LOCAL_CLOSE;
        Status = STATUS_SUCCESS;
    } else if (Status == STATUS_TIMEOUT || Status == STATUS_IO_TIMEOUT) {
        Info->NumberOfHandles = 0;
        Status = STATUS_SUCCESS;
    }
    MsafdDereferenceSocket(Socket);
    /* A handle that is no socket any more when AFD looks at it. */
    return Status == STATUS_INVALID_HANDLE ? WSAENOTSOCK : MsafdWsaErrorFromStatus(Status);
}

static ULONG MsafdpReadEvents(SOCKET s, INT *Error)
{
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(s);
    if (Socket == NULL) {
        *Error = WSAENOTSOCK;
        return MSAFD_READ_EVENTS;
    }
    ULONG Events = MSAFD_READ_EVENTS;
    if (MsafdTestFlags(Socket, MSAFD_OOB_INLINE))
        Events |= AFD_POLL_RECEIVE_EXPEDITED;
    MsafdDereferenceSocket(Socket);
    return Events;
}

static ULONG MsafdpExceptEvents(SOCKET s, INT *Error)
{
    ULONG Events = MsafdpReadEvents(s, Error);
    return AFD_POLL_CONNECT_FAIL | (~Events & AFD_POLL_RECEIVE_EXPEDITED);
}

static ULONG MsafdpSetEvents(SOCKET s, ULONG Kind, INT *Error)
{
    if (Kind == 0)
        return MsafdpReadEvents(s, Error);
    if (Kind == 2)
        return MsafdpExceptEvents(s, Error);
    if (!MsafdIsSocket(s))
        *Error = WSAENOTSOCK;
    return MSAFD_WRITE_EVENTS;
}

static ULONG MsafdpBucket(const MSAFD_POLL_BUFFER *Buffer, SOCKET s)
{
    return (ULONG)((ULONG_PTR)s / 4 % Buffer->Buckets);
}

/*
 * Makes the index of a long answer: a number for each bucket and, behind them, one for each entry: those of its first
 * and of its next entry, counted from 1. Without memory the answer is searched.
 */
static VOID MsafdpIndexAnswer(MSAFD_POLL_BUFFER *Buffer)
{
    const AFD_POLL_INFO *Info = Buffer->Info;
    ULONG Count = Info->NumberOfHandles;
    if (Count <= MSAFD_POLL_STACK_ENTRIES)
        return;
    Buffer->Index = host_scratch_allocate(MsafdpIndexBytes(Count));
    if (Buffer->Index == NULL)
        return;
    Buffer->Buckets = Count;
    RtlZeroMemory(Buffer->Index, Count * sizeof *Buffer->Index);
    for (ULONG i = 0; i < Count; i++) {
        ULONG *First = &Buffer->Index[MsafdpBucket(Buffer, (SOCKET)(ULONG_PTR)Info->Handles[i].Handle)];
        Buffer->Index[Count + i] = *First;
        *First = i + 1;
    }
}

static BOOLEAN MsafdpFindIndexed(const MSAFD_POLL_BUFFER *Buffer, SOCKET s, ULONG Mask)
{
    const ULONG *Next = Buffer->Index + Buffer->Buckets - 1;
    for (ULONG At = Buffer->Index[MsafdpBucket(Buffer, s)]; At != 0; At = Next[At]) {
        const AFD_POLL_HANDLE_INFO *Entry = &Buffer->Info->Handles[At - 1];
        if (Entry->Handle == (HANDLE)(ULONG_PTR)s && (Entry->PollEvents & Mask) != 0)
            return TRUE;
    }
    return FALSE;
}

static BOOLEAN MsafdpFindEvents(const MSAFD_POLL_BUFFER *Buffer, ULONG *At, SOCKET s, ULONG Mask)
{
    const AFD_POLL_INFO *Info = Buffer->Info;
    if (Buffer->Index != NULL)
        return MsafdpFindIndexed(Buffer, s, Mask);
    /* The entries come back in the order they went in, so the next one is usually the right one. */
    for (ULONG Tried = 0; Tried < Info->NumberOfHandles; Tried++) {
        const AFD_POLL_HANDLE_INFO *Entry = &Info->Handles[(*At + Tried) % Info->NumberOfHandles];
        if (Entry->Handle != (HANDLE)(ULONG_PTR)s || (Entry->PollEvents & Mask) == 0)
            continue;
        *At = (*At + Tried + 1) % Info->NumberOfHandles;
        return TRUE;
    }
    return FALSE;
}

/* A set as it was given, and where what is ready goes. */
typedef struct MSAFD_SELECT_SET {
    fd_set *Set; /* NULL: none */
    const SOCKET *Asked;
    ULONG Count;
    BOOLEAN Shared; /* the memory of another set too */
} MSAFD_SELECT_SET;

/* Looking for a socket in a long set that is no other one's takes longer than it is worth. */
static BOOLEAN MsafdpIsInSet(const MSAFD_SELECT_SET *At, SOCKET s)
{
    const fd_set *Set = At->Set;
    for (u_int i = 0; (At->Shared || Set->fd_count <= FD_SETSIZE) && i < Set->fd_count; i++) {
        if (Set->fd_array[i] == s)
            return TRUE;
    }
    return FALSE;
}

/* Enters what is ready, and counts it: a socket once for each set, and once only where sets are the same. */
static ULONG MsafdpKeepReady(const MSAFD_SELECT_SET *At, ULONG Kind, const MSAFD_POLL_BUFFER *Buffer, ULONG *Next)
{
    ULONG Ready = 0;
    INT Gone = 0; /* a socket that was closed meanwhile has its event */
    for (ULONG i = 0; i < At->Count && Buffer->Info->NumberOfHandles != 0; i++) {
        SOCKET s = At->Asked[i];
        if (!MsafdpFindEvents(Buffer, Next, s, MsafdpSetEvents(s, Kind, &Gone)) || MsafdpIsInSet(At, s))
            continue;
        At->Set->fd_array[At->Set->fd_count++] = s;
        Ready++;
    }
    return Ready;
}

static INT MsafdpSelectTimeout(const struct timeval *Timeout, LONGLONG *Value)
{
    *Value = MAXLONGLONG;
    if (Timeout == NULL)
        return 0;
    if (!NT_SUCCESS(MsafdProbe(Timeout, sizeof *Timeout)))
        return WSAEFAULT;
    if (Timeout->tv_sec < 0 || Timeout->tv_usec < 0)
        return WSAEINVAL;
    *Value = -((LONGLONG)Timeout->tv_sec * 10000000 + (LONGLONG)Timeout->tv_usec * 10);
    return 0;
}

static BOOLEAN MsafdpHasClosed(const AFD_POLL_INFO *Info)
{
    for (ULONG i = 0; i < Info->NumberOfHandles; i++) {
        if ((Info->Handles[i].PollEvents & AFD_POLL_LOCAL_CLOSE) != 0)
            return TRUE;
    }
    return FALSE;
}

/* The sets are read before any is written: they may be one and the same. */
static INT MsafdpSelect(
    MSAFD_SELECT_SET *Sets, SOCKET *Copy, ULONG Total, const struct timeval *Timeout, ULONG *Ready)
{
    MSAFD_POLL_BUFFER Buffer;
    LONGLONG Value;
    ULONG Next = 0;
    INT Error = MsafdpSelectTimeout(Timeout, &Value);
    if (Error != 0)
        return Error;
    Error = MsafdpOpenPoll(&Buffer, Total);
    if (Error != 0)
        return Error;
    for (ULONG Kind = 0; Kind < 3; Kind++) {
        Sets[Kind].Asked = Copy;
        for (ULONG i = 0; i < Sets[Kind].Count; i++) {
            SOCKET s = *Copy++ = Sets[Kind].Set->fd_array[i];
            MsafdpAddPoll(&Buffer, s, MsafdpSetEvents(s, Kind, &Error));
        }
    }
    if (Error == 0)
        Error = MsafdpPoll(&Buffer, Value);
    if (Error == 0)
        MsafdpIndexAnswer(&Buffer);
    for (ULONG Kind = 0; Error == 0 && Kind < 3; Kind++) {
        if (Sets[Kind].Set != NULL)
            Sets[Kind].Set->fd_count = 0;
    }
    for (ULONG Kind = 0; Error == 0 && Kind < 3; Kind++)
        *Ready += MsafdpKeepReady(&Sets[Kind], Kind, &Buffer, &Next);
    /* A closed socket is readable; who asked for something else has no socket any more. */
    if (Error == 0 && *Ready == 0 && MsafdpHasClosed(Buffer.Info))
        Error = WSAENOTSOCK;
    MsafdpClosePoll(&Buffer);
    return Error;
}

int WSPAPI MsafdSelect(int Count, fd_set *Read, fd_set *Write, fd_set *Except,
    const struct timeval *Timeout, LPINT Errno)
{
    MSAFD_SELECT_SET Sets[3] = {{.Set = Read}, {.Set = Write}, {.Set = Except}};
    SOCKET OnStack[MSAFD_POLL_STACK_ENTRIES], *Copy = OnStack;
    ULONG Total = 0, Ready = 0;
    (VOID) Count;
    for (ULONG Kind = 0; Kind < 3; Kind++) {
        fd_set *Set = Sets[Kind].Set;
        if (Set == NULL)
            continue;
        if (!NT_SUCCESS(MsafdProbeRange(Set, sizeof Set->fd_count)))
            return MsafdFail(Errno, WSAEFAULT);
        Sets[Kind].Count = Set->fd_count;
        Sets[Kind].Shared = (BOOLEAN)((Set == Read) + (Set == Write) + (Set == Except) > 1);
        Total += Set->fd_count;
    }
    if (Total == 0)
        return MsafdFail(Errno, WSAEINVAL);
    if (Total > MSAFD_POLL_STACK_ENTRIES)
        Copy = host_scratch_allocate(Total * sizeof *Copy);
    if (Copy == NULL)
        return MsafdFail(Errno, WSAENOBUFS);
    INT Error = MsafdpSelect(Sets, Copy, Total, Timeout, &Ready);
    if (Copy != OnStack)
        host_scratch_free(Copy, Total * sizeof *Copy);
    return Error != 0 ? MsafdFail(Errno, Error) : (int)Ready;
}

/* --- WSAPoll --- */

#define MSAFD_POLL_REQUESTS (POLLRDNORM | POLLRDBAND | POLLWRNORM)

static ULONG MsafdpPollRequest(SHORT Events)
{
    ULONG Request =
        AFD_POLL_DISCONNECT | AFD_POLL_ABORT | AFD_POLL_LOCAL_CLOSE | AFD_POLL_CONNECT_FAIL;
    if ((Events & POLLRDNORM) != 0)
        Request |= AFD_POLL_RECEIVE | AFD_POLL_ACCEPT;
    if ((Events & POLLRDBAND) != 0)
        Request |= AFD_POLL_RECEIVE_EXPEDITED;
    if ((Events & POLLWRNORM) != 0)
        Request |= AFD_POLL_SEND;
    return Request;
}

static SHORT MsafdpPollResult(ULONG Events, SHORT Asked)
{
    INT Result = 0;
    if ((Events & AFD_POLL_LOCAL_CLOSE) != 0)
        return POLLNVAL;
    if ((Events & (AFD_POLL_RECEIVE | AFD_POLL_ACCEPT)) != 0)
        Result |= POLLRDNORM;
    if ((Events & AFD_POLL_RECEIVE_EXPEDITED) != 0)
        Result |= POLLRDBAND;
    if ((Events & AFD_POLL_SEND) != 0)
        Result |= POLLWRNORM & Asked;
    if ((Events & AFD_POLL_DISCONNECT) != 0)
        Result |= POLLHUP;
    if ((Events & AFD_POLL_ABORT) != 0)
        Result |= POLLERR | POLLHUP;
    /* As of Windows 10 2004 a failed connect shows. [doc:winsock2/wsapoll] */
    if ((Events & AFD_POLL_CONNECT_FAIL) != 0)
        Result |= POLLERR | POLLHUP | (POLLWRNORM & Asked);
    return (SHORT)Result;
}

/*
 * Adds the entries that are sockets. Those that are not get POLLNVAL and do not count; what an entry asks is
 * looked at from the first socket on, which decides who polls. [test:wine/ws2_32/sock.c WSAPoll]
 */
static INT MsafdpAddPollEntries(MSAFD_POLL_BUFFER *Buffer, WSAPOLLFD *Entries, ULONG Count)
{
    for (ULONG i = 0; i < Count; i++) {
        BOOLEAN Socket = (BOOLEAN)((INT_PTR)Entries[i].fd >= 0 && MsafdIsSocket(Entries[i].fd));
        Entries[i].revents = 0;
        if ((Socket || Buffer->Info->NumberOfHandles != 0) && (Entries[i].events & ~MSAFD_POLL_REQUESTS) != 0)
            return WSAEINVAL;
        if (Socket)
            MsafdpAddPoll(Buffer, Entries[i].fd, MsafdpPollRequest(Entries[i].events));
        else
            Entries[i].revents = POLLNVAL;
    }
    return 0;
}

INT MsafdPoll(WSAPOLLFD *Entries, ULONG Count, INT TimeoutMs, LPINT Errno)
{
    MSAFD_POLL_BUFFER Buffer;
    ULONG Ready = 0, At = 0;
    INT Error = MsafdpOpenPoll(&Buffer, Count);
    if (Error != 0)
        return MsafdFail(Errno, Error);
    Error = MsafdpAddPollEntries(&Buffer, Entries, Count);
    /* With nothing to wait for the call fails, as on Windows. [obs:wine/sock WSAPoll] */
    if (Error == 0 && Buffer.Info->NumberOfHandles == 0)
        Error = WSAENOTSOCK;
    if (Error == 0)
        Error = MsafdpPoll(&Buffer, TimeoutMs < 0 ? MAXLONGLONG : -(LONGLONG)TimeoutMs * 10000);
    for (ULONG i = 0; Error == 0 && i < Count && Buffer.Info->NumberOfHandles != 0; i++) {
        const AFD_POLL_HANDLE_INFO *Entry = &Buffer.Info->Handles[At];
        if (Entries[i].revents != 0 || Entry->Handle != (HANDLE)(ULONG_PTR)Entries[i].fd ||
            (Entry->PollEvents & MsafdpPollRequest(Entries[i].events)) == 0)
            continue;
        Entries[i].revents = MsafdpPollResult(Entry->PollEvents, Entries[i].events);
        Ready += Entries[i].revents != 0;
        if (++At == Buffer.Info->NumberOfHandles)
            break;
    }
    MsafdpClosePoll(&Buffer);
    return Error != 0 ? MsafdFail(Errno, Error) : (INT)Ready;
}
