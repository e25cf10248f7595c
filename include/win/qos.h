/* SPDX-License-Identifier: MIT */
/* qos.h - flow specifications, which WSAConnect, WSAAccept and WSAJoinLeaf take. Not acted upon.
 * Layer: application headers. */
#ifndef __QOS_H_
#define __QOS_H_

#include <minwindef.h>

typedef ULONG SERVICETYPE;
#define SERVICETYPE_NOTRAFFIC 0x00000000
#define SERVICETYPE_BESTEFFORT 0x00000001
#define SERVICETYPE_CONTROLLEDLOAD 0x00000002
#define SERVICETYPE_GUARANTEED 0x00000003
#define QOS_NOT_SPECIFIED 0xFFFFFFFF
typedef struct _flowspec {
    ULONG TokenRate;
    ULONG TokenBucketSize;
    ULONG PeakBandwidth;
    ULONG Latency;
    ULONG DelayVariation;
    SERVICETYPE ServiceType;
    ULONG MaxSduSize;
    ULONG MinimumPolicedSize;
} FLOWSPEC, *PFLOWSPEC, *LPFLOWSPEC;

#endif
