/* SPDX-License-Identifier: MIT */
/*
 * io_load.c - driver modules: finding, parameters, DriverEntry, unloading.
 *
 * Layer: ntos. NT counterpart: IopLoadDriver, with .so files. A specification is NAME[:key=value,...] or
 * PATH.so[:key=value,...]. A bare name is looked for in DIR/drivers (the build folder) and
 * DIR/ntsock/drivers (installed), DIR being the folder of the library.
 *
 * The same driver may be named more than once: its DriverEntry is called again for a new driver object,
 * \Driver\NAME#2 and so on. The module's global variables are shared by all of them, so a driver that
 * keeps its state anywhere but in its device extensions cannot be used twice.
 *
 * Unloading is refused while any of the driver's devices has something attached above, has open files,
 * or may have a request inside. What is guaranteed afterwards: no thread is in the driver's code on behalf of
 * the I/O manager, and no request will come back to it. Threads of the driver's own are its own affair.
 */
#include "io/iop.h"

#include <stdio.h>
#include <string.h>

#include "cm/cmp.h"
#include "host_memory.h"
#include "host_system.h"

#define SPEC_MAX 1024
#define INSTANCES_MAX 256

static _Thread_local char ReasonText[2560];

typedef struct DRIVER_SPEC {
    char Text[SPEC_MAX]; /* cut up in place */
    const char *Name;    /* as given, maybe a path */
    char Base[48];       /* without folder and .so or .sys */
    char Instance[56];
    const char *Parameters; /* key=value,... or NULL */
    char Path[1024];
} DRIVER_SPEC;

static NTSTATUS Refuse(NTSTATUS Status, const char **Reason, const char *Name, const char *Path,
    const char *Why)
{
    if (Path != NULL)
        snprintf(ReasonText, sizeof ReasonText, "driver '%.200s' (%.900s): %.1200s", Name, Path, Why);
    else
        snprintf(ReasonText, sizeof ReasonText, "driver '%.200s': %.1200s", Name, Why);
    *Reason = ReasonText;
    return Status;
}

static NTSTATUS ParseSpec(const char *Text, DRIVER_SPEC *Spec, const char **Reason)
{
    char *Colon, *Slash, *Dot;
    const char *Base;
    size_t Length;

    if (strlen(Text) >= sizeof Spec->Text)
        return Refuse(STATUS_INVALID_PARAMETER, Reason, "...", NULL, "the specification is too long");
    strcpy(Spec->Text, Text);
    Slash = strrchr(Spec->Text, '/');
    Colon = strchr(Slash != NULL && strchr(Spec->Text, ':') > Slash ? Slash : Spec->Text, ':');
    if (Colon != NULL)
        *Colon++ = 0;
    Spec->Parameters = Colon;
    Spec->Name = Spec->Text;
    Slash = strrchr(Spec->Text, '/');
    Base = Slash != NULL ? Slash + 1 : Spec->Text;
    Length = strlen(Base);
    Dot = strrchr(Base, '.');
    if (Dot != NULL && (strcmp(Dot, ".so") == 0 || strcmp(Dot, ".sys") == 0))
        Length = (size_t)(Dot - Base);
    if (Length == 0 || Length >= sizeof Spec->Base)
        return Refuse(STATUS_INVALID_PARAMETER, Reason, Text, NULL, "expected NAME[:key=value,...]");
    RtlCopyMemory(Spec->Base, Base, Length);
    Spec->Base[Length] = 0;
    return STATUS_SUCCESS;
}

static NTSTATUS FindModule(DRIVER_SPEC *Spec, const char **Reason)
{
    const char *Directory = host_library_directory();
    char Why[1200];
    if (strchr(Spec->Name, '/') != NULL) {
        snprintf(Spec->Path, sizeof Spec->Path, "%s", Spec->Name);
        if (host_file_exists(Spec->Path))
            return STATUS_SUCCESS;
        return Refuse(STATUS_OBJECT_NAME_NOT_FOUND, Reason, Spec->Name, NULL, "there is no such file");
    }
    snprintf(Spec->Path, sizeof Spec->Path, "%.900s/drivers/%s.so", Directory, Spec->Base);
    if (host_file_exists(Spec->Path))
        return STATUS_SUCCESS;
    snprintf(Spec->Path, sizeof Spec->Path, "%.900s/ntsock/drivers/%s.so", Directory, Spec->Base);
    if (host_file_exists(Spec->Path))
        return STATUS_SUCCESS;
    snprintf(Why, sizeof Why, "not found: there is no %s.so in %.500s/drivers or %.500s/ntsock/drivers", Spec->Base,
        Directory, Directory);
    return Refuse(STATUS_OBJECT_NAME_NOT_FOUND, Reason, Spec->Name, NULL, Why);
}

/* The first unused of NAME, NAME#2, NAME#3 ... */
static NTSTATUS ChooseInstance(DRIVER_SPEC *Spec, const char **Reason)
{
    snprintf(Spec->Instance, sizeof Spec->Instance, "%s", Spec->Base);
    for (ULONG i = 2; IopFindDriver(Spec->Instance) != NULL; i++) {
        if (i > INSTANCES_MAX)
            return Refuse(STATUS_QUOTA_EXCEEDED, Reason, Spec->Name, NULL, "loaded too often");
        snprintf(Spec->Instance, sizeof Spec->Instance, "%s#%u", Spec->Base, i);
    }
    return STATUS_SUCCESS;
}

/* Services\NAME\Parameters: the [driver NAME] section, and over it the specification's. */
static NTSTATUS WriteParameters(DRIVER_SPEC *Spec, const char **Reason)
{
    WCHAR Key[sizeof CMP_SERVICES / sizeof(WCHAR) + 80] = CMP_SERVICES L"\\";
    ULONG Length = sizeof CMP_SERVICES / sizeof(WCHAR);
    char *Next = (char *)Spec->Parameters;
    NTSTATUS Status;

    for (const char *At = Spec->Instance; *At != 0; At++)
        Key[Length++] = (UCHAR)*At;
    RtlCopyMemory(Key + Length, L"\\Parameters", sizeof L"\\Parameters");
    Status = CmpCreateKey(Key);
    if (NT_SUCCESS(Status))
        Status = CmpApplyDriverSection(Spec->Base, Key);
    while (NT_SUCCESS(Status) && Next != NULL && *Next != 0) {
        char *Name = Next, *Value;
        Next = strchr(Name, ',');
        if (Next != NULL)
            *Next++ = 0;
        Value = strchr(Name, '=');
        if (Value == Name || *Name == 0)
            return Refuse(STATUS_INVALID_PARAMETER, Reason, Spec->Name, NULL,
                "a parameter has no name: expected key=value,...");
        if (Value != NULL)
            *Value++ = 0;
        Status = CmpSetParameter(Key, Name, Value != NULL ? Value : "1"); /* a key alone is a switch */
    }
    if (!NT_SUCCESS(Status))
        return Refuse(Status, Reason, Spec->Name, NULL, IopStatusName(Status));
    return STATUS_SUCCESS;
}

static NTSTATUS LoadInsideGate(DRIVER_SPEC *Spec, const char **Reason)
{
    const char *Error = NULL;
    char Why[256];
    IOP_DRIVER *Driver;
    PDRIVER_INITIALIZE Entry;
    void *Module;
    NTSTATUS Status = ChooseInstance(Spec, Reason);

    if (NT_SUCCESS(Status))
        Status = WriteParameters(Spec, Reason);
    if (!NT_SUCCESS(Status))
        return Status;
    Module = host_module_load(Spec->Path, &Error);
    if (Module == NULL)
        return Refuse(STATUS_DRIVER_UNABLE_TO_LOAD, Reason, Spec->Name, Spec->Path, Error);
    Entry = (PDRIVER_INITIALIZE)(ULONG_PTR)host_module_symbol(Module, "DriverEntry");
    if (Entry == NULL) {
        host_module_unload(Module);
        return Refuse(STATUS_DRIVER_ENTRYPOINT_NOT_FOUND, Reason, Spec->Name, Spec->Path,
            "it has no function DriverEntry");
    }
    Status = IopCreateDriverObject(Spec->Instance, Entry, Module, &Driver);
    if (NT_SUCCESS(Status))
        Status = IopStartDriver(Driver);
    if (!NT_SUCCESS(Status)) {
        host_module_unload(Module);
        snprintf(Why, sizeof Why, "its DriverEntry failed with %s (0x%08X)", IopStatusName(Status),
            (unsigned)Status);
        return Refuse(Status, Reason, Spec->Name, Spec->Path, Why);
    }
    return STATUS_SUCCESS;
}

NTSTATUS IoLoadDriver(const char *SpecText, const char **Reason)
{
    DRIVER_SPEC *Spec = host_allocate(sizeof *Spec);
    NTSTATUS Status;

    *Reason = NULL;
    if (Spec == NULL)
        return Refuse(STATUS_INSUFFICIENT_RESOURCES, Reason, SpecText, NULL, "out of memory");
    Status = ParseSpec(SpecText, Spec, Reason);
    if (NT_SUCCESS(Status))
        Status = FindModule(Spec, Reason);
    if (NT_SUCCESS(Status)) {
        Status = IopEnterLoadGate();
        if (NT_SUCCESS(Status)) {
            Status = LoadInsideGate(Spec, Reason);
            IopLeaveLoadGate();
        } else {
            (void)Refuse(Status, Reason, Spec->Name, NULL, "a driver cannot load drivers from its DriverEntry");
        }
    }
    host_free(Spec);
    return Status;
}

NTSTATUS IoLoadConfiguredDrivers(VOID)
{
    for (ULONG i = CmConfiguredDriverCount(); i > 0; i--) {
        const char *Reason;
        NTSTATUS Status = IoLoadDriver(CmConfiguredDriver(i - 1), &Reason);
        if (!NT_SUCCESS(Status)) {
            host_print("ntsock: %s\n", Reason);
            return Status;
        }
    }
    return STATUS_SUCCESS;
}

static NTSTATUS UnloadInsideGate(const char *Name)
{
    IOP_DRIVER *Driver = IopFindDriver(Name);
    void *Module;

    if (Driver == NULL)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    if (Driver->Driver.DriverUnload == NULL)
        return STATUS_INVALID_DEVICE_REQUEST;
    /* Once before, so that a driver in use is left alone; and once unlinked, when nobody can enter. */
    if (!IopUnlinkDevices(&Driver->Driver, FALSE) || IopIsDriverBusy(&Driver->Driver))
        return STATUS_DEVICE_BUSY;
    if (!IopUnlinkDevices(&Driver->Driver, TRUE))
        return STATUS_DEVICE_BUSY;
    if (IopIsDriverBusy(&Driver->Driver)) {
        IopRelinkDevices(&Driver->Driver);
        return STATUS_DEVICE_BUSY;
    }
    Driver->Driver.DriverUnload(&Driver->Driver);
    Module = Driver->Module;
    IopRemoveDriver(Driver);
    if (Module != NULL)
        host_module_unload(Module);
    return STATUS_SUCCESS;
}

NTSTATUS IoUnloadDriver(const char *Name)
{
    NTSTATUS Status = IopEnterLoadGate();
    if (!NT_SUCCESS(Status))
        return Status;
    Status = UnloadInsideGate(Name);
    IopLeaveLoadGate();
    return Status;
}

const char *IopStatusName(NTSTATUS Status)
{
    static const struct {
        NTSTATUS Status;
        const char *Name;
    } Names[] = {
#define S(name) {STATUS_##name, "STATUS_" #name}
        S(UNSUCCESSFUL), S(NOT_IMPLEMENTED), S(ACCESS_VIOLATION), S(INVALID_HANDLE), S(INVALID_PARAMETER),
        S(NO_SUCH_DEVICE), S(INVALID_DEVICE_REQUEST), S(NO_MEMORY), S(ACCESS_DENIED), S(BUFFER_TOO_SMALL),
        S(OBJECT_TYPE_MISMATCH), S(OBJECT_NAME_INVALID), S(OBJECT_NAME_NOT_FOUND), S(OBJECT_NAME_COLLISION),
        S(OBJECT_PATH_NOT_FOUND), S(OBJECT_PATH_SYNTAX_BAD), S(INSUFFICIENT_RESOURCES), S(DEVICE_NOT_READY),
        S(NOT_SUPPORTED), S(INVALID_DEVICE_STATE), S(NOT_FOUND), S(DRIVER_UNABLE_TO_LOAD),
        S(DRIVER_ENTRYPOINT_NOT_FOUND), S(DEVICE_DOES_NOT_EXIST), S(FAILED_DRIVER_ENTRY), S(TOO_MANY_OPENED_FILES),
        S(NO_SUCH_FILE), S(QUOTA_EXCEEDED), S(INVALID_PARAMETER_1), S(INVALID_PARAMETER_2), S(DEVICE_BUSY),
        S(PROTOCOL_NOT_SUPPORTED), S(INTERNAL_ERROR), S(CANCELLED), S(TIMEOUT),
#undef S
    };
    for (ULONG i = 0; i < RTL_NUMBER_OF(Names); i++) {
        if (Names[i].Status == Status)
            return Names[i].Name;
    }
    return "an error";
}
