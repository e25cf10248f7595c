/* SPDX-License-Identifier: MIT */
/*
 * ki_poller.h - the poller as ke_poller.c and ke_watch.c share it.
 *
 * Layer: ntos, private to these two. Who polls when is told at the head of ke_poller.c.
 */
#ifndef NTOS_KE_KI_POLLER_H
#define NTOS_KE_KI_POLLER_H

#include "ke/ki.h"

enum KI_POLLER_ROLE {
    RoleNone,       /* nobody polls */
    RoleOpen,       /* nobody polls, but who did is expected back soon, and the watch knows */
    RoleThread,
    RoleBackground
};

struct KE_POLLER {
    struct host_poller *Host;
    LONG References;         /* atomic */
    LONG Armed;              /* atomic */
    ULONG Role;              /* KI_POLLER_ROLE; written under the lock, atomic */
    ULONG Generation;        /* how often the role was taken; KePollerLock */
    EX_LOCK Lock;
    BOOLEAN Port;            /* of a completion port: not the process's */
    BOOLEAN Used;            /* something was armed once; atomic */
    LIST_ENTRY Followers;    /* newest first; KePollerLock */
    PKTHREAD LastLeader;     /* to compare; written under KePollerLock, atomic; so is Away */
    ULONGLONG LeftAt;        /* interrupt time; KePollerLock */
    LONGLONG Away;           /* how long leaders stayed away lately, 100 ns */
    LIST_ENTRY Link;         /* all pollers; KePollerListLock */

    /* the watch's; no other thread's */
    ULONG SeenGeneration;
    BOOLEAN SeenNeeded;      /* at the last look nobody polled although something was armed */
    BOOLEAN Useless;         /* the last run, as its leader, did nothing for anybody */
    LIST_ENTRY LedLink;      /* those it leads */
    struct host_source Nest; /* this poller in the watch's own */
};

extern EX_LOCK KiPollerListLock;
extern LIST_ENTRY KiPollerList;

_Acquires_lock_(KePollerLock) LOCK_UNCHECKED static inline VOID KiLockPoller(KE_POLLER *Poller)
{
    ExAcquireLock(&Poller->Lock, KePollerLockRank);
}
_Releases_lock_(KePollerLock) LOCK_UNCHECKED static inline VOID KiUnlockPoller(KE_POLLER *Poller)
{
    ExReleaseLock(&Poller->Lock, KePollerLockRank);
}
_Acquires_lock_(KePollerListLock) LOCK_UNCHECKED static inline VOID KiLockPollerList(VOID)
{
    ExAcquireLock(&KiPollerListLock, KePollerListLockRank);
}
_Releases_lock_(KePollerListLock) LOCK_UNCHECKED static inline VOID KiUnlockPollerList(VOID)
{
    ExReleaseLock(&KiPollerListLock, KePollerListLockRank);
}

static inline BOOLEAN KiIsArmed(KE_POLLER *Poller)
{
    return __atomic_load_n(&Poller->Armed, __ATOMIC_SEQ_CST) > 0;
}
static inline BOOLEAN KiIsRoleFree(KE_POLLER *Poller)
{
    return __atomic_load_n(&Poller->Role, __ATOMIC_SEQ_CST) <= RoleOpen;
}

_Requires_lock_held_(KePollerLock) VOID KiSetRole(KE_POLLER *Poller, enum KI_POLLER_ROLE Role);
/* Gives the role to the newest follower, if there is one; the caller wakes it with KiWakePromoted. */
_Requires_lock_held_(KePollerLock) PKTHREAD KiPromoteFollower(KE_POLLER *Poller);
VOID KiWakePromoted(PKTHREAD Thread); /* NULL: nothing */

/* The next poller of the list, referenced; NULL at its end. After's reference stays; NULL: the first. */
KE_POLLER *KiNextPoller(KE_POLLER *After);

/* ke_watch.c */
VOID KiWakeWatch(VOID); /* somebody may be needed to poll */

#endif
