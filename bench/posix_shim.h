/* SPDX-License-Identifier: MIT */
/*
 * posix_shim.h - lets echo_server.c and select_server.c compile against POSIX sockets and threads, with
 * nothing in between.
 */
#ifndef POSIX_SHIM_H
#define POSIX_SHIM_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

typedef int SOCKET;
typedef unsigned DWORD;
typedef void *LPVOID;
typedef void *HANDLE;
typedef uintptr_t ULONG_PTR;
typedef int WSADATA;
#define WINAPI
#define INVALID_SOCKET (-1)
#define MAKEWORD(a, b) 0
#define WSAStartup(version, data) (*(data) = 0)
#define WSAGetLastError() errno
#define WSAEWOULDBLOCK EAGAIN
#define closesocket close
#define CloseHandle(handle) ((void)(handle))

static inline int ioctlsocket(SOCKET s, unsigned long command, u_long *argument)
{
    int value = *argument != 0;
    return ioctl(s, command, &value);
}

static inline HANDLE CreateThread(void *security, size_t stack, DWORD (*start)(LPVOID), LPVOID context,
    DWORD flags, DWORD *id)
{
    pthread_t thread;
    (void)security, (void)stack, (void)flags, (void)id;
    /* the routine's result is not looked at: the thread is detached */
    if (pthread_create(&thread, NULL, (void *(*)(void *))(uintptr_t)start, context) != 0)
        return NULL;
    pthread_detach(thread);
    return (HANDLE)thread;
}

#endif
