/* SPDX-License-Identifier: MIT */
/* ws2_test_network.c - network namespaces and addresses by Linux' own means. */
#include "ws2_test_network.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int change_interface(const char *name, unsigned long request, struct ifreq *change)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    snprintf(change->ifr_name, sizeof change->ifr_name, "%s", name);
    int result = fd < 0 ? -1 : ioctl(fd, request, change);
    close(fd);
    return result == 0;
}

int enter_own_network(void)
{
    struct ifreq change;
    if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
        return 0;
    memset(&change, 0, sizeof change);
    change.ifr_flags = IFF_UP;
    return change_interface("lo", SIOCSIFFLAGS, &change);
}

int add_address(int last)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(0x0a000000u + (unsigned)last)}};
    struct ifreq change;
    char name[IFNAMSIZ];
    memset(&change, 0, sizeof change);
    memcpy(&change.ifr_addr, &address, sizeof address);
    snprintf(name, sizeof name, "lo:%d", last);
    return change_interface(name, SIOCSIFADDR, &change);
}
