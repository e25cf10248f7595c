/* SPDX-License-Identifier: MIT */
/*
 * trace_endpoint.c - short numbers for file objects.
 *
 * Layer: drivers. Addresses would do as names, but they are long and are used again.
 */
#include "trace_private.h"

static LIST_ENTRY *Bucket(TRACE_EXTENSION *Extension, PFILE_OBJECT File)
{
    return &Extension->Buckets[((ULONG_PTR)File >> 5) % TRACE_BUCKETS];
}

/* Under EndpointLock. */
static TRACE_ENDPOINT *FindEndpoint(LIST_ENTRY *Head, PFILE_OBJECT File)
{
    for (LIST_ENTRY *Entry = Head->Flink; Entry != Head; Entry = Entry->Flink) {
        TRACE_ENDPOINT *Endpoint = CONTAINING_RECORD(Entry, TRACE_ENDPOINT, Link);
        if (Endpoint->File == File)
            return Endpoint;
    }
    return NULL;
}

ULONG TraceEndpointNumber(TRACE_EXTENSION *Extension, PFILE_OBJECT File)
{
    KIRQL Irql;
    ULONG Number;
    if (File == NULL)
        return 0;
    LIST_ENTRY *Head = Bucket(Extension, File);
    KeAcquireSpinLock(&Extension->EndpointLock, &Irql);
    TRACE_ENDPOINT *Found = FindEndpoint(Head, File);
    Number = Found != NULL ? Found->Number : 0;
    KeReleaseSpinLock(&Extension->EndpointLock, Irql);
    if (Number != 0)
        return Number;

    TRACE_ENDPOINT *Fresh = ExAllocatePoolWithTag(NonPagedPool, sizeof *Fresh, TRACE_TAG);
    if (Fresh == NULL)
        return 0;
    KeAcquireSpinLock(&Extension->EndpointLock, &Irql);
    Found = FindEndpoint(Head, File);
    if (Found == NULL) {
        Fresh->File = File;
        Fresh->Number = ++Extension->NextEndpoint;
        InsertHeadList(Head, &Fresh->Link);
        Found = Fresh;
        Fresh = NULL;
    }
    Number = Found->Number;
    KeReleaseSpinLock(&Extension->EndpointLock, Irql);
    if (Fresh != NULL)
        ExFreePoolWithTag(Fresh, TRACE_TAG);
    return Number;
}

VOID TraceForgetEndpoint(TRACE_EXTENSION *Extension, PFILE_OBJECT File)
{
    KIRQL Irql;
    if (File == NULL)
        return;
    KeAcquireSpinLock(&Extension->EndpointLock, &Irql);
    TRACE_ENDPOINT *Endpoint = FindEndpoint(Bucket(Extension, File), File);
    if (Endpoint != NULL)
        RemoveEntryList(&Endpoint->Link);
    KeReleaseSpinLock(&Extension->EndpointLock, Irql);
    if (Endpoint != NULL)
        ExFreePoolWithTag(Endpoint, TRACE_TAG);
}

/* After the last request: nobody else looks. */
VOID TraceForgetAllEndpoints(TRACE_EXTENSION *Extension)
{
    for (ULONG i = 0; i < TRACE_BUCKETS; i++) {
        while (!IsListEmpty(&Extension->Buckets[i])) {
            LIST_ENTRY *Entry = RemoveHeadList(&Extension->Buckets[i]);
            ExFreePoolWithTag(CONTAINING_RECORD(Entry, TRACE_ENDPOINT, Link), TRACE_TAG);
        }
    }
}
