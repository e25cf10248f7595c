/* SPDX-License-Identifier: MIT */
/*
 * user_queue.c - the message queue of a thread: its life, and waiting for input.
 *
 * Layer: user; NT counterpart: win32k's thread queues.
 */
#include "user_private.h"

EX_LOCK UserLock;

static USER_QUEUE *Queues _Guarded_by_(UserTableLock);
static DWORD QueueIndex = FLS_OUT_OF_INDEXES; /* set once */
static INIT_ONCE IndexOnce = INIT_ONCE_STATIC_INIT;

VOID UserReferenceQueue(USER_QUEUE *Queue)
{
    Queue->References++;
}

VOID UserDereferenceQueue(USER_QUEUE *Queue)
{
    BOOL Last;
    UserAcquireLock();
    Last = --Queue->References == 0;
    UserReleaseLock();
    if (!Last)
        return;
    CloseHandle(Queue->Event);
    host_free(Queue);
}

/* The thread ends: the callback of its FLS slot. */
static VOID NTAPI EndQueue(PVOID Parameter)
{
    USER_QUEUE *Queue = Parameter, **Link;
    UserDestroyThreadWindows(Queue);
    UserAcquireLock();
    Queue->Dead = TRUE;
    for (Link = &Queues; *Link != Queue; Link = &(*Link)->Next)
        ;
    *Link = Queue->Next;
    UserReleaseLock();
    UserAbandonSentMessages(Queue);
    UserFreeTimers(Queue, NULL);
    UserRemovePosted(Queue, NULL);
    UserDereferenceQueue(Queue);
}

static BOOL CALLBACK MakeIndex(PINIT_ONCE Once, PVOID Parameter, PVOID *Context)
{
    QueueIndex = FlsAlloc(EndQueue);
    return QueueIndex != FLS_OUT_OF_INDEXES;
}

USER_QUEUE *UserQueue(VOID)
{
    USER_QUEUE *Queue;
    if (!InitOnceExecuteOnce(&IndexOnce, MakeIndex, NULL, NULL)) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    DWORD Error = GetLastError();
    Queue = FlsGetValue(QueueIndex);
    SetLastError(Error);
    if (Queue != NULL)
        return Queue;
    Queue = host_allocate(sizeof *Queue);
    if (Queue == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    ZeroMemory(Queue, sizeof *Queue);
    Queue->ThreadId = GetCurrentThreadId();
    Queue->References = 1;
    Queue->PostedEnd = &Queue->Posted;
    Queue->SentEnd = &Queue->Sent;
    Queue->Event = CreateEventW(NULL, FALSE, FALSE, NULL);
    if (Queue->Event == NULL || !FlsSetValue(QueueIndex, Queue)) {
        if (Queue->Event != NULL)
            CloseHandle(Queue->Event);
        host_free(Queue);
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    UserAcquireLock();
    Queue->Next = Queues;
    Queues = Queue;
    UserReleaseLock();
    return Queue;
}

USER_QUEUE *UserFindQueue(DWORD ThreadId)
{
    USER_QUEUE *Queue;
    for (Queue = Queues; Queue != NULL && Queue->ThreadId != ThreadId; Queue = Queue->Next)
        ;
    return Queue;
}

BOOL UserNoteInput(USER_QUEUE *Queue, UINT Bits)
{
    Queue->Changed |= Bits;
    if ((Queue->WaitMask & Bits) == 0)
        return FALSE;
    UserReferenceQueue(Queue);
    return TRUE;
}

VOID UserWakeQueue(USER_QUEUE *Queue)
{
    SetEvent(Queue->Event);
    UserDereferenceQueue(Queue);
}

UINT UserQueueBits(const USER_QUEUE *Queue)
{
    UINT Bits = 0;
    if (Queue->Posted != NULL || Queue->Quit)
        Bits |= QS_POSTMESSAGE | QS_ALLPOSTMESSAGE;
    if (Queue->Sent != NULL)
        Bits |= QS_SENDMESSAGE;
    if (UserNextTimer(Queue) <= GetTickCount64())
        Bits |= QS_TIMER;
    return Bits;
}

static DWORD MsUntil(ULONGLONG Deadline)
{
    ULONGLONG Now = GetTickCount64();
    if (Deadline == USER_FOREVER)
        return INFINITE;
    return Deadline <= Now ? 0 : Deadline - Now < INFINITE ? (DWORD)(Deadline - Now) : INFINITE - 1;
}

/* Is there input already? Else tells wakers what the thread is about to wait for. */
static BOOL BeginWait(USER_QUEUE *Queue, UINT Mask, DWORD Flags, ULONGLONG *NextTimer)
{
    BOOL Ready;
    UserAcquireLock();
    UINT Bits = UserQueueBits(Queue);
    Ready = ((Queue->Changed | (Bits & QS_TIMER)) & Mask) != 0 ||
        ((Flags & MWMO_INPUTAVAILABLE) != 0 && (Bits & Mask) != 0);
    Queue->WaitMask = Ready && (Flags & MWMO_WAITALL) == 0 ? 0 : Mask;
    *NextTimer = (Mask & QS_TIMER) != 0 ? UserNextTimer(Queue) : USER_FOREVER;
    UserReleaseLock();
    return Ready;
}

static VOID EndWait(USER_QUEUE *Queue)
{
    UserAcquireLock();
    Queue->WaitMask = 0;
    UserReleaseLock();
}

DWORD UserWaitForInput(
    USER_QUEUE *Queue, DWORD Count, const HANDLE *Handles, ULONGLONG Deadline, UINT Mask, DWORD Flags)
{
    HANDLE All[MAXIMUM_WAIT_OBJECTS];
    ULONGLONG NextTimer;
    BOOL WaitAll = (Flags & MWMO_WAITALL) != 0;
    DWORD Result;
    if (Count != 0)
        CopyMemory(All, Handles, Count * sizeof *All);
    All[Count] = Queue->Event;
    for (;;) {
        BOOL Ready = BeginWait(Queue, Mask, Flags, &NextTimer);
        if (Ready && !WaitAll) {
            /* The handles come first, as in a wait for several. */
            Result = Count == 0 ? WAIT_TIMEOUT : WaitForMultipleObjectsEx(Count, Handles, FALSE, 0, FALSE);
            return Result == WAIT_TIMEOUT ? WAIT_OBJECT_0 + Count : Result;
        }
        if (Ready)
            SetEvent(Queue->Event);
        Result = WaitForMultipleObjectsEx(Count + 1, All, WaitAll,
            MsUntil(NextTimer < Deadline ? NextTimer : Deadline), (Flags & MWMO_ALERTABLE) != 0);
        EndWait(Queue);
        if (Result != WAIT_OBJECT_0 + Count && (Result != WAIT_TIMEOUT || MsUntil(Deadline) == 0))
            break;
        if (WaitAll && Result != WAIT_TIMEOUT)
            break;
    }
    if (Result == WAIT_TIMEOUT && BeginWait(Queue, Mask, Flags, &NextTimer) && !WaitAll)
        Result = WAIT_OBJECT_0 + Count;
    EndWait(Queue);
    return Result;
}
