/* SPDX-License-Identifier: MIT */
/*
 * host_call.h - the system calls of the data path, without the C library in between.
 *
 * Layer: host, private. The C library's send, recv, accept4, epoll_wait and close are points of cancellation, which
 * costs some fifty instructions and two locked ones in a process with threads; and where a call through a table leads
 * the processor has to find out anew after each visit to the kernel. Nobody is cancelled here. The results are the C
 * library's: -1 and errno. A sanitizer wants to see the calls, and gets the C library's.
 */
#ifndef HOST_CALL_H
#define HOST_CALL_H

#include <errno.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define HOST_CALL_OBSERVED 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer) || __has_feature(memory_sanitizer)
#define HOST_CALL_OBSERVED 1
#endif
#endif

#if !defined(HOST_CALL_OBSERVED) && defined(__x86_64__) && defined(__LP64__)

static inline long host_call(long number, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d, uintptr_t e, uintptr_t f)
{
    register uintptr_t fourth __asm__("r10") = d;
    register uintptr_t fifth __asm__("r8") = e;
    register uintptr_t sixth __asm__("r9") = f;
    long result;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(fourth), "r"(fifth), "r"(sixth)
                     : "rcx", "r11", "memory");
    if (__builtin_expect((unsigned long)result > -4096ul, 0)) {
        errno = (int)-result;
        return -1;
    }
    return result;
}

static inline ssize_t host_call_sendto(int fd, const void *base, size_t bytes, int flags, const void *to,
    socklen_t length)
{
    return host_call(SYS_sendto, (uintptr_t)fd, (uintptr_t)base, bytes, (uintptr_t)flags, (uintptr_t)to, length);
}
static inline ssize_t host_call_recvfrom(int fd, void *base, size_t bytes, int flags, void *from, socklen_t *length)
{
    return host_call(SYS_recvfrom, (uintptr_t)fd, (uintptr_t)base, bytes, (uintptr_t)flags, (uintptr_t)from,
        (uintptr_t)length);
}
static inline ssize_t host_call_recvmsg(int fd, struct msghdr *message, int flags)
{
    return host_call(SYS_recvmsg, (uintptr_t)fd, (uintptr_t)message, (uintptr_t)flags, 0, 0, 0);
}
static inline int host_call_accept4(int fd, void *peer, socklen_t *length, int flags)
{
    return (int)host_call(SYS_accept4, (uintptr_t)fd, (uintptr_t)peer, (uintptr_t)length, (uintptr_t)flags, 0, 0);
}
static inline int host_call_epoll_wait(int fd, struct epoll_event *events, int count, int timeout_ms)
{
    return (int)host_call(SYS_epoll_wait, (uintptr_t)fd, (uintptr_t)events, (uintptr_t)count, (uintptr_t)timeout_ms,
        0, 0);
}
static inline int host_call_close(int fd)
{
    return (int)host_call(SYS_close, (uintptr_t)fd, 0, 0, 0, 0, 0);
}

#else

#define host_call_sendto sendto
#define host_call_recvfrom recvfrom
#define host_call_recvmsg recvmsg
#define host_call_accept4(fd, peer, length, flags) accept4(fd, (struct sockaddr *)(void *)(peer), length, flags)
#define host_call_epoll_wait epoll_wait
#define host_call_close close

#endif

#endif
