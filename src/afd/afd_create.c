/* SPDX-License-Identifier: MIT */
/*
 * afd_create.c - IRP_MJ_CREATE: a file on \Device\Afd becomes an endpoint.
 *
 * Layer: afd. The open packet says what kind. Without one the file is a helper, through which others
 * can be polled. The transport endpoint is made later, by the first request that needs it, so that
 * opening the accepting endpoint of an accept() costs no descriptor. A transport device name in the
 * packet (the TDI form) is accepted and ignored: addresses are SOCKADDRs always. GroupID makes or joins a group.
 */
#include "afd_group.h"
#include "afd_requests.h"

#define AFD_PACKET_FIXED UFIELD_OFFSET(AFD_OPEN_PACKET, TransportDeviceName)

/* The open packet in a list of extended attributes; STATUS_INVALID_PARAMETER if there is none or it is wrong. */
static NTSTATUS AfdpFindOpenPacket(const UCHAR *Ea, ULONG Length, AFD_OPEN_PACKET *Packet)
{
    static const CHAR Name[] = AFD_OPEN_PACKET_NAME;
    ULONG Fixed = UFIELD_OFFSET(FILE_FULL_EA_INFORMATION, EaName);
    FILE_FULL_EA_INFORMATION Header;

    for (;;) {
        if (Length < Fixed)
            return STATUS_INVALID_PARAMETER;
        RtlCopyMemory(&Header, Ea, Fixed);
        if ((ULONG)Header.EaNameLength + 1 + Header.EaValueLength > Length - Fixed)
            return STATUS_INVALID_PARAMETER;
        if (Header.EaNameLength == sizeof Name - 1 && RtlEqualMemory(Ea + Fixed, Name, sizeof Name - 1))
            break;
        if (Header.NextEntryOffset == 0 || Header.NextEntryOffset > Length)
            return STATUS_INVALID_PARAMETER;
        Ea += Header.NextEntryOffset;
        Length -= Header.NextEntryOffset;
    }
    if (Header.EaValueLength < AFD_PACKET_FIXED)
        return STATUS_INVALID_PARAMETER;
    RtlCopyMemory(Packet, Ea + Fixed + Header.EaNameLength + 1, AFD_PACKET_FIXED);
    if (Packet->TransportDeviceNameLength > Header.EaValueLength - AFD_PACKET_FIXED)
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

static NTSTATUS AfdpCheckOpenPacket(const AFD_OPEN_PACKET *Packet)
{
    if (Packet->AddressFamily != AFD_AF_INET && Packet->AddressFamily != AFD_AF_INET6)
        return STATUS_PROTOCOL_NOT_SUPPORTED;
    if (Packet->SocketType < AFD_SOCK_STREAM || Packet->SocketType > AFD_SOCK_RAW)
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

NTSTATUS AfdCreate(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    AFD_OPEN_PACKET Packet;
    AFD_ENDPOINT *Endpoint;
    AFD_ENDPOINT_KIND Kind = AfdHelper;
    NTSTATUS Status;

    if (Stack->Parameters.Create.EaLength != 0 && Irp->AssociatedIrp.SystemBuffer != NULL) {
        Status = AfdpFindOpenPacket(Irp->AssociatedIrp.SystemBuffer, Stack->Parameters.Create.EaLength, &Packet);
        if (NT_SUCCESS(Status))
            Status = AfdpCheckOpenPacket(&Packet);
        if (!NT_SUCCESS(Status))
            return AfdCompleteIrp(Irp, Status, 0);
        Kind = Packet.SocketType == AFD_SOCK_STREAM ? AfdStream : AfdDatagram;
    }

    Endpoint = AfdAllocateEndpoint(Kind);
    if (Endpoint == NULL)
        return AfdCompleteIrp(Irp, STATUS_INSUFFICIENT_RESOURCES, 0);
    if (Kind != AfdHelper) {
        Endpoint->Family = (UCHAR)Packet.AddressFamily;
        Endpoint->SocketType = (UCHAR)Packet.SocketType;
        Endpoint->Protocol = Packet.Protocol;
        Status = AfdJoinGroup(Endpoint, Packet.GroupID);
        if (!NT_SUCCESS(Status)) {
            AfdDereferenceEndpoint(Endpoint);
            return AfdCompleteIrp(Irp, Status, 0);
        }
    }
    AfdSetFileEndpoint(Stack->FileObject, Endpoint);
    return AfdCompleteIrp(Irp, STATUS_SUCCESS, FILE_OPENED);
}
