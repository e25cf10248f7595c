/* SPDX-License-Identifier: MIT */
/*
 * ws2_provider.c - providers are started and called back.
 *
 * Layer: ws2; NT counterpart: the provider and upcall parts of ws2_32.dll. One provider is built
 * in; it is started and called as a layered one will be.
 */
#include "ws2_private.h"

WS2_PROVIDER Ws2BaseProvider = {
    &MsafdProviderId, MsafdStartup, L"%SystemRoot%\\system32\\mswsock.dll", 0, {0}};

/* --- upcalls --- */

static int Ws2pUpcallFail(LPINT Errno, INT Error)
{
    *Errno = Error;
    return SOCKET_ERROR;
}

static BOOL Ws2pUpcallStatus(NTSTATUS Status, LPINT Errno)
{
    if (NT_SUCCESS(Status))
        return TRUE;
    *Errno = WSA_INVALID_HANDLE;
    return FALSE;
}

static BOOL WSPAPI WPUCloseEvent(WSAEVENT hEvent, LPINT lpErrno)
{
    return Ws2pUpcallStatus(NtClose(hEvent), lpErrno);
}

static WSAEVENT WSPAPI WPUCreateEvent(LPINT lpErrno)
{
    HANDLE Event;
    if (NT_SUCCESS(NtCreateEvent(&Event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE)))
        return Event;
    *lpErrno = WSA_NOT_ENOUGH_MEMORY;
    return WSA_INVALID_EVENT;
}

static BOOL WSPAPI WPUSetEvent(WSAEVENT hEvent, LPINT lpErrno)
{
    return Ws2pUpcallStatus(NtSetEvent(hEvent, NULL), lpErrno);
}

static BOOL WSPAPI WPUResetEvent(WSAEVENT hEvent, LPINT lpErrno)
{
    return Ws2pUpcallStatus(NtResetEvent(hEvent, NULL), lpErrno);
}

static int WSPAPI WPUFDIsSet(SOCKET s, fd_set *fdset)
{
    return __WSAFDIsSet(s, fdset);
}

static SOCKET Ws2pRegister(DWORD CatalogEntryId, SOCKET s, DWORD_PTR Context, LPINT Errno)
{
    const WSAPROTOCOL_INFOW *Entry;
    WS2_PROVIDER *Provider = Ws2FindProvider(CatalogEntryId, &Entry);
    *Errno = Provider == NULL ? WSAEINVAL : Ws2InsertSocket(s, Provider, CatalogEntryId, Context);
    return *Errno == 0 ? s : INVALID_SOCKET;
}

static SOCKET WSPAPI WPUModifyIFSHandle(
    DWORD dwCatalogEntryId, SOCKET ProposedHandle, LPINT lpErrno)
{
    return Ws2pRegister(dwCatalogEntryId, ProposedHandle, 0, lpErrno);
}

/* A handle for a provider that has none of the file system: an event stands behind it. */
static SOCKET WSPAPI WPUCreateSocketHandle(
    DWORD dwCatalogEntryId, DWORD_PTR dwContext, LPINT lpErrno)
{
    HANDLE Handle = WPUCreateEvent(lpErrno);
    if (Handle == WSA_INVALID_EVENT)
        return INVALID_SOCKET;
    SOCKET s = Ws2pRegister(dwCatalogEntryId, (SOCKET)(ULONG_PTR)Handle, dwContext, lpErrno);
    if (s == INVALID_SOCKET)
        NtClose(Handle);
    return s;
}

static int WSPAPI WPUCloseSocketHandle(SOCKET s, LPINT lpErrno)
{
    (VOID) Ws2RemoveSocket(s);
    return NT_SUCCESS(NtClose((HANDLE)(ULONG_PTR)s)) ? 0 : Ws2pUpcallFail(lpErrno, WSAENOTSOCK);
}

static int WSPAPI WPUQuerySocketHandleContext(SOCKET s, PDWORD_PTR lpContext, LPINT lpErrno)
{
    WS2_SOCKET *Slot = Ws2FindSocket(s);
    if (Slot == NULL)
        return Ws2pUpcallFail(lpErrno, WSAENOTSOCK);
    *lpContext = __atomic_load_n(&Slot->Context, __ATOMIC_RELAXED);
    return 0;
}

static int WSPAPI WPUGetProviderPath(
    LPGUID lpProviderId, WCHAR *lpszProviderDllPath, LPINT lpProviderDllPathLen, LPINT lpErrno)
{
    return WSCGetProviderPath(lpProviderId, lpszProviderDllPath, lpProviderDllPathLen, lpErrno);
}

static BOOL WSPAPI WPUPostMessage(HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam)
{
    return PostMessageW(hWnd, Msg, wParam, lParam);
}

/* There are no blocking hooks. */

static int WSPAPI WPUQueryBlockingCallback(DWORD dwCatalogEntryId,
    LPBLOCKINGCALLBACK *lplpfnCallback, PDWORD_PTR lpdwContext, LPINT lpErrno)
{
    (VOID) dwCatalogEntryId, (VOID)lpErrno;
    *lplpfnCallback = NULL;
    *lpdwContext = 0;
    return 0;
}

typedef struct WS2_APC {
    LPWSAUSERAPC Routine;
    DWORD_PTR Context;
} WS2_APC;

static VOID NTAPI Ws2pDeliverApc(PVOID Argument1, PVOID Argument2, PVOID Argument3)
{
    WS2_APC Apc = *(WS2_APC *)Argument1;
    (VOID) Argument2, (VOID)Argument3;
    host_free(Argument1);
    Apc.Routine(Apc.Context);
}

static int WSPAPI WPUQueueApc(
    LPWSATHREADID lpThreadId, LPWSAUSERAPC lpfnUserApc, DWORD_PTR dwContext, LPINT lpErrno)
{
    WS2_APC *Apc = host_allocate(sizeof *Apc);
    if (Apc == NULL)
        return Ws2pUpcallFail(lpErrno, WSAENOBUFS);
    Apc->Routine = lpfnUserApc;
    Apc->Context = dwContext;
    if (NT_SUCCESS(NtQueueApcThread(lpThreadId->ThreadHandle, Ws2pDeliverApc, Apc, NULL, NULL)))
        return 0;
    host_free(Apc);
    return Ws2pUpcallFail(lpErrno, WSAEFAULT);
}

static int WSPAPI WPUOpenCurrentThread(LPWSATHREADID lpThreadId, LPINT lpErrno)
{
    lpThreadId->Reserved = 0;
    if (NT_SUCCESS(NtDuplicateObject(NtCurrentProcess(), NtCurrentThread(), NtCurrentProcess(),
            &lpThreadId->ThreadHandle, 0, 0, DUPLICATE_SAME_ACCESS)))
        return 0;
    return Ws2pUpcallFail(lpErrno, WSAENOBUFS);
}

static int WSPAPI WPUCloseThread(LPWSATHREADID lpThreadId, LPINT lpErrno)
{
    return NT_SUCCESS(NtClose(lpThreadId->ThreadHandle))
               ? 0
               : Ws2pUpcallFail(lpErrno, WSA_INVALID_HANDLE);
}

static const WSPUPCALLTABLE Ws2pUpcalls = {
    .lpWPUCloseEvent = WPUCloseEvent,
    .lpWPUCloseSocketHandle = WPUCloseSocketHandle,
    .lpWPUCreateEvent = WPUCreateEvent,
    .lpWPUCreateSocketHandle = WPUCreateSocketHandle,
    .lpWPUFDIsSet = WPUFDIsSet,
    .lpWPUGetProviderPath = WPUGetProviderPath,
    .lpWPUModifyIFSHandle = WPUModifyIFSHandle,
    .lpWPUPostMessage = WPUPostMessage,
    .lpWPUQueryBlockingCallback = WPUQueryBlockingCallback,
    .lpWPUQuerySocketHandleContext = WPUQuerySocketHandleContext,
    .lpWPUQueueApc = WPUQueueApc,
    .lpWPUResetEvent = WPUResetEvent,
    .lpWPUSetEvent = WPUSetEvent,
    .lpWPUOpenCurrentThread = WPUOpenCurrentThread,
    .lpWPUCloseThread = WPUCloseThread,
};

int WSPAPI WPUCompleteOverlappedRequest(
    SOCKET s, LPWSAOVERLAPPED lpOverlapped, DWORD dwError, DWORD cbTransferred, LPINT lpErrno)
{
    if (Ws2FindSocket(s) == NULL)
        return Ws2pUpcallFail(lpErrno, WSAENOTSOCK);
    if (lpOverlapped == NULL)
        return Ws2pUpcallFail(lpErrno, WSAEINVAL);
    PIO_STATUS_BLOCK Iosb = (PIO_STATUS_BLOCK)(PVOID)lpOverlapped;
    HANDLE Event = (HANDLE)((ULONG_PTR)lpOverlapped->hEvent & ~(ULONG_PTR)1);
    Iosb->Information = cbTransferred;
    __atomic_store_n(&Iosb->Status, MsafdStatusFromWsaError((INT)dwError), __ATOMIC_RELEASE);
    if (Event != NULL)
        (VOID) NtSetEvent(Event, NULL);
    return 0;
}

/* --- start and stop --- */

INT Ws2StartProvider(WS2_PROVIDER *Provider, const WSAPROTOCOL_INFOW *Entry)
{
    WSPDATA Data;
    WSPPROC_TABLE Procedures;
    WSAPROTOCOL_INFOW Info = *Entry;
    INT Error;
    if (__atomic_load_n(&Provider->Ready, __ATOMIC_ACQUIRE))
        return 0;
    /* Called without a lock; of two threads that do it at once the second one's start is undone. */
    if (Provider->Startup(MAKEWORD(2, 2), &Data, &Info, Ws2pUpcalls, &Procedures) != 0)
        return WSAEPROVIDERFAILEDINIT;
    Ws2AcquireCatalogLock();
    BOOLEAN Late = (BOOLEAN)(Provider->Ready != 0);
    if (!Late) {
        Provider->Procedures = Procedures;
        __atomic_store_n(&Provider->Ready, 1, __ATOMIC_RELEASE);
    }
    Ws2ReleaseCatalogLock();
    if (Late)
        (VOID) Procedures.lpWSPCleanup(&Error);
    return 0;
}

/*
 * The procedures stay valid: another thread may be on its way through them. A provider is told
 * once, and stays ready for the next WSAStartup.
 */
VOID Ws2StopProviders(VOID)
{
    INT Error;
    if (__atomic_load_n(&Ws2BaseProvider.Ready, __ATOMIC_ACQUIRE))
        (VOID) Ws2BaseProvider.Procedures.lpWSPCleanup(&Error);
}
