/* SPDX-License-Identifier: MIT */
/* soak_data.c - random numbers and the content of streams. */
#include "soak.h"

unsigned soak_random(unsigned *state, unsigned below)
{
    *state = *state * 1664525u + 1013904223u;
    return (*state >> 8) % below;
}

static unsigned key_of(const struct end *sender)
{
    const struct connection *connection = sender->connection;
    return connection->id * 2654435761u + connection->life * 40503u + (sender == &connection->a ? 17u : 91u);
}

static unsigned char byte_at(unsigned key, unsigned long long position)
{
    unsigned mixed = (unsigned)(position * 0x9E3779B1u) ^ key;
    return (unsigned char)(mixed ^ mixed >> 13);
}

void soak_fill(const struct end *end, unsigned long long position, unsigned char *data, DWORD bytes)
{
    unsigned key = key_of(end);
    for (DWORD i = 0; i < bytes; i++)
        data[i] = byte_at(key, position + i);
}

BOOL soak_check(const struct end *end, unsigned long long position, const unsigned char *data, DWORD bytes)
{
    unsigned key = key_of(end->peer);
    for (DWORD i = 0; i < bytes; i++) {
        if (data[i] != byte_at(key, position + i))
            return FALSE;
    }
    return TRUE;
}
