/* SPDX-License-Identifier: MIT */
/*
 * trace_private.h - what the files of the trace driver share.
 *
 * Layer: drivers.
 */
#ifndef TRACE_PRIVATE_H
#define TRACE_PRIVATE_H

#include <wdm.h>

#include "trace_names.h"
#include "trace_sink.h"

#define TRACE_TAG 'ecrT'
#define TRACE_LINE_BYTES 1024
#define TRACE_PARAMETER_BYTES 480
#define TRACE_FILE_BYTES 512
#define TRACE_BUCKETS 256

/*
 * One per attached device. Created by DriverEntry, freed with the device. Everything but Buckets and
 * NextEndpoint is written before the device is attached; those two are under EndpointLock.
 */
typedef struct TRACE_EXTENSION {
    PDEVICE_OBJECT LowerDevice;
    int Sink;
    KSPIN_LOCK EndpointLock;
    ULONG NextEndpoint;
    LIST_ENTRY Buckets[TRACE_BUCKETS]; /* TRACE_ENDPOINT.Link, by file object */
} TRACE_EXTENSION;

/* The number a file object is shown under: given at its first request, never used again. */
typedef struct TRACE_ENDPOINT {
    LIST_ENTRY Link;
    PFILE_OBJECT File; /* a name only, never followed */
    ULONG Number;
} TRACE_ENDPOINT;

/* 0 for no file object, or without memory. */
ULONG TraceEndpointNumber(TRACE_EXTENSION *Extension, PFILE_OBJECT File);
VOID TraceForgetEndpoint(TRACE_EXTENSION *Extension, PFILE_OBJECT File);
VOID TraceForgetAllEndpoints(TRACE_EXTENSION *Extension);

/*
 * The parameters of a request and what it returned, in words. Buffers may be any address; nothing is
 * followed unchecked. TraceDescribeResult is given how many bytes were returned.
 */
VOID TraceDescribeControl(TRACE_EXTENSION *Extension, TRACE_TEXT *Text, ULONG Code, const VOID *Input,
    ULONG InputLength);
VOID TraceDescribeResult(TRACE_EXTENSION *Extension, TRACE_TEXT *Text, ULONG Code, const VOID *Output,
    ULONG Bytes);
VOID TraceDescribeOpen(TRACE_TEXT *Text, PFILE_OBJECT File, const VOID *Ea, ULONG EaLength);

#endif
