/* SPDX-License-Identifier: MIT */
/*
 * nsp_lookup.c - names to addresses and back, with the host's resolver.
 *
 * Layer: nsp, compiled as Linux code; NT counterpart: the DNS name space provider. No cache and no
 * resolver of its own: /etc/hosts, /etc/nsswitch.conf and DNS mean what they mean on the host.
 */
#include "nsp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Winsock's numbers, which no Linux header has. */
enum {
    WSA_NOT_ENOUGH_MEMORY = 8,
    ERROR_INSUFFICIENT_BUFFER = 122,
    WSAEFAULT = 10014,
    WSAEINVAL = 10022,
    WSAESOCKTNOSUPPORT = 10044,
    WSAEAFNOSUPPORT = 10047,
    WSATYPE_NOT_FOUND = 10109,
    WSAHOST_NOT_FOUND = 11001,
    WSATRY_AGAIN = 11002,
    WSANO_RECOVERY = 11003,
    WSANO_DATA = 11004
};

static int error_from_eai(int eai)
{
    switch (eai) {
    case 0:
        return 0;
    case EAI_AGAIN:
        return WSATRY_AGAIN;
    case EAI_BADFLAGS:
        return WSAEINVAL;
    case EAI_FAMILY:
        return WSAEAFNOSUPPORT;
    case EAI_MEMORY:
        return WSA_NOT_ENOUGH_MEMORY;
    case EAI_NONAME:
        return WSAHOST_NOT_FOUND;
#ifdef EAI_ADDRFAMILY
    case EAI_ADDRFAMILY:
        return WSANO_DATA;
#endif
#ifdef EAI_NODATA
    case EAI_NODATA:
        return WSANO_DATA;
#endif
    case EAI_SERVICE:
        return WSATYPE_NOT_FOUND;
    case EAI_SOCKTYPE:
        return WSAESOCKTNOSUPPORT;
    case EAI_OVERFLOW:
        return ERROR_INSUFFICIENT_BUFFER;
    case EAI_SYSTEM:
        return errno == ENOMEM ? WSA_NOT_ENOUGH_MEMORY : WSANO_RECOVERY;
    default:
        return WSANO_RECOVERY;
    }
}

static int host_family(int family)
{
    return family == NSP_INET6 ? AF_INET6 : family;
}

static int host_flags(int flags)
{
    return ((flags & NSP_PASSIVE) != 0 ? AI_PASSIVE : 0) |
           ((flags & NSP_CANONICAL) != 0 ? AI_CANONNAME : 0) |
           ((flags & NSP_NUMERIC_HOST) != 0 ? AI_NUMERICHOST : 0) |
           ((flags & NSP_NUMERIC_SERVICE) != 0 ? AI_NUMERICSERV : 0) |
           ((flags & NSP_ALL) != 0 ? AI_ALL : 0) |
           ((flags & NSP_CONFIGURED) != 0 ? AI_ADDRCONFIG : 0) |
           ((flags & NSP_MAPPED) != 0 ? AI_V4MAPPED : 0);
}

void nsp_free(struct nsp_address *list)
{
    while (list != NULL) {
        struct nsp_address *next = list->next;
        free(list);
        list = next;
    }
}

void nsp_free_text(char *text)
{
    free(text);
}

/* Linux and Windows differ in the number of the IPv6 family alone. */
static struct nsp_address *copy_address(const struct sockaddr *from)
{
    struct nsp_address *to = calloc(1, sizeof *to);
    if (to == NULL)
        return NULL;
    to->family = from->sa_family == AF_INET6 ? NSP_INET6 : NSP_INET;
    to->length =
        from->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    memcpy(to->address, from, to->length);
    unsigned short family = (unsigned short)to->family;
    memcpy(to->address, &family, sizeof family);
    return to;
}

static int is_v6_usable(void)
{
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd >= 0)
        close(fd);
    return fd >= 0;
}

static int append(struct nsp_address ***end, const struct sockaddr *address, int type, int protocol)
{
    struct nsp_address *entry = copy_address(address);
    if (entry == NULL)
        return WSA_NOT_ENOUGH_MEMORY;
    entry->type = type;
    entry->protocol = protocol;
    **end = entry;
    *end = &entry->next;
    return 0;
}

/* Without a node there is one address per family the machine has: IPv6 first, as on Windows.
 * [guess] */
static int copy_list(const struct addrinfo *found, int wildcard, int type, int protocol,
    struct nsp_address **ret_list)
{
    struct nsp_address **end = ret_list;
    int error = 0, v6 = !wildcard || is_v6_usable();
    for (int pass = 0; pass < 2 && error == 0; pass++) {
        for (const struct addrinfo *at = found; at != NULL && error == 0; at = at->ai_next) {
            int is_v6 = at->ai_family == AF_INET6;
            if ((at->ai_family != AF_INET && !is_v6) || (is_v6 && !v6))
                continue;
            if (wildcard ? is_v6 == (pass == 0) : pass == 0)
                error = append(&end, at->ai_addr, type, protocol);
        }
    }
    if (error != 0) {
        nsp_free(*ret_list);
        *ret_list = NULL;
    }
    return error != 0 ? error : *ret_list == NULL ? WSANO_DATA : 0;
}

static void set_port(struct nsp_address *list, const struct addrinfo *from)
{
    for (; list != NULL; list = list->next)
        memcpy(list->address + 2, (const char *)from->ai_addr + 2, 2);
}

/* The addresses of this machine's interfaces; of the loopback when there is no other. */
static int local_addresses(int family, int type, int protocol, struct nsp_address **ret_list)
{
    struct ifaddrs *interfaces;
    struct nsp_address **end = ret_list;
    int error = 0;
    if (getifaddrs(&interfaces) != 0)
        return WSANO_RECOVERY;
    for (unsigned loopback = 0; loopback <= IFF_LOOPBACK && *ret_list == NULL;
         loopback += IFF_LOOPBACK) {
        for (struct ifaddrs *at = interfaces; at != NULL && error == 0; at = at->ifa_next) {
            if (at->ifa_addr == NULL || (at->ifa_flags & IFF_UP) == 0 ||
                (at->ifa_flags & IFF_LOOPBACK) != loopback)
                continue;
            int is = at->ifa_addr->sa_family;
            if ((is == AF_INET || is == AF_INET6) && (family == 0 || host_family(family) == is))
                error = append(&end, at->ifa_addr, type, protocol);
        }
    }
    freeifaddrs(interfaces);
    return error != 0 ? error : *ret_list == NULL ? WSANO_DATA : 0;
}

/* A service name without a socket type belongs to the first type that has it. */
static int resolve(const char *node, const char *service, struct addrinfo *hints, int type,
    struct addrinfo **found)
{
    hints->ai_socktype = type != 0 ? type : SOCK_STREAM;
    int eai = getaddrinfo(node, service, hints, found);
    if (type == 0 && (eai == EAI_SERVICE || eai == EAI_NONAME) && service != NULL) {
        hints->ai_socktype = SOCK_DGRAM;
        int second = getaddrinfo(node, service, hints, found);
        if (second == 0)
            return 0;
    }
    return eai;
}

static int is_number(const char *text)
{
    return text[0] != 0 && text[strspn(text, "0123456789")] == 0;
}

int nsp_lookup(const char *node, const char *service, int flags, int family, int type, int protocol,
    struct nsp_address **ret_list, char **ret_canonical)
{
    struct addrinfo hints = {.ai_family = host_family(family), .ai_flags = host_flags(flags)},
                    *found = NULL;
    int local = node != NULL && (node[0] == 0 || strcmp(node, "..localmachine") == 0);
    *ret_list = NULL;
    if (ret_canonical != NULL)
        *ret_canonical = NULL;
    if (service != NULL && service[0] == 0)
        service = NULL;
    if (family != 0 && family != NSP_INET && family != NSP_INET6)
        return WSAEAFNOSUPPORT;
    if (type < 0 || type > 3)
        return WSAESOCKTNOSUPPORT;
    if (type == SOCK_RAW && service != NULL)
        return WSATYPE_NOT_FOUND;
    if (local || node == NULL)
        hints.ai_flags &= ~(AI_CANONNAME | AI_NUMERICHOST);
    if (node == NULL && service == NULL)
        return WSAHOST_NOT_FOUND;
    int eai = resolve(
        local ? NULL : node, local && service == NULL ? "0" : service, &hints, type, &found);
    if (eai == EAI_NONAME && service != NULL && (flags & NSP_NUMERIC_SERVICE) != 0 &&
        !is_number(service))
        eai = EAI_SERVICE;
    if (eai != 0)
        return error_from_eai(eai);
    if (type == 0 && service != NULL && !is_number(service))
        type = hints.ai_socktype;
    int error = local ? local_addresses(family, type, protocol, ret_list)
                      : copy_list(found, node == NULL, type, protocol, ret_list);
    if (local)
        set_port(*ret_list, found);
    if (error == 0 && ret_canonical != NULL && found->ai_canonname != NULL) {
        *ret_canonical = strdup(found->ai_canonname);
        if (*ret_canonical == NULL)
            error = WSA_NOT_ENOUGH_MEMORY;
    }
    freeaddrinfo(found);
    if (error != 0) {
        nsp_free(*ret_list);
        *ret_list = NULL;
    }
    return error;
}

int nsp_name(const void *address, unsigned length, char *host, size_t host_size, char *service,
    size_t service_size, int flags)
{
    struct sockaddr_storage copy;
    unsigned short family;
    if (address == NULL || length < sizeof family || length > sizeof copy)
        return WSAEFAULT;
    memcpy(&family, address, sizeof family);
    if (family != NSP_INET && family != NSP_INET6)
        return WSAEAFNOSUPPORT;
    unsigned needed =
        family == NSP_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    if (length < needed)
        return WSAEFAULT;
    memset(&copy, 0, sizeof copy);
    memcpy(&copy, address, needed);
    copy.ss_family = (sa_family_t)host_family(family);
    if (host_size == 0 && service_size == 0)
        return WSAHOST_NOT_FOUND;
    int host_flags_ = ((flags & NSP_NAME_SHORT) != 0 ? NI_NOFQDN : 0) |
                      ((flags & NSP_NAME_NUMERIC_HOST) != 0 ? NI_NUMERICHOST : 0) |
                      ((flags & NSP_NAME_REQUIRED) != 0 ? NI_NAMEREQD : 0) |
                      ((flags & NSP_NAME_NUMERIC_SERVICE) != 0 ? NI_NUMERICSERV : 0) |
                      ((flags & NSP_NAME_DATAGRAM) != 0 ? NI_DGRAM : 0);
    return error_from_eai(getnameinfo((struct sockaddr *)&copy, needed, host, (socklen_t)host_size,
        service, (socklen_t)service_size, host_flags_));
}
