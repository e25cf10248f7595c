/* SPDX-License-Identifier: MIT */
/*
 * afd_buffers.c - captures a caller's array of buffers.
 *
 * Layer: afd. NT counterpart: the locking of user buffers. Memory is one address space here, so nothing is
 * mapped or locked: the array is copied, because its owner may change it as soon as the call
 * returns, and each buffer's range is checked; a page that is not there shows as
 * STATUS_ACCESS_VIOLATION when the host is asked to use it.
 */
#include "afd_request.h"

_Static_assert(sizeof(AFD_WSABUF) == sizeof(TL_BUFFER), "one layout");
_Static_assert(offsetof(AFD_WSABUF, buf) == offsetof(TL_BUFFER, base), "one layout");

NTSTATUS AfdCaptureBuffers(AFD_OPERATION *Operation, const AFD_WSABUF *Array, ULONG Count)
{
    NTSTATUS Status;
    SIZE_T Bytes = 0;
    ULONG i;
    TL_BUFFER *Buffers = Operation->Inline;

    if (Count == 0)
        return STATUS_INVALID_PARAMETER;
    if (Count > AFD_BUFFERS_MAX)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (Count > AFD_INLINE_BUFFERS) {
        Buffers = ExAllocatePoolWithTag(NonPagedPool, (SIZE_T)Count * sizeof *Buffers, AFD_TAG_BUFFERS);
        if (Buffers == NULL)
            return STATUS_INSUFFICIENT_RESOURCES;
        Operation->Allocated = Buffers;
    }
    Status = ExCopyFromUser(Buffers, Array, (SIZE_T)Count * sizeof *Buffers, 1);
    if (!NT_SUCCESS(Status))
        return Status;

    for (i = 0; i < Count; i++) {
        if (Buffers[i].length == 0)
            continue;
        Status = ExProbeUserRange(Buffers[i].base, Buffers[i].length);
        if (!NT_SUCCESS(Status))
            return Status;
        Bytes += Buffers[i].length;
    }
    if (Bytes > MAXULONG)
        return STATUS_INVALID_PARAMETER;
    Operation->Bytes = (ULONG)Bytes;
    Operation->Tl.Buffers = Buffers;
    Operation->Tl.BufferCount = Count;
    return STATUS_SUCCESS;
}

VOID AfdReleaseBuffers(AFD_OPERATION *Operation)
{
    if (Operation->Allocated != NULL) {
        ExFreePoolWithTag(Operation->Allocated, AFD_TAG_BUFFERS);
        Operation->Allocated = NULL;
    }
    if ((Operation->Tl.Flags & TL_REQUEST_MESSAGE) != 0 && Operation->Control != NULL) {
        ExFreePoolWithTag(Operation->Control, AFD_TAG_BUFFERS);
        Operation->Control = NULL;
    }
}

VOID AfdAdvanceBuffers(AFD_OPERATION *Operation, SIZE_T Bytes)
{
    TL_BUFFER *Buffer = Operation->Allocated != NULL ? Operation->Allocated : Operation->Inline;
    Buffer += Operation->Tl.Buffers - Buffer;
    while (Operation->Tl.BufferCount > 0 && Bytes >= Buffer->length) {
        Bytes -= Buffer->length;
        Buffer++;
        Operation->Tl.BufferCount--;
    }
    if (Operation->Tl.BufferCount > 0) {
        Buffer->base += Bytes;
        Buffer->length -= (ULONG)Bytes;
    }
    Operation->Tl.Buffers = Buffer;
}
