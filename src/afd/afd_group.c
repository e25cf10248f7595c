/* SPDX-License-Identifier: MIT */
/*
 * afd_group.c - socket groups, and IOCTL_AFD_VALIDATE_GROUP.
 *
 * Layer: afd. Numbers are unique in this process only: others have a stack of their own. The relative priority of
 * members is the provider's business and means nothing here, as on Windows.
 */
#include "afd_group.h"

#include "afd_requests.h"

#define AFD_GROUP_FIRST 0x100 /* beyond the two requests for a new group */

/*
 * One group. Made by AfdJoinGroup with its first member, freed by AfdLeaveGroup with its last. Everything that can
 * change is under the lock of the table.
 *
 * G1  Members counts the endpoints whose Group this is, Claims those of them with GroupClaimed. Both are in the
 *     endpoint's extra.
 * G2  Address is the peer of all claims while there are any, in a constrained group.
 */
typedef struct AFD_GROUP {
    LIST_ENTRY Link;
    ULONG Id;         /* constant, as the three below */
    ULONG Type;       /* AFD_GROUP_xxx */
    ULONG Protocol;   /* of all members of a constrained group, as Family */
    UCHAR Family;
    BOOLEAN HasQos;
    ULONG Members;
    ULONG Claims;
    UCHAR Address[28];
    AFD_QOS Qos;
} AFD_GROUP;

static struct {
    EX_LOCK Lock; /* class AfdGroupLock */
    LIST_ENTRY Groups;
    ULONG LastId;
} AfdpGroups = {.Groups = {&AfdpGroups.Groups, &AfdpGroups.Groups}, .LastId = AFD_GROUP_FIRST};

static VOID AfdpLockGroups(VOID) _Acquires_lock_(AfdGroupLock) LOCK_UNCHECKED
{
    ExAcquireLock(&AfdpGroups.Lock, AfdGroupLockRank);
}
static VOID AfdpUnlockGroups(VOID) _Releases_lock_(AfdGroupLock) LOCK_UNCHECKED
{
    ExReleaseLock(&AfdpGroups.Lock, AfdGroupLockRank);
}

static AFD_GROUP *AfdpGroupOf(const AFD_ENDPOINT *Endpoint)
{
    const AFD_ENDPOINT_EXTRA *Extra = AfdEndpointExtra(Endpoint);
    return Extra != NULL ? Extra->Group : NULL;
}

static AFD_GROUP *AfdpFindGroup(ULONG Id) _Requires_lock_held_(AfdGroupLock);
static AFD_GROUP *AfdpFindGroup(ULONG Id)
{
    PLIST_ENTRY Entry;
    for (Entry = AfdpGroups.Groups.Flink; Entry != &AfdpGroups.Groups; Entry = Entry->Flink) {
        AFD_GROUP *Group = CONTAINING_RECORD(Entry, AFD_GROUP, Link);
        if (Group->Id == Id)
            return Group;
    }
    return NULL;
}

static BOOLEAN AfdpFits(const AFD_GROUP *Group, const AFD_ENDPOINT *Endpoint)
{
    return Group->Type != AFD_GROUP_CONSTRAINED || (Endpoint->Kind == AfdStream &&
        Endpoint->Protocol == Group->Protocol && Endpoint->Family == Group->Family);
}

/* The same host: ports may differ. */
static BOOLEAN AfdpIsSameHost(const AFD_GROUP *Group, const UCHAR *Address)
{
    ULONG Offset = Group->Family == AFD_AF_INET6 ? 8 : 4; /* sin6_addr, sin_addr */
    return RtlEqualMemory(Group->Address + Offset, Address + Offset, Group->Family == AFD_AF_INET6 ? 16 : 4);
}

static BOOLEAN AfdpMayConnect(const AFD_GROUP *Group, const UCHAR *Address)
{
    return Group->Type != AFD_GROUP_CONSTRAINED || Group->Claims == 0 || AfdpIsSameHost(Group, Address);
}

static NTSTATUS AfdpCreateGroup(AFD_ENDPOINT *Endpoint, ULONG Type)
{
    AFD_GROUP *Group;

    if (Type == AFD_GROUP_CONSTRAINED && Endpoint->Kind != AfdStream)
        return STATUS_INVALID_PARAMETER;
    Group = ExAllocatePoolZero(NonPagedPool, sizeof *Group, AFD_TAG_GROUP);
    if (Group == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    Group->Type = Type;
    Group->Protocol = Endpoint->Protocol;
    Group->Family = Endpoint->Family;
    Group->Members = 1;
    AfdpLockGroups();
    do {
        Group->Id = ++AfdpGroups.LastId;
    } while (Group->Id < AFD_GROUP_FIRST || AfdpFindGroup(Group->Id) != NULL);
    InsertTailList(&AfdpGroups.Groups, &Group->Link);
    AfdpUnlockGroups();
    AfdEndpointExtra(Endpoint)->Group = Group;
    return STATUS_SUCCESS;
}

NTSTATUS AfdJoinGroup(AFD_ENDPOINT *Endpoint, ULONG GroupId)
{
    AFD_GROUP *Group;

    if (GroupId == 0)
        return STATUS_SUCCESS;
    if (AfdNeedExtra(Endpoint) == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (GroupId == AFD_GROUP_UNCONSTRAINED || GroupId == AFD_GROUP_CONSTRAINED)
        return AfdpCreateGroup(Endpoint, GroupId);
    AfdpLockGroups();
    Group = AfdpFindGroup(GroupId);
    if (Group != NULL && !AfdpFits(Group, Endpoint))
        Group = NULL;
    if (Group != NULL)
        Group->Members++;
    AfdpUnlockGroups();
    AfdEndpointExtra(Endpoint)->Group = Group;
    return Group != NULL ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

VOID AfdLeaveGroup(AFD_ENDPOINT *Endpoint)
{
    AFD_GROUP *Group = AfdpGroupOf(Endpoint);

    if (Group == NULL)
        return;
    AfdReleaseGroup(Endpoint);
    AfdpLockGroups();
    if (--Group->Members == 0)
        RemoveEntryList(&Group->Link);
    else
        Group = NULL;
    AfdpUnlockGroups();
    AfdEndpointExtra(Endpoint)->Group = NULL;
    if (Group != NULL)
        ExFreePoolWithTag(Group, AFD_TAG_GROUP);
}

NTSTATUS AfdClaimGroup(AFD_ENDPOINT *Endpoint, const UCHAR *Address)
{
    AFD_GROUP *Group = AfdpGroupOf(Endpoint);
    BOOLEAN May;

    if (Group == NULL)
        return STATUS_SUCCESS;
    AfdpLockGroups();
    May = AfdpMayConnect(Group, Address);
    if (May && !AfdEndpointExtra(Endpoint)->GroupClaimed) {
        AfdEndpointExtra(Endpoint)->GroupClaimed = TRUE;
        Group->Claims++;
        RtlCopyMemory(Group->Address, Address, AfdAddressLength(Endpoint));
    }
    AfdpUnlockGroups();
    return May ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

VOID AfdReleaseGroup(AFD_ENDPOINT *Endpoint)
{
    AFD_GROUP *Group = AfdpGroupOf(Endpoint);
    if (Group == NULL)
        return;
    AfdpLockGroups();
    if (AfdEndpointExtra(Endpoint)->GroupClaimed) {
        AfdEndpointExtra(Endpoint)->GroupClaimed = FALSE;
        Group->Claims--;
    }
    AfdpUnlockGroups();
}

VOID AfdGetGroupInfo(const AFD_ENDPOINT *Endpoint, AFD_GROUP_INFO *Info)
{
    const AFD_GROUP *Group = AfdpGroupOf(Endpoint);
    Info->GroupID = Group != NULL ? Group->Id : 0;
    Info->GroupType = Group != NULL ? Group->Type : 0;
}

BOOLEAN AfdSetGroupQos(AFD_ENDPOINT *Endpoint, const AFD_QOS *Qos)
{
    AFD_GROUP *Group = AfdpGroupOf(Endpoint);
    if (Group == NULL)
        return FALSE;
    AfdpLockGroups();
    Group->Qos = *Qos;
    Group->HasQos = TRUE;
    AfdpUnlockGroups();
    return TRUE;
}

BOOLEAN AfdGetGroupQos(const AFD_ENDPOINT *Endpoint, AFD_QOS *Qos)
{
    const AFD_GROUP *Group = AfdpGroupOf(Endpoint);
    if (Group == NULL)
        return FALSE;
    AfdpLockGroups();
    if (Group->HasQos)
        *Qos = Group->Qos;
    AfdpUnlockGroups();
    return TRUE;
}

NTSTATUS AfdValidateGroup(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control)
{
    const ULONG Offset = UFIELD_OFFSET(AFD_VALIDATE_GROUP_INFO, RemoteAddress);
    const AFD_GROUP *Group;
    UCHAR Address[28];
    USHORT Length;
    ULONG Id;
    BOOLEAN Valid;
    NTSTATUS Status = AfdReadInput(Control, &Id, sizeof Id);

    if (NT_SUCCESS(Status))
        Status = AfdReadAddress(Endpoint, ExUserField(Control->Input, Offset), Control->InputLength - Offset, FALSE,
            Address, &Length);
    if (!NT_SUCCESS(Status))
        return Status;
    if (AfdEndpointState(Endpoint) == AfdClosing)
        return STATUS_FILE_CLOSED;
    if (Id == 0 || Id == AFD_GROUP_UNCONSTRAINED)
        return STATUS_SUCCESS;
    if (Id == AFD_GROUP_CONSTRAINED)
        return Endpoint->Kind == AfdStream ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
    AfdpLockGroups();
    Group = AfdpFindGroup(Id);
    Valid = Group != NULL && AfdpFits(Group, Endpoint) && AfdpMayConnect(Group, Address);
    AfdpUnlockGroups();
    return Valid ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}
