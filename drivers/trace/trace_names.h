/* SPDX-License-Identifier: MIT */
/*
 * trace_names.h - names of statuses, major functions and control codes, and a bounded text writer.
 *
 * Layer: drivers.
 */
#ifndef TRACE_NAMES_H
#define TRACE_NAMES_H

#include <wdm.h>

/* A text that is cut, never overrun. */
typedef struct TRACE_TEXT {
    CHAR *Buffer;
    ULONG Size;   /* of Buffer, final zero included */
    ULONG Length;
} TRACE_TEXT;
VOID TraceAppend(TRACE_TEXT *Text, PCSZ Format, ...) __attribute__((format(printf, 2, 3)));

PCSZ TraceStatusName(NTSTATUS Status);       /* NULL if it has no name here */
PCSZ TraceMajorName(UCHAR MajorFunction);    /* "DEVICE_CONTROL" */
PCSZ TraceControlName(ULONG IoControlCode);  /* "IOCTL_AFD_ACCEPT", NULL if unknown */
VOID TraceAppendSockaddr(TRACE_TEXT *Text, const UCHAR *Address, ULONG Length);
VOID TraceAppendPollEvents(TRACE_TEXT *Text, ULONG Events);

#endif
