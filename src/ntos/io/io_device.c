/* SPDX-License-Identifier: MIT */
/*
 * io_device.c - device objects and device stacks.
 *
 * Layer: ntos. NT counterpart: the same. Plug and Play, power and volumes are left out.
 *
 * What is guaranteed
 * D1  A stack is read without a lock (IoGetRelatedDeviceObject and IopEnterStack); it is changed under
 *     IoDatabaseLock. A device attached is a member of the stack for every request begun later; one detached
 *     for none begun later.
 * D2  A device attached by DriverEntry gets its first request after DriverEntry has returned, so that
 *     it may store the pointer that IoAttachDeviceToDeviceStack returns at leisure.
 * D3  Requests that are inside a device's driver when it is detached may still be there afterwards, as on
 *     Windows. A deleted device's memory stays until no thread is inside it, or inside a device that was
 *     attached to it, and no request will come back to it. Its driver is unloaded only when that holds
 *     already (io_load.c).
 */
#include "io/iop.h"

EX_LOCK IopDatabaseLock;
static IOP_DEVICE *IopZombies _Guarded_by_(IoDatabaseLock);

/* What Device depended on, to be dereferenced without the lock. */
static PDEVICE_OBJECT EndDependence(PDEVICE_OBJECT Device) _Requires_lock_held_(IoDatabaseLock)
{
    PDEVICE_OBJECT Lower = IopDevice(Device)->DependsOn;
    if (Lower != NULL)
        RemoveEntryList(&IopDevice(Device)->DependsLink);
    __atomic_store_n(&IopDevice(Device)->DependsOn, NULL, __ATOMIC_RELAXED);
    return Lower;
}

static VOID DeleteDevice(PVOID Object)
{
    PDEVICE_OBJECT Device = Object, Lower;
    IopLockDatabase();
    Lower = EndDependence(Device);
    IopUnlockDatabase();
    if (Lower != NULL)
        ObDereferenceObject(Lower);
    ObDereferenceObject(Device->DriverObject);
}

VOID IopInitialize(VOID)
{
    if (ObpFileType.DeleteProcedure != NULL)
        return;
    ObpDeviceType.DeleteProcedure = DeleteDevice;
    ObpFileType.CloseProcedure = IopCloseFile;
    ObpFileType.DeleteProcedure = IopDeleteFile;
}

NTSTATUS IoCreateDevice(PDRIVER_OBJECT DriverObject, ULONG DeviceExtensionSize, PUNICODE_STRING DeviceName,
    DEVICE_TYPE DeviceType, ULONG DeviceCharacteristics, BOOLEAN Exclusive, PDEVICE_OBJECT *DeviceObject)
{
    SIZE_T ExtensionBytes = ((SIZE_T)DeviceExtensionSize + 15) & ~(SIZE_T)15;
    PDEVICE_OBJECT Device;
    IOP_DEVICE *Private;
    NTSTATUS Status;

    IopSweepZombies();
    *DeviceObject = NULL;
    Status = ObCreateObject(&ObpDeviceType, sizeof *Device + ExtensionBytes + sizeof *Private,
        (PVOID *)&Device);
    if (!NT_SUCCESS(Status))
        return Status;
    Private = (IOP_DEVICE *)(PVOID)((PCHAR)(Device + 1) + ExtensionBytes);
    Private->DeviceObject = Device;
    InitializeListHead(&Private->Dependents);
    Device->DeviceObjectExtension = Private;
    Device->Type = IO_TYPE_DEVICE;
    Device->Size = (USHORT)(sizeof *Device + DeviceExtensionSize);
    Device->DriverObject = DriverObject;
    Device->DeviceExtension = DeviceExtensionSize != 0 ? Device + 1 : NULL;
    Device->DeviceType = DeviceType;
    Device->Characteristics = DeviceCharacteristics;
    Device->StackSize = 1;
    Device->Flags = DO_DEVICE_INITIALIZING | (Exclusive ? DO_EXCLUSIVE : 0);
    KeInitializeEvent(&Device->DeviceLock, SynchronizationEvent, TRUE);
    InitializeListHead(&Device->DeviceQueue.DeviceListHead);
    ObReferenceObject(DriverObject);
    if (DeviceName != NULL && DeviceName->Length != 0) {
        Device->Flags |= DO_DEVICE_HAS_NAME;
        for (ULONG i = 0; i < DeviceName->Length / sizeof(WCHAR) && i < sizeof Private->Name - 1; i++)
            Private->Name[i] = (char)DeviceName->Buffer[i];
        Status = ObInsertName(DeviceName, Device);
        if (!NT_SUCCESS(Status)) {
            ObDereferenceObject(Device);
            return Status;
        }
    }
    IopLockDatabase();
    Device->NextDevice = DriverObject->DeviceObject;
    DriverObject->DeviceObject = Device;
    IopUnlockDatabase();
    *DeviceObject = Device;
    return STATUS_SUCCESS;
}

VOID IoDeclareInputRead(PDEVICE_OBJECT DeviceObject)
{
    IopDevice(DeviceObject)->ReadsInputAtOnce = TRUE;
}

/* The device attached above, or about to be. */
static PDEVICE_OBJECT Above(PDEVICE_OBJECT Device) _Requires_lock_held_(IoDatabaseLock)
{
    return Device->AttachedDevice != NULL ? Device->AttachedDevice : IopDevice(Device)->PendingAbove;
}

static PDEVICE_OBJECT UnlinkAbove(PDEVICE_OBJECT Device) _Requires_lock_held_(IoDatabaseLock)
{
    PDEVICE_OBJECT Upper = Above(Device);
    if (Upper != NULL)
        IopDevice(Upper)->AttachedTo = NULL;
    IopDevice(Device)->PendingAbove = NULL;
    __atomic_store_n(&Device->AttachedDevice, NULL, __ATOMIC_SEQ_CST);
    return Upper;
}

static VOID UnlinkFromDriver(PDEVICE_OBJECT Device) _Requires_lock_held_(IoDatabaseLock)
{
    PDEVICE_OBJECT *At = &Device->DriverObject->DeviceObject;
    while (*At != NULL && *At != Device)
        At = &(*At)->NextDevice;
    if (*At != NULL)
        *At = Device->NextDevice;
}

/* Devices whose memory waited for requests to leave them. */
VOID IopSweepZombies(VOID)
{
    IOP_DEVICE *Done = NULL, *Zombie;
    IopLockDatabase();
    for (IOP_DEVICE **At = &IopZombies; *At != NULL;) {
        Zombie = *At;
        if (IopIsDeviceBusy(Zombie->DeviceObject)) {
            At = &Zombie->ZombieNext;
        } else {
            *At = Zombie->ZombieNext;
            Zombie->ZombieNext = Done;
            Done = Zombie;
        }
    }
    IopUnlockDatabase();
    while (Done != NULL) {
        Zombie = Done;
        Done = Zombie->ZombieNext;
        ObDereferenceObject(Zombie->DeviceObject);
    }
}

VOID IoDeleteDevice(PDEVICE_OBJECT DeviceObject)
{
    IOP_DEVICE *Private = IopDevice(DeviceObject);
    PDEVICE_OBJECT Upper;
    PFAST_IO_DISPATCH FastIo;

    IopLockDatabase();
    Upper = Above(DeviceObject);
    IopUnlockDatabase();
    /* The filter above is told, so that it lets go. [ddi:ifs/fast-io-detach-device] */
    FastIo = Upper != NULL ? Upper->DriverObject->FastIoDispatch : NULL;
    if (FastIo != NULL && FastIo->SizeOfFastIoDispatch > UFIELD_OFFSET(FAST_IO_DISPATCH, FastIoDetachDevice) &&
        FastIo->FastIoDetachDevice != NULL)
        FastIo->FastIoDetachDevice(Upper, DeviceObject);

    IopLockDatabase();
    if (Private->Flags & IOP_DEVICE_DELETED) {
        IopUnlockDatabase();
        return;
    }
    Private->Flags |= IOP_DEVICE_DELETED;
    (void)UnlinkAbove(DeviceObject);
    if (Private->AttachedTo != NULL)
        (void)UnlinkAbove(Private->AttachedTo);
    UnlinkFromDriver(DeviceObject);
    Private->ZombieNext = IopZombies;
    IopZombies = Private;
    IopUnlockDatabase();
    ObRemoveName(DeviceObject);
    IopSweepZombies();
}

NTSTATUS IoAttachDeviceToDeviceStackSafe(PDEVICE_OBJECT SourceDevice, PDEVICE_OBJECT TargetDevice,
    PDEVICE_OBJECT *AttachedToDeviceObject)
{
    BOOLEAN Deferred = IopInsideLoadGate(); /* D2 */
    NTSTATUS Status = STATUS_SUCCESS;
    PDEVICE_OBJECT Top = TargetDevice, Next, Former = NULL;

    IopLockDatabase();
    while ((Next = Above(Top)) != NULL)
        Top = Next;
    if ((IopDevice(Top)->Flags & IOP_DEVICE_DELETED) != 0 || IopDevice(SourceDevice)->AttachedTo != NULL ||
        Top == SourceDevice) {
        Status = STATUS_NO_SUCH_DEVICE;
    } else if (Top->StackSize >= IO_STACK_LOCATIONS_MAX) {
        Status = STATUS_INSUFFICIENT_RESOURCES;
    } else {
        SourceDevice->StackSize = (CCHAR)(Top->StackSize + 1);
        SourceDevice->AlignmentRequirement = Top->AlignmentRequirement;
        SourceDevice->SectorSize = Top->SectorSize;
        IopDevice(SourceDevice)->AttachedTo = Top;
        Former = EndDependence(SourceDevice);
        ObReferenceObject(Top);
        __atomic_store_n(&IopDevice(SourceDevice)->DependsOn, Top, __ATOMIC_RELAXED);
        InsertTailList(&IopDevice(Top)->Dependents, &IopDevice(SourceDevice)->DependsLink);
        *AttachedToDeviceObject = Top;
        if (Deferred)
            IopDevice(Top)->PendingAbove = SourceDevice;
        else
            __atomic_store_n(&Top->AttachedDevice, SourceDevice, __ATOMIC_SEQ_CST);
    }
    IopUnlockDatabase();
    if (Former != NULL)
        ObDereferenceObject(Former);
    return Status;
}

PDEVICE_OBJECT IoAttachDeviceToDeviceStack(PDEVICE_OBJECT SourceDevice, PDEVICE_OBJECT TargetDevice)
{
    PDEVICE_OBJECT Lower = NULL;
    return NT_SUCCESS(IoAttachDeviceToDeviceStackSafe(SourceDevice, TargetDevice, &Lower)) ? Lower : NULL;
}

/* The target is only looked up, not opened: its driver sees no request for it. */
NTSTATUS IoAttachDevice(PDEVICE_OBJECT SourceDevice, PUNICODE_STRING TargetDevice,
    PDEVICE_OBJECT *AttachedDevice)
{
    PVOID Target;
    NTSTATUS Status = ObLookupName(TargetDevice, OBJ_CASE_INSENSITIVE, &ObpDeviceType, &Target, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    Status = IoAttachDeviceToDeviceStackSafe(SourceDevice, Target, AttachedDevice);
    ObDereferenceObject(Target);
    return Status;
}

VOID IoDetachDevice(PDEVICE_OBJECT TargetDevice)
{
    IopLockDatabase();
    if (IopDevice(TargetDevice)->ForgiveDetach > 0)
        IopDevice(TargetDevice)->ForgiveDetach--;
    else
        (void)UnlinkAbove(TargetDevice);
    IopUnlockDatabase();
}

VOID IopPublishAttachments(PDRIVER_OBJECT Driver)
{
    IopLockDatabase();
    for (PDEVICE_OBJECT Device = Driver->DeviceObject; Device != NULL; Device = Device->NextDevice) {
        PDEVICE_OBJECT Lower = IopDevice(Device)->AttachedTo;
        Device->Flags &= ~(ULONG)DO_DEVICE_INITIALIZING;
        if (Lower != NULL && IopDevice(Lower)->PendingAbove == Device) {
            IopDevice(Lower)->PendingAbove = NULL;
            __atomic_store_n(&Lower->AttachedDevice, Device, __ATOMIC_SEQ_CST);
        }
    }
    IopUnlockDatabase();
}

BOOLEAN IopUnlinkDevices(PDRIVER_OBJECT Driver, BOOLEAN Unlink)
{
    BOOLEAN Possible = TRUE;
    IopLockDatabase();
    for (PDEVICE_OBJECT Device = Driver->DeviceObject; Device != NULL; Device = Device->NextDevice) {
        if (Above(Device) != NULL || __atomic_load_n(&Device->ReferenceCount, __ATOMIC_ACQUIRE) != 0)
            Possible = FALSE;
    }
    for (PDEVICE_OBJECT Device = Driver->DeviceObject; Possible && Unlink && Device != NULL;
         Device = Device->NextDevice) {
        PDEVICE_OBJECT Lower = IopDevice(Device)->AttachedTo;
        if (Lower != NULL) {
            __atomic_store_n(&Lower->AttachedDevice, NULL, __ATOMIC_SEQ_CST);
            IopDevice(Lower)->ForgiveDetach++;
        }
    }
    IopUnlockDatabase();
    return Possible;
}

BOOLEAN IopIsDriverBusy(PDRIVER_OBJECT Driver)
{
    BOOLEAN Busy = FALSE;
    IopLockDatabase();
    for (PDEVICE_OBJECT Device = Driver->DeviceObject; Device != NULL && !Busy; Device = Device->NextDevice)
        Busy = IopIsDeviceBusy(Device);
    IopUnlockDatabase();
    return Busy;
}

VOID IopRelinkDevices(PDRIVER_OBJECT Driver)
{
    IopLockDatabase();
    for (PDEVICE_OBJECT Device = Driver->DeviceObject; Device != NULL; Device = Device->NextDevice) {
        PDEVICE_OBJECT Lower = IopDevice(Device)->AttachedTo;
        if (Lower != NULL) {
            IopDevice(Lower)->ForgiveDetach--;
            __atomic_store_n(&Lower->AttachedDevice, Device, __ATOMIC_SEQ_CST);
        }
    }
    IopUnlockDatabase();
}

PDEVICE_OBJECT IoGetAttachedDevice(PDEVICE_OBJECT DeviceObject)
{
    PDEVICE_OBJECT Upper;
    while ((Upper = __atomic_load_n(&DeviceObject->AttachedDevice, __ATOMIC_ACQUIRE)) != NULL)
        DeviceObject = Upper;
    return DeviceObject;
}

PDEVICE_OBJECT IoGetRelatedDeviceObject(PFILE_OBJECT FileObject)
{
    return IoGetAttachedDevice(FileObject->DeviceObject);
}

PDEVICE_OBJECT IoGetAttachedDeviceReference(PDEVICE_OBJECT DeviceObject)
{
    IopLockDatabase();
    DeviceObject = IoGetAttachedDevice(DeviceObject);
    ObReferenceObject(DeviceObject);
    IopUnlockDatabase();
    return DeviceObject;
}

PDEVICE_OBJECT IoGetDeviceAttachmentBaseRef(PDEVICE_OBJECT DeviceObject)
{
    IopLockDatabase();
    while (IopDevice(DeviceObject)->AttachedTo != NULL)
        DeviceObject = IopDevice(DeviceObject)->AttachedTo;
    ObReferenceObject(DeviceObject);
    IopUnlockDatabase();
    return DeviceObject;
}

PDEVICE_OBJECT IoGetLowerDeviceObject(PDEVICE_OBJECT DeviceObject)
{
    PDEVICE_OBJECT Lower;
    IopLockDatabase();
    Lower = IopDevice(DeviceObject)->AttachedTo;
    if (Lower != NULL)
        ObReferenceObject(Lower);
    IopUnlockDatabase();
    return Lower;
}

static VOID DescribeDevice(PDEVICE_OBJECT Device, IO_STACK_ENTRY *Entry)
{
    const IOP_DRIVER *Driver = CONTAINING_RECORD(Device->DriverObject, IOP_DRIVER, Driver);
    const FAST_IO_DISPATCH *FastIo = Device->DriverObject->FastIoDispatch;
    RtlCopyMemory(Entry->DriverName, Driver->Name, sizeof Entry->DriverName);
    RtlCopyMemory(Entry->DeviceName, IopDevice(Device)->Name, sizeof Entry->DeviceName);
    Entry->StackSize = Device->StackSize;
    Entry->FastIo = FastIo != NULL && FastIo->FastIoDeviceControl != NULL;
}

ULONG IoQueryDeviceStack(PCWSTR DeviceName, IO_STACK_ENTRY *Entries, ULONG Count)
{
    UNICODE_STRING Name;
    PVOID Base;
    ULONG Depth = 0, Index = 0;

    RtlInitUnicodeString(&Name, DeviceName);
    if (!NT_SUCCESS(ObLookupName(&Name, OBJ_CASE_INSENSITIVE, &ObpDeviceType, &Base, NULL)))
        return 0;
    IopLockDatabase();
    for (PDEVICE_OBJECT Device = Base; Device != NULL; Device = Device->AttachedDevice)
        Depth++;
    for (PDEVICE_OBJECT Device = IoGetAttachedDevice(Base); Device != NULL && Index < Count;
         Device = IopDevice(Device)->AttachedTo)
        DescribeDevice(Device, &Entries[Index++]);
    IopUnlockDatabase();
    ObDereferenceObject(Base);
    return Depth;
}
