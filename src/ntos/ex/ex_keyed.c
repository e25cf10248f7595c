/* SPDX-License-Identifier: MIT */
/*
 * ex_keyed.c - keyed events: a rendezvous of a thread that waits and one that releases, by a key.
 *
 * Layer: ntos. NT counterpart: NtCreateKeyedEvent and relatives. Both calls return when the two have met;
 * of several with the same key the one that came first. A NULL handle means the process's own keyed event,
 * as since Windows Vista.
 *
 * Meeting is decided under the event's lock: who comes second takes the first off its list and sets its
 * Met; after that it touches only the thread object, which Users holds. A thread that gives up takes
 * itself off, under the same lock.
 */
#include "ke/ki.h"

enum { KeyedWait, KeyedRelease };

typedef struct EX_KEYED_EVENT {
    EX_LOCK Lock;
    LIST_ENTRY Parties[2]; /* those that came first, by what they do */
} EX_KEYED_EVENT;

typedef struct EX_KEYED_PARTY {
    LIST_ENTRY Link;
    PVOID Key;
    PKTHREAD Thread;
    ULONG Met; /* written under the lock; atomic */
} EX_KEYED_PARTY;

static EX_KEYED_EVENT ExpOwnKeyedEvent = {
    .Parties = {{&ExpOwnKeyedEvent.Parties[0], &ExpOwnKeyedEvent.Parties[0]},
        {&ExpOwnKeyedEvent.Parties[1], &ExpOwnKeyedEvent.Parties[1]}},
};

_Acquires_lock_(ExKeyedEventLock) LOCK_UNCHECKED static VOID ExpLockKeyed(EX_KEYED_EVENT *Event)
{
    ExAcquireLock(&Event->Lock, ExKeyedEventLockRank);
}
_Releases_lock_(ExKeyedEventLock) LOCK_UNCHECKED static VOID ExpUnlockKeyed(EX_KEYED_EVENT *Event)
{
    ExReleaseLock(&Event->Lock, ExKeyedEventLockRank);
}

NTSTATUS NTAPI NtCreateKeyedEvent(PHANDLE Handle, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes, ULONG Flags)
{
    EX_KEYED_EVENT *Event;
    NTSTATUS Status = ExProbeForWrite(Handle, sizeof(HANDLE));

    if (!NT_SUCCESS(Status))
        return Status;
    if (Flags != 0)
        return STATUS_INVALID_PARAMETER_4;
    Status = ObCreateObject(&ObpKeyedEventType, sizeof *Event, (PVOID *)&Event);
    if (!NT_SUCCESS(Status))
        return Status;
    InitializeListHead(&Event->Parties[KeyedWait]);
    InitializeListHead(&Event->Parties[KeyedRelease]);
    return ExInsertNewObject(Event, Attributes, Access, Handle);
}

NTSTATUS NTAPI NtOpenKeyedEvent(PHANDLE Handle, ACCESS_MASK Access, POBJECT_ATTRIBUTES Attributes)
{
    return ExOpenNamedObject(&ObpKeyedEventType, Handle, Access, Attributes);
}

/* Takes the first of the other kind with the key off its list. NULL: none is there. */
_Requires_lock_held_(ExKeyedEventLock) static PKTHREAD ExpMeet(PLIST_ENTRY Others, PVOID Key)
{
    for (PLIST_ENTRY Entry = Others->Flink; Entry != Others; Entry = Entry->Flink) {
        EX_KEYED_PARTY *Party = CONTAINING_RECORD(Entry, EX_KEYED_PARTY, Link);
        PKTHREAD Thread = Party->Thread;
        if (Party->Key != Key)
            continue;
        RemoveEntryList(&Party->Link);
        __atomic_add_fetch(&Thread->Users, 1, __ATOMIC_RELAXED);
        __atomic_store_n(&Party->Met, 1, __ATOMIC_RELEASE);
        return Thread;
    }
    return NULL;
}

/* The thread gives up. FALSE: it has been met meanwhile. */
static BOOLEAN ExpGiveUp(EX_KEYED_EVENT *Event, EX_KEYED_PARTY *Party)
{
    BOOLEAN GivenUp;
    ExpLockKeyed(Event);
    GivenUp = Party->Met == 0;
    if (GivenUp)
        RemoveEntryList(&Party->Link);
    ExpUnlockKeyed(Event);
    return GivenUp;
}

static NTSTATUS ExpAwaitOther(EX_KEYED_EVENT *Event, EX_KEYED_PARTY *Party, BOOLEAN Alertable,
    ULONGLONG Deadline)
{
    PKTHREAD Thread = Party->Thread;
    BOOLEAN Previous = KiBeginAlertable(Thread, Alertable);
    NTSTATUS Status = STATUS_SUCCESS, Alert;

    while (__atomic_load_n(&Party->Met, __ATOMIC_ACQUIRE) == 0) {
        Alert = Alertable ? KiTakeAlert(Thread) : STATUS_SUCCESS;
        if (Alert != STATUS_SUCCESS) {
            if (ExpGiveUp(Event, Party)) {
                Status = Alert;
                break;
            }
            /* An alert that came too late for this wait is kept for the next. */
            if (Alert == STATUS_ALERTED)
                __atomic_store_n(&Thread->Alerted, TRUE, __ATOMIC_SEQ_CST);
        } else if (KiPark(Thread, Deadline) && ExpGiveUp(Event, Party)) {
            Status = STATUS_TIMEOUT;
            break;
        }
    }
    KiEndPark(Thread, FALSE);
    KiEndAlertable(Thread, Previous);
    if (Status == STATUS_USER_APC)
        (void)KiDeliverApcs(Thread);
    return Status;
}

static NTSTATUS ExpMeetOrWait(EX_KEYED_EVENT *Event, ULONG Kind, PVOID Key, BOOLEAN Alertable,
    PLARGE_INTEGER Timeout)
{
    EX_KEYED_PARTY Party = {.Key = Key, .Thread = KeGetCurrentThread()};
    PKTHREAD Other;

    ExpLockKeyed(Event);
    Other = ExpMeet(&Event->Parties[!Kind], Key);
    if (Other == NULL && (Timeout == NULL || Timeout->QuadPart != 0))
        InsertTailList(&Event->Parties[Kind], &Party.Link);
    ExpUnlockKeyed(Event);
    if (Other != NULL) {
        KiWake(Other);
        __atomic_sub_fetch(&Other->Users, 1, __ATOMIC_RELEASE);
        return STATUS_SUCCESS;
    }
    if (Timeout != NULL && Timeout->QuadPart == 0)
        return STATUS_TIMEOUT;
    KiAssertMayBlock(Party.Thread);
    return ExpAwaitOther(Event, &Party, Alertable, KeDeadlineFromTimeout(Timeout));
}

static NTSTATUS ExpKeyedCall(HANDLE Handle, ULONG Kind, PVOID Key, BOOLEAN Alertable, PLARGE_INTEGER Timeout)
{
    ACCESS_MASK Access = Kind == KeyedWait ? KEYEDEVENT_WAIT : KEYEDEVENT_WAKE;
    EX_KEYED_EVENT *Event = &ExpOwnKeyedEvent;
    LARGE_INTEGER Time;
    NTSTATUS Status = STATUS_SUCCESS;

    if ((ULONG_PTR)Key & 1)
        return STATUS_INVALID_PARAMETER_1;
    if (Timeout != NULL)
        Status = ExCopyFromUser(&Time, Timeout, sizeof Time, 1);
    if (NT_SUCCESS(Status) && Handle != NULL)
        Status = ObReferenceObjectByHandle(Handle, Access, &ObpKeyedEventType, UserMode, (PVOID *)&Event, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = ExpMeetOrWait(Event, Kind, Key, Alertable, Timeout != NULL ? &Time : NULL);
    if (Handle != NULL)
        (void)ObfDereferenceObject(Event);
    return Status;
}

NTSTATUS NTAPI NtWaitForKeyedEvent(HANDLE Handle, PVOID Key, BOOLEAN Alertable, PLARGE_INTEGER Timeout)
{
    return ExpKeyedCall(Handle, KeyedWait, Key, Alertable, Timeout);
}

NTSTATUS NTAPI NtReleaseKeyedEvent(HANDLE Handle, PVOID Key, BOOLEAN Alertable, PLARGE_INTEGER Timeout)
{
    return ExpKeyedCall(Handle, KeyedRelease, Key, Alertable, Timeout);
}
