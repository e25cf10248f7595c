/* SPDX-License-Identifier: MIT */
/*
 * msafd_option_table.h - what the provider knows of each socket option.
 *
 * Layer: msafd, private. One row per option; msafd_options.c carries the rows out. Options without a
 * row at the levels of IP, IPv6, TCP and UDP go to the transport as they are.
 */
#ifndef MSAFD_OPTION_TABLE_H
#define MSAFD_OPTION_TABLE_H

#include "msafd_private.h"

/*
 * How many bytes a value has, to set and to get. Room is what the caller's buffer holds.
 * [test:wine/ws2_32/sock.c test_set_getsockopt]
 */
typedef enum MSAFD_OPTION_SHAPE {
    /* BOOL of the provider. In: what there is of 4 bytes, at least one. Out: what fits of 4 bytes;
     * the length told is 4, or 1 if there was room for fewer. */
    MsafdShapeBool,
    /* One byte, whatever the room: in from one byte up, out one, and its length is 1. */
    MsafdShapeByte,
    /* In: 1 to 4 bytes. Out: 4 bytes, or one if there is room for fewer. */
    MsafdShapeShort,
    /* 4 bytes. With less room: WSAEFAULT, the length stays. */
    MsafdShapeNumber,
    /* 4 bytes. With less room: WSAEFAULT, and the length becomes 0. */
    MsafdShapeDword,
    /* Nothing: reads as no bytes, and nothing may be set. */
    MsafdShapeEmpty,
    /* A procedure of its own. */
    MsafdShapeOwn
} MSAFD_OPTION_SHAPE;

typedef enum MSAFD_OPTION_PLACE {
    MsafdPlaceFlag,      /* a bit of MSAFD_SOCKET.Flags */
    MsafdPlaceKept,      /* a slot of MSAFD_SOCKET.Kept: remembered, without effect on this host */
    MsafdPlaceShadow,    /* the transport's, and what was set is remembered: the host may round it */
    MsafdPlaceTransport, /* the transport's */
    MsafdPlaceOther      /* the option's own procedure knows */
} MSAFD_OPTION_PLACE;

/* Traits: socket types that have the option, then what is special. */
#define MSAFD_ON_STREAM 0x01
#define MSAFD_ON_DATAGRAM 0x02
#define MSAFD_ON_RAW 0x04
#define MSAFD_ON_CONNECTIONLESS (MSAFD_ON_DATAGRAM | MSAFD_ON_RAW)
#define MSAFD_ON_ALL (MSAFD_ON_STREAM | MSAFD_ON_CONNECTIONLESS)
#define MSAFD_IS_BOOL 0x10       /* every value but 0 is 1 */
#define MSAFD_READ_ONLY 0x20     /* WSAENOPROTOOPT to set */
#define MSAFD_CLEARS_SHORT 0x40  /* a buffer that is too short is zeroed all the same */
#define MSAFD_ON_FOR_STREAM 0x80 /* the default is 1 for a stream socket */

typedef struct MSAFD_OPTION {
    INT Level;
    INT Name;
    UCHAR Shape; /* MSAFD_OPTION_SHAPE */
    UCHAR Place; /* MSAFD_OPTION_PLACE */
    UCHAR Traits;
    UCHAR Slot;    /* of a kept value or a shadow */
    ULONG Default; /* of a kept value or a shadow; of a flag its bit */
    ULONG Least, Most; /* WSAEINVAL outside; both 0: any value */
} MSAFD_OPTION;

/* NULL: no row. */
const MSAFD_OPTION *MsafdFindOption(INT Level, INT Name);

/* Whether this kind of socket has the option. */
BOOLEAN MsafdHasOption(const MSAFD_SOCKET *Socket, const MSAFD_OPTION *Option);

#endif
