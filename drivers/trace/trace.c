/* SPDX-License-Identifier: MIT */
/*
 * trace.c - a driver layered above \Device\Afd that writes one line for each request.
 *
 * Layer: drivers, written against the driver model. NT counterpart: an IRP logger. It copies the stack
 * location, sets a completion routine and passes the request down; it changes nothing.
 *
 *   TIME PID/TID #ENDPOINT irp|fast NAME {parameters} -> BELOW: STATUS (value) {result} DURATION
 *
 * TIME, PID and TID are those of the request's arrival; the line is written when it completes. BELOW is
 * the driver whose device is next below, the one that answered.
 *
 * Parameters: file=PATH (default: standard error); fastio=0|1 (default 1): with 1 fast I/O calls are
 * passed down and traced, with 0 there is no fast I/O table and every request is an IRP.
 */
#include "trace_private.h"

#include <afd_ioctl.h>

#include "driver_parameters.h"

DRIVER_INITIALIZE DriverEntry;

/*
 * What is kept of a request until it completes. Allocated on the way down, freed by TraceComplete.
 */
typedef struct TRACE_REQUEST {
    TRACE_EXTENSION *Extension;
    ULONGLONG StartNs;
    PFILE_OBJECT File;
    ULONG Endpoint;
    ULONG ControlCode;
    UCHAR MajorFunction;
    UCHAR MinorFunction;
    BOOLEAN Fast;
    int Thread;
    CHAR Clock[20];
    CHAR Parameters[TRACE_PARAMETER_BYTES];
} TRACE_REQUEST;

static TRACE_EXTENSION *ExtensionOf(PDEVICE_OBJECT Device)
{
    return Device->DeviceExtension;
}

static VOID BeginRequest(TRACE_REQUEST *Request, TRACE_EXTENSION *Extension, PFILE_OBJECT File,
    UCHAR MajorFunction)
{
    RtlZeroMemory(Request, FIELD_OFFSET(TRACE_REQUEST, Parameters) + 1);
    Request->Extension = Extension;
    Request->File = File;
    Request->Endpoint = TraceEndpointNumber(Extension, File);
    Request->MajorFunction = MajorFunction;
    Request->Thread = trace_thread();
    trace_clock(Request->Clock, sizeof Request->Clock);
    Request->StartNs = trace_nanoseconds();
}

static VOID AppendDriverName(TRACE_TEXT *Text, PDRIVER_OBJECT Driver)
{
    const UNICODE_STRING *Name = &Driver->DriverName;
    ULONG Characters = Name->Length / sizeof(WCHAR), First = 0;
    for (ULONG i = 0; i < Characters; i++)
        if (Name->Buffer[i] == '\\')
            First = i + 1;
    for (ULONG i = First; i < Characters; i++)
        TraceAppend(Text, "%c", Name->Buffer[i] < 127 ? (CHAR)Name->Buffer[i] : '?');
}

static VOID AppendStatus(TRACE_TEXT *Text, NTSTATUS Status)
{
    PCSZ Name = TraceStatusName(Status);
    TraceAppend(Text, "%s (0x%08X)", Name != NULL ? Name : "status", (ULONG)Status);
}

/* Writes the request's one line. Output is where the result is. */
static VOID EndRequest(TRACE_REQUEST *Request, const IO_STATUS_BLOCK *IoStatus, const VOID *Output,
    BOOLEAN Pended)
{
    CHAR Line[TRACE_LINE_BYTES];
    TRACE_TEXT Text = {Line, sizeof Line - 1, 0};
    ULONGLONG Ns = trace_nanoseconds() - Request->StartNs;
    PCSZ Control = TraceControlName(Request->ControlCode);

    TraceAppend(&Text, "%s %d/%d #%u %s ", Request->Clock, trace_process(), Request->Thread,
        Request->Endpoint, Request->Fast ? "fast" : "irp");
    if (Request->MajorFunction == IRP_MJ_DEVICE_CONTROL && Control != NULL)
        TraceAppend(&Text, "%s", Control);
    else if (Request->MajorFunction == IRP_MJ_DEVICE_CONTROL)
        TraceAppend(&Text, "DEVICE_CONTROL 0x%x", Request->ControlCode);
    else
        TraceAppend(&Text, "IRP_MJ_%s", TraceMajorName(Request->MajorFunction));
    if (Request->MinorFunction != 0)
        TraceAppend(&Text, "/%u", Request->MinorFunction);
    if (Request->Parameters[0] != 0)
        TraceAppend(&Text, " {%s}", Request->Parameters);

    TraceAppend(&Text, " -> ");
    AppendDriverName(&Text, Request->Extension->LowerDevice->DriverObject);
    TraceAppend(&Text, ": ");
    AppendStatus(&Text, IoStatus->Status);
    if (!NT_ERROR(IoStatus->Status) && Request->MajorFunction == IRP_MJ_DEVICE_CONTROL &&
        IoStatus->Information != 0) {
        CHAR Result[TRACE_PARAMETER_BYTES] = "";
        TRACE_TEXT ResultText = {Result, sizeof Result, 0};
        TraceDescribeResult(Request->Extension, &ResultText, Request->ControlCode, Output,
            (ULONG)IoStatus->Information);
        if (ResultText.Length > 0)
            TraceAppend(&Text, " {%s}", Result);
    } else if (IoStatus->Information != 0 && (Request->MajorFunction == IRP_MJ_READ ||
                   Request->MajorFunction == IRP_MJ_WRITE)) {
        TraceAppend(&Text, " {%llu bytes}", (ULONGLONG)IoStatus->Information);
    }
    TraceAppend(&Text, " %llu.%llu us%s", Ns / 1000, Ns / 100 % 10, Pended ? ", pended" : "");
    Line[Text.Length++] = '\n';
    trace_sink_write(Request->Extension->Sink, Line, Text.Length);
}

/* Where a completed control request has its result. */
static const VOID *OutputOf(PIRP Irp, ULONG Code)
{
    if (METHOD_FROM_CTL_CODE(Code) == METHOD_BUFFERED)
        return Irp->AssociatedIrp.SystemBuffer;
    return Irp->UserBuffer;
}

static NTSTATUS TraceComplete(PDEVICE_OBJECT Device, PIRP Irp, PVOID Context)
{
    TRACE_REQUEST *Request = Context;
    if (Request->MajorFunction == IRP_MJ_CREATE && !NT_SUCCESS(Irp->IoStatus.Status))
        TraceForgetEndpoint(Request->Extension, Request->File); /* no IRP_MJ_CLOSE will follow */
    EndRequest(Request, &Irp->IoStatus, OutputOf(Irp, Request->ControlCode), Irp->PendingReturned);
    ExFreePoolWithTag(Request, TRACE_TAG);
    if (Irp->PendingReturned)
        IoMarkIrpPending(Irp);
    return STATUS_SUCCESS;
}

static VOID DescribeIrp(TRACE_REQUEST *Request, PIRP Irp, PIO_STACK_LOCATION Location)
{
    TRACE_TEXT Text = {Request->Parameters, sizeof Request->Parameters, 0};
    Request->MinorFunction = Location->MinorFunction;
    switch (Location->MajorFunction) {
    case IRP_MJ_CREATE:
        TraceDescribeOpen(&Text, Location->FileObject, Irp->AssociatedIrp.SystemBuffer,
            Location->Parameters.Create.EaLength);
        break;
    case IRP_MJ_READ:
    case IRP_MJ_WRITE:
        TraceAppend(&Text, "%u bytes", Location->Parameters.Read.Length);
        break;
    case IRP_MJ_QUERY_INFORMATION:
    case IRP_MJ_SET_INFORMATION:
        TraceAppend(&Text, "class %u", (ULONG)Location->Parameters.QueryFile.FileInformationClass);
        break;
    case IRP_MJ_DEVICE_CONTROL: {
        ULONG Code = Location->Parameters.DeviceIoControl.IoControlCode;
        const VOID *Input = METHOD_FROM_CTL_CODE(Code) == METHOD_NEITHER
            ? Location->Parameters.DeviceIoControl.Type3InputBuffer
            : Irp->AssociatedIrp.SystemBuffer;
        Request->ControlCode = Code;
        TraceDescribeControl(Request->Extension, &Text, Code, Input,
            Location->Parameters.DeviceIoControl.InputBufferLength);
        break;
    }
    default:
        break;
    }
}

static NTSTATUS TraceDispatch(PDEVICE_OBJECT Device, PIRP Irp)
{
    TRACE_EXTENSION *Extension = ExtensionOf(Device);
    PIO_STACK_LOCATION Location = IoGetCurrentIrpStackLocation(Irp);
    PDEVICE_OBJECT Lower = Extension->LowerDevice;
    TRACE_REQUEST *Request = ExAllocatePoolWithTag(NonPagedPool, sizeof *Request, TRACE_TAG);
    if (Request == NULL) {
        IoSkipCurrentIrpStackLocation(Irp); /* a line is lost, the request is not */
        return IoCallDriver(Lower, Irp);
    }
    BeginRequest(Request, Extension, Location->FileObject, Location->MajorFunction);
    DescribeIrp(Request, Irp, Location);
    if (Location->MajorFunction == IRP_MJ_CLOSE)
        TraceForgetEndpoint(Extension, Location->FileObject); /* its address may be used again */
    IoCopyCurrentIrpStackLocationToNext(Irp);
    IoSetCompletionRoutine(Irp, TraceComplete, Request, TRUE, TRUE, TRUE);
    return IoCallDriver(Lower, Irp);
}

static BOOLEAN TraceFastIoDeviceControl(PFILE_OBJECT File, BOOLEAN Wait, PVOID Input, ULONG InputLength,
    PVOID Output, ULONG OutputLength, ULONG Code, PIO_STATUS_BLOCK IoStatus, PDEVICE_OBJECT Device)
{
    TRACE_EXTENSION *Extension = ExtensionOf(Device);
    PDEVICE_OBJECT Lower = Extension->LowerDevice;
    PFAST_IO_DISPATCH Table = Lower->DriverObject->FastIoDispatch;
    TRACE_REQUEST Request;
    if (Table == NULL || Table->FastIoDeviceControl == NULL)
        return FALSE;
    BeginRequest(&Request, Extension, File, IRP_MJ_DEVICE_CONTROL);
    TRACE_TEXT Text = {Request.Parameters, sizeof Request.Parameters, 0};
    Request.Fast = TRUE;
    Request.ControlCode = Code;
    TraceDescribeControl(Extension, &Text, Code, Input, InputLength);
    if (!Table->FastIoDeviceControl(File, Wait, Input, InputLength, Output, OutputLength, Code,
            IoStatus, Lower))
        return FALSE; /* nothing was done; the IRP that follows is traced */
    EndRequest(&Request, IoStatus, Output, FALSE);
    return TRUE;
}

static BOOLEAN TraceFastIoRead(PFILE_OBJECT File, PLARGE_INTEGER Offset, ULONG Length, BOOLEAN Wait,
    ULONG LockKey, PVOID Buffer, PIO_STATUS_BLOCK IoStatus, PDEVICE_OBJECT Device)
{
    PDEVICE_OBJECT Lower = ExtensionOf(Device)->LowerDevice;
    PFAST_IO_DISPATCH Table = Lower->DriverObject->FastIoDispatch;
    TRACE_REQUEST Request;
    if (Table == NULL || Table->FastIoRead == NULL)
        return FALSE;
    BeginRequest(&Request, ExtensionOf(Device), File, IRP_MJ_READ);
    Request.Fast = TRUE;
    if (!Table->FastIoRead(File, Offset, Length, Wait, LockKey, Buffer, IoStatus, Lower))
        return FALSE;
    EndRequest(&Request, IoStatus, NULL, FALSE);
    return TRUE;
}

static BOOLEAN TraceFastIoWrite(PFILE_OBJECT File, PLARGE_INTEGER Offset, ULONG Length, BOOLEAN Wait,
    ULONG LockKey, PVOID Buffer, PIO_STATUS_BLOCK IoStatus, PDEVICE_OBJECT Device)
{
    PDEVICE_OBJECT Lower = ExtensionOf(Device)->LowerDevice;
    PFAST_IO_DISPATCH Table = Lower->DriverObject->FastIoDispatch;
    TRACE_REQUEST Request;
    if (Table == NULL || Table->FastIoWrite == NULL)
        return FALSE;
    BeginRequest(&Request, ExtensionOf(Device), File, IRP_MJ_WRITE);
    Request.Fast = TRUE;
    if (!Table->FastIoWrite(File, Offset, Length, Wait, LockKey, Buffer, IoStatus, Lower))
        return FALSE;
    EndRequest(&Request, IoStatus, NULL, FALSE);
    return TRUE;
}

static VOID RemoveDevice(PDEVICE_OBJECT Device)
{
    TRACE_EXTENSION *Extension = ExtensionOf(Device);
    TraceForgetAllEndpoints(Extension);
    trace_sink_close(Extension->Sink);
    IoDeleteDevice(Device);
}

static VOID TraceFastIoDetachDevice(PDEVICE_OBJECT SourceDevice, PDEVICE_OBJECT TargetDevice)
{
    IoDetachDevice(TargetDevice);
    RemoveDevice(SourceDevice);
}

static FAST_IO_DISPATCH TraceFastIo = {
    .SizeOfFastIoDispatch = sizeof(FAST_IO_DISPATCH),
    .FastIoRead = TraceFastIoRead,
    .FastIoWrite = TraceFastIoWrite,
    .FastIoDeviceControl = TraceFastIoDeviceControl,
    .FastIoDetachDevice = TraceFastIoDetachDevice,
};

static VOID TraceUnload(PDRIVER_OBJECT DriverObject)
{
    PDEVICE_OBJECT Device = DriverObject->DeviceObject;
    if (Device == NULL)
        return; /* went with the device below */
    IoDetachDevice(ExtensionOf(Device)->LowerDevice);
    RemoveDevice(Device);
}

static NTSTATUS OpenSink(PCSZ Path, int *Sink)
{
    const char *Reason = "";
    *Sink = trace_sink_open(Path[0] != 0 ? Path : NULL, &Reason);
    if (*Sink >= 0)
        return STATUS_SUCCESS;
    DbgPrint("trace: %s: %s\n", Path, Reason);
    return STATUS_OBJECT_PATH_NOT_FOUND;
}

static NTSTATUS AttachDevice(PDRIVER_OBJECT DriverObject, int Sink)
{
    PDEVICE_OBJECT Device;
    UNICODE_STRING Target;
    NTSTATUS Status = IoCreateDevice(DriverObject, sizeof(TRACE_EXTENSION), NULL, FILE_DEVICE_NETWORK, 0,
        FALSE, &Device);
    if (!NT_SUCCESS(Status))
        return Status;
    TRACE_EXTENSION *Extension = ExtensionOf(Device);
    Extension->Sink = Sink;
    Extension->NextEndpoint = 0;
    KeInitializeSpinLock(&Extension->EndpointLock);
    for (ULONG i = 0; i < TRACE_BUCKETS; i++)
        InitializeListHead(&Extension->Buckets[i]);
    RtlInitUnicodeString(&Target, AFD_DEVICE_NAME);
    Status = IoAttachDevice(Device, &Target, &Extension->LowerDevice);
    if (!NT_SUCCESS(Status)) {
        IoDeleteDevice(Device);
        return Status;
    }
    Device->Flags |= Extension->LowerDevice->Flags & (DO_BUFFERED_IO | DO_DIRECT_IO);
    Device->Flags &= ~DO_DEVICE_INITIALIZING;
    return STATUS_SUCCESS;
}

NTSTATUS DriverEntry(PDRIVER_OBJECT DriverObject, PUNICODE_STRING RegistryPath)
{
    CHAR Path[TRACE_FILE_BYTES] = "";
    ULONG FastIo = 1;
    int Sink;
    const DRIVER_PARAMETER Parameters[] = {
        {.Name = L"file", .Text = Path, .TextBytes = sizeof Path},
        {.Name = L"fastio", .Number = &FastIo, .NumberMax = 1},
    };

    NTSTATUS Status = DriverReadParameters("trace", RegistryPath, Parameters, RTL_NUMBER_OF(Parameters));
    if (!NT_SUCCESS(Status))
        return Status;
    Status = OpenSink(Path, &Sink);
    if (!NT_SUCCESS(Status))
        return Status;

    for (ULONG i = 0; i <= IRP_MJ_MAXIMUM_FUNCTION; i++)
        DriverObject->MajorFunction[i] = TraceDispatch;
    DriverObject->FastIoDispatch = FastIo != 0 ? &TraceFastIo : NULL;
    DriverObject->DriverUnload = TraceUnload;
    Status = AttachDevice(DriverObject, Sink);
    if (!NT_SUCCESS(Status))
        trace_sink_close(Sink);
    return Status;
}
