/* SPDX-License-Identifier: MIT */
/*
 * afd_driver.c - the Ancillary Function Driver: its device, its dispatch routines, its table of requests.
 *
 * Layer: afd. NT counterpart: afd.sys. Each request has a file of its own; this one shows the whole
 * surface. Control codes that are not in the table end with STATUS_INVALID_DEVICE_REQUEST, as a driver's do
 * that it does not know; afd_ioctl_codes.h says which. [ddi:irp-mj-device-control]
 */
#include "afd.h"

#include "afd_request.h"
#include "afd_requests.h"
#include "cm.h"
#include "iomgr.h"

PDEVICE_OBJECT AfdDevice;
const TL_PROVIDER_DISPATCH *AfdTransport;

/* One control code. Exactly one of Irp and Control is set. */
typedef struct AFD_TABLE_ENTRY {
    ULONG Code; /* 0: an unused number */
    ULONG InputMin; /* shorter: STATUS_INVALID_PARAMETER */
    ULONG OutputMin; /* shorter: STATUS_BUFFER_TOO_SMALL */
    AFD_IRP_ROUTINE *Irp;
    AFD_FAST_ROUTINE *Fast;
    AFD_CONTROL_ROUTINE *Control;
    BOOLEAN Helper; /* may be sent to a helper endpoint */
    BOOLEAN IrpOnly; /* a control routine that layered drivers always see as an IRP */
} AFD_TABLE_ENTRY;

#define AFD_IN(type, last) UFIELD_OFFSET(type, last)
#define AFD_SET_GET_DATA 0, 0, .Control = AfdConnectData, .IrpOnly = TRUE
#define AFD_SIZE_DATA sizeof(AFD_UNACCEPTED_CONNECT_DATA_INFO), 0, .Control = AfdConnectData, .IrpOnly = TRUE

static const AFD_TABLE_ENTRY AfdpTable[] = {
    [AFD_BIND] = {IOCTL_AFD_BIND, AFD_IN(AFD_BIND_INFO, Address), 0, .Irp = AfdBind},
    [AFD_CONNECT] = {IOCTL_AFD_CONNECT, AFD_IN(AFD_CONNECT_JOIN_INFO, RemoteAddress), 0, .Irp = AfdConnect},
    [AFD_START_LISTEN] = {IOCTL_AFD_START_LISTEN, sizeof(AFD_LISTEN_INFO), 0, .Control = AfdStartListen,
        .IrpOnly = TRUE},
    [AFD_WAIT_FOR_LISTEN] = {IOCTL_AFD_WAIT_FOR_LISTEN, 0, AFD_IN(AFD_LISTEN_RESPONSE_INFO, RemoteAddress),
        .Irp = AfdWaitForListen},
    [AFD_ACCEPT] = {IOCTL_AFD_ACCEPT, sizeof(AFD_ACCEPT_INFO), 0, .Control = AfdAccept, .IrpOnly = TRUE},
    [AFD_RECEIVE] = {IOCTL_AFD_RECEIVE, 0, 0, .Irp = AfdReceive, .Fast = AfdFastReceive},
    [AFD_RECEIVE_DATAGRAM] = {IOCTL_AFD_RECEIVE_DATAGRAM, 0, 0, .Irp = AfdReceiveDatagram,
        .Fast = AfdFastReceiveDatagram},
    [AFD_SEND] = {IOCTL_AFD_SEND, 0, 0, .Irp = AfdSend, .Fast = AfdFastSend},
    [AFD_SEND_DATAGRAM] = {IOCTL_AFD_SEND_DATAGRAM, 0, 0, .Irp = AfdSendDatagram, .Fast = AfdFastSendDatagram},
    [AFD_POLL] = {IOCTL_AFD_POLL, 0, 0, .Irp = AfdPoll, .Fast = AfdFastPoll, .Helper = TRUE},
    [AFD_PARTIAL_DISCONNECT] = {IOCTL_AFD_PARTIAL_DISCONNECT, sizeof(AFD_PARTIAL_DISCONNECT_INFO), 0,
        .Control = AfdPartialDisconnect, .IrpOnly = TRUE},
    [AFD_GET_ADDRESS] = {IOCTL_AFD_GET_ADDRESS, 0, 0, .Control = AfdGetAddress},
    [AFD_QUERY_RECEIVE_INFO] = {IOCTL_AFD_QUERY_RECEIVE_INFO, 0, 2 * sizeof(ULONG), .Control = AfdQueryReceiveInfo},
    [AFD_SET_INFORMATION] = {IOCTL_AFD_SET_INFORMATION, sizeof(AFD_INFORMATION), 0, .Control = AfdSetInformation},
    [AFD_GET_REMOTE_ADDRESS] = {IOCTL_AFD_GET_REMOTE_ADDRESS, 0, 0, .Control = AfdGetRemoteAddress},
    [AFD_GET_CONTEXT] = {IOCTL_AFD_GET_CONTEXT, 0, 0, .Control = AfdGetContext},
    [AFD_SET_CONTEXT] = {IOCTL_AFD_SET_CONTEXT, 0, 0, .Control = AfdSetContext},
    [AFD_GET_INFORMATION] = {IOCTL_AFD_GET_INFORMATION, sizeof(ULONG), sizeof(AFD_INFORMATION),
        .Control = AfdGetInformation},
    [AFD_SUPER_ACCEPT] = {IOCTL_AFD_SUPER_ACCEPT, sizeof(AFD_SUPER_ACCEPT_INFO), 0, .Irp = AfdSuperAccept},
    [AFD_SUPER_CONNECT] = {IOCTL_AFD_SUPER_CONNECT, AFD_IN(AFD_SUPER_CONNECT_INFO, RemoteAddress), 0,
        .Irp = AfdSuperConnect},
    [AFD_SUPER_DISCONNECT] = {IOCTL_AFD_SUPER_DISCONNECT, sizeof(AFD_SUPER_DISCONNECT_INFO), 0,
        .Irp = AfdSuperDisconnect},
    [AFD_RECEIVE_MESSAGE] = {IOCTL_AFD_RECEIVE_MESSAGE, sizeof(AFD_RECV_MESSAGE_INFO), 0, .Irp = AfdReceiveMessage,
        .Fast = AfdFastReceiveMessage},
    [AFD_SEND_MESSAGE] = {IOCTL_AFD_SEND_MESSAGE, sizeof(AFD_SEND_MESSAGE_INFO), 0, .Irp = AfdSendMessage,
        .Fast = AfdFastSendMessage},
    [AFD_EVENT_SELECT] = {IOCTL_AFD_EVENT_SELECT, sizeof(AFD_EVENT_SELECT_INFO), 0, .Control = AfdEventSelect},
    [AFD_ENUM_NETWORK_EVENTS] = {IOCTL_AFD_ENUM_NETWORK_EVENTS, 0, 0, .Control = AfdEnumNetworkEvents},
    [AFD_DEFER_ACCEPT] = {IOCTL_AFD_DEFER_ACCEPT, sizeof(AFD_DEFER_ACCEPT_INFO), 0, .Control = AfdDeferAccept,
        .IrpOnly = TRUE},
    [AFD_WAIT_FOR_LISTEN_LIFO] = {IOCTL_AFD_WAIT_FOR_LISTEN_LIFO, 0, AFD_IN(AFD_LISTEN_RESPONSE_INFO, RemoteAddress),
        .Irp = AfdWaitForListenLifo},
    [AFD_NO_OPERATION] = {IOCTL_AFD_NO_OPERATION, 0, 0, .Irp = AfdNoOperation, .Fast = AfdFastNoOperation},
    [AFD_TRANSMIT_FILE] = {IOCTL_AFD_TRANSMIT_FILE, sizeof(AFD_TRANSMIT_FILE_INFO), 0, .Irp = AfdTransmitFile},
    [AFD_TRANSMIT_PACKETS] = {IOCTL_AFD_TRANSMIT_PACKETS, sizeof(AFD_TRANSMIT_PACKETS_INFO), 0,
        .Irp = AfdTransmitPackets},
    [AFD_ROUTING_INTERFACE_QUERY] = {IOCTL_AFD_ROUTING_INTERFACE_QUERY, 0, 0, .Control = AfdRoutingInterfaceQuery},
    [AFD_ROUTING_INTERFACE_CHANGE] = {IOCTL_AFD_ROUTING_INTERFACE_CHANGE, 0, 0, .Irp = AfdRoutingInterfaceChange},
    [AFD_ADDRESS_LIST_QUERY] = {IOCTL_AFD_ADDRESS_LIST_QUERY, 0, sizeof(ULONG), .Control = AfdAddressListQuery},
    [AFD_ADDRESS_LIST_CHANGE] = {IOCTL_AFD_ADDRESS_LIST_CHANGE, 0, 0, .Irp = AfdAddressListChange},
    [AFD_QUERY_HANDLES] = {IOCTL_AFD_QUERY_HANDLES, sizeof(ULONG), sizeof(AFD_HANDLE_INFO),
        .Control = AfdQueryHandles, .IrpOnly = TRUE},
    [AFD_SET_CONNECT_DATA] = {IOCTL_AFD_SET_CONNECT_DATA, AFD_SET_GET_DATA},
    [AFD_SET_CONNECT_OPTIONS] = {IOCTL_AFD_SET_CONNECT_OPTIONS, AFD_SET_GET_DATA},
    [AFD_SET_DISCONNECT_DATA] = {IOCTL_AFD_SET_DISCONNECT_DATA, AFD_SET_GET_DATA},
    [AFD_SET_DISCONNECT_OPTIONS] = {IOCTL_AFD_SET_DISCONNECT_OPTIONS, AFD_SET_GET_DATA},
    [AFD_GET_CONNECT_DATA] = {IOCTL_AFD_GET_CONNECT_DATA, AFD_SET_GET_DATA},
    [AFD_GET_CONNECT_OPTIONS] = {IOCTL_AFD_GET_CONNECT_OPTIONS, AFD_SET_GET_DATA},
    [AFD_GET_DISCONNECT_DATA] = {IOCTL_AFD_GET_DISCONNECT_DATA, AFD_SET_GET_DATA},
    [AFD_GET_DISCONNECT_OPTIONS] = {IOCTL_AFD_GET_DISCONNECT_OPTIONS, AFD_SET_GET_DATA},
    [AFD_SIZE_CONNECT_DATA] = {IOCTL_AFD_SIZE_CONNECT_DATA, AFD_SIZE_DATA},
    [AFD_SIZE_CONNECT_OPTIONS] = {IOCTL_AFD_SIZE_CONNECT_OPTIONS, AFD_SIZE_DATA},
    [AFD_SIZE_DISCONNECT_DATA] = {IOCTL_AFD_SIZE_DISCONNECT_DATA, AFD_SIZE_DATA},
    [AFD_SIZE_DISCONNECT_OPTIONS] = {IOCTL_AFD_SIZE_DISCONNECT_OPTIONS, AFD_SIZE_DATA},
    [AFD_GET_UNACCEPTED_CONNECT_DATA] = {IOCTL_AFD_GET_UNACCEPTED_CONNECT_DATA,
        sizeof(AFD_UNACCEPTED_CONNECT_DATA_INFO), 0, .Control = AfdGetUnacceptedConnectData, .IrpOnly = TRUE},
    [AFD_SET_QOS] = {IOCTL_AFD_SET_QOS, sizeof(AFD_QOS_INFO), 0, .Control = AfdSetQos, .IrpOnly = TRUE},
    [AFD_GET_QOS] = {IOCTL_AFD_GET_QOS, 0, sizeof(AFD_QOS_INFO), .Control = AfdGetQos, .IrpOnly = TRUE},
    [AFD_VALIDATE_GROUP] = {IOCTL_AFD_VALIDATE_GROUP, AFD_IN(AFD_VALIDATE_GROUP_INFO, RemoteAddress), 0,
        .Control = AfdValidateGroup, .IrpOnly = TRUE},
    [AFD_JOIN_LEAF] = {IOCTL_AFD_JOIN_LEAF, AFD_IN(AFD_CONNECT_JOIN_INFO, RemoteAddress), 0, .Control = AfdJoinLeaf,
        .IrpOnly = TRUE},
    [AFD_TRANSPORT_IOCTL] = {IOCTL_AFD_TRANSPORT_IOCTL, sizeof(AFD_TL_IO_CONTROL_INFO), 0,
        .Control = AfdTransportIoctl},
};

/* The entry of a code, or why there is none for this endpoint. */
static NTSTATUS AfdpFindEntry(const AFD_ENDPOINT *Endpoint, ULONG Code, const AFD_TABLE_ENTRY **Entry)
{
    ULONG Number = _AFD_REQUEST(Code);
    if (Number >= RTL_NUMBER_OF(AfdpTable) || AfdpTable[Number].Code != Code)
        return STATUS_INVALID_DEVICE_REQUEST;
    *Entry = &AfdpTable[Number];
    if (Endpoint->Kind == AfdHelper && !(*Entry)->Helper)
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

static NTSTATUS AfdpCheckLengths(const AFD_TABLE_ENTRY *Entry, ULONG InputLength, ULONG OutputLength)
{
    if (InputLength < Entry->InputMin)
        return STATUS_INVALID_PARAMETER;
    if (OutputLength < Entry->OutputMin)
        return STATUS_BUFFER_TOO_SMALL;
    return STATUS_SUCCESS;
}

VOID AfdInitializeControl(PIRP Irp, const IO_STACK_LOCATION *Stack, AFD_CONTROL *Control)
{
    Control->InputLength = Stack->Parameters.DeviceIoControl.InputBufferLength;
    Control->OutputLength = Stack->Parameters.DeviceIoControl.OutputBufferLength;
    Control->Information = 0;
    Control->Code = Stack->Parameters.DeviceIoControl.IoControlCode;
    Control->SystemBuffer = METHOD_FROM_CTL_CODE(Control->Code) == METHOD_BUFFERED;
    if (Control->SystemBuffer) {
        Control->Input = Irp->AssociatedIrp.SystemBuffer;
        Control->Output = Irp->AssociatedIrp.SystemBuffer;
    } else {
        Control->Input = Stack->Parameters.DeviceIoControl.Type3InputBuffer;
        Control->Output = Irp->UserBuffer;
    }
}

static NTSTATUS AfdDispatchControl(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    PIO_STACK_LOCATION Stack = IoGetCurrentIrpStackLocation(Irp);
    AFD_ENDPOINT *Endpoint = AfdEndpointFromFile(Stack->FileObject);
    const AFD_TABLE_ENTRY *Entry = NULL;
    AFD_CONTROL Control;
    NTSTATUS Status;

    if (Endpoint == NULL)
        return AfdCompleteIrp(Irp, STATUS_INVALID_HANDLE, 0);
    Status = AfdpFindEntry(Endpoint, Stack->Parameters.DeviceIoControl.IoControlCode, &Entry);
    if (NT_SUCCESS(Status))
        Status = AfdpCheckLengths(Entry, Stack->Parameters.DeviceIoControl.InputBufferLength,
            Stack->Parameters.DeviceIoControl.OutputBufferLength);
    if (!NT_SUCCESS(Status))
        return AfdCompleteIrp(Irp, Status, 0);
    if (Entry->Irp != NULL)
        return Entry->Irp(Endpoint, Irp, Stack);
    AfdInitializeControl(Irp, Stack, &Control);
    Status = Entry->Control(Endpoint, &Control);
    return AfdCompleteIrp(Irp, Status, Control.Information);
}

/* Flush, query and the rest mean nothing for a socket. */
static NTSTATUS AfdDispatchOther(PDEVICE_OBJECT DeviceObject, PIRP Irp)
{
    return AfdCompleteIrp(Irp, STATUS_INVALID_DEVICE_REQUEST, 0);
}

/*
 * Errors of data requests that an IRP will find again, and that a caller who does not wait shall see as the IRP's:
 * its status block stays untouched then. What the transport reports only once is not among them.
 * [test:wine/ws2_32/afd.c recv]
 */
static BOOLEAN AfdpIsLeftToIrp(NTSTATUS Status)
{
    switch (Status) {
    case STATUS_DEVICE_NOT_READY:
    case STATUS_INVALID_PARAMETER:
    case STATUS_INVALID_CONNECTION:
    case STATUS_PIPE_DISCONNECTED:
    case STATUS_NOT_SUPPORTED:
    case STATUS_ACCESS_VIOLATION:
        return TRUE;
    default:
        return FALSE;
    }
}

static BOOLEAN AfdFastIoDeviceControl(PFILE_OBJECT FileObject, BOOLEAN Wait, PVOID InputBuffer,
    ULONG InputBufferLength, PVOID OutputBuffer, ULONG OutputBufferLength, ULONG IoControlCode,
    PIO_STATUS_BLOCK IoStatus, PDEVICE_OBJECT DeviceObject)
{
    AFD_ENDPOINT *Endpoint = AfdEndpointFromFile(FileObject);
    const AFD_TABLE_ENTRY *Entry;
    AFD_CONTROL Control = {InputBuffer, InputBufferLength, OutputBuffer, OutputBufferLength, FALSE, 0,
        IoControlCode};

    /* What has no fast path at all, the IRP will be told. */
    if (Endpoint == NULL || !NT_SUCCESS(AfdpFindEntry(Endpoint, IoControlCode, &Entry)))
        return FALSE;
    if (Entry->Fast != NULL)
        return Entry->Fast(Endpoint, &Control, Wait, IoStatus) && (Wait || !AfdpIsLeftToIrp(IoStatus->Status));
    if (Entry->Control == NULL || Entry->IrpOnly)
        return FALSE;
    /* Errors found here are final, and stand in the caller's status block. [test:wine/ws2_32/afd.c event_select] */
    IoStatus->Status = AfdpCheckLengths(Entry, InputBufferLength, OutputBufferLength);
    if (NT_SUCCESS(IoStatus->Status))
        IoStatus->Status = Entry->Control(Endpoint, &Control);
    IoStatus->Information = Control.Information;
    return TRUE;
}

static FAST_IO_DISPATCH AfdFastIoDispatch = {
    .SizeOfFastIoDispatch = sizeof(FAST_IO_DISPATCH),
    .FastIoRead = AfdFastRead,
    .FastIoDeviceControl = AfdFastIoDeviceControl,
};

NTSTATUS AfdDriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    UNICODE_STRING Name = {sizeof(AFD_DEVICE_NAME) - sizeof(WCHAR), sizeof(AFD_DEVICE_NAME), (PWSTR)AFD_DEVICE_NAME};
    NTSTATUS Status;
    ULONG i;

    AfdTransport = TlFindEngine(CmConfiguredEngine());
    if (AfdTransport == NULL)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    Status = IoCreateDevice(DriverObject, 0, &Name, FILE_DEVICE_NAMED_PIPE, 0, FALSE, &AfdDevice);
    if (!NT_SUCCESS(Status))
        return Status;

    IoDeclareInputRead(AfdDevice); /* what pends has copied it */
    AfdInitializeChanges();
    for (i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
        DriverObject->MajorFunction[i] = AfdDispatchOther;
    DriverObject->MajorFunction[IRP_MJ_CREATE] = AfdCreate;
    DriverObject->MajorFunction[IRP_MJ_CLEANUP] = AfdCleanup;
    DriverObject->MajorFunction[IRP_MJ_CLOSE] = AfdClose;
    DriverObject->MajorFunction[IRP_MJ_READ] = AfdRead;
    DriverObject->MajorFunction[IRP_MJ_WRITE] = AfdWrite;
    DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL] = AfdDispatchControl;
    DriverObject->FastIoDispatch = &AfdFastIoDispatch;
    AfdDevice->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}
