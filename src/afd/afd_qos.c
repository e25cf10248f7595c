/* SPDX-License-Identifier: MIT */
/*
 * afd_qos.c - IOCTL_AFD_SET_QOS, IOCTL_AFD_GET_QOS: flow specifications of an endpoint or of its group.
 *
 * Layer: afd. NT counterpart: what the RSVP provider told AFD; without one the specifications are only kept. No
 * AFD_POLL_QOS follows: the service never changes by itself.
 */
#include "afd_group.h"
#include "afd_requests.h"

NTSTATUS AfdSetQos(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control)
{
    AFD_ENDPOINT_EXTRA *Extra;
    AFD_QOS_INFO Info;
    AFD_QOS *New, *Old = NULL;
    NTSTATUS Status = AfdReadInput(Control, &Info, sizeof Info);

    if (!NT_SUCCESS(Status))
        return Status;
    if (AfdEndpointState(Endpoint) == AfdClosing)
        return STATUS_FILE_CLOSED;
    Info.Qos.ProviderSpecific = NULL;
    Info.Qos.ProviderSpecificLength = 0;
    if (Info.GroupQos)
        return AfdSetGroupQos(Endpoint, &Info.Qos) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
    Extra = AfdNeedExtra(Endpoint);
    New = Extra != NULL ? ExAllocatePoolWithTag(NonPagedPool, sizeof *New, AFD_TAG_QOS) : NULL;
    if (New == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    *New = Info.Qos;
    AfdLockEndpoint(Endpoint);
    Old = Extra->Qos;
    Extra->Qos = New;
    AfdUnlockEndpoint(Endpoint);
    if (Old != NULL)
        ExFreePoolWithTag(Old, AFD_TAG_QOS);
    return STATUS_SUCCESS;
}

NTSTATUS AfdGetQos(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control)
{
    static const AFD_FLOWSPEC Unspecified = {AFD_QOS_NOT_SPECIFIED, AFD_QOS_NOT_SPECIFIED, AFD_QOS_NOT_SPECIFIED,
        AFD_QOS_NOT_SPECIFIED, AFD_QOS_NOT_SPECIFIED, AFD_QOS_BEST_EFFORT, AFD_QOS_NOT_SPECIFIED,
        AFD_QOS_NOT_SPECIFIED};
    const AFD_ENDPOINT_EXTRA *Extra = AfdEndpointExtra(Endpoint);
    AFD_ENDPOINT_STATE State = AfdEndpointState(Endpoint);
    AFD_QOS_INFO Info;
    NTSTATUS Status = STATUS_SUCCESS;

    RtlZeroMemory(&Info, sizeof Info);
    if (Control->InputLength >= sizeof Info)
        Status = AfdReadInput(Control, &Info, sizeof Info);
    else if (Control->InputLength != 0)
        Status = STATUS_INVALID_PARAMETER;
    if (!NT_SUCCESS(Status))
        return Status;
    if (State == AfdClosing)
        return STATUS_FILE_CLOSED;
    if (State == AfdOpen)
        return STATUS_INVALID_PARAMETER;
    RtlZeroMemory(&Info.Qos, sizeof Info.Qos);
    Info.Qos.SendingFlowspec = Unspecified;
    Info.Qos.ReceivingFlowspec = Unspecified;
    Info.GroupQos = Info.GroupQos != FALSE;
    if (Info.GroupQos) {
        if (!AfdGetGroupQos(Endpoint, &Info.Qos))
            RtlZeroMemory(&Info.Qos, sizeof Info.Qos);
    } else {
        AfdLockEndpoint(Endpoint);
        if (Extra != NULL && Extra->Qos != NULL)
            Info.Qos = *Extra->Qos;
        AfdUnlockEndpoint(Endpoint);
    }
    return AfdWriteOutput(Control, &Info, sizeof Info);
}
