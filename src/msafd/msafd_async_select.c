/* SPDX-License-Identifier: MIT */
/*
 * msafd_async_select.c - WSAAsyncSelect: network events as window messages.
 *
 * Layer: msafd; NT counterpart: WSPAsyncSelect and the provider's helper thread. What is recorded and when an
 * event is re-enabled is AFD's business, as for WSAEventSelect: a selection here is an AFD event selection
 * whose event belongs to a thread of ours, which reads the record and posts the messages.
 * [doc:winsock2/wsaasyncselect]
 *
 * One thread for all sockets, while there is a selection. It waits for a control event and the events of
 * up to 63 groups of sockets; a group is looked at as a whole. Events reset themselves: what is recorded
 * after the thread's look sets them again.
 *
 *   select: entry linked in a group, then IOCTL_AFD_EVENT_SELECT with the group's event
 *   cancel: IOCTL_AFD_EVENT_SELECT without event, then the entry unlinked; who takes the last one ends the
 *           thread and waits for it, so that nothing of it is left when the last socket is closed
 *   close:  CloseHandle is none of the provider's calls: AFD signals the event when the last handle goes, and the
 *           thread posts FD_CLOSE and unlinks the entry. closesocket cancels first, so nothing is posted.
 *           [test:wine/ws2_32/sock.c iocp]
 * A cancel waits until the thread does not look at the entry any more: reading the record empties it, which
 * must not happen to the selection that comes next. The thread never runs code of the program, so the wait
 * is short. The lock is of class MsafdSocketLock and never held together with a socket's.
 */
#include "msafd_private.h"

#include "host_memory.h"

#define GROUPS_MAX 63

typedef struct ASYNC_ENTRY {
    struct ASYNC_ENTRY *Next;
    MSAFD_SOCKET *Socket; /* referenced */
    SOCKET s;
    HWND Window;
    UINT Message;
    LONG Events;
    ULONG Look;       /* number of the thread's last look at it */
    ULONG References; /* the list's and the thread's */
    HANDLE Idle;      /* set when the thread lets go, for a cancel that waits; NULL: none does */
} ASYNC_ENTRY;

typedef struct ASYNC_THREAD {
    HANDLE Thread;
    HANDLE Control; /* the thread looks at Stop and GroupCount */
    HANDLE Groups[GROUPS_MAX];
    ASYNC_ENTRY *Entries[GROUPS_MAX];
    ULONG GroupCount;
    ULONG EntryCount;
    ULONG NextGroup;
    BOOLEAN Stop;
    BOOLEAN EndsItself; /* the thread's own: nobody waits for its end */
} ASYNC_THREAD;

static EX_LOCK AsyncLock;
static ASYNC_THREAD *Current _Guarded_by_(MsafdSocketLock);

static VOID LockAsync(VOID) _Acquires_lock_(MsafdSocketLock) LOCK_UNCHECKED
{
    ExAcquireLock(&AsyncLock, MsafdSocketLockRank);
}
static VOID UnlockAsync(VOID) _Releases_lock_(MsafdSocketLock) LOCK_UNCHECKED
{
    ExReleaseLock(&AsyncLock, MsafdSocketLockRank);
}

static VOID ReleaseEntry(ASYNC_ENTRY *Entry)
{
    LockAsync();
    BOOLEAN Last = --Entry->References == 0;
    HANDLE Idle = Entry->Idle;
    UnlockAsync();
    if (Idle != NULL)
        NtSetEvent(Idle, NULL);
    if (!Last)
        return;
    MsafdDereferenceSocket(Entry->Socket);
    host_free(Entry);
}

/* --- the thread --- */

/* TRUE: nothing will come any more, the last handle has been closed. */
static BOOLEAN PostEvents(const ASYNC_ENTRY *Entry)
{
    static const struct {
        LONG Event;
        ULONG Bit;
    } Order[] = {{FD_CONNECT, FD_CONNECT_BIT}, {FD_ACCEPT, FD_ACCEPT_BIT}, {FD_OOB, FD_OOB_BIT},
        {FD_READ, FD_READ_BIT}, {FD_WRITE, FD_WRITE_BIT}, {FD_CLOSE, FD_CLOSE_BIT},
        {FD_ROUTING_INTERFACE_CHANGE, FD_ROUTING_INTERFACE_CHANGE_BIT},
        {FD_ADDRESS_LIST_CHANGE, FD_ADDRESS_LIST_CHANGE_BIT}};
    WSANETWORKEVENTS Recorded;
    BOOLEAN Closed = FALSE;
    if (MsafdReadNetworkEvents(Entry->Socket, NULL, &Recorded, &Closed) != 0)
        return Closed;
    Recorded.lNetworkEvents &= Entry->Events;
    for (ULONG i = 0; i < RTL_NUMBER_OF(Order); i++) {
        if ((Recorded.lNetworkEvents & Order[i].Event) != 0)
            (VOID) MsafdUpcalls.lpWPUPostMessage(Entry->Window, Entry->Message, (WPARAM)Entry->s,
                WSAMAKESELECTREPLY(Order[i].Event, Recorded.iErrorCode[Order[i].Bit]));
    }
    return Closed;
}

static ASYNC_ENTRY *Unlink(const MSAFD_SOCKET *Socket, ASYNC_THREAD **Ended);

/*
 * The handle was closed by CloseHandle, which the provider does not hear of but from AFD: nobody will cancel. The
 * thread that has no entry any more ends by itself.
 */
static VOID DropClosed(ASYNC_THREAD *Async, const ASYNC_ENTRY *Entry)
{
    ASYNC_THREAD *Ended;
    ASYNC_ENTRY *Found = Unlink(Entry->Socket, &Ended);
    if (Ended == Async)
        Async->EndsItself = TRUE;
    if (Found != NULL)
        ReleaseEntry(Found);
}

/* Every entry of the group once; the list may change meanwhile. */
static VOID LookAtGroup(ASYNC_THREAD *Async, ULONG Group, ULONG Look)
{
    for (;;) {
        LockAsync();
        ASYNC_ENTRY *Entry = Async->Entries[Group];
        while (Entry != NULL && Entry->Look == Look)
            Entry = Entry->Next;
        if (Entry != NULL) {
            Entry->Look = Look;
            Entry->References++;
        }
        UnlockAsync();
        if (Entry == NULL)
            return;
        if (PostEvents(Entry))
            DropClosed(Async, Entry);
        ReleaseEntry(Entry);
    }
}

static VOID FreeAsync(ASYNC_THREAD *Async)
{
    for (ULONG i = 0; i < Async->GroupCount; i++)
        NtClose(Async->Groups[i]);
    if (Async->Control != NULL)
        NtClose(Async->Control);
    host_free(Async);
}

static ULONG AsyncThread(PVOID Parameter)
{
    ASYNC_THREAD *Async = Parameter;
    HANDLE Handles[GROUPS_MAX + 1];
    for (ULONG Look = 1;; Look++) {
        LockAsync();
        ULONG Count = Async->GroupCount;
        BOOLEAN Stop = Async->Stop;
        UnlockAsync();
        if (Stop)
            break;
        Handles[0] = Async->Control;
        RtlCopyMemory(&Handles[1], Async->Groups, Count * sizeof *Handles);
        NTSTATUS Status = NtWaitForMultipleObjects(Count + 1, Handles, WaitAny, FALSE, NULL);
        if (Status > STATUS_WAIT_0 && Status <= (NTSTATUS)(STATUS_WAIT_0 + Count))
            LookAtGroup(Async, (ULONG)(Status - STATUS_WAIT_0 - 1), Look);
    }
    if (Async->EndsItself) {
        NtClose(Async->Thread);
        FreeAsync(Async);
    }
    return 0;
}

static VOID EndThread(ASYNC_THREAD *Async)
{
    NtSetEvent(Async->Control, NULL);
    NtWaitForSingleObject(Async->Thread, FALSE, NULL);
    NtClose(Async->Thread);
    FreeAsync(Async);
}

static ASYNC_THREAD *StartThread(VOID)
{
    ASYNC_THREAD *Async = host_allocate(sizeof *Async);
    if (Async == NULL)
        return NULL;
    RtlZeroMemory(Async, sizeof *Async);
    if (!NT_SUCCESS(NtCreateEvent(&Async->Control, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE)) ||
        !NT_SUCCESS(MsafdStartThread(AsyncThread, Async, &Async->Thread))) {
        FreeAsync(Async);
        return NULL;
    }
    return Async;
}

/* --- the list --- */

/* The entry of a socket, unlinked: the list's reference is the caller's. *Ended: a thread that has to end. */
static ASYNC_ENTRY *Unlink(const MSAFD_SOCKET *Socket, ASYNC_THREAD **Ended)
{
    ASYNC_ENTRY *Found = NULL;
    *Ended = NULL;
    LockAsync();
    for (ULONG i = 0; Current != NULL && Found == NULL && i < Current->GroupCount; i++) {
        ASYNC_ENTRY **Link = &Current->Entries[i];
        while (*Link != NULL && (*Link)->Socket != Socket)
            Link = &(*Link)->Next;
        Found = *Link;
        if (Found != NULL)
            *Link = Found->Next;
    }
    if (Found != NULL && --Current->EntryCount == 0) {
        *Ended = Current;
        Current->Stop = TRUE;
        Current = NULL;
    }
    UnlockAsync();
    return Found;
}

/*
 * A group for one more socket: a new one with *Event while there is room, which is then the thread's; else one
 * that exists.
 */
static ULONG PickGroup(ASYNC_THREAD *Async, HANDLE *Event) _Requires_lock_held_(MsafdSocketLock)
{
    if (Async->GroupCount == GROUPS_MAX)
        return Async->NextGroup++ % GROUPS_MAX;
    Async->Groups[Async->GroupCount] = *Event;
    *Event = NULL;
    return Async->GroupCount++;
}

/*
 * Links the entry; *GroupEvent is valid while the entry is linked. The last entry may go, and the thread with it,
 * at any time before the lock is taken: then another is started.
 */
static INT Link(ASYNC_ENTRY *Entry, HANDLE *GroupEvent)
{
    ASYNC_THREAD *New = NULL;
    HANDLE Event;
    if (!NT_SUCCESS(NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE)))
        return WSAENOBUFS;
    LockAsync();
    while (Current == NULL && New == NULL) {
        UnlockAsync();
        New = StartThread();
        if (New == NULL) {
            NtClose(Event);
            return WSAENOBUFS;
        }
        LockAsync();
    }
    if (Current == NULL) {
        Current = New;
        New = NULL;
    } else if (New != NULL) {
        New->Stop = TRUE;
    }
    ULONG Group = PickGroup(Current, &Event);
    Entry->Next = Current->Entries[Group];
    Current->Entries[Group] = Entry;
    Current->EntryCount++;
    *GroupEvent = Current->Groups[Group];
    NtSetEvent(Current->Control, NULL);
    UnlockAsync();
    if (Event != NULL)
        NtClose(Event);
    if (New != NULL)
        EndThread(New);
    return 0;
}

/* Returns when the thread does not look at the unlinked entry any more. Without memory for an event it yields. */
static VOID WaitUntilIdle(ASYNC_ENTRY *Entry)
{
    HANDLE Event = NULL;
    for (;;) {
        LockAsync();
        BOOLEAN Idle = Entry->References == 1;
        Entry->Idle = Idle ? NULL : Event;
        UnlockAsync();
        if (Idle)
            break;
        if (Event != NULL)
            NtWaitForSingleObject(Event, FALSE, NULL);
        else if (!NT_SUCCESS(NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, SynchronizationEvent, FALSE)))
            NtYieldExecution();
    }
    if (Event != NULL)
        NtClose(Event);
}

VOID MsafdCancelAsyncSelect(MSAFD_SOCKET *Socket)
{
    ASYNC_THREAD *Ended;
    if (!MsafdTestFlags(Socket, MSAFD_ASYNC_SELECTED))
        return;
    MsafdClearFlags(Socket, MSAFD_ASYNC_SELECTED);
    ASYNC_ENTRY *Entry = Unlink(Socket, &Ended);
    if (Ended != NULL)
        EndThread(Ended);
    if (Entry != NULL) {
        WaitUntilIdle(Entry);
        ReleaseEntry(Entry);
    }
}

static INT Select(SOCKET s, MSAFD_SOCKET *Socket, HWND Window, UINT Message, LONG Events)
{
    HANDLE Event;
    ASYNC_ENTRY *Entry = host_allocate(sizeof *Entry);
    if (Entry == NULL)
        return WSAENOBUFS;
    RtlZeroMemory(Entry, sizeof *Entry);
    Entry->Socket = MsafdReferenceSocket(s);
    Entry->s = s;
    Entry->Window = Window;
    Entry->Message = Message;
    Entry->Events = Events;
    Entry->References = 1;
    INT Error = Entry->Socket == Socket ? Link(Entry, &Event) : WSAENOTSOCK;
    if (Error != 0) {
        if (Entry->Socket != NULL)
            MsafdDereferenceSocket(Entry->Socket);
        host_free(Entry);
        return Error;
    }
    MsafdSetFlags(Socket, MSAFD_ASYNC_SELECTED);
    Error = MsafdSelectEvents(Socket, Event, Events);
    if (Error != 0)
        MsafdCancelAsyncSelect(Socket);
    return Error;
}

VOID MsafdInheritAsyncSelect(SOCKET s, MSAFD_SOCKET *Socket, MSAFD_SOCKET *Listener)
{
    HWND Window = NULL;
    UINT Message = 0;
    LONG Events = 0;
    LockAsync();
    for (ULONG i = 0; Current != NULL && Events == 0 && i < Current->GroupCount; i++) {
        for (const ASYNC_ENTRY *Entry = Current->Entries[i]; Entry != NULL; Entry = Entry->Next) {
            if (Entry->Socket == Listener) {
                Window = Entry->Window;
                Message = Entry->Message;
                Events = Entry->Events;
            }
        }
    }
    UnlockAsync();
    if (Events != 0)
        (VOID) Select(s, Socket, Window, Message, Events);
}

int WSPAPI MsafdAsyncSelect(SOCKET s, HWND Window, unsigned int Message, LONG Events, LPINT Errno)
{
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(s);
    INT Error = 0;
    if (Socket == NULL)
        return MsafdFail(Errno, WSAENOTSOCK);
    if ((Events & ~FD_ALL_EVENTS) != 0 || !IsWindow(Window)) {
        Error = WSAEINVAL;
    } else {
        /* A new selection replaces the old one, whatever its kind. */
        MsafdCancelAsyncSelect(Socket);
        Error = Events != 0 ? Select(s, Socket, Window, Message, Events) : MsafdSelectEvents(Socket, NULL, 0);
    }
    MsafdDereferenceSocket(Socket);
    return Error != 0 ? MsafdFail(Errno, Error) : 0;
}
