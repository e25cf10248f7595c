/* SPDX-License-Identifier: MIT */
/*
 * user_private.h - windows, classes and message queues.
 *
 * Layer: user; NT counterpart: user32.dll and the queue part of win32k. Stands on the public functions
 * of win32: a queue waits with WaitForMultipleObjectsEx, so a thread in GetMessage polls like any other.
 * Left out: drawing, input, hooks, DDE, desktops.
 *
 * One lock (UserTableLock, the last of the order) guards everything here. Procedures of windows and timers are
 * called, and events set, without it.
 */
#ifndef USER_PRIVATE_H
#define USER_PRIVATE_H

#define WIN32_NO_STATUS
#include <windows.h>
#undef WIN32_NO_STATUS

#include "host_memory.h"
#include "locks.h"

extern EX_LOCK UserLock;
static inline void UserAcquireLock(void) _Acquires_lock_(UserTableLock) LOCK_UNCHECKED
{
    ExAcquireLock(&UserLock, UserTableLockRank);
}
static inline void UserReleaseLock(void) _Releases_lock_(UserTableLock) LOCK_UNCHECKED
{
    ExReleaseLock(&UserLock, UserTableLockRank);
}

#define USER_POSTED_MAX 10000 /* messages in one queue [doc:winmsg/postmessagea] */
#define USER_WINDOWS_MAX 10000
#define USER_FOREVER (~0ULL) /* a deadline that does not come */
#define USER_QS_REPLY 0x80000000u /* ours: a sent message of this thread was answered */

typedef struct USER_POSTED {
    struct USER_POSTED *Next;
    MSG Message;
} USER_POSTED;

/*
 * A message sent from one thread to another.
 *   Queued --receiver takes it out--> Running --> Answered: the sender frees it
 *   Queued --sender's time is over--> taken out and freed by the sender
 *   Running --sender's time is over--> Sender is NULL: the receiver frees it, as SendNotifyMessage's
 */
typedef struct USER_SENT {
    struct USER_SENT *Next;
    struct USER_SENT *Outer; /* of the receiver, while this one runs */
    HWND Window;
    UINT Message;
    WPARAM WParam;
    LPARAM LParam;
    LRESULT Result;
    struct USER_QUEUE *Sender; /* referenced; NULL: nobody waits */
    BOOL Answered;
    BOOL Gone; /* the receiver ended without an answer */
} USER_SENT;

typedef struct USER_TIMER {
    struct USER_TIMER *Next;
    HWND Window;
    UINT_PTR Id;
    TIMERPROC Procedure;
    DWORD Period; /* ms */
    ULONGLONG Due; /* GetTickCount64 */
} USER_TIMER;

/*
 * The queue of a thread. Made by the thread's first call that needs one, marked Dead when the thread ends, freed
 * with the last reference (the thread's, those of senders, those of wakers).
 *
 * Q1  Event is set by whoever adds a bit to Changed that is in WaitMask; only the thread waits for it.
 * Q2  A bit of Changed stays until the thread looks (PeekMessage, GetMessage, GetQueueStatus).
 */
typedef struct USER_QUEUE {
    struct USER_QUEUE *Next;
    DWORD ThreadId;
    LONG References;
    HANDLE Event;
    UINT Changed;
    UINT WaitMask;
    ULONG PostedCount;
    USER_POSTED *Posted, **PostedEnd;
    USER_SENT *Sent, **SentEnd;
    USER_SENT *Running; /* what the thread answers now, innermost */
    USER_TIMER *Timers;
    UINT_PTR LastTimerId;
    int QuitCode;
    BOOL Quit;
    BOOL Dead;
    DWORD MessageTime;
} USER_QUEUE;

typedef struct USER_CLASS {
    struct USER_CLASS *Next;
    WNDPROC Procedure;
    HINSTANCE Instance;
    ULONG Windows; /* that use it */
    int WindowExtra;
    ATOM Atom;
    BOOL Unicode;
    WCHAR Name[]; /* zero-terminated */
} USER_CLASS;

/* Freed when destroyed and not in use by a call on another thread any more. */
typedef struct USER_WINDOW {
    HWND Handle;
    USER_CLASS *Class;
    USER_QUEUE *Queue; /* of its thread, referenced */
    WNDPROC Procedure;
    HWND Parent;
    HINSTANCE Instance;
    LONG_PTR UserData;
    LONG_PTR Id;
    LONG Style;
    LONG ExStyle;
    PWSTR Text;
    BOOL Destroying;
    UCHAR Extra[];
} USER_WINDOW;

/* --- user_queue.c --- */
/* The calling thread's queue; NULL: no memory, last error set. */
USER_QUEUE *UserQueue(VOID);
USER_QUEUE *UserFindQueue(DWORD ThreadId) _Requires_lock_held_(UserTableLock);
/* Notes new input. TRUE: the caller holds a reference now and calls UserWakeQueue after the lock. */
BOOL UserNoteInput(USER_QUEUE *Queue, UINT Bits) _Requires_lock_held_(UserTableLock);
VOID UserWakeQueue(USER_QUEUE *Queue);
VOID UserReferenceQueue(USER_QUEUE *Queue) _Requires_lock_held_(UserTableLock);
VOID UserDereferenceQueue(USER_QUEUE *Queue); /* no lock held */
UINT UserQueueBits(const USER_QUEUE *Queue) _Requires_lock_held_(UserTableLock); /* QS_xxx that wait now */
/*
 * UserWaitForInput - waits for handles, or for bits of Mask: new ones, or (Available) any. Returns as
 * WaitForMultipleObjectsEx, Count standing for input. Deadline: GetTickCount64, USER_FOREVER for ever.
 */
DWORD UserWaitForInput(
    USER_QUEUE *Queue, DWORD Count, const HANDLE *Handles, ULONGLONG Deadline, UINT Mask, DWORD Flags);

/* --- user_send.c --- */
VOID UserRunSentMessages(USER_QUEUE *Queue); /* calls procedures: no lock held */
VOID UserAbandonSentMessages(USER_QUEUE *Queue);

/* --- user_timer.c --- */
USER_TIMER *UserDueTimer(USER_QUEUE *Queue, HWND Filter, ULONGLONG Now) _Requires_lock_held_(UserTableLock);
ULONGLONG UserNextTimer(const USER_QUEUE *Queue) _Requires_lock_held_(UserTableLock); /* USER_FOREVER: none */
VOID UserFreeTimers(USER_QUEUE *Queue, HWND Window); /* NULL: all; no lock held */

/* --- user_window.c --- */
USER_WINDOW *UserFindWindow(HWND Handle) _Requires_lock_held_(UserTableLock);
/* Is Window equal to Filter or below it? */
BOOL UserIsWithin(HWND Window, HWND Filter) _Requires_lock_held_(UserTableLock);
LRESULT UserCallWindow(HWND Handle, UINT Message, WPARAM WParam, LPARAM LParam); /* by its own thread */
VOID UserDestroyThreadWindows(USER_QUEUE *Queue); /* at the end of a thread: no messages are sent */
/* The window after After (NULL: the first) with that parent and, if given, of that class and with that text. */
HWND UserNextWindow(HWND After, HWND Parent, const USER_CLASS *Class, LPCWSTR Text) _Requires_lock_held_(UserTableLock);
/* Every top-level window's queue gets the message. */
VOID UserBroadcast(UINT Message, WPARAM WParam, LPARAM LParam);

/* --- user_message.c --- */
BOOL UserPost(USER_QUEUE *Queue, const MSG *Message); /* Queue referenced by the caller, no lock held */
VOID UserRemovePosted(USER_QUEUE *Queue, HWND Window); /* those of a window that is gone */

/* --- user_class.c --- */
/* "Message" and "Static", once. */
VOID UserRegisterSystemClasses(VOID);
/* By name, or by atom if the name's address is one. */
USER_CLASS *UserFindClass(LPCWSTR Name) _Requires_lock_held_(UserTableLock);
BOOL UserEqualNames(LPCWSTR a, LPCWSTR b); /* without case, in ASCII */

/* --- user_text.c --- */
BOOL UserFail(DWORD Error);
/* UTF-16 copy of UTF-8 text, or of an atom's pseudo pointer. FALSE: no memory. Freed with UserFreeText. */
BOOL UserWideText(LPCSTR Text, PWSTR *Wide);
VOID UserFreeText(LPCWSTR Text);

#endif
