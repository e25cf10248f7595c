/* SPDX-License-Identifier: MIT */
/*
 * user_send.c - messages sent to a window of another thread, and waited for.
 *
 * Layer: user. While a thread waits for its answer it runs messages that are sent to it, so two threads may send to
 * each other. [doc:winmsg/sendmessage]
 */
#include "user_private.h"

static VOID Append(USER_QUEUE *Queue, USER_SENT *Sent) _Requires_lock_held_(UserTableLock)
{
    Sent->Next = NULL;
    *Queue->SentEnd = Sent;
    Queue->SentEnd = &Sent->Next;
}

static BOOL TakeOut(USER_QUEUE *Queue, USER_SENT *Sent) _Requires_lock_held_(UserTableLock)
{
    USER_SENT **Link = &Queue->Sent;
    while (*Link != NULL && *Link != Sent)
        Link = &(*Link)->Next;
    if (*Link == NULL)
        return FALSE;
    *Link = Sent->Next;
    if (Queue->SentEnd == &Sent->Next)
        Queue->SentEnd = Link;
    return TRUE;
}

/*
 * Gives the result to the sender, once. Its record is the sender's after that; a record without sender is
 * freed by the caller. Returns whether the sender has to be woken.
 */
static BOOL Answer(USER_SENT *Sent, LRESULT Result, BOOL Gone, USER_QUEUE **Wake) _Requires_lock_held_(UserTableLock)
{
    USER_QUEUE *Sender = Sent->Sender;
    if (Sender == NULL)
        return FALSE;
    Sent->Sender = NULL;
    Sent->Result = Result;
    Sent->Gone = Gone;
    Sent->Answered = TRUE;
    *Wake = Sender;
    Sender->Changed |= USER_QS_REPLY;
    return TRUE; /* the reference that the record held passes to UserWakeQueue */
}

VOID UserRunSentMessages(USER_QUEUE *Queue)
{
    for (;;) {
        USER_QUEUE *Wake = NULL;
        USER_SENT Copy, *Owned = NULL;
        UserAcquireLock();
        USER_SENT *Sent = Queue->Sent;
        if (Sent != NULL) {
            (VOID) TakeOut(Queue, Sent);
            Sent->Outer = Queue->Running;
            Queue->Running = Sent;
            Copy = *Sent;
        }
        UserReleaseLock();
        if (Sent == NULL)
            return;
        LRESULT Result = UserCallWindow(Copy.Window, Copy.Message, Copy.WParam, Copy.LParam);
        UserAcquireLock();
        /* If ReplyMessage has answered already, the record is not ours any more. */
        if (Queue->Running == Sent && !Answer(Sent, Result, FALSE, &Wake))
            Owned = Sent;
        Queue->Running = Copy.Outer;
        UserReleaseLock();
        if (Wake != NULL)
            UserWakeQueue(Wake);
        host_free(Owned);
    }
}

VOID UserAbandonSentMessages(USER_QUEUE *Queue)
{
    for (;;) {
        USER_QUEUE *Wake = NULL;
        USER_SENT *Owned = NULL;
        UserAcquireLock();
        USER_SENT *Sent = Queue->Running; /* the thread ended inside a procedure */
        if (Sent != NULL)
            Queue->Running = Sent->Outer;
        else if ((Sent = Queue->Sent) != NULL)
            (VOID) TakeOut(Queue, Sent);
        if (Sent != NULL && !Answer(Sent, 0, TRUE, &Wake))
            Owned = Sent;
        UserReleaseLock();
        if (Sent == NULL)
            return;
        if (Wake != NULL)
            UserWakeQueue(Wake);
        host_free(Owned);
    }
}

BOOL WINAPI ReplyMessage(LRESULT lResult)
{
    USER_QUEUE *Queue = UserQueue(), *Wake = NULL;
    if (Queue == NULL)
        return FALSE;
    UserAcquireLock();
    USER_SENT *Sent = Queue->Running;
    if (Sent != NULL && Answer(Sent, lResult, FALSE, &Wake))
        Queue->Running = NULL; /* the record is the sender's now; UserRunSentMessages puts the outer one back */
    UserReleaseLock();
    if (Wake != NULL)
        UserWakeQueue(Wake);
    return Wake != NULL;
}

BOOL WINAPI InSendMessage(VOID)
{
    USER_QUEUE *Queue = UserQueue();
    BOOL Inside;
    if (Queue == NULL)
        return FALSE;
    UserAcquireLock();
    Inside = Queue->Running != NULL;
    UserReleaseLock();
    return Inside;
}

/* --- sending --- */

/* The window's queue with a reference; NULL with the last error. *Own: the calling thread's. */
static USER_QUEUE *ReferenceTarget(HWND Window, BOOL *Own)
{
    USER_QUEUE *Mine = UserQueue(), *Queue = NULL;
    if (Mine == NULL)
        return NULL;
    UserAcquireLock();
    USER_WINDOW *Found = UserFindWindow(Window);
    if (Found != NULL) {
        Queue = Found->Queue;
        UserReferenceQueue(Queue);
    }
    UserReleaseLock();
    *Own = Queue == Mine;
    if (Queue == NULL)
        SetLastError(ERROR_INVALID_WINDOW_HANDLE);
    return Queue;
}

static BOOL Enqueue(USER_QUEUE *Target, USER_SENT *Sent, USER_QUEUE *Sender)
{
    BOOL Wake, Dead;
    UserAcquireLock();
    Dead = Target->Dead;
    Wake = FALSE;
    if (!Dead) {
        if (Sender != NULL)
            UserReferenceQueue(Sender);
        Sent->Sender = Sender;
        Append(Target, Sent);
        Wake = UserNoteInput(Target, QS_SENDMESSAGE);
    }
    UserReleaseLock();
    if (Wake)
        UserWakeQueue(Target);
    return !Dead;
}

/*
 * Waits for the answer, running what is sent meanwhile. FALSE: the time is over; then a record that is running
 * belongs to the receiver, and *Sent is NULL.
 */
static BOOL WaitForAnswer(USER_QUEUE *Own, USER_QUEUE *Target, USER_SENT **Sent, ULONGLONG Deadline, BOOL Block)
{
    UINT Mask = USER_QS_REPLY | (Block ? 0 : QS_SENDMESSAGE);
    BOOL Answered, Over = FALSE;
    for (;;) {
        USER_QUEUE *Withdrawn = NULL;
        UserAcquireLock();
        Answered = (*Sent)->Answered;
        Own->Changed &= ~USER_QS_REPLY;
        if (!Answered && !Over && !Block) /* else those that have come are new to who waits next */
            Own->Changed &= ~(UINT)QS_SENDMESSAGE;
        if (Over && !Answered) {
            Withdrawn = (*Sent)->Sender;
            (*Sent)->Sender = NULL;
            if (!TakeOut(Target, *Sent))
                *Sent = NULL;
        }
        UserReleaseLock();
        if (Withdrawn != NULL)
            UserDereferenceQueue(Withdrawn);
        if (Answered || Over)
            return Answered;
        if (!Block)
            UserRunSentMessages(Own);
        Over = UserWaitForInput(Own, 0, NULL, Deadline, Mask, 0) == WAIT_TIMEOUT;
    }
}

/* To another thread. FALSE with the last error. */
static BOOL SendAcross(USER_QUEUE *Target, const USER_SENT *Message, UINT Flags, ULONGLONG Deadline, LRESULT *Result)
{
    USER_SENT *Sent = host_allocate(sizeof *Sent);
    BOOL Done;
    if (Sent == NULL)
        return UserFail(ERROR_NOT_ENOUGH_MEMORY);
    *Sent = *Message;
    if (!Enqueue(Target, Sent, UserQueue())) {
        host_free(Sent);
        return UserFail(ERROR_INVALID_WINDOW_HANDLE);
    }
    Done = WaitForAnswer(UserQueue(), Target, &Sent, Deadline, (Flags & SMTO_BLOCK) != 0);
    if (!Done)
        SetLastError(ERROR_TIMEOUT);
    else if (Sent->Gone)
        Done = UserFail(ERROR_INVALID_WINDOW_HANDLE);
    else
        *Result = Sent->Result;
    host_free(Sent);
    return Done;
}

LRESULT WINAPI SendMessageTimeoutW(
    HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam, UINT fuFlags, UINT uTimeout, PDWORD_PTR lpdwResult)
{
    USER_SENT Message = {.Window = hWnd, .Message = Msg, .WParam = wParam, .LParam = lParam};
    ULONGLONG Deadline = uTimeout == INFINITE ? USER_FOREVER : GetTickCount64() + uTimeout;
    LRESULT Result = 0;
    BOOL Own, Done = TRUE;
    USER_QUEUE *Target = ReferenceTarget(hWnd, &Own);
    if (Target == NULL)
        return 0;
    if (Own)
        Result = UserCallWindow(hWnd, Msg, wParam, lParam);
    else
        Done = SendAcross(Target, &Message, fuFlags, Deadline, &Result);
    UserDereferenceQueue(Target);
    if (Done && lpdwResult != NULL)
        *lpdwResult = (DWORD_PTR)Result;
    return Done;
}

LRESULT WINAPI SendMessageTimeoutA(
    HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam, UINT fuFlags, UINT uTimeout, PDWORD_PTR lpdwResult)
{
    return SendMessageTimeoutW(hWnd, Msg, wParam, lParam, fuFlags, uTimeout, lpdwResult);
}

LRESULT WINAPI SendMessageW(HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam)
{
    DWORD_PTR Result = 0;
    (VOID) SendMessageTimeoutW(hWnd, Msg, wParam, lParam, SMTO_NORMAL, INFINITE, &Result);
    return (LRESULT)Result;
}

LRESULT WINAPI SendMessageA(HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam)
{
    return SendMessageW(hWnd, Msg, wParam, lParam);
}

BOOL WINAPI SendNotifyMessageW(HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam)
{
    BOOL Own, Done = TRUE;
    USER_QUEUE *Target = ReferenceTarget(hWnd, &Own);
    if (Target == NULL)
        return FALSE;
    if (Own) {
        (VOID) UserCallWindow(hWnd, Msg, wParam, lParam);
    } else {
        USER_SENT *Sent = host_allocate(sizeof *Sent);
        Done = Sent != NULL;
        if (Done) {
            ZeroMemory(Sent, sizeof *Sent);
            Sent->Window = hWnd;
            Sent->Message = Msg;
            Sent->WParam = wParam;
            Sent->LParam = lParam;
            Done = Enqueue(Target, Sent, NULL);
            if (!Done)
                host_free(Sent);
        }
        if (!Done)
            SetLastError(Sent == NULL ? ERROR_NOT_ENOUGH_MEMORY : ERROR_INVALID_WINDOW_HANDLE);
    }
    UserDereferenceQueue(Target);
    return Done;
}

BOOL WINAPI SendNotifyMessageA(HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam)
{
    return SendNotifyMessageW(hWnd, Msg, wParam, lParam);
}
