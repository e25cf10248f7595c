/* SPDX-License-Identifier: MIT */
/*
 * loop_address.c - addresses and ports of the loop engine.
 *
 * Layer: transport. Local are 127/8, ::1 and the wildcards; nothing else exists. Ports are given out in
 * ascending order from Windows' dynamic range, round and round.
 */
#include "loop_private.h"

#define PORT_FIRST 49152u
#define PORT_LAST 65535u

/* By port, so that a hundred thousand connections can be made; the order matters among those of one port only. */
#define PORT_BUCKETS 4096u
static LIST_ENTRY BoundEndpoints[PORT_BUCKETS];
static ULONG NextPort = PORT_FIRST;

static LIST_ENTRY *BoundTo(USHORT Port)
{
    LIST_ENTRY *Bucket = &BoundEndpoints[Port % PORT_BUCKETS];
    if (Bucket->Flink == NULL)
        InitializeListHead(Bucket);
    return Bucket;
}

static USHORT Swap(USHORT Port)
{
    return (USHORT)(Port << 8 | Port >> 8);
}

static const UCHAR MappedPrefix[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

NTSTATUS LoopReadAddress(const TL_ENDPOINT *Endpoint, const VOID *Address, ULONG Length, LOOP_ADDRESS *Read)
{
    const UCHAR *Raw = Address;
    USHORT Family;
    if (Length < sizeof Family)
        return STATUS_INVALID_PARAMETER;
    RtlCopyMemory(&Family, Raw, sizeof Family);
    if (Family != Endpoint->Family)
        return STATUS_INVALID_ADDRESS;
    if (Length < (Family == TL_AF_INET6 ? 28u : 16u))
        return STATUS_INVALID_PARAMETER;
    RtlZeroMemory(Read, sizeof *Read);
    Read->Port = Swap(TlPortOf(Address));
    if (Family == TL_AF_INET) {
        Read->IsV4 = TRUE;
        RtlCopyMemory(Read->Bytes, Raw + 4, 4);
    } else if (RtlCompareMemory(Raw + 8, MappedPrefix, 12) == 12) {
        if (LoopIsV6Only(Endpoint))
            return STATUS_NETWORK_UNREACHABLE;
        Read->IsV4 = TRUE;
        RtlCopyMemory(Read->Bytes, Raw + 20, 4);
    } else {
        RtlCopyMemory(Read->Bytes, Raw + 8, 16);
    }
    return STATUS_SUCCESS;
}

ULONG LoopWriteAddress(const TL_ENDPOINT *Endpoint, const LOOP_ADDRESS *From, UCHAR Address[28])
{
    USHORT Family = Endpoint->Family, Port = Swap(From->Port);
    RtlZeroMemory(Address, 28);
    RtlCopyMemory(Address, &Family, sizeof Family);
    RtlCopyMemory(Address + 2, &Port, sizeof Port);
    if (Family == TL_AF_INET) {
        RtlCopyMemory(Address + 4, From->Bytes, 4);
        return 16;
    }
    if (From->IsV4 && !LoopIsAny(From)) {
        RtlCopyMemory(Address + 8, MappedPrefix, 12);
        RtlCopyMemory(Address + 20, From->Bytes, 4);
    } else {
        RtlCopyMemory(Address + 8, From->Bytes, 16);
    }
    return 28;
}

BOOLEAN LoopIsAny(const LOOP_ADDRESS *Address)
{
    static const UCHAR Any[16];
    return RtlCompareMemory(Address->Bytes, Any, 16) == 16;
}

static BOOLEAN IsLoopback(const LOOP_ADDRESS *Address)
{
    static const UCHAR V6[16] = {[15] = 1};
    return Address->IsV4 ? Address->Bytes[0] == 127 : RtlCompareMemory(Address->Bytes, V6, 16) == 16;
}

BOOLEAN LoopIsLocal(const LOOP_ADDRESS *Address)
{
    return LoopIsAny(Address) || IsLoopback(Address);
}

BOOLEAN LoopSameAddress(const LOOP_ADDRESS *A, const LOOP_ADDRESS *B)
{
    return A->IsV4 == B->IsV4 && A->Port == B->Port && RtlCompareMemory(A->Bytes, B->Bytes, 16) == 16;
}

/* --- the table of bound addresses --- */

/* Does the endpoint receive what is sent to this family? A dual-stack wildcard receives both. */
static BOOLEAN Covers(const TL_ENDPOINT *Endpoint, BOOLEAN V4)
{
    if (Endpoint->Family == TL_AF_INET)
        return V4;
    if (LoopIsAny(&Endpoint->Local) && !Endpoint->Local.IsV4)
        return !V4 || !LoopIsV6Only(Endpoint);
    return Endpoint->Local.IsV4 == V4;
}

static BOOLEAN Overlap(const TL_ENDPOINT *A, const TL_ENDPOINT *B)
{
    if (!(Covers(A, TRUE) && Covers(B, TRUE)) && !(Covers(A, FALSE) && Covers(B, FALSE)))
        return FALSE;
    if (LoopIsAny(&A->Local) || LoopIsAny(&B->Local))
        return TRUE;
    return RtlCompareMemory(A->Local.Bytes, B->Local.Bytes, 16) == 16;
}

static struct host_binding BindingOf(const TL_ENDPOINT *Endpoint)
{
    struct host_binding Binding = {TlSharing(&Endpoint->Settings), 0};
    if (LoopIsAny(&Endpoint->Local))
        Binding.breadth = Covers(Endpoint, TRUE) && Covers(Endpoint, FALSE) ? 2 : 1;
    return Binding;
}

static NTSTATUS CheckConflict(const TL_ENDPOINT *Endpoint, BOOLEAN MayShare)
{
    struct host_binding Second = BindingOf(Endpoint);
    const LIST_ENTRY *Bucket = BoundTo(Endpoint->Local.Port);
    for (const LIST_ENTRY *Entry = Bucket->Flink; Entry != Bucket; Entry = Entry->Flink) {
        const TL_ENDPOINT *Other = CONTAINING_RECORD(Entry, TL_ENDPOINT, TableLink);
        if (Other->Type != Endpoint->Type || Other->Local.Port != Endpoint->Local.Port || !Overlap(Endpoint, Other))
            continue;
        struct host_binding First = BindingOf(Other);
        NTSTATUS Status = MayShare ? host_judge_bind(&First, &Second, LoopIsStream(Endpoint)) :
                                     STATUS_ADDRESS_ALREADY_EXISTS;
        if (!NT_SUCCESS(Status))
            return Status;
    }
    return STATUS_SUCCESS;
}

static NTSTATUS ChoosePort(TL_ENDPOINT *Endpoint)
{
    for (ULONG Tries = PORT_FIRST; Tries <= PORT_LAST; Tries++) {
        Endpoint->Local.Port = (USHORT)NextPort;
        NextPort = NextPort == PORT_LAST ? PORT_FIRST : NextPort + 1;
        if (NT_SUCCESS(CheckConflict(Endpoint, FALSE)))
            return STATUS_SUCCESS;
    }
    Endpoint->Local.Port = 0;
    return STATUS_TOO_MANY_ADDRESSES;
}

NTSTATUS LoopBindLocked(TL_ENDPOINT *Endpoint, const LOOP_ADDRESS *Address)
{
    NTSTATUS Status;
    if (Endpoint->Bound)
        return STATUS_INVALID_PARAMETER;
    if (!LoopIsLocal(Address))
        return STATUS_INVALID_ADDRESS_COMPONENT;
    Endpoint->Local = *Address;
    if (Address->Port == 0)
        Status = ChoosePort(Endpoint);
    else
        Status = CheckConflict(Endpoint, TRUE);
    if (!NT_SUCCESS(Status)) {
        RtlZeroMemory(&Endpoint->Local, sizeof Endpoint->Local);
        return Status;
    }
    /* Of those that share an address the first gets what arrives: the newest datagram socket, the oldest stream. */
    if (LoopIsStream(Endpoint))
        InsertTailList(BoundTo(Endpoint->Local.Port), &Endpoint->TableLink);
    else
        InsertHeadList(BoundTo(Endpoint->Local.Port), &Endpoint->TableLink);
    Endpoint->Bound = TRUE;
    return STATUS_SUCCESS;
}

NTSTATUS LoopBindImplicitly(TL_ENDPOINT *Endpoint)
{
    LOOP_ADDRESS Any = {.IsV4 = Endpoint->Family == TL_AF_INET};
    return Endpoint->Bound ? STATUS_SUCCESS : LoopBindLocked(Endpoint, &Any);
}

VOID LoopUnbind(TL_ENDPOINT *Endpoint)
{
    if (Endpoint->Bound)
        RemoveEntryList(&Endpoint->TableLink);
    Endpoint->Bound = FALSE;
}

NTSTATUS LoopBind(TL_ENDPOINT *Endpoint, const VOID *Address, ULONG Length)
{
    LOOP_ADDRESS Read;
    NTSTATUS Status;
    LoopLockEngine();
    Status = Endpoint->Aborted ? STATUS_FILE_CLOSED : LoopReadAddress(Endpoint, Address, Length, &Read);
    if (Status == STATUS_NETWORK_UNREACHABLE)
        Status = STATUS_INVALID_ADDRESS_COMPONENT;
    if (NT_SUCCESS(Status))
        Status = LoopBindLocked(Endpoint, &Read);
    LoopUnlockEngine();
    return Status;
}

/* --- finding the receiver --- */

/* 0: not for it; else the better the higher: the narrower its address. */
static int Match(const TL_ENDPOINT *Endpoint, const LOOP_ADDRESS *To)
{
    if (Endpoint->Local.Port != To->Port || !Covers(Endpoint, To->IsV4))
        return 0;
    if (LoopIsAny(&Endpoint->Local))
        return Covers(Endpoint, !To->IsV4) ? 1 : 2;
    return RtlCompareMemory(Endpoint->Local.Bytes, To->Bytes, 16) == 16 ? 3 : 0;
}

TL_ENDPOINT *LoopFindListener(const LOOP_ADDRESS *To)
{
    TL_ENDPOINT *Best = NULL;
    int BestMatch = 0;
    const LIST_ENTRY *Bucket = BoundTo(To->Port);
    for (LIST_ENTRY *Entry = Bucket->Flink; Entry != Bucket; Entry = Entry->Flink) {
        TL_ENDPOINT *Endpoint = CONTAINING_RECORD(Entry, TL_ENDPOINT, TableLink);
        int This = Endpoint->Listening && !Endpoint->Aborted ? Match(Endpoint, To) : 0;
        if (This > BestMatch) {
            Best = Endpoint;
            BestMatch = This;
        }
    }
    return Best;
}

TL_ENDPOINT *LoopFindDatagram(const LOOP_ADDRESS *To, const LOOP_ADDRESS *From)
{
    TL_ENDPOINT *Best = NULL;
    int BestMatch = 0;
    const LIST_ENTRY *Bucket = BoundTo(To->Port);
    for (LIST_ENTRY *Entry = Bucket->Flink; Entry != Bucket; Entry = Entry->Flink) {
        TL_ENDPOINT *Endpoint = CONTAINING_RECORD(Entry, TL_ENDPOINT, TableLink);
        if (LoopIsStream(Endpoint) || Endpoint->Aborted)
            continue;
        int This = Match(Endpoint, To);
        /* One that has a peer takes datagrams of that peer only, and before all others. */
        if (This != 0 && Endpoint->Connected)
            This = LoopSameAddress(&Endpoint->Remote, From) ? This + 3 : 0;
        if (This > BestMatch) {
            Best = Endpoint;
            BestMatch = This;
        }
    }
    return Best;
}

LOOP_ADDRESS LoopSourceFor(const TL_ENDPOINT *Endpoint, const LOOP_ADDRESS *To)
{
    LOOP_ADDRESS Source = Endpoint->Local;
    if (!LoopIsAny(&Source))
        return Source;
    Source.IsV4 = To->IsV4;
    if (To->IsV4) {
        Source.Bytes[0] = 127;
        Source.Bytes[3] = 1;
    } else {
        Source.Bytes[15] = 1;
    }
    return Source;
}
