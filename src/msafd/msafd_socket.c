/* SPDX-License-Identifier: MIT */
/*
 * msafd_socket.c - a socket is made, duplicated and closed.
 *
 * Layer: msafd; NT counterpart: WSPSocket, WSPDuplicateSocket and WSPCloseSocket of the provider.
 * Duplication is within this process only. Socket groups are AFD's. [doc:winsock2/wsasocketw]
 */
#include "msafd_private.h"

#include <stddef.h>

#define MSAFD_EA_NAME_LENGTH (sizeof AFD_OPEN_PACKET_NAME - 1)

/* What is not listed is refused. [guess] */
#define MSAFD_CREATION_FLAGS                                                       \
    (WSA_FLAG_OVERLAPPED | WSA_FLAG_MULTIPOINT_C_ROOT | WSA_FLAG_MULTIPOINT_C_LEAF | \
        WSA_FLAG_MULTIPOINT_D_ROOT | WSA_FLAG_MULTIPOINT_D_LEAF |                   \
        WSA_FLAG_ACCESS_SYSTEM_SECURITY | WSA_FLAG_NO_HANDLE_INHERIT | WSA_FLAG_REGISTERED_IO)

/* The EA of NtCreateFile as it lies in memory. */
typedef struct MSAFD_OPEN_EA {
    FILE_FULL_EA_INFORMATION Ea; /* EaName[1] continues in Rest */
    CHAR Rest[64];
} MSAFD_OPEN_EA;

static ULONG MsafdpBuildOpenEa(MSAFD_OPEN_EA *Buffer, const MSAFD_CREATE *Create)
{
    AFD_OPEN_PACKET Packet;
    RtlZeroMemory(&Packet, sizeof Packet);
    Packet.AddressFamily = (ULONG)Create->Family;
    Packet.SocketType = (ULONG)Create->Type;
    Packet.Protocol = (ULONG)Create->Protocol;
    Packet.GroupID = Create->Group;
    if (Create->Type != SOCK_STREAM)
        Packet.EndpointFlags = AFD_ENDPOINT_FLAG_CONNECTIONLESS | AFD_ENDPOINT_FLAG_MESSAGE_MODE;
    if (Create->Type == SOCK_RAW)
        Packet.EndpointFlags |= AFD_ENDPOINT_FLAG_RAW;
    RtlZeroMemory(Buffer, sizeof *Buffer);
    Buffer->Ea.EaNameLength = MSAFD_EA_NAME_LENGTH;
    Buffer->Ea.EaValueLength = sizeof Packet;
    CHAR *Name = (CHAR *)Buffer + offsetof(FILE_FULL_EA_INFORMATION, EaName);
    RtlCopyMemory(Name, AFD_OPEN_PACKET_NAME, MSAFD_EA_NAME_LENGTH + 1);
    RtlCopyMemory(Name + MSAFD_EA_NAME_LENGTH + 1, &Packet, sizeof Packet);
    return (ULONG)(offsetof(FILE_FULL_EA_INFORMATION, EaName) + MSAFD_EA_NAME_LENGTH + 1 +
                   sizeof Packet);
}

INT MsafdOpenEndpoint(const MSAFD_CREATE *Create, PHANDLE Handle, MSAFD_SOCKET **Socket)
{
    static const WCHAR Path[] = AFD_DEVICE_NAME L"\\Endpoint";
    UNICODE_STRING Name = {sizeof Path - sizeof(WCHAR), sizeof Path, (PWSTR)Path};
    OBJECT_ATTRIBUTES Attributes;
    IO_STATUS_BLOCK Iosb;
    MSAFD_OPEN_EA Ea;
    ULONG EaLength = MsafdpBuildOpenEa(&Ea, Create);
    ULONG Inherit = (Create->Flags & WSA_FLAG_NO_HANDLE_INHERIT) != 0 ? 0 : OBJ_INHERIT;
    /* A socket made without WSA_FLAG_OVERLAPPED can be used with plain ReadFile. [kb:Q189171] */
    ULONG Options = (Create->Flags & WSA_FLAG_OVERLAPPED) != 0 ? 0 : FILE_SYNCHRONOUS_IO_NONALERT;
    InitializeObjectAttributes(&Attributes, &Name, OBJ_CASE_INSENSITIVE | Inherit, NULL, NULL);
    NTSTATUS Status = NtCreateFile(Handle, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE | WRITE_DAC, &Attributes,
        &Iosb, NULL, 0, FILE_SHARE_READ | FILE_SHARE_WRITE, FILE_OPEN_IF, Options, &Ea, EaLength);
    if (!NT_SUCCESS(Status))
        return MsafdWsaErrorFromStatus(Status);
    PVOID FileObject;
    Status = MsafdReferenceFile(*Handle, &FileObject);
    if (!NT_SUCCESS(Status)) {
        NtClose(*Handle);
        return MsafdWsaErrorFromStatus(Status);
    }
    *Socket = MsafdAllocateSocket(FileObject);
    if (*Socket == NULL) {
        MsafdDereferenceFile(FileObject);
        NtClose(*Handle);
        return WSAENOBUFS;
    }
    (*Socket)->Family = (USHORT)Create->Family;
    __atomic_store_n(&(*Socket)->Type, (UCHAR)Create->Type, __ATOMIC_RELEASE);
    (*Socket)->Protocol = Create->Protocol;
    (*Socket)->CatalogEntryId = Create->CatalogEntryId;
    (*Socket)->CreationFlags = (UCHAR)Create->Flags;
    return 0;
}

INT MsafdPublishSocket(HANDLE Handle, MSAFD_SOCKET *Socket)
{
    INT Error = MsafdInsertSocket((SOCKET)(ULONG_PTR)Handle, Socket);
    if (Error != 0)
        return Error;
    MsafdTellOfClose(Socket->FileObject, MsafdForgetFile);
    if (MsafdUpcalls.lpWPUModifyIFSHandle(
            Socket->CatalogEntryId, (SOCKET)(ULONG_PTR)Handle, &Error) != INVALID_SOCKET)
        return 0;
    MSAFD_SOCKET *Removed = MsafdRemoveSocket((SOCKET)(ULONG_PTR)Handle);
    if (Removed != NULL) {
        (VOID) __atomic_fetch_sub(&Removed->Handles, 1, __ATOMIC_SEQ_CST);
        MsafdDereferenceSocket(Removed);
    }
    return Error;
}

VOID MsafdCloseHandle(HANDLE Handle, MSAFD_SOCKET *Socket)
{
    /*
     * The program may have closed the handle with CloseHandle (_close) before; then whatever has the
     * handle's value now is left alone. [kb:Q185727]
     */
    if (MsafdHandleNamesFile(Handle, Socket->FileObject))
        NtClose(Handle);
}

SOCKET WSPAPI MsafdSocket(int af, int type, int protocol, LPWSAPROTOCOL_INFOW ProtocolInfo, GROUP g,
    DWORD Flags, LPINT Errno)
{
    MSAFD_CREATE Create = {af, type, protocol, 0, Flags, g};
    HANDLE Handle;
    MSAFD_SOCKET *Socket;
    if (ProtocolInfo == NULL)
        return MsafdFail(Errno, WSAEFAULT), INVALID_SOCKET;
    if ((Flags & ~MSAFD_CREATION_FLAGS) != 0)
        return MsafdFail(Errno, WSAEINVAL), INVALID_SOCKET;
    /* From WSADuplicateSocket: the descriptor is a handle that waits to be taken. */
    if (ProtocolInfo->dwProviderReserved != 0) {
        SOCKET Shared = (SOCKET)ProtocolInfo->dwProviderReserved;
        if (!MsafdImportHandle(Shared))
            return MsafdFail(Errno, WSAEINVAL), INVALID_SOCKET;
        return Shared;
    }
    if (Create.Family == 0 || Create.Family == FROM_PROTOCOL_INFO)
        Create.Family = ProtocolInfo->iAddressFamily;
    if (Create.Type == 0 || Create.Type == FROM_PROTOCOL_INFO)
        Create.Type = ProtocolInfo->iSocketType;
    if (Create.Protocol == 0 || Create.Protocol == FROM_PROTOCOL_INFO)
        Create.Protocol = ProtocolInfo->iProtocol;
    Create.CatalogEntryId = ProtocolInfo->dwCatalogEntryId;
    INT Error = MsafdOpenEndpoint(&Create, &Handle, &Socket);
    if (Error != 0)
        return MsafdFail(Errno, Error), INVALID_SOCKET;
    Error = MsafdPublishSocket(Handle, Socket);
    if (Error != 0)
        NtClose(Handle);
    MsafdDereferenceSocket(Socket);
    if (Error != 0)
        return MsafdFail(Errno, Error), INVALID_SOCKET;
    return (SOCKET)(ULONG_PTR)Handle;
}

/*
 * SO_LINGER decides how the connection ends: off, in the background; on with zero, by a reset; on
 * with seconds, the close itself waits, which a non-blocking socket must not.
 * [doc:winsock2/closesocket]
 */
static INT MsafdpPrepareLinger(MSAFD_SOCKET *Socket)
{
    ULONG Pending = 0, Length = sizeof(LINGER);
    LINGER Linger;
    MsafdLockSocket(Socket);
    Linger.l_onoff = Socket->LingerOn;
    Linger.l_linger = Socket->LingerSeconds;
    MsafdUnlockSocket(Socket);
    if (Linger.l_onoff == 0 || Linger.l_linger == 0 || !MsafdTestFlags(Socket, MSAFD_NONBLOCKING))
        return 0;
    if (NT_SUCCESS(MsafdGetInformation(Socket, AFD_SENDS_PENDING, &Pending)) && Pending != 0)
        return WSAEWOULDBLOCK;
    Linger.l_onoff = 0;
    (VOID) MsafdTransportOption(Socket, AFD_TL_SET_OPTION, SOL_SOCKET, SO_LINGER, &Linger, &Length);
    return 0;
}

int WSPAPI MsafdCloseSocket(SOCKET s, LPINT Errno)
{
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(s);
    if (Socket == NULL)
        return MsafdFail(Errno, WSAENOTSOCK);
    INT Error = MsafdpPrepareLinger(Socket);
    MsafdDereferenceSocket(Socket);
    if (Error != 0)
        return MsafdFail(Errno, Error);
    Socket = MsafdRemoveSocket(s);
    if (Socket == NULL)
        return MsafdFail(Errno, WSAENOTSOCK);
    if (__atomic_sub_fetch(&Socket->Handles, 1, __ATOMIC_SEQ_CST) == 0) {
        MsafdSetFlags(Socket, MSAFD_CLOSING);
        MsafdTellOfClose(Socket->FileObject, NULL); /* nothing of it is in the table */
    }
    MsafdCancelAsyncSelect(Socket);
    MsafdCloseHandle((HANDLE)(ULONG_PTR)s, Socket);
    MsafdDereferenceSocket(Socket);
    return 0;
}

BOOLEAN MsafdImportHandle(SOCKET s)
{
    PVOID FileObject;
    INT Error;
    if (!NT_SUCCESS(MsafdReferenceFile((HANDLE)(ULONG_PTR)s, &FileObject)))
        return FALSE;
    /*
     * The socket's only handle is known here, so this is no duplicate: another thread is about to close
     * it and has taken it out of ws2's table. It must not come back.
     */
    MSAFD_SOCKET *Known = MsafdReferenceSocket(s);
    BOOLEAN Closing = (BOOLEAN)(Known != NULL && Known->FileObject == FileObject &&
                                __atomic_load_n(&Known->Handles, __ATOMIC_SEQ_CST) == 1);
    if (Known != NULL)
        MsafdDereferenceSocket(Known);
    MSAFD_SOCKET *Socket = Closing ? NULL : MsafdFindSocketByFile(FileObject);
    MsafdDereferenceFile(FileObject);
    if (Socket == NULL)
        return FALSE;
    Error = MsafdPublishSocket((HANDLE)(ULONG_PTR)s, Socket);
    MsafdDereferenceSocket(Socket);
    return (BOOLEAN)(Error == 0);
}

int WSPAPI MsafdDuplicateSocket(
    SOCKET s, DWORD ProcessId, LPWSAPROTOCOL_INFOW ProtocolInfo, LPINT Errno)
{
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(s);
    HANDLE Handle;
    if (Socket == NULL)
        return MsafdFail(Errno, WSAENOTSOCK);
    INT Error = 0;
    if (ProcessId != GetCurrentProcessId())
        Error = WSAEINVAL;
    else if (!NT_SUCCESS(MsafdProbeWrite(ProtocolInfo, sizeof *ProtocolInfo)))
        Error = WSAEFAULT;
    if (Error == 0) {
        NTSTATUS Status = NtDuplicateObject(NtCurrentProcess(), (HANDLE)(ULONG_PTR)s,
            NtCurrentProcess(), &Handle, 0, 0, DUPLICATE_SAME_ACCESS);
        if (NT_SUCCESS(Status)) {
            *ProtocolInfo = *MsafdProtocolOf(Socket);
            ProtocolInfo->iAddressFamily = Socket->Family;
            ProtocolInfo->iSocketType = Socket->Type;
            ProtocolInfo->iProtocol = Socket->Protocol;
            ProtocolInfo->dwProviderReserved = (DWORD)(ULONG_PTR)Handle;
        } else {
            Error = MsafdWsaErrorFromStatus(Status);
        }
    }
    MsafdDereferenceSocket(Socket);
    return Error != 0 ? MsafdFail(Errno, Error) : 0;
}
