/* SPDX-License-Identifier: MIT */
/*
 * afd_connect_data.c - IOCTL_AFD_SET_, GET_ and SIZE_ of connect and disconnect data and options, and
 * IOCTL_AFD_GET_UNACCEPTED_CONNECT_DATA.
 *
 * Layer: afd. NT counterpart: AFD's requests for transports such as DECnet and OSI TP4, which carry such data.
 * TCP/IP does not, on Windows either: the strings are kept, and nothing ever comes from the peer.
 * [doc:winsock/sol-socket-socket-options]
 */
#include "afd_connect_data.h"

#include "afd_listener.h"
#include "afd_requests.h"

typedef enum AFD_STRING_VERB { AfdSetString, AfdGetString, AfdSizeString } AFD_STRING_VERB;

#define AFD_STRINGS_FIRST AFD_SET_CONNECT_DATA
static const struct {
    UCHAR Verb;
    UCHAR Kind;
} AfdpStringRequests[] = {
    [AFD_SET_CONNECT_DATA - AFD_STRINGS_FIRST] = {AfdSetString, AfdConnectDataString},
    [AFD_SET_CONNECT_OPTIONS - AFD_STRINGS_FIRST] = {AfdSetString, AfdConnectOptions},
    [AFD_SET_DISCONNECT_DATA - AFD_STRINGS_FIRST] = {AfdSetString, AfdDisconnectDataString},
    [AFD_SET_DISCONNECT_OPTIONS - AFD_STRINGS_FIRST] = {AfdSetString, AfdDisconnectOptions},
    [AFD_GET_CONNECT_DATA - AFD_STRINGS_FIRST] = {AfdGetString, AfdConnectDataString},
    [AFD_GET_CONNECT_OPTIONS - AFD_STRINGS_FIRST] = {AfdGetString, AfdConnectOptions},
    [AFD_GET_DISCONNECT_DATA - AFD_STRINGS_FIRST] = {AfdGetString, AfdDisconnectDataString},
    [AFD_GET_DISCONNECT_OPTIONS - AFD_STRINGS_FIRST] = {AfdGetString, AfdDisconnectOptions},
    [AFD_SIZE_CONNECT_DATA - AFD_STRINGS_FIRST] = {AfdSizeString, AfdConnectDataString},
    [AFD_SIZE_CONNECT_OPTIONS - AFD_STRINGS_FIRST] = {AfdSizeString, AfdConnectOptions},
    [AFD_SIZE_DISCONNECT_DATA - AFD_STRINGS_FIRST] = {AfdSizeString, AfdDisconnectDataString},
    [AFD_SIZE_DISCONNECT_OPTIONS - AFD_STRINGS_FIRST] = {AfdSizeString, AfdDisconnectOptions},
};

static BOOLEAN AfdpIsOfConnecting(AFD_STRING_KIND Kind)
{
    return Kind == AfdConnectDataString || Kind == AfdConnectOptions;
}

VOID AfdFreeConnectStrings(AFD_CONNECT_STRINGS *Strings)
{
    ULONG i;
    if (Strings == NULL)
        return;
    for (i = 0; i < AfdStringMax; i++)
        if (Strings->Strings[i].Bytes != NULL)
            ExFreePoolWithTag(Strings->Strings[i].Bytes, AFD_TAG_CONNECT_DATA);
    ExFreePoolWithTag(Strings, AFD_TAG_CONNECT_DATA);
}

VOID AfdEmptyConnectStrings(AFD_CONNECT_STRINGS *Strings, BOOLEAN Reuse)
{
    ULONG i;
    for (i = 0; Strings != NULL && i < AfdStringMax; i++)
        if (Reuse || AfdpIsOfConnecting(i))
            Strings->Strings[i].Length = 0;
}

/*
 * Where the strings are that the request means: the endpoint's, or those of a listener's offered connection. With
 * Change also whether they may be changed now.
 */
static NTSTATUS AfdpFindStrings(AFD_ENDPOINT *Endpoint, AFD_STRING_KIND Kind, LONG Sequence, BOOLEAN Change,
    AFD_CONNECT_STRINGS ***Place) _Requires_lock_held_(AfdEndpointLock);
static NTSTATUS AfdpFindStrings(AFD_ENDPOINT *Endpoint, AFD_STRING_KIND Kind, LONG Sequence, BOOLEAN Change,
    AFD_CONNECT_STRINGS ***Place)
{
    AFD_CONNECTION *Connection;

    *Place = &AfdEndpointExtra(Endpoint)->Strings;
    switch (Endpoint->State) {
    case AfdClosing:
        return STATUS_FILE_CLOSED;
    case AfdListening:
        Connection = AfdpIsOfConnecting(Kind) ? AfdFindOffered(AfdEndpointListener(Endpoint), Sequence) : NULL;
        if (Connection == NULL)
            return STATUS_INVALID_PARAMETER;
        *Place = &Connection->Strings;
        return STATUS_SUCCESS;
    case AfdConnecting:
        return Change && AfdpIsOfConnecting(Kind) ? STATUS_DEVICE_BUSY : STATUS_SUCCESS;
    case AfdConnected:
        return Change && AfdpIsOfConnecting(Kind) ? STATUS_CONNECTION_ACTIVE : STATUS_SUCCESS;
    default:
        return STATUS_SUCCESS;
    }
}

/* One string becomes Bytes. The bytes, and room for the strings if there are none yet, are the callee's. */
static NTSTATUS AfdpPutString(AFD_ENDPOINT *Endpoint, AFD_STRING_KIND Kind, LONG Sequence, PVOID Bytes, ULONG Length,
    BOOLEAN KeepOld)
{
    AFD_CONNECT_STRINGS *Room = ExAllocatePoolZero(NonPagedPool, sizeof *Room, AFD_TAG_CONNECT_DATA);
    AFD_CONNECT_STRINGS **Place;
    PVOID Old = Bytes;
    NTSTATUS Status = STATUS_INSUFFICIENT_RESOURCES;

    if (Room != NULL) {
        AfdLockEndpoint(Endpoint);
        Status = AfdpFindStrings(Endpoint, Kind, Sequence, TRUE, &Place);
        if (NT_SUCCESS(Status)) {
            ULONG Kept;
            if (*Place == NULL) {
                *Place = Room;
                Room = NULL;
            }
            Old = (*Place)->Strings[Kind].Bytes;
            Kept = KeepOld ? (*Place)->Strings[Kind].Length : 0;
            if (Kept > Length)
                Kept = Length;
            if (Kept != 0)
                RtlCopyMemory(Bytes, Old, Kept);
            (*Place)->Strings[Kind].Bytes = Bytes;
            (*Place)->Strings[Kind].Length = Length;
        }
        AfdUnlockEndpoint(Endpoint);
    }
    if (Room != NULL)
        ExFreePoolWithTag(Room, AFD_TAG_CONNECT_DATA);
    if (Old != NULL)
        ExFreePoolWithTag(Old, AFD_TAG_CONNECT_DATA);
    return Status;
}

/* SET: the output buffer is read. SIZE: Length zeros, before which what is there already stays. */
static NTSTATUS AfdpChangeString(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control, AFD_STRING_KIND Kind, LONG Sequence,
    ULONG Length, BOOLEAN Read)
{
    PVOID Bytes = NULL;
    NTSTATUS Status;

    if (Length > AFD_CONNECT_DATA_MAX)
        return STATUS_INVALID_PARAMETER;
    if (Length != 0) {
        Bytes = ExAllocatePoolZero(NonPagedPool, Length, AFD_TAG_CONNECT_DATA);
        if (Bytes == NULL)
            return STATUS_INSUFFICIENT_RESOURCES;
        Status = Read ? ExCopyFromUser(Bytes, Control->Output, Length, 1) : STATUS_SUCCESS;
        if (!NT_SUCCESS(Status)) {
            ExFreePoolWithTag(Bytes, AFD_TAG_CONNECT_DATA);
            return Status;
        }
    }
    Status = AfdpPutString(Endpoint, Kind, Sequence, Bytes, Length, !Read);
    if (NT_SUCCESS(Status))
        Control->Information = Length;
    return Status;
}

static NTSTATUS AfdpReturnString(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control, AFD_STRING_KIND Kind, LONG Sequence)
{
    ULONG Room = Control->OutputLength < AFD_CONNECT_DATA_MAX ? Control->OutputLength : AFD_CONNECT_DATA_MAX;
    ULONG Length = 0;
    PVOID Copy = ExAllocatePoolWithTag(NonPagedPool, Room + 1, AFD_TAG_CONNECT_DATA);
    AFD_CONNECT_STRINGS **Place;
    NTSTATUS Status, CopyStatus;

    if (Copy == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    AfdLockEndpoint(Endpoint);
    Status = AfdpFindStrings(Endpoint, Kind, Sequence, FALSE, &Place);
    if (NT_SUCCESS(Status) && *Place != NULL) {
        Length = (*Place)->Strings[Kind].Length;
        if (Length > Room) {
            Length = Room;
            Status = STATUS_BUFFER_OVERFLOW;
        }
        if (Length != 0)
            RtlCopyMemory(Copy, (*Place)->Strings[Kind].Bytes, Length);
    }
    AfdUnlockEndpoint(Endpoint);
    CopyStatus = Length != 0 ? AfdWriteOutput(Control, Copy, Length) : STATUS_SUCCESS;
    ExFreePoolWithTag(Copy, AFD_TAG_CONNECT_DATA);
    return NT_SUCCESS(CopyStatus) ? Status : CopyStatus;
}

NTSTATUS AfdConnectData(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control)
{
    ULONG Index = _AFD_REQUEST(Control->Code) - AFD_STRINGS_FIRST;
    AFD_STRING_KIND Kind = AfdpStringRequests[Index].Kind;
    AFD_UNACCEPTED_CONNECT_DATA_INFO Info = {0, 0, FALSE};
    NTSTATUS Status;

    if (Endpoint->Kind != AfdStream)
        return STATUS_NOT_SUPPORTED;
    if (AfdNeedExtra(Endpoint) == NULL)
        return STATUS_INSUFFICIENT_RESOURCES;
    if (Control->InputLength != 0) {
        if (Control->InputLength < sizeof Info)
            return STATUS_INVALID_PARAMETER;
        Status = AfdReadInput(Control, &Info, sizeof Info);
        if (!NT_SUCCESS(Status))
            return Status;
    }
    switch (AfdpStringRequests[Index].Verb) {
    case AfdSetString:
        return AfdpChangeString(Endpoint, Control, Kind, Info.Sequence, Control->OutputLength, TRUE);
    case AfdSizeString:
        Status = AfdpChangeString(Endpoint, Control, Kind, Info.Sequence, Info.ConnectDataLength, FALSE);
        Control->Information = 0;
        return Status;
    default:
        return AfdpReturnString(Endpoint, Control, Kind, Info.Sequence);
    }
}

NTSTATUS AfdGetUnacceptedConnectData(AFD_ENDPOINT *Endpoint, AFD_CONTROL *Control)
{
    AFD_UNACCEPTED_CONNECT_DATA_INFO Info, Reply;
    NTSTATUS Status = AfdReadInput(Control, &Info, sizeof Info);

    RtlZeroMemory(&Reply, sizeof Reply); /* what lies between the fields is nobody's */
    if (!NT_SUCCESS(Status))
        return Status;
    AfdLockEndpoint(Endpoint);
    if (Endpoint->State == AfdClosing)
        Status = STATUS_FILE_CLOSED;
    else if (Endpoint->State != AfdListening || AfdFindOffered(AfdEndpointListener(Endpoint), Info.Sequence) == NULL)
        Status = STATUS_INVALID_PARAMETER;
    AfdUnlockEndpoint(Endpoint);
    if (!NT_SUCCESS(Status) || !Info.LengthOnly)
        return Status; /* no bytes */
    if (Control->OutputLength < sizeof Reply)
        return STATUS_BUFFER_TOO_SMALL;
    Reply.Sequence = Info.Sequence;
    Reply.LengthOnly = TRUE;
    return AfdWriteOutput(Control, &Reply, sizeof Reply);
}
