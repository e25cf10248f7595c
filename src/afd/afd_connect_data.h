/* SPDX-License-Identifier: MIT */
/*
 * afd_connect_data.h - the byte strings that go with connecting and disconnecting.
 *
 * Layer: afd. NT counterpart: AFD's connect data buffers. What may be done with them is in afd_ioctl_socket.h.
 */
#ifndef AFD_CONNECT_DATA_H
#define AFD_CONNECT_DATA_H

#include "afd_private.h"

typedef enum AFD_STRING_KIND {
    AfdConnectDataString,
    AfdConnectOptions,
    AfdDisconnectDataString,
    AfdDisconnectOptions,
    AfdStringMax
} AFD_STRING_KIND;

/*
 * Made by the first SET or SIZE on an endpoint or an offered connection, freed with it by AfdFreeConnectStrings. Under
 * the lock of the endpoint, or of the listener. Bytes is from pool; NULL only if Length is 0.
 */
typedef struct AFD_CONNECT_STRINGS {
    struct {
        PVOID Bytes;
        ULONG Length;
    } Strings[AfdStringMax];
} AFD_CONNECT_STRINGS;

/* Each accepts NULL. */
VOID AfdFreeConnectStrings(AFD_CONNECT_STRINGS *Strings);
/* A connection has been made: no connect data or options. Reuse: nor any of its end. Under the lock; frees nothing. */
VOID AfdEmptyConnectStrings(AFD_CONNECT_STRINGS *Strings, BOOLEAN Reuse);

#endif
