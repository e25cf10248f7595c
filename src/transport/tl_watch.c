/* SPDX-License-Identifier: MIT */
/*
 * tl_watch.c - upcalls about events, and their end.
 *
 * Layer: transport. NT counterpart: TDI event handlers. An Indicate runs without locks, so an Abort on
 * another thread can overtake it; TlWaitForIndications lets Abort return only when no such call is left,
 * except those that the aborting thread itself is inside of.
 */
#include "tl_private.h"

/* The Indicate calls that the current thread is inside of, innermost first. */
typedef struct TL_INDICATION {
    const TL_WATCH *Watch;
    struct TL_INDICATION *Outer;
} TL_INDICATION;

static _Thread_local TL_INDICATION *CurrentIndications;

LOCK_UNCHECKED VOID TlInitializeWatch(TL_WATCH *Watch, const TL_CLIENT_DISPATCH *Client, PVOID ClientContext)
{
    RtlZeroMemory(Watch, sizeof *Watch);
    Watch->Client = Client;
    Watch->ClientContext = ClientContext;
}

ULONG TlSetWatchMask(TL_WATCH *Watch, ULONG Mask)
{
    TlLockWatch(Watch);
    ULONG Old = Watch->Mask;
    __atomic_store_n(&Watch->Mask, Mask, __ATOMIC_RELAXED);
    TlUnlockWatch(Watch);
    return Old;
}

VOID TlIndicate(TL_WATCH *Watch, ULONG Events)
{
    /* Who begins to watch after this look asks for the levels then, and they show what the edge was about. */
    if ((Events & __atomic_load_n(&Watch->Mask, __ATOMIC_RELAXED)) == 0)
        return;
    TlLockWatch(Watch);
    Events &= Watch->Mask;
    if (Events != 0)
        Watch->Indicating++;
    TlUnlockWatch(Watch);
    if (Events == 0)
        return;
    TL_INDICATION Frame = {Watch, CurrentIndications};
    CurrentIndications = &Frame;
    KeAssertNoLocksHeld("Indicate");
    KeNotePollerWork();
    Watch->Client->Indicate(Watch->ClientContext, Events);
    CurrentIndications = Frame.Outer;
    TlLockWatch(Watch);
    Watch->Indicating--;
    __atomic_add_fetch(&Watch->ChangeWord, 1, __ATOMIC_SEQ_CST);
    if (Watch->Waiting != 0)
        host_futex_wake(&Watch->ChangeWord, UINT32_MAX);
    TlUnlockWatch(Watch);
}

VOID TlWaitForIndications(TL_WATCH *Watch)
{
    ULONG Own = 0;
    for (const TL_INDICATION *Frame = CurrentIndications; Frame != NULL; Frame = Frame->Outer)
        Own += Frame->Watch == Watch;
    TlLockWatch(Watch);
    while (Watch->Indicating > Own) {
        ULONG Seen = __atomic_load_n(&Watch->ChangeWord, __ATOMIC_SEQ_CST);
        Watch->Waiting++;
        TlUnlockWatch(Watch);
        host_futex_wait(&Watch->ChangeWord, Seen, -1);
        TlLockWatch(Watch);
        Watch->Waiting--;
    }
    TlUnlockWatch(Watch);
}
