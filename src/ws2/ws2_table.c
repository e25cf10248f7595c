/* SPDX-License-Identifier: MIT */
/*
 * ws2_table.c - from socket to provider.
 *
 * Layer: ws2; NT counterpart: the socket contexts of ws2_32.dll. Two levels, indexed by handle
 * value / 4, read without a lock; pages are never freed. A provider makes a socket known with
 * WPUModifyIFSHandle or WPUCreateSocketHandle.
 */
#include "ws2_private.h"

#define WS2_PAGE_SLOTS 1024u
#define WS2_PAGES 16384u

typedef struct WS2_PAGE {
    WS2_SOCKET Slots[WS2_PAGE_SLOTS];
} WS2_PAGE;

static WS2_PAGE *volatile Ws2pPages[WS2_PAGES];

static WS2_SOCKET *Ws2pSlot(SOCKET s)
{
    ULONG_PTR Index = (ULONG_PTR)s / 4;
    if (((ULONG_PTR)s & 3) != 0 || Index >= (ULONG_PTR)WS2_PAGES * WS2_PAGE_SLOTS)
        return NULL;
    WS2_PAGE *Page = __atomic_load_n(&Ws2pPages[Index / WS2_PAGE_SLOTS], __ATOMIC_ACQUIRE);
    return Page == NULL ? NULL : &Page->Slots[Index % WS2_PAGE_SLOTS];
}

static WS2_SOCKET *Ws2pCreateSlot(SOCKET s)
{
    ULONG_PTR Index = (ULONG_PTR)s / 4;
    if (((ULONG_PTR)s & 3) != 0 || Index >= (ULONG_PTR)WS2_PAGES * WS2_PAGE_SLOTS)
        return NULL;
    WS2_PAGE *volatile *Entry = &Ws2pPages[Index / WS2_PAGE_SLOTS];
    if (__atomic_load_n(Entry, __ATOMIC_ACQUIRE) == NULL) {
        WS2_PAGE *Page = host_allocate(sizeof *Page), *None = NULL;
        if (Page == NULL)
            return NULL;
        RtlZeroMemory(Page, sizeof *Page);
        if (!__atomic_compare_exchange_n(
                Entry, &None, Page, FALSE, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            host_free(Page);
    }
    return Ws2pSlot(s);
}

static WS2_PROVIDER *Ws2pProviderOf(WS2_SOCKET *Slot)
{
    return Slot == NULL ? NULL : __atomic_load_n(&Slot->Provider, __ATOMIC_ACQUIRE);
}

WS2_SOCKET *Ws2FindSocket(SOCKET s)
{
    WS2_SOCKET *Slot = Ws2pSlot(s);
    if (Ws2pProviderOf(Slot) != NULL)
        return Slot;
    if (s == 0 || ((ULONG_PTR)s & 3) != 0 || !MsafdImportHandle(s))
        return NULL;
    return Ws2pSlot(s);
}

static inline const WSPPROC_TABLE *Ws2pEnter(SOCKET s, BOOLEAN Import)
{
    if (!Ws2IsStarted()) {
        Ws2SetError(WSANOTINITIALISED);
        return NULL;
    }
    WS2_PROVIDER *Provider = Ws2pProviderOf(Ws2pSlot(s));
    if (Provider == NULL && Import)
        Provider = Ws2pProviderOf(Ws2FindSocket(s));
    if (Provider == NULL) {
        Ws2SetError(WSAENOTSOCK);
        return NULL;
    }
    return &Provider->Procedures;
}

const WSPPROC_TABLE *Ws2Enter(SOCKET s)
{
    return Ws2pEnter(s, TRUE);
}

const WSPPROC_TABLE *Ws2EnterKnown(SOCKET s)
{
    return Ws2pEnter(s, FALSE);
}

INT Ws2InsertSocket(SOCKET s, WS2_PROVIDER *Provider, ULONG CatalogEntryId, DWORD_PTR Context)
{
    WS2_SOCKET *Slot = Ws2pCreateSlot(s);
    if (Slot == NULL)
        return WSAENOBUFS;
    __atomic_store_n(&Slot->Context, Context, __ATOMIC_RELAXED);
    __atomic_store_n(&Slot->CatalogEntryId, CatalogEntryId, __ATOMIC_RELAXED);
    __atomic_store_n(&Slot->Provider, Provider, __ATOMIC_RELEASE);
    return 0;
}

WS2_PROVIDER *Ws2RemoveSocket(SOCKET s)
{
    WS2_SOCKET *Slot = Ws2pSlot(s);
    return Slot == NULL ? NULL : __atomic_exchange_n(&Slot->Provider, NULL, __ATOMIC_SEQ_CST);
}

VOID Ws2CloseAllSockets(VOID)
{
    INT Error;
    for (ULONG i = 0; i < WS2_PAGES; i++) {
        if (__atomic_load_n(&Ws2pPages[i], __ATOMIC_ACQUIRE) == NULL)
            continue;
        for (ULONG j = 0; j < WS2_PAGE_SLOTS; j++) {
            SOCKET s = (SOCKET)(i * WS2_PAGE_SLOTS + j) * 4;
            WS2_PROVIDER *Provider = Ws2RemoveSocket(s);
            if (Provider != NULL)
                (VOID) Provider->Procedures.lpWSPCloseSocket(s, &Error);
        }
    }
}
