/* SPDX-License-Identifier: MIT */
/*
 * io_reserve.c - memory that is set aside, so that a packet can be queued when there is none: NtAllocateReserveObject.
 *
 * Layer: ntos. NT counterpart: reserve objects. One of IoCompletionReserve is a packet of a port, which
 * NtSetIoCompletionEx (io_port.c) queues and which comes back when it is taken. It lives while it is queued. One of
 * UserApcReserve can be made, but nothing queues an APC with it here. [test:wine/ntdll/om.c, file.c]
 */
#include "io/iop.h"

typedef struct IOP_RESERVE {
    IOP_PACKET Packet;
    volatile LONG Busy; /* the packet is queued, and holds a reference */
} IOP_RESERVE;

NTSTATUS NtAllocateReserveObject(PHANDLE Handle, POBJECT_ATTRIBUTES Attributes, MEMORY_RESERVE_OBJECT_TYPE Type)
{
    OBJECT_ATTRIBUTES Captured;
    PVOID Reserve;
    NTSTATUS Status = ExProbeForWrite(Handle, sizeof *Handle);

    if (NT_SUCCESS(Status) && Attributes != NULL)
        Status = ExCopyFromUser(&Captured, Attributes, sizeof Captured, 1);
    if (!NT_SUCCESS(Status))
        return Status;
    if (Attributes != NULL && Captured.ObjectName != NULL)
        return STATUS_OBJECT_NAME_INVALID;
    if (Type == MemoryReserveObjectTypeUserApc)
        Status = ObCreateObject(&ObpUserApcReserveType, sizeof(ULONGLONG), &Reserve);
    else if (Type == MemoryReserveObjectTypeIoCompletion)
        Status = ObCreateObject(&ObpIoCompletionReserveType, sizeof(IOP_RESERVE), &Reserve);
    else
        return STATUS_INVALID_PARAMETER;
    if (!NT_SUCCESS(Status))
        return Status;
    return ExInsertNewObject(Reserve, Attributes, MAXIMUM_ALLOWED, Handle);
}

NTSTATUS IopTakeReserve(HANDLE Handle, IOP_PACKET **Packet)
{
    IOP_RESERVE *Reserve;
    NTSTATUS Status =
        ObReferenceObjectByHandle(Handle, 0, &ObpIoCompletionReserveType, UserMode, (PVOID *)&Reserve, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    if (__atomic_exchange_n(&Reserve->Busy, 1, __ATOMIC_ACQUIRE) != 0) {
        ObDereferenceObject(Reserve);
        return STATUS_INVALID_PARAMETER_2; /* [guess] */
    }
    Reserve->Packet.PacketType = IopPacketReserved;
    *Packet = &Reserve->Packet;
    return STATUS_SUCCESS;
}

VOID IopReturnReserve(IOP_PACKET *Packet)
{
    IOP_RESERVE *Reserve = CONTAINING_RECORD(Packet, IOP_RESERVE, Packet);
    __atomic_store_n(&Reserve->Busy, 0, __ATOMIC_RELEASE);
    ObDereferenceObject(Reserve);
}
