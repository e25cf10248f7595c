/* SPDX-License-Identifier: MIT */
/*
 * user_message.c - posting, getting and dispatching messages.
 *
 * Layer: user; NT counterpart: the message functions of user32. [doc:winmsg/about-messages-and-message-queues]
 */
#include "user_private.h"

#define THREAD_MESSAGES ((HWND)(LONG_PTR)-1)

BOOL UserPost(USER_QUEUE *Queue, const MSG *Message)
{
    USER_POSTED *Posted = host_allocate(sizeof *Posted);
    BOOL Full, Wake = FALSE;
    if (Posted == NULL)
        return UserFail(ERROR_NOT_ENOUGH_MEMORY);
    Posted->Next = NULL;
    Posted->Message = *Message;
    Posted->Message.time = GetTickCount();
    UserAcquireLock();
    Full = Queue->PostedCount >= USER_POSTED_MAX;
    if (!Full && !Queue->Dead) {
        *Queue->PostedEnd = Posted;
        Queue->PostedEnd = &Posted->Next;
        Queue->PostedCount++;
        Wake = UserNoteInput(Queue, QS_POSTMESSAGE | QS_ALLPOSTMESSAGE);
        Posted = NULL;
    }
    UserReleaseLock();
    if (Wake)
        UserWakeQueue(Queue);
    if (Posted == NULL)
        return TRUE;
    host_free(Posted);
    return UserFail(Full ? ERROR_NOT_ENOUGH_QUOTA : ERROR_INVALID_THREAD_ID);
}

VOID UserRemovePosted(USER_QUEUE *Queue, HWND Window)
{
    USER_POSTED *Removed = NULL;
    UserAcquireLock();
    for (USER_POSTED **Link = &Queue->Posted; *Link != NULL;) {
        USER_POSTED *Posted = *Link;
        if (Window == NULL || Posted->Message.hwnd == Window) {
            *Link = Posted->Next;
            Queue->PostedCount--;
            Posted->Next = Removed;
            Removed = Posted;
        } else {
            Link = &Posted->Next;
        }
    }
    Queue->PostedEnd = &Queue->Posted;
    while (*Queue->PostedEnd != NULL)
        Queue->PostedEnd = &(*Queue->PostedEnd)->Next;
    UserReleaseLock();
    while (Removed != NULL) {
        USER_POSTED *Next = Removed->Next;
        host_free(Removed);
        Removed = Next;
    }
}

/* --- taking messages --- */

typedef struct USER_FILTER {
    HWND Window;
    UINT First, Last; /* both 0: all */
    BOOL Remove;
} USER_FILTER;

static BOOL Passes(const USER_FILTER *Filter, const MSG *Message) _Requires_lock_held_(UserTableLock)
{
    if (Filter->Window == THREAD_MESSAGES ? Message->hwnd != NULL
                                          : Filter->Window != NULL && !UserIsWithin(Message->hwnd, Filter->Window))
        return FALSE;
    return (Filter->First == 0 && Filter->Last == 0) ||
        (Message->message >= Filter->First && Message->message <= Filter->Last);
}

static USER_POSTED *TakePosted(USER_QUEUE *Queue, const USER_FILTER *Filter, MSG *Message)
    _Requires_lock_held_(UserTableLock)
{
    USER_POSTED **Link = &Queue->Posted;
    while (*Link != NULL && !Passes(Filter, &(*Link)->Message))
        Link = &(*Link)->Next;
    USER_POSTED *Posted = *Link;
    if (Posted == NULL)
        return NULL;
    *Message = Posted->Message;
    if (Filter->Remove) {
        *Link = Posted->Next;
        if (Queue->PostedEnd == &Posted->Next)
            Queue->PostedEnd = Link;
        Queue->PostedCount--;
    }
    return Posted;
}

static BOOL TakeTimer(USER_QUEUE *Queue, const USER_FILTER *Filter, MSG *Message) _Requires_lock_held_(UserTableLock)
{
    ULONGLONG Now = GetTickCount64();
    USER_TIMER *Timer = UserDueTimer(Queue, Filter->Window, Now);
    if (Timer == NULL || (Filter->First | Filter->Last) != 0)
        if (Timer == NULL || WM_TIMER < Filter->First || WM_TIMER > Filter->Last)
            return FALSE;
    Message->hwnd = Timer->Window;
    Message->message = WM_TIMER;
    Message->wParam = Timer->Id;
    CopyMemory(&Message->lParam, &Timer->Procedure, sizeof Message->lParam);
    Message->time = (DWORD)Now;
    if (Filter->Remove) /* ticks that were missed are not made up for */
        Timer->Due = Now + Timer->Period;
    return TRUE;
}

/* One message, if there is one; runs sent messages on the way. */
static BOOL TakeMessage(USER_QUEUE *Queue, const USER_FILTER *Filter, MSG *Message)
{
    USER_POSTED *Posted;
    BOOL Found = TRUE;
    UserRunSentMessages(Queue);
    ZeroMemory(Message, sizeof *Message);
    UserAcquireLock();
    /* One that was sent since stays new: nobody else would end the wait that follows. */
    Queue->Changed = Queue->Sent != NULL ? QS_SENDMESSAGE : 0;
    Posted = TakePosted(Queue, Filter, Message);
    if (Posted == NULL && Queue->Quit) {
        Message->message = WM_QUIT;
        Message->wParam = (WPARAM)Queue->QuitCode;
        Message->time = GetTickCount();
        if (Filter->Remove)
            Queue->Quit = FALSE;
    } else if (Posted == NULL) {
        Found = TakeTimer(Queue, Filter, Message);
    }
    if (Found && Filter->Remove)
        Queue->MessageTime = Message->time;
    UserReleaseLock();
    if (Posted != NULL && Filter->Remove)
        host_free(Posted);
    return Found;
}

/* The filter's window must exist and be of the calling thread. */
static BOOL CheckFilter(const USER_QUEUE *Queue, HWND Window)
{
    if (Window == NULL || Window == THREAD_MESSAGES)
        return TRUE;
    UserAcquireLock();
    USER_WINDOW *Found = UserFindWindow(Window);
    BOOL Own = Found != NULL && Found->Queue == Queue;
    UserReleaseLock();
    return Own || UserFail(ERROR_INVALID_WINDOW_HANDLE);
}

BOOL WINAPI GetMessageW(LPMSG lpMsg, HWND hWnd, UINT wMsgFilterMin, UINT wMsgFilterMax)
{
    USER_FILTER Filter = {hWnd, wMsgFilterMin, wMsgFilterMax, TRUE};
    USER_QUEUE *Queue = UserQueue();
    if (Queue == NULL || !CheckFilter(Queue, hWnd))
        return -1;
    while (!TakeMessage(Queue, &Filter, lpMsg))
        UserWaitForInput(Queue, 0, NULL, USER_FOREVER, QS_ALLINPUT | QS_ALLPOSTMESSAGE, 0);
    return lpMsg->message != WM_QUIT;
}

BOOL WINAPI GetMessageA(LPMSG lpMsg, HWND hWnd, UINT wMsgFilterMin, UINT wMsgFilterMax)
{
    return GetMessageW(lpMsg, hWnd, wMsgFilterMin, wMsgFilterMax);
}

BOOL WINAPI PeekMessageW(LPMSG lpMsg, HWND hWnd, UINT wMsgFilterMin, UINT wMsgFilterMax, UINT wRemoveMsg)
{
    USER_FILTER Filter = {hWnd, wMsgFilterMin, wMsgFilterMax, (wRemoveMsg & PM_REMOVE) != 0};
    USER_QUEUE *Queue = UserQueue();
    return Queue != NULL && CheckFilter(Queue, hWnd) && TakeMessage(Queue, &Filter, lpMsg);
}

BOOL WINAPI PeekMessageA(LPMSG lpMsg, HWND hWnd, UINT wMsgFilterMin, UINT wMsgFilterMax, UINT wRemoveMsg)
{
    return PeekMessageW(lpMsg, hWnd, wMsgFilterMin, wMsgFilterMax, wRemoveMsg);
}

BOOL WINAPI WaitMessage(VOID)
{
    USER_QUEUE *Queue = UserQueue();
    if (Queue == NULL)
        return FALSE;
    return UserWaitForInput(Queue, 0, NULL, USER_FOREVER, QS_ALLINPUT | QS_ALLPOSTMESSAGE, 0) == WAIT_OBJECT_0;
}

DWORD WINAPI GetQueueStatus(UINT flags)
{
    USER_QUEUE *Queue = UserQueue();
    if (Queue == NULL)
        return 0;
    UserAcquireLock();
    UINT Bits = UserQueueBits(Queue);
    UINT Changed = Queue->Changed | (Bits & QS_TIMER);
    Queue->Changed &= ~flags;
    UserReleaseLock();
    return (DWORD)MAKELONG(Changed & flags, Bits & flags);
}

LONG WINAPI GetMessageTime(VOID)
{
    USER_QUEUE *Queue = UserQueue();
    return Queue != NULL ? (LONG)Queue->MessageTime : 0;
}

/* --- posting --- */

BOOL WINAPI PostThreadMessageW(DWORD idThread, UINT Msg, WPARAM wParam, LPARAM lParam)
{
    MSG Message = {.message = Msg, .wParam = wParam, .lParam = lParam};
    UserAcquireLock();
    USER_QUEUE *Queue = UserFindQueue(idThread);
    if (Queue != NULL)
        UserReferenceQueue(Queue);
    UserReleaseLock();
    if (Queue == NULL)
        return UserFail(ERROR_INVALID_THREAD_ID);
    BOOL Posted = UserPost(Queue, &Message);
    UserDereferenceQueue(Queue);
    return Posted;
}

BOOL WINAPI PostThreadMessageA(DWORD idThread, UINT Msg, WPARAM wParam, LPARAM lParam)
{
    return PostThreadMessageW(idThread, Msg, wParam, lParam);
}

BOOL WINAPI PostMessageW(HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam)
{
    MSG Message = {.hwnd = hWnd, .message = Msg, .wParam = wParam, .lParam = lParam};
    USER_QUEUE *Queue = NULL;
    if (hWnd == NULL)
        return UserQueue() != NULL && PostThreadMessageW(GetCurrentThreadId(), Msg, wParam, lParam);
    if (hWnd == HWND_BROADCAST) {
        UserBroadcast(Msg, wParam, lParam);
        return TRUE;
    }
    UserAcquireLock();
    USER_WINDOW *Window = UserFindWindow(hWnd);
    if (Window != NULL) {
        Queue = Window->Queue;
        UserReferenceQueue(Queue);
    }
    UserReleaseLock();
    if (Queue == NULL)
        return UserFail(ERROR_INVALID_WINDOW_HANDLE);
    BOOL Posted = UserPost(Queue, &Message);
    UserDereferenceQueue(Queue);
    return Posted;
}

BOOL WINAPI PostMessageA(HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam)
{
    return PostMessageW(hWnd, Msg, wParam, lParam);
}

VOID WINAPI PostQuitMessage(int nExitCode)
{
    USER_QUEUE *Queue = UserQueue();
    if (Queue == NULL)
        return;
    UserAcquireLock();
    Queue->Quit = TRUE;
    Queue->QuitCode = nExitCode;
    (VOID) UserNoteInput(Queue, QS_POSTMESSAGE | QS_ALLPOSTMESSAGE); /* the thread itself: it does not wait now */
    UserReleaseLock();
}

/* --- dispatching --- */

/* No keyboard: there is nothing to translate. */
BOOL WINAPI TranslateMessage(const MSG *lpMsg)
{
    return FALSE;
}

LRESULT WINAPI DispatchMessageW(const MSG *lpMsg)
{
    if (lpMsg->message == WM_TIMER && lpMsg->lParam != 0) {
        TIMERPROC Procedure;
        CopyMemory(&Procedure, &lpMsg->lParam, sizeof Procedure);
        Procedure(lpMsg->hwnd, WM_TIMER, lpMsg->wParam, GetTickCount());
        return 0;
    }
    return lpMsg->hwnd != NULL ? UserCallWindow(lpMsg->hwnd, lpMsg->message, lpMsg->wParam, lpMsg->lParam) : 0;
}

LRESULT WINAPI DispatchMessageA(const MSG *lpMsg)
{
    return DispatchMessageW(lpMsg);
}

/* --- waiting for handles and input --- */

DWORD WINAPI MsgWaitForMultipleObjectsEx(
    DWORD nCount, const HANDLE *pHandles, DWORD dwMilliseconds, DWORD dwWakeMask, DWORD dwFlags)
{
    USER_QUEUE *Queue = UserQueue();
    if (nCount >= MAXIMUM_WAIT_OBJECTS || (nCount != 0 && pHandles == NULL) || Queue == NULL) {
        if (Queue != NULL)
            SetLastError(ERROR_INVALID_PARAMETER);
        return WAIT_FAILED;
    }
    ULONGLONG Deadline = dwMilliseconds == INFINITE ? USER_FOREVER : GetTickCount64() + dwMilliseconds;
    return UserWaitForInput(Queue, nCount, pHandles, Deadline, dwWakeMask, dwFlags);
}

DWORD WINAPI MsgWaitForMultipleObjects(
    DWORD nCount, const HANDLE *pHandles, BOOL fWaitAll, DWORD dwMilliseconds, DWORD dwWakeMask)
{
    return MsgWaitForMultipleObjectsEx(
        nCount, pHandles, dwMilliseconds, dwWakeMask, fWaitAll ? MWMO_WAITALL : 0);
}
