/* SPDX-License-Identifier: MIT */
/*
 * host_option.h - the table of socket options.
 *
 * Layer: host, private; unit tests read it.
 */
#ifndef HOST_OPTION_H
#define HOST_OPTION_H

#include <stddef.h>

/* How a value is converted, and flags above KIND_MASK. */
enum host_option_kind {
    KIND_BOOL,          /* 1 to n bytes in, 1 or 4 out */
    KIND_INT,           /* DWORD */
    KIND_BYTE,          /* a small number, 1 to n bytes */
    KIND_SWAPPED_INT,   /* DWORD in host order, Linux wants network order */
    KIND_BUFFER_SIZE,   /* Linux reports the double; has a least size here */
    KIND_LINGER,        /* two USHORTs */
    KIND_DONT_LINGER,
    KIND_ERROR,         /* errno out, as NTSTATUS */
    KIND_SECONDS,       /* Linux has milliseconds; -1 is for ever */
    KIND_MILLISECONDS,
    KIND_FAST_OPEN,     /* BOOL; Linux wants a queue length */
    KIND_INTERFACE_4,   /* IPv4 address or 0.x.x.x = index */
    KIND_MEMBERSHIP_4,  /* IP_MREQ */
    KIND_SOURCE_4,      /* IP_MREQ_SOURCE, other order of members */
    KIND_MEMBERSHIP_6,  /* IPV6_MREQ */
    KIND_GROUP,         /* GROUP_REQ */
    KIND_GROUP_SOURCE,  /* GROUP_SOURCE_REQ */
    KIND_DONT_FRAGMENT, /* BOOL for one value of IP_MTU_DISCOVER */
    KIND_MTU_DISCOVER,  /* other numbers for the same four values */
    KIND_KEEP_TIME,     /* DWORD, seconds, up to what Linux takes */
    KIND_KEEP_COUNT,    /* DWORD, up to what Linux takes */
    KIND_BYTES,         /* as it is */
    KIND_MASK = 0x1f,
    READ_ONLY = 0x100,
    WRITE_ONLY = 0x200,
    STREAM_ONLY = 0x400,
    DATAGRAM_ONLY = 0x800 /* and raw */
};

struct host_option_row {
    int level, name; /* Windows' */
    int native_level, native_name;
    unsigned kind;
};

extern const struct host_option_row host_option_rows[];
extern const size_t host_option_row_count;
const struct host_option_row *host_option_find(int level, int name);

#endif
