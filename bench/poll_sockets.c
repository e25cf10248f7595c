/* SPDX-License-Identifier: MIT */
/*
 * poll_sockets.c - what WSAPoll costs over many sockets, of which one has a datagram.
 *
 * A Windows program that measures itself. Compiled twice from this one source: against ntsock, and with BENCH_POSIX
 * against POSIX sockets and poll(). An operation is a datagram sent to the next socket, a poll over all of them
 * and the receive; where the name ends in "wait", another thread sends, while this one waits in the poll.
 */
#ifdef BENCH_POSIX
#include "posix_shim.h"

#include <poll.h>
#define WSAPoll poll
#define WSAPOLLFD struct pollfd
#else
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
#endif

#include "micro.h"

/* An address of its own: thousands of ports are taken, and nobody else may send to one. */
#define ADDRESS (INADDR_LOOPBACK + 0x4d0000)
enum { SOCKETS_MAX = 4000, STEP = 769 /* not next to each other, and every socket in turn */ };

static WSAPOLLFD polled[SOCKETS_MAX];
static struct sockaddr_in addresses[SOCKETS_MAX];
static int count, next;
static SOCKET sender, asked; /* asked: the other thread waits here for the number of a socket */
static struct sockaddr_in asked_address;

static void fail(const char *what)
{
    fprintf(stderr, "poll_sockets: %s: error %d\n", what, WSAGetLastError());
    exit(1);
}

static SOCKET open_socket(struct sockaddr_in *address)
{
    socklen_t length = sizeof *address;
    SOCKET s = socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP);
    memset(address, 0, sizeof *address);
    address->sin_family = AF_INET;
    address->sin_addr.s_addr = htonl(ADDRESS);
    if (s == INVALID_SOCKET || bind(s, (struct sockaddr *)address, sizeof *address) != 0 ||
        getsockname(s, (struct sockaddr *)address, &length) != 0)
        fail("socket");
    return s;
}

static void tell(const struct sockaddr_in *to, int number)
{
    if (sendto(sender, (const char *)&number, sizeof number, 0, (const struct sockaddr *)to, sizeof *to) !=
        sizeof number)
        fail("sendto");
}

static void prepare(int sockets)
{
    struct sockaddr_in address;
    WSADATA data;
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
        exit(1);
    count = sockets;
    sender = open_socket(&address);
    for (int i = 0; i < count; i++) {
        polled[i].fd = open_socket(&addresses[i]);
        polled[i].events = POLLRDNORM;
    }
}

static DWORD WINAPI forward(LPVOID context)
{
    int number;
    while (recv(asked, (char *)&number, sizeof number, 0) == sizeof number)
        tell(&addresses[number], number);
    return context == NULL;
}

static void prepare_wait(int sockets)
{
    prepare(sockets);
    asked = open_socket(&asked_address);
    CloseHandle(CreateThread(NULL, 0, forward, NULL, 0, NULL));
}

static void poll_one(int waiting)
{
    int number = -1, want = next;
    next = (next + STEP) % count;
    tell(waiting ? &asked_address : &addresses[want], want);
    if (WSAPoll(polled, (unsigned)count, -1) != 1)
        fail("WSAPoll");
    for (int i = 0; i < count; i++)
        if (polled[i].revents != 0 && (i != want || recv(polled[i].fd, (char *)&number, sizeof number, 0) < 0))
            fail("recv");
    if (number != want)
        fail("what came");
}

static void run(int times)
{
    while (times-- > 0)
        poll_one(0);
}

static void run_wait(int times)
{
    while (times-- > 0)
        poll_one(1);
}

#define WORKLOAD(n)                    \
    static void prepare_##n(void)      \
    {                                  \
        prepare(n);                    \
    }                                  \
    static void prepare_wait_##n(void) \
    {                                  \
        prepare_wait(n);               \
    }
WORKLOAD(100)
WORKLOAD(1000)
WORKLOAD(4000)

static const struct micro micros[] = {
    {"poll_100", 10, prepare_100, run},
    {"poll_1000", 10, prepare_1000, run},
    {"poll_4000", 10, prepare_4000, run},
    {"poll_100_wait", 10, prepare_wait_100, run_wait},
    {"poll_1000_wait", 10, prepare_wait_1000, run_wait},
    {"poll_4000_wait", 10, prepare_wait_4000, run_wait},
    {NULL, 0, NULL, NULL},
};

int main(int argc, char **argv)
{
    return micro_main(micros, argc, argv);
}
