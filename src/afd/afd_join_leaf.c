/* SPDX-License-Identifier: MIT */
/*
 * afd_join_leaf.c - IOCTL_AFD_JOIN_LEAF: a datagram endpoint becomes a member of a multicast group.
 *
 * Layer: afd. NT counterpart: AFD's request behind WSAJoinLeaf. IP multicast has no root and nobody who answers, so
 * the request ends at once. The interface is the one that the routes choose.
 */
#include "afd_requests.h"

#define AFD_LEVEL_IP 0
#define AFD_LEVEL_IPV6 41
#define AFD_ADD_MEMBERSHIP 12 /* IP_ADD_MEMBERSHIP, IPV6_ADD_MEMBERSHIP */
#define AFD_SIN_ADDR 4
#define AFD_SIN6_ADDR 8
#define AFD_SIN6_SCOPE_ID 24

/* ip_mreq and ipv6_mreq: the group, then the interface, 0 for any. */
static NTSTATUS AfdpAddMembership(AFD_ENDPOINT *Endpoint, const UCHAR *Group)
{
    TL_ENDPOINT *Transport = AfdEndpointTransport(Endpoint);
    UCHAR Request[20] = {0};
    NTSTATUS Status;

    if (Endpoint->Family == AFD_AF_INET6) {
        RtlCopyMemory(Request, Group + AFD_SIN6_ADDR, 16);
        RtlCopyMemory(Request + 16, Group + AFD_SIN6_SCOPE_ID, sizeof(ULONG));
        Status = AfdTransport->SetOption(Transport, AFD_LEVEL_IPV6, AFD_ADD_MEMBERSHIP, Request, 20);
    } else {
        RtlCopyMemory(Request, Group + AFD_SIN_ADDR, 4);
        Status = AfdTransport->SetOption(Transport, AFD_LEVEL_IP, AFD_ADD_MEMBERSHIP, Request, 8);
    }
    /* the transport's word for a member that joins again */
    return Status == STATUS_ADDRESS_ALREADY_EXISTS ? STATUS_CONNECTION_ACTIVE : Status;
}

static NTSTATUS AfdpJoin(AFD_ENDPOINT *Endpoint, const AFD_CONTROL *Control)
{
    const ULONG Offset = UFIELD_OFFSET(AFD_CONNECT_JOIN_INFO, RemoteAddress);
    UCHAR Group[28];
    USHORT Length;
    NTSTATUS Status;

    if (Endpoint->Kind != AfdDatagram)
        return STATUS_NOT_SUPPORTED;
    Status = AfdReadAddress(Endpoint, ExUserField(Control->Input, Offset), Control->InputLength - Offset, FALSE,
        Group, &Length);
    if (NT_SUCCESS(Status) && AfdIsWildcardAddress(Group))
        Status = STATUS_INVALID_ADDRESS;
    if (NT_SUCCESS(Status))
        Status = AfdBindImplicitly(Endpoint);
    return NT_SUCCESS(Status) ? AfdpAddMembership(Endpoint, Group) : Status;
}

/* On success the file object is referenced. */
static NTSTATUS AfdpReferenceEndpointFile(HANDLE Handle, PFILE_OBJECT *File, AFD_ENDPOINT **Endpoint)
{
    NTSTATUS Status = ObReferenceObjectByHandle(Handle, 0, *IoFileObjectType, UserMode, (PVOID *)File, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    *Endpoint = AfdEndpointFromFile(*File);
    if (*Endpoint != NULL)
        return STATUS_SUCCESS;
    ObDereferenceObject(*File);
    return STATUS_OBJECT_TYPE_MISMATCH;
}

NTSTATUS AfdJoinLeaf(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control)
{
    AFD_CONNECT_JOIN_INFO Info;
    PFILE_OBJECT File;
    AFD_ENDPOINT *Other;
    NTSTATUS Status = AfdReadInput(Control, &Info, UFIELD_OFFSET(AFD_CONNECT_JOIN_INFO, RemoteAddress));

    if (!NT_SUCCESS(Status))
        return Status;
    if (Info.RootEndpoint != NULL) {
        Status = AfdpReferenceEndpointFile(Info.RootEndpoint, &File, &Other);
        if (!NT_SUCCESS(Status))
            return Status;
        ObDereferenceObject(File);
        return STATUS_NOT_SUPPORTED;
    }
    if (Info.ConnectEndpoint == NULL)
        return AfdpJoin(Endpoint, Control);
    Status = AfdpReferenceEndpointFile(Info.ConnectEndpoint, &File, &Other);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = AfdpJoin(Other, Control);
    ObDereferenceObject(File);
    return Status;
}
