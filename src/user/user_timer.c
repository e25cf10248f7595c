/* SPDX-License-Identifier: MIT */
/*
 * user_timer.c - SetTimer. A timer is a time in its thread's queue: WM_TIMER is made when the thread looks
 * for messages and finds nothing better, so timers need nobody's help. [doc:winmsg/settimer]
 *
 * Layer: user.
 */
#include "user_private.h"

static USER_TIMER **FindTimer(USER_QUEUE *Queue, HWND Window, UINT_PTR Id) _Requires_lock_held_(UserTableLock)
{
    USER_TIMER **Link;
    for (Link = &Queue->Timers; *Link != NULL && ((*Link)->Window != Window || (*Link)->Id != Id);
         Link = &(*Link)->Next)
        ;
    return Link;
}

/* Whose queue a timer is in: the window's thread's, or the caller's. NULL: no such window. */
static USER_QUEUE *QueueOfTimer(USER_QUEUE *Own, HWND Window) _Requires_lock_held_(UserTableLock)
{
    if (Window == NULL)
        return Own;
    USER_WINDOW *Found = UserFindWindow(Window);
    return Found != NULL && Found->Queue == Own ? Own : NULL;
}

UINT_PTR WINAPI SetTimer(HWND hWnd, UINT_PTR nIDEvent, UINT uElapse, TIMERPROC lpTimerFunc)
{
    USER_QUEUE *Own = UserQueue();
    USER_TIMER *New = Own != NULL ? host_allocate(sizeof *New) : NULL;
    if (New == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return 0;
    }
    UserAcquireLock();
    USER_QUEUE *Queue = QueueOfTimer(Own, hWnd);
    if (Queue == NULL) {
        UserReleaseLock();
        host_free(New);
        SetLastError(ERROR_INVALID_WINDOW_HANDLE);
        return 0;
    }
    USER_TIMER **Link = FindTimer(Queue, hWnd, nIDEvent);
    USER_TIMER *Timer = *Link, *Unused = New;
    /* A thread's timer is replaced only by the id it was given. */
    if (Timer == NULL) {
        Timer = New;
        Unused = NULL;
        Timer->Next = NULL;
        Timer->Window = hWnd;
        Timer->Id = hWnd != NULL ? nIDEvent : ++Queue->LastTimerId;
        *Link = Timer;
    }
    Timer->Procedure = lpTimerFunc;
    Timer->Period = uElapse < USER_TIMER_MINIMUM ? USER_TIMER_MINIMUM : uElapse;
    if (uElapse > USER_TIMER_MAXIMUM)
        Timer->Period = USER_TIMER_MAXIMUM;
    Timer->Due = GetTickCount64() + Timer->Period;
    UINT_PTR Id = hWnd != NULL ? (nIDEvent != 0 ? nIDEvent : 1) : Timer->Id;
    UserReleaseLock();
    host_free(Unused);
    return Id;
}

BOOL WINAPI KillTimer(HWND hWnd, UINT_PTR uIDEvent)
{
    USER_QUEUE *Own = UserQueue();
    USER_TIMER *Timer = NULL;
    if (Own == NULL)
        return FALSE;
    UserAcquireLock();
    USER_QUEUE *Queue = QueueOfTimer(Own, hWnd);
    if (Queue != NULL) {
        USER_TIMER **Link = FindTimer(Queue, hWnd, uIDEvent);
        Timer = *Link;
        if (Timer != NULL)
            *Link = Timer->Next;
    }
    UserReleaseLock();
    if (Queue == NULL)
        return UserFail(ERROR_INVALID_WINDOW_HANDLE);
    if (Timer == NULL)
        return UserFail(ERROR_INVALID_PARAMETER);
    host_free(Timer);
    return TRUE;
}

USER_TIMER *UserDueTimer(USER_QUEUE *Queue, HWND Filter, ULONGLONG Now)
{
    USER_TIMER *Best = NULL;
    for (USER_TIMER *Timer = Queue->Timers; Timer != NULL; Timer = Timer->Next) {
        BOOL Wanted = Filter == NULL || (Timer->Window != NULL ? UserIsWithin(Timer->Window, Filter)
                                                               : Filter == (HWND)(LONG_PTR)-1);
        if (Wanted && Timer->Due <= Now && (Best == NULL || Timer->Due < Best->Due))
            Best = Timer;
    }
    return Best;
}

ULONGLONG UserNextTimer(const USER_QUEUE *Queue)
{
    ULONGLONG Next = USER_FOREVER;
    for (const USER_TIMER *Timer = Queue->Timers; Timer != NULL; Timer = Timer->Next)
        Next = Timer->Due < Next ? Timer->Due : Next;
    return Next;
}

VOID UserFreeTimers(USER_QUEUE *Queue, HWND Window)
{
    USER_TIMER *Removed = NULL;
    UserAcquireLock();
    for (USER_TIMER **Link = &Queue->Timers; *Link != NULL;) {
        USER_TIMER *Timer = *Link;
        if (Window == NULL || Timer->Window == Window) {
            *Link = Timer->Next;
            Timer->Next = Removed;
            Removed = Timer;
        } else {
            Link = &Timer->Next;
        }
    }
    UserReleaseLock();
    while (Removed != NULL) {
        USER_TIMER *Next = Removed->Next;
        host_free(Removed);
        Removed = Next;
    }
}
