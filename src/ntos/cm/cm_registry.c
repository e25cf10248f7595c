/* SPDX-License-Identifier: MIT */
/*
 * cm_registry.c - the registry: values by key path, kept in memory.
 *
 * Layer: ntos. NT counterpart: the configuration manager. Filled from the configuration at start and
 * when drivers are loaded; nothing is written back. Paths and names are compared without case.
 */
#include "cm/cmp.h"

#include "ex.h"
#include "locks.h"

#define CMP_TAG 'geRC'
#define CMP_TAG_STRING 'gnrS' /* the tag with which RtlFreeUnicodeString frees */
#define CMP_PATH_MAX 512

/* A value; or, with an empty Name and REG_NONE, the mark that a key exists. Never freed. */
typedef struct CMP_VALUE {
    LIST_ENTRY Link;
    UNICODE_STRING Key;
    UNICODE_STRING Name;
    ULONG Type;
    ULONG Length;
    PVOID Data; /* replaced with the value */
    WCHAR Text[];
} CMP_VALUE;

static LIST_ENTRY CmpValues _Guarded_by_(ObNameSpaceLock) = {&CmpValues, &CmpValues};
static EX_LOCK CmpLock;

/* The registry is a branch of the name space: its lock is of that class. */
static inline void CmpLockRegistry(void) _Acquires_lock_(ObNameSpaceLock) LOCK_UNCHECKED
{
    ExAcquireLock(&CmpLock, ObNameSpaceLockRank);
}
static inline void CmpUnlockRegistry(void) _Releases_lock_(ObNameSpaceLock) LOCK_UNCHECKED
{
    ExReleaseLock(&CmpLock, ObNameSpaceLockRank);
}

static CMP_VALUE *FindValue(PCUNICODE_STRING Key, PCUNICODE_STRING Name) _Requires_lock_held_(ObNameSpaceLock)
{
    for (PLIST_ENTRY Entry = CmpValues.Flink; Entry != &CmpValues; Entry = Entry->Flink) {
        CMP_VALUE *Value = CONTAINING_RECORD(Entry, CMP_VALUE, Link);
        if (RtlEqualUnicodeString(&Value->Key, Key, TRUE) && RtlEqualUnicodeString(&Value->Name, Name, TRUE))
            return Value;
    }
    return NULL;
}

static NTSTATUS SetValue(PCWSTR KeyPath, PCWSTR ValueName, ULONG Type, const VOID *Data, ULONG Length)
{
    UNICODE_STRING Key, Name;
    CMP_VALUE *Value, *Existing;
    PVOID Copy, Old;

    RtlInitUnicodeString(&Key, KeyPath);
    RtlInitUnicodeString(&Name, ValueName);
    Value = ExAllocatePoolWithTag(PagedPool, sizeof *Value + Key.Length + Name.Length, CMP_TAG);
    Copy = ExAllocatePoolWithTag(PagedPool, Length == 0 ? 1 : Length, CMP_TAG);
    if (Value == NULL || Copy == NULL) {
        if (Value != NULL)
            ExFreePoolWithTag(Value, CMP_TAG);
        if (Copy != NULL)
            ExFreePoolWithTag(Copy, CMP_TAG);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    if (Length != 0)
        RtlCopyMemory(Copy, Data, Length);
    RtlCopyMemory(Value->Text, Key.Buffer, Key.Length);
    RtlCopyMemory((PCHAR)Value->Text + Key.Length, Name.Buffer, Name.Length);
    Value->Key = (UNICODE_STRING){Key.Length, Key.Length, Value->Text};
    Value->Name = (UNICODE_STRING){Name.Length, Name.Length, Value->Text + Key.Length / sizeof(WCHAR)};
    Value->Type = Type;
    Value->Length = Length;
    Value->Data = Copy;

    CmpLockRegistry();
    Existing = FindValue(&Key, &Name);
    if (Existing == NULL) {
        InsertTailList(&CmpValues, &Value->Link);
        Old = NULL;
        Value = NULL;
    } else {
        Old = Existing->Data;
        Existing->Data = Copy;
        Existing->Type = Type;
        Existing->Length = Length;
    }
    CmpUnlockRegistry();
    if (Value != NULL)
        ExFreePoolWithTag(Value, CMP_TAG);
    if (Old != NULL)
        ExFreePoolWithTag(Old, CMP_TAG);
    return STATUS_SUCCESS;
}

NTSTATUS CmpCreateKey(PCWSTR KeyPath)
{
    return SetValue(KeyPath, L"", REG_NONE, NULL, 0);
}

NTSTATUS CmSetValue(PCWSTR KeyPath, PCWSTR ValueName, ULONG Type, const VOID *Data, ULONG Length)
{
    NTSTATUS Status = CmpCreateKey(KeyPath);
    if (!NT_SUCCESS(Status))
        return Status;
    return SetValue(KeyPath, ValueName, Type, Data, Length);
}

NTSTATUS CmQueryValue(PCWSTR KeyPath, PCWSTR ValueName, PULONG Type, PVOID Data, PULONG Length)
{
    UNICODE_STRING Key, Name;
    CMP_VALUE *Value;
    NTSTATUS Status = STATUS_SUCCESS;

    RtlInitUnicodeString(&Key, KeyPath);
    RtlInitUnicodeString(&Name, ValueName);
    CmpLockRegistry();
    Value = Name.Length != 0 ? FindValue(&Key, &Name) : NULL;
    if (Value == NULL) {
        Status = STATUS_OBJECT_NAME_NOT_FOUND;
    } else {
        if (Type != NULL)
            *Type = Value->Type;
        if (*Length < Value->Length)
            Status = STATUS_BUFFER_TOO_SMALL;
        else
            RtlCopyMemory(Data, Value->Data, Value->Length);
        *Length = Value->Length;
    }
    CmpUnlockRegistry();
    return Status;
}

/* --- what drivers read: RtlQueryRegistryValues --- */

typedef struct CMP_QUERY {
    WCHAR Top[CMP_PATH_MAX];
    WCHAR Key[CMP_PATH_MAX];
    BOOLEAN Optional;
    PVOID Context;
} CMP_QUERY;

static BOOLEAN AppendPath(WCHAR *Path, PCWSTR Text)
{
    ULONG Length = 0;
    while (Path[Length] != 0)
        Length++;
    if (Text == NULL || *Text == 0)
        return TRUE;
    if (Length != 0 && *Text != L'\\' && Length + 1 < CMP_PATH_MAX)
        Path[Length++] = L'\\';
    for (; *Text != 0; Text++) {
        if (Length + 1 >= CMP_PATH_MAX)
            return FALSE;
        Path[Length++] = *Text;
    }
    Path[Length] = 0;
    return TRUE;
}

/* A key exists if it was made or if one below it was. */
static BOOLEAN KeyExists(PCWSTR Path)
{
    UNICODE_STRING Key;
    BOOLEAN Found = FALSE;
    RtlInitUnicodeString(&Key, Path);
    CmpLockRegistry();
    for (PLIST_ENTRY Entry = CmpValues.Flink; Entry != &CmpValues && !Found; Entry = Entry->Flink) {
        CMP_VALUE *Value = CONTAINING_RECORD(Entry, CMP_VALUE, Link);
        Found = RtlPrefixUnicodeString(&Key, &Value->Key, TRUE) && (Value->Key.Length == Key.Length ||
            Value->Key.Buffer[Key.Length / sizeof(WCHAR)] == L'\\');
    }
    CmpUnlockRegistry();
    return Found;
}

/* Base paths by RelativeTo. [ddi:RtlQueryRegistryValues] */
static NTSTATUS BasePath(ULONG RelativeTo, PCWSTR Path, WCHAR *Result)
{
    static const PCWSTR Bases[] = {
        L"",
        CMP_SERVICES,
        L"\\Registry\\Machine\\System\\CurrentControlSet\\Control",
        CMP_WINDOWS_NT,
        L"\\Registry\\Machine\\Hardware\\DeviceMap",
    };
    ULONG Index = RelativeTo & ~RTL_REGISTRY_OPTIONAL;
    if (Index >= RTL_NUMBER_OF(Bases) || (Index == RTL_REGISTRY_ABSOLUTE && Path == NULL))
        return STATUS_INVALID_PARAMETER;
    Result[0] = 0;
    if (!AppendPath(Result, Bases[Index]) || !AppendPath(Result, Path))
        return STATUS_OBJECT_NAME_INVALID;
    return STATUS_SUCCESS;
}

NTSTATUS RtlCheckRegistryKey(ULONG RelativeTo, PCWSTR Path)
{
    WCHAR Key[CMP_PATH_MAX];
    NTSTATUS Status = BasePath(RelativeTo, Path, Key);
    if (!NT_SUCCESS(Status))
        return Status;
    return KeyExists(Key) ? STATUS_SUCCESS : STATUS_OBJECT_NAME_NOT_FOUND;
}

static NTSTATUS StoreString(PUNICODE_STRING Target, const VOID *Data, ULONG Length, BOOLEAN Multi)
{
    ULONG Text = Length;
    if (!Multi && Length >= sizeof(WCHAR) &&
        ((const WCHAR *)Data)[Length / sizeof(WCHAR) - 1] == 0)
        Text -= sizeof(WCHAR);
    if (Length > MAXUSHORT)
        return STATUS_BUFFER_OVERFLOW;
    if (Target->Buffer == NULL) {
        Target->Buffer = ExAllocatePoolWithTag(PagedPool, Length + sizeof(WCHAR), CMP_TAG_STRING);
        if (Target->Buffer == NULL)
            return STATUS_INSUFFICIENT_RESOURCES;
        Target->MaximumLength = (USHORT)Length;
        Target->Buffer[Text / sizeof(WCHAR)] = 0;
    } else if (Target->MaximumLength < Length) {
        return STATUS_BUFFER_TOO_SMALL;
    }
    RtlCopyMemory(Target->Buffer, Data, Length);
    Target->Length = (USHORT)Text;
    return STATUS_SUCCESS;
}

/* RTL_QUERY_REGISTRY_DIRECT: into EntryContext, in the form the type asks for. */
static NTSTATUS StoreDirect(PRTL_QUERY_REGISTRY_TABLE Entry, ULONG Type, const VOID *Data, ULONG Length)
{
    LONG Room;
    if ((Entry->Flags & RTL_QUERY_REGISTRY_TYPECHECK) != 0 &&
        Type != Entry->DefaultType >> RTL_QUERY_REGISTRY_TYPECHECK_SHIFT)
        return STATUS_OBJECT_TYPE_MISMATCH;
    if (Type == REG_SZ || Type == REG_EXPAND_SZ || Type == REG_MULTI_SZ)
        return StoreString(Entry->EntryContext, Data, Length, Type == REG_MULTI_SZ);
    if (Length <= sizeof(ULONG)) {
        RtlCopyMemory(Entry->EntryContext, Data, Length);
        return STATUS_SUCCESS;
    }
    /* The caller says in the first LONG how much room there is; negative: data only. */
    Room = *(PLONG)Entry->EntryContext;
    if (Room < 0) {
        if ((ULONG)-Room < Length)
            return STATUS_BUFFER_TOO_SMALL;
        RtlCopyMemory(Entry->EntryContext, Data, Length);
        return STATUS_SUCCESS;
    }
    if ((ULONG)Room < Length)
        return STATUS_BUFFER_TOO_SMALL;
    ((PULONG)Entry->EntryContext)[0] = Length;
    ((PULONG)Entry->EntryContext)[1] = Type;
    RtlCopyMemory((PULONG)Entry->EntryContext + 2, Data, Length);
    return STATUS_SUCCESS;
}

static NTSTATUS Deliver(const CMP_QUERY *Query, PRTL_QUERY_REGISTRY_TABLE Entry, PWSTR Name, ULONG Type,
    PVOID Data, ULONG Length)
{
    NTSTATUS Status = STATUS_SUCCESS;
    if (Entry->Flags & RTL_QUERY_REGISTRY_DIRECT)
        return StoreDirect(Entry, Type, Data, Length);
    if (Type != REG_MULTI_SZ || (Entry->Flags & RTL_QUERY_REGISTRY_NOEXPAND) != 0)
        return Entry->QueryRoutine(Name, Type, Data, Length, Query->Context, Entry->EntryContext);
    /* One call for each string of a list. */
    for (PWSTR Text = Data; NT_SUCCESS(Status) && (PCHAR)Text < (PCHAR)Data + Length && *Text != 0;) {
        ULONG Bytes = sizeof(WCHAR);
        while ((PCHAR)Text + Bytes <= (PCHAR)Data + Length && Text[Bytes / sizeof(WCHAR) - 1] != 0)
            Bytes += sizeof(WCHAR);
        Status = Entry->QueryRoutine(Name, REG_SZ, Text, Bytes, Query->Context, Entry->EntryContext);
        Text += Bytes / sizeof(WCHAR);
    }
    return Status;
}

/* A copy of the Index-th value of a key, or of the one named. The caller frees it with ExFreePool. */
static CMP_VALUE *CopyValue(PCWSTR KeyPath, PCWSTR ValueName, ULONG Index)
{
    UNICODE_STRING Key, Name;
    CMP_VALUE *Copy = NULL;
    RtlInitUnicodeString(&Key, KeyPath);
    RtlInitUnicodeString(&Name, ValueName);
    CmpLockRegistry();
    for (PLIST_ENTRY Entry = CmpValues.Flink; Entry != &CmpValues; Entry = Entry->Flink) {
        CMP_VALUE *Value = CONTAINING_RECORD(Entry, CMP_VALUE, Link);
        if (!RtlEqualUnicodeString(&Value->Key, &Key, TRUE) || Value->Name.Length == 0)
            continue;
        if (ValueName != NULL ? !RtlEqualUnicodeString(&Value->Name, &Name, TRUE) : Index-- != 0)
            continue;
        Copy = ExAllocatePoolZero(PagedPool, sizeof *Copy + Value->Length + Value->Name.Length + sizeof(WCHAR),
            CMP_TAG);
        if (Copy != NULL) {
            Copy->Type = Value->Type;
            Copy->Length = Value->Length;
            Copy->Data = Copy + 1;
            Copy->Name.Buffer = (PWSTR)(PVOID)((PCHAR)(Copy + 1) + ((Value->Length + 1) & ~1u));
            RtlCopyMemory(Copy->Data, Value->Data, Value->Length);
            RtlCopyMemory(Copy->Name.Buffer, Value->Name.Buffer, Value->Name.Length);
        }
        break;
    }
    CmpUnlockRegistry();
    return Copy;
}

static ULONG TextBytes(PCWSTR Text)
{
    ULONG Count = 0;
    while (Text[Count] != 0)
        Count++;
    return (Count + 1) * sizeof(WCHAR);
}

/* The value of one table entry, or its default, or nothing. */
static NTSTATUS QueryOne(const CMP_QUERY *Query, PRTL_QUERY_REGISTRY_TABLE Entry)
{
    ULONG DefaultType = Entry->DefaultType & ((1u << RTL_QUERY_REGISTRY_TYPECHECK_SHIFT) - 1);
    ULONG Length = Entry->DefaultLength;
    CMP_VALUE *Value = CopyValue(Query->Key, Entry->Name, 0);
    NTSTATUS Status = STATUS_SUCCESS;

    if (Value != NULL) {
        Status = Deliver(Query, Entry, Entry->Name, Value->Type, Value->Data, Value->Length);
        ExFreePoolWithTag(Value, CMP_TAG);
        return Status;
    }
    if (Entry->Flags & RTL_QUERY_REGISTRY_REQUIRED)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    if (DefaultType == REG_NONE)
        return STATUS_SUCCESS;
    if (Length == 0 && (DefaultType == REG_SZ || DefaultType == REG_EXPAND_SZ))
        Length = TextBytes(Entry->DefaultData);
    if ((Entry->Flags & RTL_QUERY_REGISTRY_DIRECT) == 0)
        return Deliver(Query, Entry, Entry->Name, DefaultType, Entry->DefaultData, Length);
    /* A default of the expected type needs no check against itself. */
    if (DefaultType == REG_SZ || DefaultType == REG_EXPAND_SZ || DefaultType == REG_MULTI_SZ)
        return StoreString(Entry->EntryContext, Entry->DefaultData, Length, DefaultType == REG_MULTI_SZ);
    if (Length == 0 || Length > sizeof(ULONG))
        Length = sizeof(ULONG);
    RtlCopyMemory(Entry->EntryContext, Entry->DefaultData, Length);
    return STATUS_SUCCESS;
}

static NTSTATUS QueryAll(const CMP_QUERY *Query, PRTL_QUERY_REGISTRY_TABLE Entry)
{
    NTSTATUS Status = STATUS_SUCCESS;
    CMP_VALUE *Value;
    ULONG Index = 0;
    while (NT_SUCCESS(Status) && (Value = CopyValue(Query->Key, NULL, Index++)) != NULL) {
        Status = Deliver(Query, Entry, Value->Name.Buffer, Value->Type, Value->Data, Value->Length);
        ExFreePoolWithTag(Value, CMP_TAG);
    }
    if (Index == 1 && (Entry->Flags & RTL_QUERY_REGISTRY_REQUIRED) != 0)
        return STATUS_OBJECT_NAME_NOT_FOUND;
    return Status;
}

static NTSTATUS ProcessEntry(CMP_QUERY *Query, PRTL_QUERY_REGISTRY_TABLE Entry)
{
    if ((Entry->Flags & RTL_QUERY_REGISTRY_DIRECT) != 0 &&
        (Entry->Name == NULL || (Entry->Flags & RTL_QUERY_REGISTRY_SUBKEY) != 0 || Entry->QueryRoutine != NULL))
        return STATUS_INVALID_PARAMETER;
    if (Entry->Flags & (RTL_QUERY_REGISTRY_TOPKEY | RTL_QUERY_REGISTRY_SUBKEY))
        RtlCopyMemory(Query->Key, Query->Top, sizeof Query->Key);
    if (Entry->Flags & RTL_QUERY_REGISTRY_SUBKEY) {
        if (Entry->Name == NULL)
            return STATUS_INVALID_PARAMETER;
        if (!AppendPath(Query->Key, Entry->Name))
            return STATUS_OBJECT_NAME_INVALID;
        if (!KeyExists(Query->Key))
            return (Entry->Flags & RTL_QUERY_REGISTRY_REQUIRED) != 0 ? STATUS_OBJECT_NAME_NOT_FOUND
                                                                     : STATUS_SUCCESS;
        return Entry->QueryRoutine != NULL ? QueryAll(Query, Entry) : STATUS_SUCCESS;
    }
    if (Entry->Flags & RTL_QUERY_REGISTRY_NOVALUE)
        return Entry->QueryRoutine(NULL, REG_NONE, NULL, 0, Query->Context, Entry->EntryContext);
    return Entry->Name != NULL ? QueryOne(Query, Entry) : QueryAll(Query, Entry);
}

NTSTATUS RtlQueryRegistryValues(ULONG RelativeTo, PCWSTR Path, PRTL_QUERY_REGISTRY_TABLE QueryTable,
    PVOID Context, PVOID Environment)
{
    CMP_QUERY Query;
    NTSTATUS Status = BasePath(RelativeTo, Path, Query.Top);

    if (!NT_SUCCESS(Status))
        return Status;
    Query.Context = Context;
    RtlCopyMemory(Query.Key, Query.Top, sizeof Query.Key);
    if ((RelativeTo & RTL_REGISTRY_OPTIONAL) == 0 && !KeyExists(Query.Top))
        return STATUS_OBJECT_NAME_NOT_FOUND;
    for (; NT_SUCCESS(Status) && (QueryTable->QueryRoutine != NULL ||
        (QueryTable->Flags & (RTL_QUERY_REGISTRY_SUBKEY | RTL_QUERY_REGISTRY_DIRECT)) != 0); QueryTable++)
        Status = ProcessEntry(&Query, QueryTable);
    return Status;
}
