/* SPDX-License-Identifier: MIT */
/*
 * nsp_database.c - services and protocols: /etc/services and /etc/protocols through libc.
 *
 * Layer: nsp, compiled as Linux code; NT counterpart: the services and protocol files below
 * drivers\etc. The few protocols that every program expects are known even where the host has no
 * database.
 */
#include "nsp.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { WSANO_DATA = 11004 };

#define WORK_BYTES 4096

static const char *put_text(struct nsp_entry *entry, size_t *used, const char *text)
{
    size_t bytes = strlen(text) + 1;
    if (*used + bytes > sizeof entry->text)
        return NULL;
    char *to = entry->text + *used;
    memcpy(to, text, bytes);
    *used += bytes;
    return to;
}

static int fill(struct nsp_entry *entry, const char *name, char *const *aliases, int number,
    const char *protocol)
{
    size_t used = 0, count = 0;
    entry->name = put_text(entry, &used, name);
    entry->protocol = protocol != NULL ? put_text(entry, &used, protocol) : NULL;
    entry->number = number;
    while (aliases != NULL && *aliases != NULL && count < NSP_ALIASES_MAX) {
        const char *alias = put_text(entry, &used, *aliases++);
        if (alias != NULL)
            entry->aliases[count++] = alias;
    }
    entry->aliases[count] = NULL;
    return entry->name != NULL ? 0 : WSANO_DATA;
}

int nsp_service_by_name(const char *name, const char *protocol, struct nsp_entry *ret_entry)
{
    struct servent buffer, *found = NULL;
    char work[WORK_BYTES];
    if (getservbyname_r(name, protocol, &buffer, work, sizeof work, &found) != 0 || found == NULL)
        return WSANO_DATA;
    return fill(ret_entry, found->s_name, found->s_aliases, found->s_port, found->s_proto);
}

int nsp_service_by_port(int port_network_order, const char *protocol, struct nsp_entry *ret_entry)
{
    struct servent buffer, *found = NULL;
    char work[WORK_BYTES];
    if (getservbyport_r(port_network_order, protocol, &buffer, work, sizeof work, &found) != 0 ||
        found == NULL)
        return WSANO_DATA;
    return fill(ret_entry, found->s_name, found->s_aliases, found->s_port, found->s_proto);
}

struct known_protocol {
    int number;
    const char *name;
    const char *alias;
};
static const struct known_protocol known_protocols[] = {
    {0, "ip", "IP"},
    {1, "icmp", "ICMP"},
    {3, "ggp", "GGP"},
    {6, "tcp", "TCP"},
    {8, "egp", "EGP"},
    {12, "pup", "PUP"},
    {17, "udp", "UDP"},
    {20, "hmp", "HMP"},
    {22, "xns-idp", "XNS-IDP"},
    {27, "rdp", "RDP"},
    {41, "ipv6", "IPv6"},
    {43, "ipv6-route", "IPv6-Route"},
    {44, "ipv6-frag", "IPv6-Frag"},
    {50, "esp", "ESP"},
    {51, "ah", "AH"},
    {58, "ipv6-icmp", "IPv6-ICMP"},
    {59, "ipv6-nonxt", "IPv6-NoNxt"},
    {60, "ipv6-opts", "IPv6-Opts"},
    {66, "rvd", "RVD"},
};

static int fill_known(const struct known_protocol *known, struct nsp_entry *ret_entry)
{
    char alias[32];
    char *aliases[] = {alias, NULL};
    strcpy(alias, known->alias);
    return fill(ret_entry, known->name, aliases, known->number, NULL);
}

int nsp_protocol_by_name(const char *name, struct nsp_entry *ret_entry)
{
    struct protoent buffer, *found = NULL;
    char work[WORK_BYTES];
    for (size_t i = 0; i < sizeof known_protocols / sizeof known_protocols[0]; i++) {
        if (strcasecmp(name, known_protocols[i].name) == 0)
            return fill_known(&known_protocols[i], ret_entry);
    }
    if (getprotobyname_r(name, &buffer, work, sizeof work, &found) != 0 || found == NULL)
        return WSANO_DATA;
    return fill(ret_entry, found->p_name, found->p_aliases, found->p_proto, NULL);
}

int nsp_protocol_by_number(int number, struct nsp_entry *ret_entry)
{
    struct protoent buffer, *found = NULL;
    char work[WORK_BYTES];
    for (size_t i = 0; i < sizeof known_protocols / sizeof known_protocols[0]; i++) {
        if (number == known_protocols[i].number)
            return fill_known(&known_protocols[i], ret_entry);
    }
    if (getprotobynumber_r(number, &buffer, work, sizeof work, &found) != 0 || found == NULL)
        return WSANO_DATA;
    return fill(ret_entry, found->p_name, found->p_aliases, found->p_proto, NULL);
}
