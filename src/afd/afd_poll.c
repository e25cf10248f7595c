/* SPDX-License-Identifier: MIT */
/*
 * afd_poll.c - IOCTL_AFD_POLL: which of these handles have which of these events?
 *
 * Layer: afd. Answers at once if it can, else waits: the poll's entries are linked into the endpoints they look
 * at, and its IRP stands in the cancel-safe queue of the file it was sent through.
 *
 * Claiming. Several threads may find at the same time that a poll has to end: the transport's indication on
 * any of its endpoints, the timer, cancellation, a close. The one that removes the IRP from its queue has
 * claimed the poll: the record is that thread's alone, and it ends in AfdpFinishPoll. The others let go.
 * Order of issue: link and watch all endpoints, start the timer, ask for levels, queue the IRP. Who finds a
 * linked poll whose IRP is not queued yet leaves a note in Attention, which the issuing thread reads
 * after queueing; it then claims the poll itself and looks again.
 * Memory. A poll is counted: the claim holds one reference, the timer one while it is set, because its
 * routine may run after the poll has ended. Entries are unlinked before the IRP is completed, so whoever
 * holds the lock of an endpoint may use the polls in its list.
 */
#include "afd_poll.h"

#include "afd_events.h"
#include "afd_requests.h"
#include "iomgr.h"

/* AFD_POLL_RECORD.Attention */
#define AFD_POLL_LOOK_AGAIN 0x1
#define AFD_POLL_TIMED_OUT 0x2

#define AFD_POLL_FEW 64 /* up to here it is cheaper to link the endpoints than to ask the host twice */
#define AFD_POLL_WAITED_MAX 2
#define AFD_POLL_ALONE_MAX 31

/*
 * One pending IOCTL_AFD_POLL. Made by AfdPoll, ended by AfdpFinishPoll, freed by the last
 * AfdpDereferencePoll.
 */
typedef struct AFD_POLL_RECORD {
    volatile LONG References;
    volatile ULONG Attention;
    PIRP Irp;
    AFD_POLL_QUEUE *Queue; /* referenced */
    IO_CSQ_IRP_CONTEXT Context;
    LIST_ENTRY ClaimedLink;
    BOOLEAN Unique;
    BOOLEAN TimerSet; /* the issuing thread's, before the IRP is queued */
    LARGE_INTEGER Timeout;
    KTIMER Timer;
    KDPC Dpc;
    WORK_QUEUE_ITEM TimeoutWork;
    ULONG Count; /* entries referenced so far */
    /* Behind Entries: room to ask for all levels in one call, and for the input and the output. */
    TL_ENDPOINT **Transports;
    AFD_POLL_INFO *Info;
    ULONG *Levels;
    AFD_POLL_ENTRY Entries[];
} AFD_POLL_RECORD;

static VOID AfdpFinishPoll(AFD_POLL_RECORD *Poll, NTSTATUS Status);

/* --- the cancel-safe queue --- */
static AFD_POLL_QUEUE *AfdpQueueFromCsq(PIO_CSQ Csq)
{
    return CONTAINING_RECORD(Csq, AFD_POLL_QUEUE, Csq);
}

static NTSTATUS AfdpPollInsert(PIO_CSQ Csq, PIRP Irp, PVOID InsertContext)
{
    InsertTailList(&AfdpQueueFromCsq(Csq)->Irps, &Irp->Tail.Overlay.ListEntry);
    return STATUS_SUCCESS;
}

static VOID AfdpPollRemove(PIO_CSQ Csq, PIRP Irp)
{
    RemoveEntryList(&Irp->Tail.Overlay.ListEntry);
}

static PIRP AfdpPollPeekNext(PIO_CSQ Csq, PIRP Irp, PVOID PeekContext)
{
    AFD_POLL_QUEUE *Queue = AfdpQueueFromCsq(Csq);
    PLIST_ENTRY Next = Irp == NULL ? Queue->Irps.Flink : Irp->Tail.Overlay.ListEntry.Flink;
    return Next == &Queue->Irps ? NULL : CONTAINING_RECORD(Next, IRP, Tail.Overlay.ListEntry);
}

static VOID AfdpPollAcquire(PIO_CSQ Csq, PKIRQL Irql) LOCK_UNCHECKED
{
    ExAcquireLock(&AfdpQueueFromCsq(Csq)->Lock, IoCsqLockRank);
}

static VOID AfdpPollRelease(PIO_CSQ Csq, KIRQL Irql) LOCK_UNCHECKED
{
    ExReleaseLock(&AfdpQueueFromCsq(Csq)->Lock, IoCsqLockRank);
}

static VOID AfdpPollCanceled(PIO_CSQ Csq, PIRP Irp)
{
    AfdpFinishPoll(Irp->Tail.Overlay.DriverContext[0], STATUS_CANCELLED);
}

VOID AfdDereferencePollQueue(AFD_POLL_QUEUE *Queue)
{
    if (__atomic_sub_fetch(&Queue->References, 1, __ATOMIC_ACQ_REL) == 0)
        ExFreePoolWithTag(Queue, AFD_TAG_POLL);
}

/* The queue of the file that the request came through, with a reference for the caller. */
static AFD_POLL_QUEUE *AfdpReferencePollQueue(AFD_ENDPOINT *Endpoint)
{
    AFD_ENDPOINT_EXTRA *Extra = AfdNeedExtra(Endpoint);
    AFD_POLL_QUEUE *Queue, *New, *None = NULL;

    if (Extra == NULL)
        return NULL;
    Queue = __atomic_load_n(&Extra->PollQueue, __ATOMIC_ACQUIRE);
    if (Queue == NULL) {
        New = ExAllocatePoolZero(NonPagedPool, sizeof *New, AFD_TAG_POLL);
        if (New == NULL)
            return NULL;
        New->References = 1; /* the endpoint's */
        InitializeListHead(&New->Irps);
        (VOID)IoCsqInitializeEx(&New->Csq, AfdpPollInsert, AfdpPollRemove, AfdpPollPeekNext, AfdpPollAcquire,
            AfdpPollRelease, AfdpPollCanceled);
        if (__atomic_compare_exchange_n(&Extra->PollQueue, &None, New, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
            Queue = New;
        } else {
            ExFreePoolWithTag(New, AFD_TAG_POLL);
            Queue = None;
        }
    }
    __atomic_add_fetch(&Queue->References, 1, __ATOMIC_RELAXED);
    return Queue;
}

/* --- the record --- */
static VOID AfdpDereferencePoll(AFD_POLL_RECORD *Poll)
{
    if (__atomic_sub_fetch(&Poll->References, 1, __ATOMIC_ACQ_REL) != 0)
        return;
    if (Poll->Queue != NULL)
        AfdDereferencePollQueue(Poll->Queue);
    ExFreePoolWithTag(Poll, AFD_TAG_POLL);
}

/* Lets go of the files. The entries must not be linked. */
static VOID AfdpReleaseEntries(AFD_POLL_RECORD *Poll)
{
    ULONG i;
    for (i = 0; i < Poll->Count; i++)
        ObDereferenceObject(Poll->Entries[i].FileObject);
    Poll->Count = 0;
}

/* Stops at the first handle that is wrong. */
static NTSTATUS AfdpReferenceEntries(AFD_POLL_RECORD *Poll, ULONG Count)
{
    const AFD_POLL_HANDLE_INFO *Handles = Poll->Info->Handles;
    AFD_POLL_ENTRY *Entry;
    ULONG i;

    for (i = 0; i < Count; i++) {
        Entry = &Poll->Entries[i];
        RtlZeroMemory(Entry, sizeof *Entry);
        Entry->Poll = Poll;
        Entry->Handle = Handles[i].Handle;
        Entry->Mask = Handles[i].PollEvents & AFD_POLL_ALL;
        if (!NT_SUCCESS(ObReferenceObjectByHandle(Entry->Handle, 0, *IoFileObjectType, UserMode,
                (PVOID *)&Entry->FileObject, NULL)))
            return STATUS_INVALID_HANDLE;
        Poll->Count++;
        Entry->Endpoint = AfdEndpointFromFile(Entry->FileObject);
        if (Entry->Endpoint == NULL || Entry->Endpoint->Kind == AfdHelper)
            return STATUS_INVALID_HANDLE;
    }
    return STATUS_SUCCESS;
}

/*
 * Reads the request and references its handles. The input is the driver's copy if it came as an IRP, the
 * caller's own memory on the fast path.
 * STATUS_INVALID_PARAMETER: lengths (the output must hold what the input holds), no handles or more than
 * AFD_POLL_HANDLES_MAX. STATUS_INVALID_HANDLE: one of them is not open or not a socket. [obs:afd/poll]
 */
static NTSTATUS AfdpReadPoll(const AFD_CONTROL *Control, AFD_POLL_RECORD **Result)
{
    const ULONG Fixed = UFIELD_OFFSET(AFD_POLL_INFO, Handles);
    const ULONG PerEntry =
        sizeof(AFD_POLL_ENTRY) + sizeof(TL_ENDPOINT *) + sizeof(AFD_POLL_HANDLE_INFO) + sizeof(ULONG);
    AFD_POLL_INFO Head;
    AFD_POLL_RECORD *Poll;
    ULONG Count;
    NTSTATUS Status;

    if (Control->InputLength < Fixed || Control->OutputLength < Control->InputLength)
        return STATUS_INVALID_PARAMETER;
    Status = AfdReadInput(Control, &Head, Fixed);
    if (!NT_SUCCESS(Status))
        return Status;
    Count = Head.NumberOfHandles;
    if (Count == 0 || Count > AFD_POLL_HANDLES_MAX ||
        (Control->InputLength - Fixed) / sizeof(AFD_POLL_HANDLE_INFO) < Count)
        return STATUS_INVALID_PARAMETER;

    Poll = ExAllocatePoolWithTag(NonPagedPool, sizeof *Poll + Fixed + (SIZE_T)Count * PerEntry, AFD_TAG_POLL);
    if (Poll == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    RtlZeroMemory(Poll, sizeof *Poll);
    Poll->References = 1;
    Poll->Unique = Head.Unique != FALSE;
    Poll->Timeout = Head.Timeout;
    Poll->Transports = (TL_ENDPOINT **)(Poll->Entries + Count);
    Poll->Info = (AFD_POLL_INFO *)(Poll->Transports + Count);
    Poll->Levels = (ULONG *)((UCHAR *)Poll->Info + Fixed + Count * sizeof(AFD_POLL_HANDLE_INFO));
    Status = AfdReadInput(Control, Poll->Info, Fixed + Count * sizeof(AFD_POLL_HANDLE_INFO));
    if (NT_SUCCESS(Status))
        Status = AfdpReferenceEntries(Poll, Count);
    if (!NT_SUCCESS(Status)) {
        AfdpReleaseEntries(Poll);
        AfdpDereferencePoll(Poll);
        return Status;
    }
    *Result = Poll;
    return STATUS_SUCCESS;
}

/* Adds what is true now to the entries' events. TRUE if any has some. The poll is the caller's alone. */
static BOOLEAN AfdpQueryPoll(AFD_POLL_RECORD *Poll)
{
    AFD_POLL_ENTRY *Entry;
    ULONG i, Levels;
    BOOLEAN Any = FALSE;

    for (i = 0; i < Poll->Count; i++) {
        Poll->Transports[i] = AfdPollableTransport(Poll->Entries[i].Endpoint, &Poll->Entries[i].Attempt);
        Poll->Levels[i] = 0;
    }
    AfdTransport->QueryEvents(Poll->Transports, Poll->Levels, Poll->Count);
    for (i = 0; i < Poll->Count; i++) {
        Entry = &Poll->Entries[i];
        Levels = AfdLevelsFromTransport(Entry->Endpoint, Entry->Attempt, Poll->Levels[i], &Entry->Status);
        /* That the socket is gone is told whether it was asked for or not. */
        Entry->Events |= Levels & (Entry->Mask | AFD_POLL_LOCAL_CLOSE);
        if (Entry->Events != 0)
            Any = TRUE;
    }
    return Any;
}

/* Packs the entries that have events into Info; returns its length. */
static ULONG AfdpPackPoll(AFD_POLL_RECORD *Poll, BOOLEAN Empty)
{
    AFD_POLL_HANDLE_INFO *Handle = Poll->Info->Handles;
    const AFD_POLL_ENTRY *Entry;
    ULONG i;

    for (i = 0; i < Poll->Count && !Empty; i++) {
        Entry = &Poll->Entries[i];
        if (Entry->Events == 0)
            continue;
        Handle->Handle = Entry->Handle;
        Handle->PollEvents = Entry->Events;
        Handle->Status = Entry->Events & AFD_POLL_CONNECT_FAIL ? Entry->Status : STATUS_SUCCESS;
        Handle++;
    }
    Poll->Info->NumberOfHandles = (ULONG)(Handle - Poll->Info->Handles);
    return (ULONG)((UCHAR *)Handle - (UCHAR *)Poll->Info);
}

/* The reply of a poll that came as an IRP. AfdpReadPoll has seen to it that there is room. */
static ULONG_PTR AfdpReplyPoll(AFD_POLL_RECORD *Poll, BOOLEAN Empty)
{
    ULONG Length = AfdpPackPoll(Poll, Empty);
    RtlCopyMemory(Poll->Irp->AssociatedIrp.SystemBuffer, Poll->Info, Length);
    return Length;
}

/* --- waiting --- */
static BOOLEAN AfdpClaimPoll(AFD_POLL_RECORD *Poll, ULONG Attention)
{
    __atomic_fetch_or(&Poll->Attention, Attention, __ATOMIC_SEQ_CST);
    return IoCsqRemoveIrp(&Poll->Queue->Csq, &Poll->Context) != NULL;
}

VOID AfdCollectPolls(AFD_ENDPOINT *Endpoint, ULONG Levels, NTSTATUS ConnectStatus, LIST_ENTRY *Claimed)
{
    AFD_ENDPOINT_EXTRA *Extra = AfdEndpointExtra(Endpoint);
    PLIST_ENTRY Link;
    AFD_POLL_ENTRY *Entry;
    ULONG Events;

    if (Extra == NULL)
        return;
    for (Link = Extra->PollEntries.Flink; Link != &Extra->PollEntries; Link = Link->Flink) {
        Entry = CONTAINING_RECORD(Link, AFD_POLL_ENTRY, Link);
        Events = Levels & (Entry->Mask | AFD_POLL_LOCAL_CLOSE);
        if (Events == 0 || !AfdpClaimPoll(Entry->Poll, AFD_POLL_LOOK_AGAIN))
            continue;
        Entry->Events |= Events;
        Entry->Status = ConnectStatus;
        InsertTailList(Claimed, &Entry->Poll->ClaimedLink);
    }
}

VOID AfdFinishPolls(LIST_ENTRY *Claimed)
{
    while (!IsListEmpty(Claimed))
        AfdpFinishPoll(CONTAINING_RECORD(RemoveHeadList(Claimed), AFD_POLL_RECORD, ClaimedLink), STATUS_SUCCESS);
}

/*
 * Links an entry. The first poll that looks at an endpoint is its main poll while it lasts; the next one that
 * comes when there is no main poll becomes it. If the main poll and a new one are both unique, the new one
 * takes its place and the old one ends with STATUS_CANCELLED: it is returned, claimed. [obs:afd/poll]
 */
static AFD_POLL_RECORD *AfdpLinkEntry(AFD_POLL_ENTRY *New, struct KE_POLLER *Poller)
{
    AFD_ENDPOINT *Endpoint = New->Endpoint;
    AFD_ENDPOINT_EXTRA *Extra = AfdEndpointExtra(Endpoint);
    AFD_POLL_ENTRY *Entry, *Main = NULL;
    AFD_POLL_RECORD *Displaced = NULL;
    PLIST_ENTRY Link;

    AfdLockEndpoint(Endpoint);
    for (Link = Extra->PollEntries.Flink; Link != &Extra->PollEntries; Link = Link->Flink) {
        Entry = CONTAINING_RECORD(Link, AFD_POLL_ENTRY, Link);
        if (Entry->Main)
            Main = Entry;
        if (Entry->Poll == New->Poll)
            New->Earlier = Entry;
    }
    if (Main == NULL) {
        New->Main = TRUE;
    } else if (New->Poll->Unique && Main->Poll->Unique && Main->Poll != New->Poll) {
        Main->Main = FALSE;
        New->Main = TRUE;
        if (AfdpClaimPoll(Main->Poll, 0))
            Displaced = Main->Poll;
    }
    InsertTailList(&Extra->PollEntries, &New->Link);
    /* Where the end of the poll is waited for, its sockets are best watched too. */
    if (Extra->WatchPoller == NULL && Poller != NULL) {
        KeReferencePoller(Poller);
        Extra->WatchPoller = Poller;
    }
    Extra->EventEpoch++;
    New->Linked = TRUE;
    AfdUnlockEndpoint(Endpoint);
    return Displaced;
}

static VOID AfdpUnlinkEntries(AFD_POLL_RECORD *Poll)
{
    AFD_POLL_ENTRY *Entry;
    BOOLEAN Last;
    ULONG i;

    for (i = 0; i < Poll->Count; i++) {
        Entry = &Poll->Entries[i];
        if (!Entry->Linked)
            continue;
        AfdLockEndpoint(Entry->Endpoint);
        RemoveEntryList(&Entry->Link);
        Entry->Linked = FALSE;
        Last = IsListEmpty(&AfdEndpointExtra(Entry->Endpoint)->PollEntries);
        AfdUnlockEndpoint(Entry->Endpoint);
        if (Last)
            (VOID)AfdUpdateWatch(Entry->Endpoint);
    }
}

/* Links all entries and has their endpoints watched. */
static NTSTATUS AfdpLinkEntries(AFD_POLL_RECORD *Poll)
{
    struct KE_POLLER *Poller = IoFilePoller(IoGetCurrentIrpStackLocation(Poll->Irp)->FileObject);
    AFD_POLL_RECORD *Displaced;
    NTSTATUS Status = STATUS_SUCCESS;
    ULONG i;

    for (i = 0; i < Poll->Count && NT_SUCCESS(Status); i++) {
        if (AfdNeedExtra(Poll->Entries[i].Endpoint) == NULL)
            return STATUS_INSUFFICIENT_RESOURCES;
        Displaced = AfdpLinkEntry(&Poll->Entries[i], Poller);
        if (Displaced != NULL)
            AfdpFinishPoll(Displaced, STATUS_CANCELLED);
        Status = AfdUpdateWatch(Poll->Entries[i].Endpoint);
        /* Closed in between: that is an event, not an error. The levels will tell it. */
        if (Status == STATUS_FILE_CLOSED && AfdEndpointState(Poll->Entries[i].Endpoint) == AfdClosing)
            Status = STATUS_SUCCESS;
    }
    return Status;
}

static VOID AfdpStopTimer(AFD_POLL_RECORD *Poll)
{
    if (Poll->TimerSet && KeCancelTimer(&Poll->Timer))
        AfdpDereferencePoll(Poll); /* its routine will not run */
    Poll->TimerSet = FALSE;
}

/*
 * A poll that has waited tells of a socket in the first entry that has events, however many look at it.
 * [test:wine/ws2_32/afd.c poll]
 */
static VOID AfdpDropRepeated(AFD_POLL_RECORD *Poll)
{
    const AFD_POLL_ENTRY *Earlier;
    ULONG i;
    for (i = 0; i < Poll->Count; i++)
        for (Earlier = Poll->Entries[i].Earlier; Earlier != NULL; Earlier = Earlier->Earlier)
            if (Earlier->Events != 0)
                Poll->Entries[i].Events = 0;
}

/* --- guesses --- */
static UCHAR AfdpGuess(const UCHAR *Guess)
{
    return __atomic_load_n(Guess, __ATOMIC_RELAXED);
}

static VOID AfdpSetGuess(UCHAR *Guess, UCHAR Value)
{
    __atomic_store_n(Guess, Value, __ATOMIC_RELAXED);
}

static VOID AfdpNoteWait(AFD_POLL_QUEUE *Queue, BOOLEAN HadToWait)
{
    UCHAR Waited = AfdpGuess(&Queue->Waited);
    if (!HadToWait)
        AfdpSetGuess(&Queue->Waited, 0);
    else if (Waited < AFD_POLL_WAITED_MAX)
        AfdpSetGuess(&Queue->Waited, (UCHAR)(Waited + 1));
}

/*
 * One event ends a poll. What else is true by now is told too, at the price of asking for all sockets; while that finds
 * nothing it is done less and less often. The next poll tells of what is left out.
 */
static VOID AfdpAddOtherEvents(AFD_POLL_RECORD *Poll)
{
    AFD_POLL_QUEUE *Queue = Poll->Queue;
    UCHAR Alone = AfdpGuess(&Queue->EndedAlone), Without = AfdpGuess(&Queue->EndsWithout);
    ULONG i, Found = 0;

    if (Poll->Count == 1)
        return;
    if (Without != 0) {
        AfdpSetGuess(&Queue->EndsWithout, (UCHAR)(Without - 1));
        return;
    }
    (VOID)AfdpQueryPoll(Poll);
    for (i = 0; i < Poll->Count; i++)
        Found += Poll->Entries[i].Events != 0;
    Alone = Found > 1 ? 0 : Alone < AFD_POLL_ALONE_MAX ? (UCHAR)(2 * Alone + 1) : Alone;
    AfdpSetGuess(&Queue->EndedAlone, Alone);
    AfdpSetGuess(&Queue->EndsWithout, Alone);
}

/* The end of a claimed poll whose events are in its entries. Everything is let go of before the IRP is completed. */
static VOID AfdpEndPoll(AFD_POLL_RECORD *Poll, NTSTATUS Status)
{
    PIRP Irp = Poll->Irp;
    ULONG_PTR Information = 0;

    AfdpStopTimer(Poll);
    AfdpDropRepeated(Poll);
    AfdpUnlinkEntries(Poll);
    if (NT_SUCCESS(Status))
        Information = AfdpReplyPoll(Poll, Status != STATUS_SUCCESS);
    AfdpReleaseEntries(Poll);
    AfdpDereferencePoll(Poll);
    AfdCompleteIrp(Irp, Status, Information);
}

/* The end of a claimed poll. STATUS_SUCCESS: one of its entries has an event; else it ends without. */
static VOID AfdpFinishPoll(AFD_POLL_RECORD *Poll, NTSTATUS Status)
{
    if (Status == STATUS_SUCCESS)
        AfdpAddOtherEvents(Poll);
    AfdpEndPoll(Poll, Status);
}

/* The transport is called down and completion routines run at PASSIVE_LEVEL only: a worker ends the poll. */
static VOID AfdpPollTimeoutWorker(PVOID Parameter)
{
    AFD_POLL_RECORD *Poll = Parameter;
    if (AfdpClaimPoll(Poll, AFD_POLL_TIMED_OUT))
        AfdpFinishPoll(Poll, STATUS_TIMEOUT);
    AfdpDereferencePoll(Poll);
}

static VOID AfdpPollTimeout(PKDPC Dpc, PVOID DeferredContext, PVOID SystemArgument1, PVOID SystemArgument2)
{
    AFD_POLL_RECORD *Poll = DeferredContext;
    ExInitializeWorkItem(&Poll->TimeoutWork, AfdpPollTimeoutWorker, Poll);
    ExQueueWorkItem(&Poll->TimeoutWork, CriticalWorkQueue);
}

static VOID AfdpStartTimer(AFD_POLL_RECORD *Poll)
{
    if (Poll->Timeout.QuadPart == MAXLONGLONG)
        return;
    KeInitializeTimer(&Poll->Timer);
    KeInitializeDpc(&Poll->Dpc, AfdpPollTimeout, Poll);
    __atomic_add_fetch(&Poll->References, 1, __ATOMIC_RELAXED);
    Poll->TimerSet = TRUE;
    KeSetTimer(&Poll->Timer, Poll->Timeout, &Poll->Dpc);
}

/*
 * Queues the IRP, and looks at what was noted meanwhile. From the first IoCsqInsertIrpEx on the poll may be
 * ended by others; the extra reference keeps the record for us.
 */
static NTSTATUS AfdpQueuePoll(AFD_POLL_RECORD *Poll)
{
    ULONG Attention;

    __atomic_add_fetch(&Poll->References, 1, __ATOMIC_RELAXED);
    IoMarkIrpPending(Poll->Irp);
    for (;;) {
        (VOID)IoCsqInsertIrpEx(&Poll->Queue->Csq, Poll->Irp, &Poll->Context, NULL); /* cannot be refused */
        Attention = __atomic_load_n(&Poll->Attention, __ATOMIC_SEQ_CST);
        if (Attention == 0 || !AfdpClaimPoll(Poll, 0))
            break;
        /* Forgotten before we look, so that what comes true while we look is noted again. */
        __atomic_fetch_and(&Poll->Attention, ~(ULONG)AFD_POLL_LOOK_AGAIN, __ATOMIC_SEQ_CST);
        if (AfdpQueryPoll(Poll)) {
            AfdpEndPoll(Poll, STATUS_SUCCESS);
            break;
        }
        if (Attention & AFD_POLL_TIMED_OUT) {
            AfdpEndPoll(Poll, STATUS_TIMEOUT);
            break;
        }
    }
    AfdpDereferencePoll(Poll);
    return STATUS_PENDING;
}

/*
 * Nothing is known of the poll yet but its input: answers at once, or waits. The poll and the IRP are the callee's.
 * Many sockets are looked at before they are linked, which costs several times as much, unless the last polls had to
 * wait as well.
 */
static NTSTATUS AfdpWaitPoll(AFD_POLL_RECORD *Poll)
{
    NTSTATUS Status = STATUS_SUCCESS;
    PIRP Irp = Poll->Irp;
    ULONG_PTR Information = 0;
    BOOLEAN Ready = Poll->Count > AFD_POLL_FEW && AfdpGuess(&Poll->Queue->Waited) < AFD_POLL_WAITED_MAX &&
        AfdpQueryPoll(Poll);

    if (!Ready) {
        Status = AfdpLinkEntries(Poll);
        if (NT_SUCCESS(Status))
            Ready = AfdpQueryPoll(Poll);
    }
    AfdpNoteWait(Poll->Queue, !Ready);
    if (NT_SUCCESS(Status) && !Ready) {
        AfdpStartTimer(Poll);
        return AfdpQueuePoll(Poll);
    }
    AfdpUnlinkEntries(Poll);
    if (NT_SUCCESS(Status))
        Information = AfdpReplyPoll(Poll, FALSE);
    AfdpReleaseEntries(Poll);
    AfdpDereferencePoll(Poll);
    return AfdCompleteIrp(Irp, Status, Information);
}

NTSTATUS AfdPoll(AFD_ENDPOINT *Endpoint, PIRP Irp, PIO_STACK_LOCATION Stack)
{
    AFD_CONTROL Control;
    AFD_POLL_RECORD *Poll;
    NTSTATUS Status;

    AfdInitializeControl(Irp, Stack, &Control);
    Status = AfdpReadPoll(&Control, &Poll);
    if (!NT_SUCCESS(Status))
        return AfdCompleteIrp(Irp, Status, 0);
    Poll->Irp = Irp;
    Irp->Tail.Overlay.DriverContext[0] = Poll;
    if (Poll->Timeout.QuadPart == 0) {
        (VOID)AfdpQueryPoll(Poll);
        Control.Information = AfdpReplyPoll(Poll, FALSE);
    } else {
        Poll->Queue = AfdpReferencePollQueue(Endpoint);
        if (Poll->Queue != NULL)
            return AfdpWaitPoll(Poll);
        Status = STATUS_INSUFFICIENT_RESOURCES;
    }
    AfdpReleaseEntries(Poll);
    AfdpDereferencePoll(Poll);
    return AfdCompleteIrp(Irp, Status, Control.Information);
}

/* Only polls that never wait. */
BOOLEAN AfdFastPoll(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control, BOOLEAN Wait, PIO_STATUS_BLOCK IoStatus)
{
    LONGLONG Timeout;
    AFD_POLL_RECORD *Poll;
    NTSTATUS Status;

    if (Control->InputLength < sizeof Timeout ||
        !NT_SUCCESS(AfdReadInput(Control, &Timeout, sizeof Timeout)) || Timeout != 0)
        return FALSE;
    Status = AfdpReadPoll(Control, &Poll);
    if (NT_SUCCESS(Status)) {
        (VOID)AfdpQueryPoll(Poll);
        Status = AfdWriteOutput(Control, Poll->Info, AfdpPackPoll(Poll, FALSE));
        AfdpReleaseEntries(Poll);
        AfdpDereferencePoll(Poll);
    }
    IoStatus->Status = Status;
    IoStatus->Information = Control->Information;
    return TRUE;
}
