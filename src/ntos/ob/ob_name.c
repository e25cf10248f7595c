/* SPDX-License-Identifier: MIT */
/*
 * ob_name.c - the name space: objects by full path.
 *
 * Layer: ntos. NT counterpart: object directories. The directories are a fixed set and not objects:
 * names are kept by their full path in one hash table. \DosDevices and \GLOBAL?? are \??. Only a
 * device takes a path beyond its own name, which it parses itself. A symbolic link names an object
 * exactly.
 *
 * A name holds a reference. An object that is not permanent loses its name with its last handle; one
 * opened by name in that very moment may be left without a name.
 */
#include "ob/obp.h"

#define OBP_NAME_BUCKETS 64u
#define OBP_NAME_MAX 8192u /* bytes of a path: the longest of the host, in UTF-16 */
#define OBP_LINKS_MAX 8    /* symbolic links followed in one look-up */

typedef struct OBP_NAME {
    LIST_ENTRY Link;       /* by path */
    LIST_ENTRY ObjectLink; /* by the object's address */
    OBJECT_HEADER *Header; /* one pointer count */
    UNICODE_STRING Path;   /* Text, in its original case */
    WCHAR Text[];
} OBP_NAME;

static LIST_ENTRY ObpNames[OBP_NAME_BUCKETS] _Guarded_by_(ObNameSpaceLock);
static LIST_ENTRY ObpNamesOfObjects[OBP_NAME_BUCKETS] _Guarded_by_(ObNameSpaceLock);
static EX_LOCK ObpNameLock;

static inline void ObpLockNames(void) _Acquires_lock_(ObNameSpaceLock) LOCK_UNCHECKED
{
    ExAcquireLock(&ObpNameLock, ObNameSpaceLockRank);
}
static inline void ObpUnlockNames(void) _Releases_lock_(ObNameSpaceLock) LOCK_UNCHECKED
{
    ExReleaseLock(&ObpNameLock, ObNameSpaceLockRank);
}

static const UNICODE_STRING ObpDirectories[] = {
    RTL_CONSTANT_STRING(L"\\Device"),
    RTL_CONSTANT_STRING(L"\\??"),
    RTL_CONSTANT_STRING(L"\\BaseNamedObjects"),
    RTL_CONSTANT_STRING(L"\\Driver"),
    RTL_CONSTANT_STRING(L"\\FileSystem"),
    RTL_CONSTANT_STRING(L"\\Callback"),
};
/* One process, one session: Global and Local are the same. [doc:termserv/kernel-object-namespaces] */
static const struct {
    UNICODE_STRING From, To;
} ObpAliases[] = {
    {RTL_CONSTANT_STRING(L"\\DosDevices\\"), RTL_CONSTANT_STRING(L"\\??\\")},
    {RTL_CONSTANT_STRING(L"\\GLOBAL??\\"), RTL_CONSTANT_STRING(L"\\??\\")},
    {RTL_CONSTANT_STRING(L"\\BaseNamedObjects\\Global\\"), RTL_CONSTANT_STRING(L"\\BaseNamedObjects\\")},
    {RTL_CONSTANT_STRING(L"\\BaseNamedObjects\\Local\\"), RTL_CONSTANT_STRING(L"\\BaseNamedObjects\\")},
};

static UNICODE_STRING Part(const WCHAR *Text, SIZE_T Bytes)
{
    UNICODE_STRING String = {(USHORT)Bytes, (USHORT)Bytes, (PWSTR)Text};
    return String;
}

/*
 * Path as the table has it, in Buffer if an alias was replaced. Tail, the length of what follows the
 * replaced prefix, is the same in both, so that a remainder can point into the caller's string.
 */
static NTSTATUS Canonicalize(PCUNICODE_STRING Name, WCHAR *Buffer, PUNICODE_STRING Path)
{
    if (Name->Length % sizeof(WCHAR) != 0 || Name->Buffer == NULL)
        return STATUS_OBJECT_NAME_INVALID;
    if (Name->Length == 0)
        return STATUS_OBJECT_PATH_SYNTAX_BAD;
    if (Name->Length > OBP_NAME_MAX)
        return STATUS_OBJECT_NAME_INVALID;
    if (Name->Buffer[0] != L'\\')
        return STATUS_OBJECT_PATH_SYNTAX_BAD;
    *Path = Part(Name->Buffer, Name->Length);
    for (ULONG i = 0; i < RTL_NUMBER_OF(ObpAliases); i++) {
        const UNICODE_STRING *From = &ObpAliases[i].From, *To = &ObpAliases[i].To;
        if (RtlPrefixUnicodeString(From, Name, TRUE)) {
            USHORT Tail = (USHORT)(Name->Length - From->Length);
            RtlCopyMemory(Buffer, To->Buffer, To->Length);
            RtlCopyMemory((PCHAR)Buffer + To->Length, (PCHAR)Name->Buffer + From->Length, Tail);
            *Path = Part(Buffer, (SIZE_T)To->Length + Tail);
            break;
        }
    }
    return STATUS_SUCCESS;
}

/*
 * Every socket is opened by name, so this is cheap: of the length and the last few units. Letters of either case are
 * one, and so is all that is not ASCII.
 */
#define OBP_HASHED_UNITS 6u

static ULONG HashPath(PCUNICODE_STRING Path)
{
    ULONG Units = Path->Length / sizeof(WCHAR);
    ULONG Hash = 2166136261u ^ Units;
    for (ULONG i = Units > OBP_HASHED_UNITS ? Units - OBP_HASHED_UNITS : 0; i < Units; i++) {
        ULONG Unit = (USHORT)Path->Buffer[i];
        Hash = (Hash ^ (Unit < 0x80 ? Unit | 0x20 : 0x80)) * 16777619u;
    }
    return (Hash ^ Hash >> 16) % OBP_NAME_BUCKETS;
}

static LIST_ENTRY *BucketOfObject(const OBJECT_HEADER *Header) _Requires_lock_held_(ObNameSpaceLock)
{
    LIST_ENTRY *Bucket = &ObpNamesOfObjects[((ULONG_PTR)Header >> 5 ^ (ULONG_PTR)Header >> 13) % OBP_NAME_BUCKETS];
    if (Bucket->Flink == NULL)
        InitializeListHead(Bucket);
    return Bucket;
}

static OBP_NAME *FindNameOfObject(const OBJECT_HEADER *Header) _Requires_lock_held_(ObNameSpaceLock)
{
    LIST_ENTRY *Bucket = BucketOfObject(Header);
    for (LIST_ENTRY *Entry = Bucket->Flink; Entry != Bucket; Entry = Entry->Flink) {
        OBP_NAME *Found = CONTAINING_RECORD(Entry, OBP_NAME, ObjectLink);
        if (Found->Header == Header)
            return Found;
    }
    return NULL;
}

static OBP_NAME *FindName(PCUNICODE_STRING Path, BOOLEAN NoCase) _Requires_lock_held_(ObNameSpaceLock)
{
    LIST_ENTRY *Bucket = &ObpNames[HashPath(Path)];
    if (Bucket->Flink == NULL)
        InitializeListHead(Bucket);
    for (LIST_ENTRY *Entry = Bucket->Flink; Entry != Bucket; Entry = Entry->Flink) {
        OBP_NAME *Found = CONTAINING_RECORD(Entry, OBP_NAME, Link);
        if (Found->Path.Length != Path->Length)
            continue;
        if (RtlEqualMemory(Found->Path.Buffer, Path->Buffer, Path->Length) ||
            (NoCase && RtlEqualUnicodeString(&Found->Path, Path, TRUE)))
            return Found;
    }
    return NULL;
}

/* Bytes before the last backslash; 0 for a name in the root. */
static USHORT DirectoryLength(PCUNICODE_STRING Path)
{
    ULONG i = Path->Length / sizeof(WCHAR);
    while (i > 0 && Path->Buffer[i - 1] != L'\\')
        i--;
    return (USHORT)((i > 0 ? i - 1 : 0) * sizeof(WCHAR));
}

static BOOLEAN DirectoryExists(PCUNICODE_STRING Path)
{
    UNICODE_STRING Directory = Part(Path->Buffer, DirectoryLength(Path));
    if (Directory.Length == 0)
        return TRUE;
    for (ULONG i = 0; i < RTL_NUMBER_OF(ObpDirectories); i++) {
        if (RtlEqualUnicodeString(&Directory, &ObpDirectories[i], TRUE))
            return TRUE;
    }
    return FALSE;
}

NTSTATUS ObpEnterName(PCUNICODE_STRING Name, ULONG Attributes, OBJECT_HEADER *Header,
    OBJECT_HEADER **Existing)
{
    WCHAR Buffer[OBP_NAME_MAX / sizeof(WCHAR) + 8];
    UNICODE_STRING Path;
    OBP_NAME *New, *Old;
    NTSTATUS Status = Canonicalize(Name, Buffer, &Path);

    if (!NT_SUCCESS(Status))
        return Status;
    if (DirectoryLength(&Path) + sizeof(WCHAR) == Path.Length)
        return STATUS_OBJECT_NAME_INVALID; /* ends in a backslash */
    New = ExAllocatePoolWithTag(PagedPool, sizeof *New + Path.Length, OBP_POOL_TAG_NAME);
    if (New == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    New->Header = Header;
    RtlCopyMemory(New->Text, Path.Buffer, Path.Length);
    New->Path = Part(New->Text, Path.Length);

    ObpLockNames();
    Old = FindName(&Path, (Attributes & OBJ_CASE_INSENSITIVE) != 0);
    if (Old != NULL && Existing != NULL && Old->Header->TypeIndex == Header->TypeIndex) {
        *Existing = Old->Header;
        ObfReferenceObject(ObpBody(Old->Header));
        Status = STATUS_OBJECT_NAME_EXISTS;
    } else if (Old != NULL) {
        Status = Existing != NULL ? STATUS_OBJECT_TYPE_MISMATCH : STATUS_OBJECT_NAME_COLLISION;
    } else if (!DirectoryExists(&Path)) {
        Status = STATUS_OBJECT_PATH_NOT_FOUND;
    } else {
        InsertTailList(&ObpNames[HashPath(&Path)], &New->Link);
        InsertTailList(BucketOfObject(Header), &New->ObjectLink);
        ObpSetFlag(Header, OBP_FLAG_NAMED);
        ObfReferenceObject(ObpBody(Header));
        New = NULL;
    }
    ObpUnlockNames();
    if (New != NULL)
        ExFreePoolWithTag(New, OBP_POOL_TAG_NAME);
    return Status;
}

NTSTATUS ObInsertName(PCUNICODE_STRING Name, PVOID Object)
{
    OBJECT_HEADER *Header = ObpHeader(Object);
    ObpSetFlag(Header, OBP_FLAG_PERMANENT);
    return ObpEnterName(Name, OBJ_CASE_INSENSITIVE, Header, NULL);
}

static VOID RemoveName(OBJECT_HEADER *Header, BOOLEAN OnlyIfNoHandle)
{
    OBP_NAME *Name;
    if ((ObpFlags(Header) & OBP_FLAG_NAMED) == 0)
        return;
    ObpLockNames();
    Name = FindNameOfObject(Header);
    if (Name != NULL && OnlyIfNoHandle && __atomic_load_n(&Header->HandleCount, __ATOMIC_ACQUIRE) != 0)
        Name = NULL; /* opened again by name meanwhile */
    if (Name != NULL) {
        RemoveEntryList(&Name->Link);
        RemoveEntryList(&Name->ObjectLink);
    }
    ObpUnlockNames();
    if (Name != NULL) {
        ExFreePoolWithTag(Name, OBP_POOL_TAG_NAME);
        ObpDereferenceHeader(Header, 1);
    }
}

VOID ObRemoveName(PVOID Object)
{
    RemoveName(ObpHeader(Object), FALSE);
}

VOID ObpLastHandleClosed(OBJECT_HEADER *Header)
{
    if ((ObpFlags(Header) & OBP_FLAG_PERMANENT) == 0)
        RemoveName(Header, TRUE);
}

/* The object whose path is all of Path, or the device whose path begins it. A reference, or NULL. */
static OBJECT_HEADER *FindObject(PCUNICODE_STRING Path, BOOLEAN NoCase, USHORT *RemainingBytes)
{
    UNICODE_STRING Prefix = *Path;
    OBJECT_HEADER *Header = NULL;

    ObpLockNames();
    while (Prefix.Length > sizeof(WCHAR)) {
        OBP_NAME *Name = FindName(&Prefix, NoCase);
        if (Name != NULL) {
            const OBJECT_TYPE *Type = ObpTypeOf(Name->Header);
            if (Prefix.Length == Path->Length || Type == &ObpDeviceType || Type == &ObpSymbolicLinkType) {
                Header = Name->Header;
                ObfReferenceObject(ObpBody(Header));
                *RemainingBytes = (USHORT)(Path->Length - Prefix.Length);
            }
            break;
        }
        Prefix.Length = DirectoryLength(&Prefix);
    }
    ObpUnlockNames();
    return Header;
}

NTSTATUS ObLookupName(PCUNICODE_STRING Name, ULONG Attributes, OBJECT_TYPE *Type, PVOID *Object,
    PUNICODE_STRING Remaining)
{
    WCHAR Buffer[OBP_NAME_MAX / sizeof(WCHAR) + 8];
    BOOLEAN NoCase = (Attributes & OBJ_CASE_INSENSITIVE) != 0;
    USHORT Left = 0, LinkLeft;
    UNICODE_STRING Path;
    OBJECT_HEADER *Header;
    NTSTATUS Status = Canonicalize(Name, Buffer, &Path);

    if (!NT_SUCCESS(Status))
        return Status;
    Header = FindObject(&Path, NoCase, &Left);
    for (int i = 0; Header != NULL && ObpTypeOf(Header) == &ObpSymbolicLinkType &&
        Type != &ObpSymbolicLinkType; i++) {
        OBP_SYMBOLIC_LINK *Link = ObpBody(Header);
        OBJECT_HEADER *Next = i < OBP_LINKS_MAX ? FindObject(&Link->Target, TRUE, &LinkLeft) : NULL;
        ObpDereferenceHeader(Header, 1);
        if (Next != NULL && LinkLeft != 0) {
            ObpDereferenceHeader(Next, 1);
            Next = NULL;
        }
        Header = Next;
        if (Header == NULL)
            return STATUS_OBJECT_NAME_NOT_FOUND;
    }
    if (Header == NULL)
        return DirectoryExists(&Path) ? STATUS_OBJECT_NAME_NOT_FOUND : STATUS_OBJECT_PATH_NOT_FOUND;
    if (Type != NULL && ObpTypeOf(Header) != Type) {
        ObpDereferenceHeader(Header, 1);
        return STATUS_OBJECT_TYPE_MISMATCH;
    }
    if (Left != 0 && (Remaining == NULL || ObpTypeOf(Header) != &ObpDeviceType)) {
        ObpDereferenceHeader(Header, 1);
        return STATUS_OBJECT_PATH_NOT_FOUND;
    }
    if (Remaining != NULL)
        *Remaining = Part(Name->Buffer + (Name->Length - Left) / sizeof(WCHAR), Left);
    *Object = ObpBody(Header);
    return STATUS_SUCCESS;
}

VOID ObpDeleteSymbolicLink(PVOID Object)
{
    OBP_SYMBOLIC_LINK *Link = Object;
    ExFreePoolWithTag(Link->Target.Buffer, OBP_POOL_TAG_LINK);
}

NTSTATUS IoCreateSymbolicLink(PUNICODE_STRING LinkName, PUNICODE_STRING DeviceName)
{
    OBP_SYMBOLIC_LINK *Link;
    PVOID Text;
    NTSTATUS Status;

    if (DeviceName == NULL || DeviceName->Length == 0)
        return STATUS_INVALID_PARAMETER;
    Text = ExAllocatePoolWithTag(PagedPool, DeviceName->Length, OBP_POOL_TAG_LINK);
    if (Text == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    ObpSymbolicLinkType.DeleteProcedure = ObpDeleteSymbolicLink;
    Status = ObCreateObject(&ObpSymbolicLinkType, sizeof *Link, (PVOID *)&Link);
    if (!NT_SUCCESS(Status)) {
        ExFreePoolWithTag(Text, OBP_POOL_TAG_LINK);
        return Status;
    }
    RtlCopyMemory(Text, DeviceName->Buffer, DeviceName->Length);
    Link->Target = Part(Text, DeviceName->Length);
    Status = ObInsertName(LinkName, Link);
    ObDereferenceObject(Link);
    return Status;
}

NTSTATUS IoDeleteSymbolicLink(PUNICODE_STRING LinkName)
{
    PVOID Link;
    NTSTATUS Status = ObLookupName(LinkName, OBJ_CASE_INSENSITIVE, &ObpSymbolicLinkType, &Link, NULL);
    if (!NT_SUCCESS(Status))
        return Status;
    ObRemoveName(Link);
    ObDereferenceObject(Link);
    return STATUS_SUCCESS;
}
