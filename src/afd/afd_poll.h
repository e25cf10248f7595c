/* SPDX-License-Identifier: MIT */
/*
 * afd_poll.h - polls that wait.
 *
 * Layer: afd.
 */
#ifndef AFD_POLL_H
#define AFD_POLL_H

#include "afd_endpoint.h"

/* Most handles in one request. */
#define AFD_POLL_HANDLES_MAX 65536

struct AFD_POLL_RECORD;

/* One polled handle. Linked into its endpoint's PollEntries while the poll waits. */
typedef struct AFD_POLL_ENTRY {
    LIST_ENTRY Link;        /* under the endpoint's lock */
    struct AFD_POLL_RECORD *Poll;
    PFILE_OBJECT FileObject; /* referenced: keeps Endpoint */
    AFD_ENDPOINT *Endpoint;
    struct AFD_POLL_ENTRY *Earlier; /* the last before this one that looks at the same endpoint for the same poll */
    HANDLE Handle;
    ULONG Mask;
    ULONG Events; /* the owner's of the poll */
    NTSTATUS Status;
    BOOLEAN Linked; /* the issuing thread's, then the finisher's */
    BOOLEAN Main;   /* under the endpoint's lock; see AfdpLinkEntry */
    UCHAR Attempt;  /* of the endpoint when its transport was asked; the owner's of the poll */
} AFD_POLL_ENTRY;

/*
 * The polls made through one file object, in a cancel-safe queue. Made by the first; kept by the
 * endpoint and by every poll. The guesses are of the last polls, and any thread's: a wrong one costs a look.
 */
typedef struct AFD_POLL_QUEUE {
    volatile LONG References;
    UCHAR Waited;        /* a guess: so many in turn had to wait, up to AFD_POLL_WAITED_MAX */
    UCHAR EndedAlone;    /* a guess: after looking for other events was in vain, so many polls end without */
    UCHAR EndsWithout;   /* how many of these are left */
    EX_LOCK Lock; /* IoCsqLock */
    LIST_ENTRY Irps;
    IO_CSQ Csq;
} AFD_POLL_QUEUE;

VOID AfdDereferencePollQueue(AFD_POLL_QUEUE *Queue);

/*
 * AfdCollectPolls - claims the polls of the endpoint that Levels satisfies and appends them to Claimed. A
 * claimed poll is the caller's alone: AfdFinishPolls completes them, after the lock is released.
 */
VOID AfdCollectPolls(AFD_ENDPOINT *Endpoint, ULONG Levels, NTSTATUS ConnectStatus, LIST_ENTRY *Claimed)
    _Requires_lock_held_(AfdEndpointLock);
VOID AfdFinishPolls(LIST_ENTRY *Claimed);

#endif
