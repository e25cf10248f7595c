/* SPDX-License-Identifier: MIT */
/*
 * nsp.h - the name service: hosts, services and protocols, as the host system knows them.
 *
 * Layer: nsp, used by ws2 alone. Neutral C: neither a Windows nor a Linux header is needed.
 * Addresses are SOCKADDRs in Windows' form, flags and families have Windows' numbers, results are
 * Winsock errors (0 is success). Everything may block for as long as the host's resolver does, and
 * may be called from any thread.
 *
 * Example: the first address of a name
 *
 *     struct nsp_address *list;
 *     if (nsp_lookup("localhost", "80", 0, 0, NSP_STREAM, 0, &list, NULL) == 0)
 *         connect_to(list->address, list->length), nsp_free(list);
 */
#ifndef NSP_H
#define NSP_H

#include <stddef.h>

#define NSP_INET 2
#define NSP_INET6 23
#define NSP_STREAM 1
#define NSP_DATAGRAM 2

/* flags of nsp_lookup: the values of AI_xxx */
#define NSP_PASSIVE 0x1
#define NSP_CANONICAL 0x2
#define NSP_NUMERIC_HOST 0x4
#define NSP_NUMERIC_SERVICE 0x8
#define NSP_ALL 0x100
#define NSP_CONFIGURED 0x400
#define NSP_MAPPED 0x800

/* flags of nsp_name: the values of NI_xxx */
#define NSP_NAME_SHORT 0x1
#define NSP_NAME_NUMERIC_HOST 0x2
#define NSP_NAME_REQUIRED 0x4
#define NSP_NAME_NUMERIC_SERVICE 0x8
#define NSP_NAME_DATAGRAM 0x10

struct nsp_address {
    struct nsp_address *next;
    int family;
    int type;     /* as asked; of a service found by name, its own */
    int protocol; /* as asked */
    unsigned length;
    unsigned char address[28];
};

/*
 * nsp_lookup - addresses of a node and port of a service; either may be NULL. The node "" is this
 * machine. *ret_canonical, if wanted, is the canonical name or NULL, freed with nsp_free_text.
 * WSAHOST_NOT_FOUND, WSANO_DATA, WSATRY_AGAIN, WSANO_RECOVERY, WSATYPE_NOT_FOUND, WSAEINVAL,
 * WSAEAFNOSUPPORT, WSAESOCKTNOSUPPORT, WSA_NOT_ENOUGH_MEMORY.
 */
int nsp_lookup(const char *node, const char *service, int flags, int family, int type, int protocol,
    struct nsp_address **ret_list, char **ret_canonical);
void nsp_free(struct nsp_address *list);
void nsp_free_text(char *text);

/* nsp_name - names of an address; sizes in bytes, 0: not wanted. ERROR_INSUFFICIENT_BUFFER when too
 * small. */
int nsp_name(const void *address, unsigned length, char *host, size_t host_size, char *service,
    size_t service_size, int flags);

/* Entries of the services and protocols databases. Texts lie in `text`; aliases end with NULL. */
#define NSP_ALIASES_MAX 8
struct nsp_entry {
    const char *name;
    const char *aliases[NSP_ALIASES_MAX + 1];
    int number;           /* port in network order, or protocol number */
    const char *protocol; /* of a service */
    char text[512];
};
/* protocol may be NULL: any. WSANO_DATA when there is none. */
int nsp_service_by_name(const char *name, const char *protocol, struct nsp_entry *ret_entry);
int nsp_service_by_port(int port_network_order, const char *protocol, struct nsp_entry *ret_entry);
int nsp_protocol_by_name(const char *name, struct nsp_entry *ret_entry);
int nsp_protocol_by_number(int number, struct nsp_entry *ret_entry);

#endif
