/* SPDX-License-Identifier: MIT */
/*
 * ws2_select.c - select, WSAPoll, __WSAFDIsSet.
 *
 * Layer: ws2; NT counterpart: the same of ws2_32.dll. select goes to the provider of the first
 * socket. WSAPoll is not part of the provider interface: sockets of layered providers are asked for
 * their base socket, and the base provider polls. [doc:winsock/sio-bsp-handle-poll]
 */
#include "ws2_private.h"

#include <stddef.h>

int WSAAPI __WSAFDIsSet(SOCKET fd, fd_set *set)
{
    for (u_int i = 0; set != NULL && i < set->fd_count; i++) {
        if (set->fd_array[i] == fd)
            return TRUE;
    }
    return FALSE;
}

/* All sockets known, and all of one provider? *First is set to the first of them. */
static INT Ws2pCheckSet(const fd_set *Set, SOCKET *First, WS2_PROVIDER **Provider)
{
    if (Set == NULL)
        return 0;
    if (!Ws2ProbeWrite(Set, offsetof(fd_set, fd_array)) ||
        !Ws2ProbeWrite(Set->fd_array, Set->fd_count * sizeof Set->fd_array[0]))
        return WSAEFAULT;
    for (u_int i = 0; i < Set->fd_count; i++) {
        WS2_SOCKET *Slot = Ws2FindSocket(Set->fd_array[i]);
        WS2_PROVIDER *Its =
            Slot == NULL ? NULL : __atomic_load_n(&Slot->Provider, __ATOMIC_ACQUIRE);
        if (Its == NULL)
            return WSAENOTSOCK;
        if (*Provider == NULL) {
            *Provider = Its;
            *First = Set->fd_array[i];
        } else if (*Provider != Its) {
            return WSAEINVAL;
        }
    }
    return 0;
}

int WSAAPI select(
    int nfds, fd_set *readfds, fd_set *writefds, fd_set *exceptfds, const struct timeval *timeout)
{
    WS2_PROVIDER *Provider = NULL;
    SOCKET First = INVALID_SOCKET;
    if (Ws2CheckStarted() != 0)
        return SOCKET_ERROR;
    INT Error = Ws2pCheckSet(readfds, &First, &Provider);
    if (Error == 0)
        Error = Ws2pCheckSet(writefds, &First, &Provider);
    if (Error == 0)
        Error = Ws2pCheckSet(exceptfds, &First, &Provider);
    if (Error == 0 && Provider == NULL)
        Error = WSAEINVAL; /* nothing to wait for */
    if (Error != 0)
        return Ws2Fail(Error);
    return Ws2Return(
        Provider->Procedures.lpWSPSelect(nfds, readfds, writefds, exceptfds, timeout, &Error),
        &Error);
}

/* The base socket of one whose provider is not the base provider; the socket itself if it tells
 * none. */
static SOCKET Ws2pBaseSocket(SOCKET s)
{
    SOCKET Base;
    DWORD Returned;
    INT Error;
    WS2_SOCKET *Slot = (INT_PTR)s < 0 ? NULL : Ws2FindSocket(s);
    WS2_PROVIDER *Provider =
        Slot == NULL ? NULL : __atomic_load_n(&Slot->Provider, __ATOMIC_ACQUIRE);
    if (Provider == NULL || Provider == &Ws2BaseProvider)
        return s;
    if (Provider->Procedures.lpWSPIoctl(s, SIO_BSP_HANDLE_POLL, NULL, 0, &Base, sizeof Base,
            &Returned, NULL, NULL, NULL, &Error) == SOCKET_ERROR)
        return s;
    return Base;
}

static INT Ws2pPollLayered(LPWSAPOLLFD Entries, ULONG Count, INT Timeout, LPINT Error)
{
    WSAPOLLFD *Copy = host_scratch_allocate(Count * sizeof *Copy);
    if (Copy == NULL) {
        *Error = WSAENOBUFS;
        return SOCKET_ERROR;
    }
    for (ULONG i = 0; i < Count; i++) {
        Copy[i] = Entries[i];
        Copy[i].fd = Ws2pBaseSocket(Entries[i].fd);
    }
    INT Result = MsafdPoll(Copy, Count, Timeout, Error);
    for (ULONG i = 0; i < Count; i++)
        Entries[i].revents = Copy[i].revents;
    host_scratch_free(Copy, Count * sizeof *Copy);
    return Result;
}

int WSAAPI WSAPoll(LPWSAPOLLFD fdArray, ULONG fds, INT timeout)
{
    INT Error = 0;
    if (Ws2CheckStarted() != 0)
        return SOCKET_ERROR;
    if (fds == 0)
        return Ws2Fail(WSAEINVAL);
    if (!Ws2ProbeWrite(fdArray, fds * sizeof *fdArray))
        return Ws2Fail(WSAEFAULT);
    for (ULONG i = 0; i < fds; i++) {
        if (Ws2pBaseSocket(fdArray[i].fd) != fdArray[i].fd)
            return Ws2Return(Ws2pPollLayered(fdArray, fds, timeout, &Error), &Error);
    }
    return Ws2Return(MsafdPoll(fdArray, fds, timeout, &Error), &Error);
}
