/* SPDX-License-Identifier: MIT */
/*
 * ob_handle.c - the handle table of the process.
 *
 * Layer: ntos. NT counterpart: the executive's handle tables. One table, because there is one process.
 *
 * A handle value is four times a slot's number; its two low bits are ignored, as on Windows. Slots are in leaves
 * of OBP_LEAF_SLOTS that never move and are never freed, so that a look-up needs no lock:
 *
 *   slot word:  supply (16 bits) | address of the OBJECT_HEADER (48 bits);  0 is a free slot
 *
 * H1  Each unit of supply is a pointer count that has been added to the object already. Taking a
 *     reference is a compare-and-swap that moves one unit from the slot to the caller.
 * H2  Words change from and to zero, and get a new supply, under ObHandleTableLock only.
 * H3  Whoever sets a word to zero returns its supply to the object's pointer count.
 * H4  Free slots form a first-in first-out list. A new leaf is added while fewer than OBP_FREE_MIN are free, so
 *     that a closed handle's value stays invalid for at least that many creations.
 */
#include "ob/obp.h"

#include <ntapi.h>

#include "ke.h"

#define OBP_LEAF_SLOTS 1024u
#define OBP_LEAVES (OB_HANDLES_MAX / OBP_LEAF_SLOTS)
#define OBP_FREE_MIN 64u
#define OBP_SUPPLY_SHIFT 48
#define OBP_SUPPLY_ONE (1ULL << OBP_SUPPLY_SHIFT)
#define OBP_SUPPLY_BATCH 0x7FFFull
#define OBP_POINTER_MASK (OBP_SUPPLY_ONE - 1)

typedef struct OBP_SLOT_INFO {
    ULONG Access;          /* read without the lock, together with the slot's word */
    ULONG Attributes;      /* of an open slot; the next free slot's number of a free one */
} OBP_SLOT_INFO;

typedef struct OBP_LEAF {
    volatile ULONGLONG Word[OBP_LEAF_SLOTS];
    OBP_SLOT_INFO Info[OBP_LEAF_SLOTS];
    OBJECT_HEADER **Followed; /* the objects again, unpacked, for leak checkers; NULL where none can look on */
} OBP_LEAF;

static OBP_LEAF *volatile ObpLeaves[OBP_LEAVES];
static EX_LOCK ObpTableLock;
static ULONG ObpLeafCount _Guarded_by_(ObHandleTableLock);
static ULONG ObpFreeFirst _Guarded_by_(ObHandleTableLock);
static ULONG ObpFreeLast _Guarded_by_(ObHandleTableLock);
static ULONG ObpFreeCount _Guarded_by_(ObHandleTableLock);
static volatile ULONG ObpOpenCount;

static inline void ObpLockTable(void) _Acquires_lock_(ObHandleTableLock) LOCK_UNCHECKED
{
    ExAcquireLock(&ObpTableLock, ObHandleTableLockRank);
}
static inline void ObpUnlockTable(void) _Releases_lock_(ObHandleTableLock) LOCK_UNCHECKED
{
    ExReleaseLock(&ObpTableLock, ObHandleTableLockRank);
}

static inline OBJECT_HEADER *WordHeader(ULONGLONG Word)
{
    return (OBJECT_HEADER *)(ULONG_PTR)(Word & OBP_POINTER_MASK);
}

static OBP_LEAF *FindLeaf(HANDLE Handle, ULONG *Slot)
{
    ULONG_PTR Number = (ULONG_PTR)Handle >> 2;
    if (Number >= OB_HANDLES_MAX)
        return NULL;
    *Slot = (ULONG)Number % OBP_LEAF_SLOTS;
    return __atomic_load_n(&ObpLeaves[Number / OBP_LEAF_SLOTS], __ATOMIC_ACQUIRE);
}

static OBP_SLOT_INFO *InfoOf(ULONG Number)
{
    return &ObpLeaves[Number / OBP_LEAF_SLOTS]->Info[Number % OBP_LEAF_SLOTS];
}

static VOID FollowObject(ULONG Number, OBJECT_HEADER *Header) _Requires_lock_held_(ObHandleTableLock)
{
    OBP_LEAF *Leaf = ObpLeaves[Number / OBP_LEAF_SLOTS];
    if (Leaf->Followed != NULL)
        Leaf->Followed[Number % OBP_LEAF_SLOTS] = Header;
}

static void AppendFree(ULONG Number) _Requires_lock_held_(ObHandleTableLock)
{
    __atomic_store_n(&InfoOf(Number)->Attributes, 0, __ATOMIC_RELAXED);
    if (ObpFreeLast != 0)
        __atomic_store_n(&InfoOf(ObpFreeLast)->Attributes, Number, __ATOMIC_RELAXED);
    else
        ObpFreeFirst = Number;
    ObpFreeLast = Number;
    ObpFreeCount++;
}

static void AddLeaf(void) _Requires_lock_held_(ObHandleTableLock)
{
    OBP_LEAF *Leaf;
    ULONG First = ObpLeafCount * OBP_LEAF_SLOTS;
    SIZE_T More = ExAreBlocksWatched() ? OBP_LEAF_SLOTS * sizeof *Leaf->Followed : 0;
    if (ObpLeafCount == OBP_LEAVES)
        return;
    Leaf = ExAllocatePoolZero(NonPagedPool, sizeof *Leaf + More, OBP_POOL_TAG_TABLE);
    if (Leaf == NULL)
        return;
    if (More != 0)
        Leaf->Followed = (OBJECT_HEADER **)(PVOID)(Leaf + 1);
    __atomic_store_n(&ObpLeaves[ObpLeafCount++], Leaf, __ATOMIC_RELEASE);
    /* slot 0 stays unused: a NULL handle is never valid */
    for (ULONG i = First == 0 ? 1 : 0; i < OBP_LEAF_SLOTS; i++)
        AppendFree(First + i);
}

static ULONG TakeFree(void) _Requires_lock_held_(ObHandleTableLock)
{
    ULONG Number;
    if (ObpFreeCount < OBP_FREE_MIN)
        AddLeaf();
    Number = ObpFreeFirst;
    if (Number == 0)
        return 0;
    ObpFreeFirst = InfoOf(Number)->Attributes;
    if (ObpFreeFirst == 0)
        ObpFreeLast = 0;
    ObpFreeCount--;
    return Number;
}

NTSTATUS ObpCreateHandle(OBJECT_HEADER *Header, ACCESS_MASK Access, ULONG Attributes, PHANDLE Handle)
{
    ULONG Number;
    OBP_SLOT_INFO *Info;

    ObpLockTable();
    Number = TakeFree();
    if (Number == 0) {
        ObpUnlockTable();
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    Info = InfoOf(Number);
    FollowObject(Number, Header);
    __atomic_store_n(&Info->Access, Access, __ATOMIC_RELAXED);
    __atomic_store_n(&Info->Attributes, Attributes & OBJ_INHERIT, __ATOMIC_RELAXED);
    __atomic_add_fetch(&Header->PointerCount, 1 + (LONG_PTR)OBP_SUPPLY_BATCH, __ATOMIC_RELAXED);
    __atomic_add_fetch(&Header->HandleCount, 1, __ATOMIC_RELAXED);
    ObpTypeOf(Header)->HandleCount++;
    __atomic_store_n(&ObpLeaves[Number / OBP_LEAF_SLOTS]->Word[Number % OBP_LEAF_SLOTS],
        (ULONGLONG)(ULONG_PTR)Header | OBP_SUPPLY_BATCH << OBP_SUPPLY_SHIFT, __ATOMIC_RELEASE);
    __atomic_store_n(&ObpOpenCount, ObpOpenCount + 1, __ATOMIC_RELAXED);
    ObpUnlockTable();
    *Handle = (HANDLE)((ULONG_PTR)Number << 2);
    return STATUS_SUCCESS;
}

/* The supply of the slot may be used up: adds a batch. FALSE: the slot is free. */
static BOOLEAN Replenish(OBP_LEAF *Leaf, ULONG Slot)
{
    ULONGLONG Word;
    ObpLockTable();
    Word = __atomic_load_n(&Leaf->Word[Slot], __ATOMIC_RELAXED);
    /* With an empty supply and the lock held nobody else changes the word (H1, H2). */
    if (Word != 0 && Word >> OBP_SUPPLY_SHIFT == 0) {
        __atomic_add_fetch(&WordHeader(Word)->PointerCount, (LONG_PTR)OBP_SUPPLY_BATCH, __ATOMIC_RELAXED);
        __atomic_store_n(&Leaf->Word[Slot], Word | OBP_SUPPLY_BATCH << OBP_SUPPLY_SHIFT, __ATOMIC_RELEASE);
    }
    ObpUnlockTable();
    return Word != 0;
}

static inline NTSTATUS ReferenceHandle(HANDLE Handle, OBJECT_HEADER **Header, OBP_HANDLE_STATE *State)
{
    ULONG Slot;
    OBP_LEAF *Leaf = FindLeaf(Handle, &Slot);
    ULONGLONG Word;

    if (Leaf == NULL)
        return STATUS_INVALID_HANDLE;
    Word = __atomic_load_n(&Leaf->Word[Slot], __ATOMIC_ACQUIRE);
    for (;;) {
        if (Word == 0)
            return STATUS_INVALID_HANDLE;
        if (Word >> OBP_SUPPLY_SHIFT == 0) {
            if (!Replenish(Leaf, Slot))
                return STATUS_INVALID_HANDLE;
            Word = __atomic_load_n(&Leaf->Word[Slot], __ATOMIC_ACQUIRE);
            continue;
        }
        /* Read before the exchange, whose success says that the slot is still the one looked at. */
        State->Access = __atomic_load_n(&Leaf->Info[Slot].Access, __ATOMIC_RELAXED);
        State->Attributes = __atomic_load_n(&Leaf->Info[Slot].Attributes, __ATOMIC_RELAXED);
        if (__atomic_compare_exchange_n(&Leaf->Word[Slot], &Word, Word - OBP_SUPPLY_ONE, TRUE,
            __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE))
            break;
    }
    *Header = WordHeader(Word);
    return STATUS_SUCCESS;
}

NTSTATUS ObpReferenceHandle(HANDLE Handle, OBJECT_HEADER **Header, OBP_HANDLE_STATE *State)
{
    return ReferenceHandle(Handle, Header, State);
}

/* A pseudo handle is no slot's number, so the look-up comes first. */
static NTSTATUS ReferencePseudo(HANDLE Handle, OBJECT_HEADER **Header, OBP_HANDLE_STATE *State)
{
    PVOID Pseudo;
    if (!ObIsKernelPseudoHandle(Handle))
        return STATUS_INVALID_HANDLE;
    Pseudo = Handle == NtCurrentProcess() ? (PVOID)PsGetCurrentProcess() : (PVOID)KeGetCurrentThread();
    ObfReferenceObject(Pseudo);
    *Header = ObpHeader(Pseudo);
    State->Access = ObpTypeOf(*Header)->ValidAccess;
    State->Attributes = 0;
    return STATUS_SUCCESS;
}

NTSTATUS ObReferenceObjectByHandle(HANDLE Handle, ACCESS_MASK DesiredAccess, POBJECT_TYPE ObjectType,
    KPROCESSOR_MODE AccessMode, PVOID *Object, POBJECT_HANDLE_INFORMATION HandleInformation)
{
    OBJECT_HEADER *Header;
    OBP_HANDLE_STATE State;
    NTSTATUS Status = ReferenceHandle(Handle, &Header, &State);

    if (!NT_SUCCESS(Status))
        Status = ReferencePseudo(Handle, &Header, &State);
    if (!NT_SUCCESS(Status))
        return Status;
    if (ObjectType != NULL && Header->TypeIndex != ObjectType->Index) {
        ObpDereferenceHeader(Header, 1);
        return STATUS_OBJECT_TYPE_MISMATCH;
    }
    if (AccessMode != KernelMode && (DesiredAccess & ~State.Access) != 0) {
        ObpDereferenceHeader(Header, 1);
        return STATUS_ACCESS_DENIED;
    }
    *Object = ObpBody(Header);
    if (HandleInformation != NULL) {
        HandleInformation->HandleAttributes = State.Attributes;
        HandleInformation->GrantedAccess = State.Access;
    }
    return STATUS_SUCCESS;
}

NTSTATUS ObpCloseHandle(HANDLE Handle)
{
    ULONG Slot, Remaining;
    OBP_LEAF *Leaf = FindLeaf(Handle, &Slot);
    OBJECT_HEADER *Header;
    ULONGLONG Word;

    if (Leaf == NULL)
        return STATUS_INVALID_HANDLE;
    ObpLockTable();
    if (__atomic_load_n(&Leaf->Word[Slot], __ATOMIC_RELAXED) == 0) {
        ObpUnlockTable();
        return STATUS_INVALID_HANDLE;
    }
    if (Leaf->Info[Slot].Attributes & OBP_HANDLE_PROTECTED) {
        ObpUnlockTable();
        return STATUS_HANDLE_NOT_CLOSABLE;
    }
    Word = __atomic_exchange_n(&Leaf->Word[Slot], 0, __ATOMIC_ACQ_REL);
    Header = WordHeader(Word);
    FollowObject((ULONG)((ULONG_PTR)Handle >> 2), NULL);
    ObpTypeOf(Header)->HandleCount--;
    AppendFree((ULONG)((ULONG_PTR)Handle >> 2));
    __atomic_store_n(&ObpOpenCount, ObpOpenCount - 1, __ATOMIC_RELAXED);
    ObpUnlockTable();

    Remaining = (ULONG)__atomic_sub_fetch(&Header->HandleCount, 1, __ATOMIC_ACQ_REL);
    if (ObpTypeOf(Header)->CloseProcedure != NULL) {
        KeAssertNoLocksHeld("NtClose");
        ObpTypeOf(Header)->CloseProcedure(ObpBody(Header), (LONG)Remaining);
    }
    if (Remaining == 0)
        ObpLastHandleClosed(Header);
    ObpDereferenceHeader(Header, 1 + (LONG_PTR)(Word >> OBP_SUPPLY_SHIFT));
    return STATUS_SUCCESS;
}

NTSTATUS ObpSetHandleAttributes(HANDLE Handle, ULONG Attributes)
{
    ULONG Slot;
    OBP_LEAF *Leaf = FindLeaf(Handle, &Slot);
    NTSTATUS Status = STATUS_INVALID_HANDLE;
    if (Leaf == NULL)
        return Status;
    ObpLockTable();
    if (__atomic_load_n(&Leaf->Word[Slot], __ATOMIC_RELAXED) != 0) {
        __atomic_store_n(&Leaf->Info[Slot].Attributes, Attributes, __ATOMIC_RELAXED);
        Status = STATUS_SUCCESS;
    }
    ObpUnlockTable();
    return Status;
}

LONG_PTR ObpCountPrepaid(OBJECT_HEADER *Header)
{
    LONG_PTR Prepaid = 0;
    ObpLockTable();
    for (ULONG i = 0; i < ObpLeafCount; i++) {
        for (ULONG Slot = 0; Slot < OBP_LEAF_SLOTS; Slot++) {
            ULONGLONG Word = __atomic_load_n(&ObpLeaves[i]->Word[Slot], __ATOMIC_RELAXED);
            if (WordHeader(Word) == Header)
                Prepaid += (LONG_PTR)(Word >> OBP_SUPPLY_SHIFT);
        }
    }
    ObpUnlockTable();
    return Prepaid;
}

/*
 * Generic rights become the type's specific ones. Only files have a published mapping that matters to
 * socket programs; the other types' first two bits are query and modify. [doc:secauthz/access-mask]
 */
ACCESS_MASK ObpMapAccess(OBJECT_TYPE *Type, ACCESS_MASK Desired)
{
    BOOLEAN File = Type == &ObpFileType;
    ACCESS_MASK Access = Desired & Type->ValidAccess;
    if (Desired & (GENERIC_ALL | MAXIMUM_ALLOWED))
        Access |= Type->ValidAccess;
    if (Desired & GENERIC_READ)
        Access |= File ? FILE_GENERIC_READ : READ_CONTROL | (Type->ValidAccess & 0x1);
    if (Desired & GENERIC_WRITE)
        Access |= File ? FILE_GENERIC_WRITE : READ_CONTROL | (Type->ValidAccess & 0x2);
    if (Desired & GENERIC_EXECUTE)
        Access |= File ? FILE_GENERIC_EXECUTE : READ_CONTROL | (Type->ValidAccess & SYNCHRONIZE);
    return Access;
}

BOOLEAN ObIsKernelPseudoHandle(HANDLE Handle)
{
    return Handle == NtCurrentProcess() || Handle == NtCurrentThread();
}

ULONG ObQueryHandleCount(VOID)
{
    return __atomic_load_n(&ObpOpenCount, __ATOMIC_RELAXED);
}
