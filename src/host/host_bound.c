/* SPDX-License-Identifier: MIT */
/*
 * host_bound.c - who of this process has an address, and who else may have it.
 *
 * Layer: host. NT counterpart: the address objects of tcpip.sys.
 *
 * Windows lets two sockets have one port when one's address covers the other's: "any" covers every address of its
 * family, and that of a dual-stack IPv6 socket covers "any" of IPv4. What arrives goes to the narrower one.
 * host_judge_bind is the table of who may. [doc:network/sharing-transport-addresses]
 * [test:wine/ws2_32/sock.c reuseaddr]
 *
 * Linux allows it only to sockets that all say so in an option, which would let strangers in as well. So the options
 * are lent: set on the neighbours and on the newcomer for the moment of his bind or listen, and taken back. For that
 * it is noted here which descriptors are bound, and how they share; their addresses are asked for when needed, which
 * is only after Linux has refused. Sockets of other processes are not known here: Linux' refusal stands.
 *
 * Marks are set, cleared and lent under the lock. A descriptor is marked before it is bound, so that whoever Linux
 * refuses because of it finds it, and host_bound_forget comes before it is closed, so that one that is marked is open
 * while the lock is held.
 */
#include "host_bound.h"

#include "host_memory.h"
#include "host_private.h"
#include "host_thread.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

/* --- marks, by descriptor: how it is bound. Pages are never freed, so a look needs no lock. --- */

enum { MARKS_PER_PAGE = 4096, PAGES = 256 };
/* a mark: 0, or these, and enum host_sharing in the lowest bits */
enum { MARK_SHARING = 0x3, MARK_STREAM = 0x4, MARK_DATAGRAM = 0x8, MARK_KIND = 0xc, MARK_LENT = 0x10 };

static struct host_lock lock;
static unsigned char *pages[PAGES];
static int highest = -1; /* marked since the process began */

static unsigned char *find_mark(int fd)
{
    if (fd < 0 || fd >= MARKS_PER_PAGE * PAGES)
        return NULL;
    unsigned char *page = __atomic_load_n(&pages[fd / MARKS_PER_PAGE], __ATOMIC_ACQUIRE);
    return page == NULL ? NULL : &page[fd % MARKS_PER_PAGE];
}

static unsigned read_mark(int fd)
{
    const unsigned char *mark = find_mark(fd);
    return mark == NULL ? 0 : __atomic_load_n(mark, __ATOMIC_RELAXED);
}

static void write_mark(int fd, unsigned value)
{
    unsigned char *mark = find_mark(fd);
    if (mark == NULL)
        return;
    __atomic_store_n(mark, (unsigned char)value, __ATOMIC_RELAXED);
    if (value != 0 && fd > highest)
        highest = fd;
}

static int reserve_mark(int fd)
{
    if (find_mark(fd) != NULL || fd < 0 || fd >= MARKS_PER_PAGE * PAGES)
        return 1; /* those beyond are not noted: nobody gets beside them */
    unsigned char *page = host_allocate(MARKS_PER_PAGE);
    if (page == NULL)
        return 0;
    memset(page, 0, MARKS_PER_PAGE);
    host_lock_acquire(&lock);
    int spare = find_mark(fd) != NULL; /* another thread was faster */
    if (!spare)
        __atomic_store_n(&pages[fd / MARKS_PER_PAGE], page, __ATOMIC_RELEASE);
    host_lock_release(&lock);
    if (spare)
        host_free(page);
    return 1;
}

int host_bound_note(int fd, enum host_sharing sharing, int type)
{
    if (!reserve_mark(fd))
        return 0;
    host_lock_acquire(&lock);
    write_mark(fd, (unsigned)sharing | (unsigned)(type == SOCK_STREAM ? MARK_STREAM : MARK_DATAGRAM));
    host_lock_release(&lock);
    return 1;
}

int host_bound_is_noted(int fd)
{
    return read_mark(fd) != 0;
}

/* Most descriptors that are closed never were bound: a look, and no lock. */
void host_bound_forget(int fd)
{
    if (read_mark(fd) == 0)
        return;
    host_lock_acquire(&lock);
    write_mark(fd, 0);
    host_lock_release(&lock);
}

/* --- what an address covers --- */

struct reach {
    uint16_t port;
    unsigned has4 : 1, any4 : 1, has6 : 1, any6 : 1;
    struct in_addr address4;
    struct in6_addr address6;
    uint32_t zone;
};

static struct reach reach_of(int fd, const struct sockaddr_storage *address)
{
    struct reach reach = {0};
    if (address->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)address;
        reach.port = in->sin_port;
        reach.has4 = 1;
        reach.address4 = in->sin_addr;
    } else if (address->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)address;
        reach.port = in6->sin6_port;
        reach.zone = in6->sin6_scope_id;
        reach.address6 = in6->sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(&in6->sin6_addr)) {
            reach.has4 = 1;
            memcpy(&reach.address4, &in6->sin6_addr.s6_addr[12], sizeof reach.address4);
        } else {
            reach.has6 = 1;
            reach.any6 = IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr);
            reach.has4 = reach.any6 && host_int_option(fd, IPPROTO_IPV6, IPV6_V6ONLY) == 0;
        }
    }
    reach.any4 = reach.has4 && reach.address4.s_addr == 0;
    return reach;
}

static int overlap(const struct reach *a, const struct reach *b)
{
    if (a->port != b->port)
        return 0;
    if (a->has4 && b->has4 && (a->any4 || b->any4 || a->address4.s_addr == b->address4.s_addr))
        return 1;
    if (!a->has6 || !b->has6)
        return 0;
    return a->any6 || b->any6 || (IN6_ARE_ADDR_EQUAL(&a->address6, &b->address6) && a->zone == b->zone);
}

host_status host_judge_bind(const struct host_binding *first, const struct host_binding *second, int is_stream)
{
    if (first->breadth > second->breadth)
        return first->sharing == HOST_SHARING_EXCLUSIVE ? H_STATUS_ACCESS_DENIED : H_STATUS_SUCCESS;
    if (first->breadth < second->breadth)
        return second->sharing == HOST_SHARING_EXCLUSIVE ? H_STATUS_ADDRESS_ALREADY_EXISTS : H_STATUS_SUCCESS;
    if (second->sharing != HOST_SHARING_SHARED)
        return H_STATUS_ADDRESS_ALREADY_EXISTS;
    if (first->sharing == HOST_SHARING_EXCLUSIVE || (is_stream && first->sharing != HOST_SHARING_SHARED))
        return H_STATUS_ACCESS_DENIED;
    return H_STATUS_SUCCESS;
}

/* --- lending --- */

static void set_option(int fd, unsigned mark, int on)
{
    host_set_flag(fd, mark & MARK_STREAM ? SO_REUSEPORT : SO_REUSEADDR, on);
}

/* What host_bind.c has left the option at. */
static int option_of_its_own(unsigned mark)
{
    unsigned sharing = mark & MARK_SHARING;
    return mark & MARK_STREAM ? sharing == HOST_SHARING_SHARED : sharing != HOST_SHARING_EXCLUSIVE;
}

static struct host_binding binding_of(const struct reach *reach, unsigned mark)
{
    struct host_binding binding = {(enum host_sharing)(mark & MARK_SHARING), reach->any4 + reach->any6};
    return binding;
}

int host_bound_lend(int fd, const struct sockaddr_storage *address, host_status *ret_verdict)
{
    unsigned own_mark = read_mark(fd);
    int found = 0;
    struct reach own = reach_of(fd, address);
    struct host_binding second = binding_of(&own, own_mark);
    *ret_verdict = H_STATUS_SUCCESS;
    host_lock_acquire(&lock);
    for (int other = 0; other <= highest; other++) {
        unsigned mark = read_mark(other);
        struct sockaddr_storage its;
        socklen_t length = sizeof its;
        if ((mark & own_mark & MARK_KIND) == 0 || other == fd ||
            getsockname(other, (struct sockaddr *)&its, &length) != 0)
            continue;
        struct reach reach = reach_of(other, &its);
        if (!overlap(&reach, &own))
            continue;
        struct host_binding first = binding_of(&reach, mark);
        host_status verdict = host_judge_bind(&first, &second, (own_mark & MARK_STREAM) != 0);
        found++;
        if (verdict != H_STATUS_SUCCESS)
            *ret_verdict = verdict;
        write_mark(other, mark | MARK_LENT);
    }
    if (found == 0 || *ret_verdict != H_STATUS_SUCCESS)
        return found;
    for (int other = 0; other <= highest; other++)
        if (read_mark(other) & MARK_LENT)
            set_option(other, own_mark, 1);
    set_option(fd, own_mark, 1);
    return found;
}

/*
 * Linux remembers of a port that the last who got it shares, and lets in unasked whoever says the same. One who does
 * not share makes it forget: for a moment, at ::1. Where an IPv6 socket of the port is in the way, it stays so.
 */
static void make_port_forget(uint16_t port)
{
    const int on = 1;
    struct sockaddr_in6 address = {.sin6_family = AF_INET6, .sin6_port = port, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    (void)!setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    (void)!bind(fd, (const struct sockaddr *)&address, sizeof address);
    close(fd);
}

void host_bound_take_back(int fd)
{
    unsigned own_mark = read_mark(fd);
    int lent = 0;
    struct sockaddr_in6 own; /* IPv4 and IPv6 have the port in the same place */
    socklen_t length = sizeof own;
    for (int other = 0; other <= highest; other++) {
        unsigned mark = read_mark(other);
        if ((mark & MARK_LENT) == 0)
            continue;
        lent = 1;
        write_mark(other, mark & ~(unsigned)MARK_LENT);
        set_option(other, mark, option_of_its_own(mark));
    }
    if (lent)
        set_option(fd, own_mark, option_of_its_own(own_mark));
    if (lent && (own_mark & MARK_STREAM) != 0 && (own_mark & MARK_SHARING) != HOST_SHARING_SHARED &&
        getsockname(fd, (struct sockaddr *)&own, &length) == 0 && own.sin6_port != 0)
        make_port_forget(own.sin6_port);
    host_lock_release(&lock);
}
