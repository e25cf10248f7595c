/* SPDX-License-Identifier: MIT */
/*
 * msafd_table.c - from handle to socket.
 *
 * Layer: msafd; NT counterpart: the provider's socket table. Two levels, indexed by handle value /
 * 4, read without a lock. Pages and socket blocks are never freed; that is what makes a look-up one
 * atomic increment: it may hit a block that was freed meanwhile, sees that the slot has changed,
 * and lets go.
 */
#include "msafd_private.h"

#include "host_memory.h"

#define MSAFD_PAGE_SLOTS 1024u
#define MSAFD_PAGES 16384u
#define MSAFD_BLOCK_SOCKETS 32u

typedef struct MSAFD_PAGE {
    MSAFD_SOCKET *volatile Slots[MSAFD_PAGE_SLOTS];
} MSAFD_PAGE;

static MSAFD_PAGE *volatile MsafdpPages[MSAFD_PAGES];

static EX_LOCK MsafdpFreeLock; /* class MsafdSocketLock; no socket's own lock is held with it */
static MSAFD_SOCKET *MsafdpFreeList;

static VOID MsafdpLockFreeList(VOID) _Acquires_lock_(MsafdSocketLock) LOCK_UNCHECKED
{
    ExAcquireLock(&MsafdpFreeLock, MsafdSocketLockRank);
}

static VOID MsafdpUnlockFreeList(VOID) _Releases_lock_(MsafdSocketLock) LOCK_UNCHECKED
{
    ExReleaseLock(&MsafdpFreeLock, MsafdSocketLockRank);
}

static MSAFD_SOCKET *volatile *MsafdpFindSlot(SOCKET s)
{
    ULONG_PTR Index = (ULONG_PTR)s / 4;
    if (((ULONG_PTR)s & 3) != 0 || Index >= (ULONG_PTR)MSAFD_PAGES * MSAFD_PAGE_SLOTS)
        return NULL;
    MSAFD_PAGE *Page = __atomic_load_n(&MsafdpPages[Index / MSAFD_PAGE_SLOTS], __ATOMIC_ACQUIRE);
    return Page == NULL ? NULL : &Page->Slots[Index % MSAFD_PAGE_SLOTS];
}

static MSAFD_SOCKET *volatile *MsafdpCreateSlot(SOCKET s)
{
    ULONG_PTR Index = (ULONG_PTR)s / 4;
    if (((ULONG_PTR)s & 3) != 0 || Index >= (ULONG_PTR)MSAFD_PAGES * MSAFD_PAGE_SLOTS)
        return NULL;
    MSAFD_PAGE *volatile *Entry = &MsafdpPages[Index / MSAFD_PAGE_SLOTS];
    if (__atomic_load_n(Entry, __ATOMIC_ACQUIRE) == NULL) {
        MSAFD_PAGE *Page = host_allocate(sizeof *Page), *None = NULL;
        if (Page == NULL)
            return NULL;
        RtlZeroMemory(Page, sizeof *Page);
        if (!__atomic_compare_exchange_n(
                Entry, &None, Page, FALSE, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            host_free(Page);
    }
    return MsafdpFindSlot(s);
}

MSAFD_SOCKET *MsafdReferenceSocket(SOCKET s)
{
    MSAFD_SOCKET *volatile *Slot = MsafdpFindSlot(s);
    if (Slot == NULL)
        return NULL;
    MSAFD_SOCKET *Socket = __atomic_load_n(Slot, __ATOMIC_ACQUIRE);
    while (Socket != NULL) {
        (VOID) __atomic_fetch_add(&Socket->References, 1, __ATOMIC_SEQ_CST);
        MSAFD_SOCKET *Now = __atomic_load_n(Slot, __ATOMIC_SEQ_CST);
        if (Now == Socket)
            return Socket;
        MsafdDereferenceSocket(Socket);
        Socket = Now;
    }
    return NULL;
}

MSAFD_SOCKET *MsafdPeekSocket(SOCKET s)
{
    MSAFD_SOCKET *volatile *Slot = MsafdpFindSlot(s);
    return Slot == NULL ? NULL : __atomic_load_n(Slot, __ATOMIC_ACQUIRE);
}

BOOLEAN MsafdIsStillSocket(SOCKET s, const MSAFD_SOCKET *Socket)
{
    /* Who has read, with acquire, what was written for another use of the block sees the slot changed. */
    return (BOOLEAN)(MsafdPeekSocket(s) == Socket);
}

BOOLEAN MsafdIsSocket(SOCKET s)
{
    MSAFD_SOCKET *volatile *Slot = MsafdpFindSlot(s);
    return (BOOLEAN)(Slot != NULL && __atomic_load_n(Slot, __ATOMIC_ACQUIRE) != NULL);
}

VOID MsafdDereferenceSocket(MSAFD_SOCKET *Socket)
{
    if (__atomic_sub_fetch(&Socket->References, 1, __ATOMIC_SEQ_CST) != MSAFD_ALLOCATED)
        return;
    /* A look-up that came too late may count up and down once more: only one thread takes the flag.
     */
    ULONG Expected = MSAFD_ALLOCATED;
    if (!__atomic_compare_exchange_n(
            &Socket->References, &Expected, 0, FALSE, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        return;
    PVOID FileObject = Socket->FileObject;
    MsafdDereferenceFile(FileObject);
    MsafdpLockFreeList();
    Socket->NextFree = MsafdpFreeList;
    MsafdpFreeList = Socket;
    MsafdpUnlockFreeList();
}

static MSAFD_SOCKET *MsafdpTakeFreeSocket(VOID)
{
    MsafdpLockFreeList();
    MSAFD_SOCKET *Socket = MsafdpFreeList;
    if (Socket != NULL)
        MsafdpFreeList = Socket->NextFree;
    MsafdpUnlockFreeList();
    if (Socket != NULL)
        return Socket;
    Socket = host_allocate(sizeof *Socket * MSAFD_BLOCK_SOCKETS);
    if (Socket == NULL)
        return NULL;
    RtlZeroMemory(Socket, sizeof *Socket * MSAFD_BLOCK_SOCKETS);
    for (ULONG i = 1; i + 1 < MSAFD_BLOCK_SOCKETS; i++)
        Socket[i].NextFree = &Socket[i + 1];
    MsafdpLockFreeList();
    Socket[MSAFD_BLOCK_SOCKETS - 1].NextFree = MsafdpFreeList;
    MsafdpFreeList = &Socket[1];
    MsafdpUnlockFreeList();
    return Socket;
}

MSAFD_SOCKET *MsafdAllocateSocket(PVOID FileObject)
{
    MSAFD_SOCKET *Socket = MsafdpTakeFreeSocket();
    if (Socket == NULL)
        return NULL;
    /* with release: MsafdIsStillSocket */
    __atomic_store_n(&Socket->Flags, 0, __ATOMIC_RELEASE);
    Socket->FileObject = FileObject;
    Socket->Handles = 0;
    Socket->ReceiveTimeoutMs = Socket->SendTimeoutMs = 0;
    Socket->CatalogEntryId = 0;
    Socket->Protocol = 0;
    Socket->Family = 0;
    __atomic_store_n(&Socket->Type, 0, __ATOMIC_RELEASE);
    Socket->CreationFlags = 0;
    MsafdLockSocket(Socket);
    Socket->LingerSeconds = Socket->LingerOn = 0;
    Socket->EventMask = 0;
    Socket->EventHandle = 0;
    if (Socket->Kept != NULL)
        Socket->Kept->Set = 0;
    MsafdUnlockSocket(Socket);
    (VOID) __atomic_fetch_add(&Socket->References, MSAFD_ALLOCATED + 1, __ATOMIC_SEQ_CST);
    return Socket;
}

INT MsafdInsertSocket(SOCKET s, MSAFD_SOCKET *Socket)
{
    MSAFD_SOCKET *volatile *Slot = MsafdpCreateSlot(s);
    if (Slot == NULL)
        return WSAENOBUFS;
    (VOID) __atomic_fetch_add(&Socket->References, 1, __ATOMIC_SEQ_CST);
    (VOID) __atomic_fetch_add(&Socket->Handles, 1, __ATOMIC_SEQ_CST);
    /* Occupied: the handle was closed with CloseHandle, and its value has come back. */
    MSAFD_SOCKET *Stale = __atomic_exchange_n(Slot, Socket, __ATOMIC_SEQ_CST);
    if (Stale != NULL) {
        (VOID) __atomic_fetch_sub(&Stale->Handles, 1, __ATOMIC_SEQ_CST);
        MsafdDereferenceSocket(Stale);
    }
    return 0;
}

MSAFD_SOCKET *MsafdRemoveSocket(SOCKET s)
{
    MSAFD_SOCKET *volatile *Slot = MsafdpFindSlot(s);
    return Slot == NULL ? NULL : __atomic_exchange_n(Slot, NULL, __ATOMIC_SEQ_CST);
}

MSAFD_SOCKET *MsafdFindSocketByFile(PVOID FileObject)
{
    for (ULONG i = 0; i < MSAFD_PAGES; i++) {
        if (__atomic_load_n(&MsafdpPages[i], __ATOMIC_ACQUIRE) == NULL)
            continue;
        for (ULONG j = 0; j < MSAFD_PAGE_SLOTS; j++) {
            MSAFD_SOCKET *Socket = MsafdReferenceSocket((SOCKET)(i * MSAFD_PAGE_SLOTS + j) * 4);
            if (Socket == NULL)
                continue;
            if (Socket->FileObject == FileObject)
                return Socket;
            MsafdDereferenceSocket(Socket);
        }
    }
    return NULL;
}

VOID MsafdForgetFile(PVOID FileObject)
{
    MSAFD_SOCKET *Socket;
    while ((Socket = MsafdFindSocketByFile(FileObject)) != NULL) {
        MsafdSetFlags(Socket, MSAFD_CLOSING);
        for (ULONG i = 0; i < MSAFD_PAGES; i++) {
            MSAFD_PAGE *Page = __atomic_load_n(&MsafdpPages[i], __ATOMIC_ACQUIRE);
            for (ULONG j = 0; Page != NULL && j < MSAFD_PAGE_SLOTS; j++) {
                MSAFD_SOCKET *Found = Socket;
                if (!__atomic_compare_exchange_n(
                        &Page->Slots[j], &Found, NULL, FALSE, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
                    continue;
                (VOID) __atomic_fetch_sub(&Socket->Handles, 1, __ATOMIC_SEQ_CST);
                MsafdDereferenceSocket(Socket);
            }
        }
        MsafdDereferenceSocket(Socket);
    }
}
