/* SPDX-License-Identifier: MIT */
/*
 * msafd_options.c - getsockopt and setsockopt.
 *
 * Layer: msafd; NT counterpart: WSPGetSockOpt, WSPSetSockOpt. The table of msafd_option_table.c says
 * who has an option, how long its value is and where it lives: in the provider, in the transport, or
 * in a procedure of msafd_option_own.c. What the table does not have is the transport's to judge.
 */
#include "msafd_option_own.h"

#include "host_memory.h"

#define MSAFD_OPTION_MAX 65536 /* bytes of the longest value that AFD carries */

static BOOLEAN MsafdpIsKnownLevel(INT Level)
{
    return (BOOLEAN)(Level == SOL_SOCKET || Level == IPPROTO_IP || Level == IPPROTO_IPV6 ||
                     Level == IPPROTO_TCP || Level == IPPROTO_UDP || Level == IPPROTO_ICMP ||
                     Level == IPPROTO_ICMPV6);
}

/* A socket of the other kind: [test:wine/ws2_32/sock.c test_sockopt_validity] */
static INT MsafdpNotForThisSocket(INT Level)
{
    return Level == IPPROTO_IP || Level == IPPROTO_IPV6 ? WSAEINVAL : WSAENOPROTOOPT;
}

/* A datagram transport says otherwise than a stream transport. [test:wine/ws2_32/sock.c WSASocket] */
static INT MsafdpReadOnly(const MSAFD_SOCKET *Socket, const MSAFD_OPTION *Option)
{
    BOOLEAN IsType = Option->Level == SOL_SOCKET && Option->Name == SO_TYPE;
    return IsType && Socket->Type == SOCK_DGRAM ? WSAEINVAL : WSAENOPROTOOPT;
}

INT MsafdOptionError(NTSTATUS Status)
{
    if (Status == STATUS_NOT_SUPPORTED || Status == STATUS_INVALID_DEVICE_REQUEST)
        return WSAENOPROTOOPT;
    return MsafdWsaErrorFromStatus(Status);
}

/* --- kept values --- */

static MSAFD_KEPT_VALUES *MsafdpKeptOf(MSAFD_SOCKET *Socket)
{
    return __atomic_load_n(&Socket->Kept, __ATOMIC_ACQUIRE);
}

BOOLEAN MsafdPrepareKept(MSAFD_SOCKET *Socket)
{
    MSAFD_KEPT_VALUES *None = NULL, *Kept;
    if (MsafdpKeptOf(Socket) != NULL)
        return TRUE;
    Kept = host_allocate(sizeof *Kept);
    if (Kept == NULL)
        return FALSE;
    RtlZeroMemory(Kept, sizeof *Kept);
    if (!__atomic_compare_exchange_n(&Socket->Kept, &None, Kept, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        host_free(Kept);
    return TRUE;
}

VOID MsafdKeep(MSAFD_SOCKET *Socket, ULONG Slot, ULONG Number)
{
    MSAFD_KEPT_VALUES *Kept = MsafdpKeptOf(Socket);
    MsafdLockSocket(Socket);
    Kept->Value[Slot] = Number;
    Kept->Set |= 1u << Slot;
    MsafdUnlockSocket(Socket);
}

/* FALSE: it has not been set. */
static BOOLEAN MsafdpReadKept(MSAFD_SOCKET *Socket, ULONG Slot, BOOLEAN Take, ULONG *Number)
{
    MSAFD_KEPT_VALUES *Kept = MsafdpKeptOf(Socket);
    if (Kept == NULL)
        return FALSE;
    MsafdLockSocket(Socket);
    BOOLEAN Set = (BOOLEAN)((Kept->Set & 1u << Slot) != 0);
    if (Set)
        *Number = Kept->Value[Slot];
    if (Take)
        Kept->Set &= ~(1u << Slot);
    MsafdUnlockSocket(Socket);
    return Set;
}

ULONG MsafdTakeKept(MSAFD_SOCKET *Socket, ULONG Slot)
{
    ULONG Number = 0;
    (VOID) MsafdpReadKept(Socket, Slot, TRUE, &Number);
    return Number;
}

static ULONG MsafdpKept(MSAFD_SOCKET *Socket, const MSAFD_OPTION *Option)
{
    ULONG Number = Option->Default;
    if ((Option->Traits & MSAFD_ON_FOR_STREAM) != 0 && !MsafdIsDatagram(Socket))
        Number = 1;
    (VOID) MsafdpReadKept(Socket, Option->Slot, FALSE, &Number);
    return Number;
}

/* Without memory they are not inherited. */
VOID MsafdInheritKept(MSAFD_SOCKET *Socket, MSAFD_SOCKET *Listener)
{
    MSAFD_KEPT_VALUES *From = MsafdpKeptOf(Listener), *To, Copy;
    if (From == NULL)
        return;
    MsafdLockSocket(Listener);
    Copy = *From;
    MsafdUnlockSocket(Listener);
    Copy.Set &= ~(1u << MsafdKeptError);
    if (Copy.Set == 0 || !MsafdPrepareKept(Socket))
        return;
    To = MsafdpKeptOf(Socket);
    MsafdLockSocket(Socket);
    for (ULONG i = 0; i < MsafdKeptMax; i++) {
        if ((Copy.Set & 1u << i) != 0)
            To->Value[i] = Copy.Value[i];
    }
    To->Set |= Copy.Set;
    MsafdUnlockSocket(Socket);
}

/*
 * IPV6_V6ONLY of a socket that is not an IPv6 one of a transport protocol decides nothing; it reads
 * and writes all the same, until the socket is bound. [test:wine/ws2_32/sock.c test_ipv6only]
 */
static UCHAR MsafdpPlaceOf(const MSAFD_SOCKET *Socket, const MSAFD_OPTION *Option)
{
    if (Option->Level == IPPROTO_IPV6 && Option->Name == IPV6_V6ONLY &&
        (Socket->Family != AF_INET6 || Socket->Type == SOCK_RAW))
        return MsafdPlaceKept;
    return Option->Place;
}

/* --- set --- */

/*
 * The number in the caller's buffer. A negative length is a very large one to the provider's own
 * options; to those that go down as a block of that size, and to one-byte options, it is more than
 * there is memory for. [test:wine/ws2_32/sock.c test_set_getsockopt]
 */
static INT MsafdpReadNumber(const MSAFD_OPTION *Option, const char *Value, int Length, PULONG Number)
{
    ULONG Bytes = sizeof *Number;
    BOOLEAN Block = (BOOLEAN)(Option->Level != SOL_SOCKET || Option->Shape == MsafdShapeByte);
    *Number = 0;
    if (Block && Length < 0)
        return WSAENOBUFS;
    if (Block && (Length > MSAFD_OPTION_MAX || !NT_SUCCESS(MsafdProbe(Value, (SIZE_T)Length))))
        return WSAEFAULT;
    if (Length >= 0 && Length < (int)sizeof *Number)
        Bytes = (ULONG)Length;
    if (Option->Shape == MsafdShapeByte && Bytes > 1)
        Bytes = 1;
    /* With no length at all a BOOL of the provider is looked at nevertheless. */
    if (Option->Shape == MsafdShapeBool && Bytes == 0)
        Bytes = 1;
    BOOLEAN Whole = Option->Shape == MsafdShapeNumber || Option->Shape == MsafdShapeDword;
    if (Bytes == 0 || (Whole && Bytes < sizeof *Number) || !NT_SUCCESS(MsafdProbe(Value, Bytes)))
        return WSAEFAULT;
    RtlCopyMemory(Number, Value, Bytes);
    if ((Option->Traits & MSAFD_IS_BOOL) != 0)
        *Number = *Number != 0;
    if ((Option->Least != 0 || Option->Most != 0) &&
        (*Number < Option->Least || *Number > Option->Most))
        return WSAEINVAL;
    return 0;
}

static INT MsafdpSetTransport(MSAFD_SOCKET *Socket, INT Level, INT Name, ULONG Value)
{
    ULONG Length = sizeof Value;
    return MsafdOptionError(
        MsafdTransportOption(Socket, AFD_TL_SET_OPTION, Level, Name, &Value, &Length));
}

static INT MsafdpSetFlagOption(MSAFD_SOCKET *Socket, ULONG Flag, BOOLEAN On)
{
    INT Error = 0;
    /* The two ways to share an address exclude each other; both are decided before bind.
     * [doc:winsock/so-exclusiveaddruse] */
    if (Flag == MSAFD_EXCLUSIVE &&
        (MsafdTestFlags(Socket, MSAFD_BOUND) || (On && MsafdTestFlags(Socket, MSAFD_REUSE))))
        return WSAEINVAL;
    if (Flag == MSAFD_REUSE && On && MsafdTestFlags(Socket, MSAFD_EXCLUSIVE))
        return WSAEINVAL;
    if (Flag == MSAFD_CONDITIONAL_ACCEPT && MsafdTestFlags(Socket, MSAFD_LISTENING))
        return WSAEINVAL;
    if (Flag == MSAFD_OOB_INLINE)
        Error = MsafdWsaErrorFromStatus(MsafdSetInformation(Socket, AFD_INLINE_MODE, On));
    if (Error != 0)
        return Error;
    if (On)
        MsafdSetFlags(Socket, Flag);
    else
        MsafdClearFlags(Socket, Flag);
    return 0;
}

/* Routing headers and hop-by-hop options: there is no way to have some. */
static INT MsafdpSetEmpty(int Length)
{
    if (Length < 0)
        return WSAENOBUFS;
    return Length == 0 ? 0 : WSAEINVAL;
}

static INT MsafdpSetKnown(
    MSAFD_SOCKET *Socket, const MSAFD_OPTION *Option, const char *Value, int Length)
{
    ULONG Number;
    if (!MsafdHasOption(Socket, Option))
        return MsafdpNotForThisSocket(Option->Level);
    if ((Option->Traits & MSAFD_READ_ONLY) != 0)
        return MsafdpReadOnly(Socket, Option);
    if (Option->Shape == MsafdShapeOwn)
        return MsafdSetOwnOption(Socket, Option->Name, Value, Length);
    if (Option->Shape == MsafdShapeEmpty)
        return MsafdpSetEmpty(Length);
    INT Error = MsafdpReadNumber(Option, Value, Length, &Number);
    if (Error != 0)
        return Error;
    switch (MsafdpPlaceOf(Socket, Option)) {
    case MsafdPlaceFlag:
        return MsafdpSetFlagOption(Socket, Option->Default, (BOOLEAN)(Number != 0));
    case MsafdPlaceOther:
        return MsafdSetOtherOption(Socket, Option->Name, Number);
    case MsafdPlaceTransport:
        return MsafdpSetTransport(Socket, Option->Level, Option->Name, Number);
    case MsafdPlaceShadow:
        if (!MsafdPrepareKept(Socket))
            return WSAENOBUFS;
        Error = MsafdpSetTransport(Socket, Option->Level, Option->Name, Number);
        break;
    default: /* MsafdPlaceKept */
        if (Option->Slot == MsafdKeptV6Only && MsafdTestFlags(Socket, MSAFD_BOUND))
            Error = WSAEINVAL;
        else if (!MsafdPrepareKept(Socket))
            Error = WSAENOBUFS;
        break;
    }
    if (Error == 0)
        MsafdKeep(Socket, Option->Slot, Number);
    return Error;
}

/* Options that the transport alone knows. One-byte booleans grow to what it takes. */
static INT MsafdpSetUnknown(
    MSAFD_SOCKET *Socket, INT Level, INT Name, const char *Value, int Length)
{
    ULONG Number, Bytes = (ULONG)Length;
    if (Length < 0)
        return WSAENOBUFS;
    if (Length > MSAFD_OPTION_MAX || !NT_SUCCESS(MsafdProbe(Value, (SIZE_T)Length)))
        return WSAEFAULT;
    if (Length >= 1 && Length < (int)sizeof Number) {
        Number = *(const UCHAR *)Value;
        Bytes = sizeof Number;
        Value = (const char *)&Number;
    }
    return MsafdOptionError(MsafdTransportOption(
        Socket, AFD_TL_SET_OPTION, Level, Name, (PVOID)(ULONG_PTR)Value, &Bytes));
}

int WSPAPI MsafdSetSockOpt(
    SOCKET s, int Level, int Name, const char *Value, int Length, LPINT Errno)
{
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(s);
    INT Error;
    if (Socket == NULL)
        return MsafdFail(Errno, WSAENOTSOCK);
    const MSAFD_OPTION *Option = MsafdFindOption(Level, Name);
    if (!MsafdpIsKnownLevel(Level))
        Error = WSAEINVAL;
    else if (Option != NULL)
        Error = MsafdpSetKnown(Socket, Option, Value, Length);
    else if (Level == SOL_SOCKET)
        Error = WSAENOPROTOOPT;
    else
        Error = MsafdpSetUnknown(Socket, Level, Name, Value, Length);
    MsafdDereferenceSocket(Socket);
    return Error != 0 ? MsafdFail(Errno, Error) : 0;
}

/* --- get --- */

INT MsafdReturnValue(MSAFD_OPTION_SHAPE Shape, ULONG Number, char *Value, LPINT Length)
{
    BOOLEAN Fits = *Length >= (INT)sizeof Number;
    ULONG Bytes = Fits ? sizeof Number : 1;
    INT Tells = (INT)Bytes;
    if (Shape == MsafdShapeByte)
        Tells = (INT)(Bytes = 1);
    else if (Shape == MsafdShapeBool && !Fits)
        Bytes = (ULONG)*Length;
    else if (Shape != MsafdShapeBool && Shape != MsafdShapeShort && !Fits)
        return WSAEFAULT;
    if (!NT_SUCCESS(MsafdProbeWrite(Value, Bytes)))
        return WSAEFAULT;
    RtlCopyMemory(Value, &Number, Bytes);
    *Length = Tells;
    return 0;
}

static INT MsafdpGetTransport(MSAFD_SOCKET *Socket, INT Level, INT Name, char *Value, LPINT Length)
{
    ULONG Bytes = *Length < MSAFD_OPTION_MAX ? (ULONG)*Length : MSAFD_OPTION_MAX;
    INT Error = MsafdOptionError(
        MsafdTransportOption(Socket, AFD_TL_GET_OPTION, Level, Name, Value, &Bytes));
    if (Error == 0)
        *Length = (INT)Bytes;
    return Error;
}

/* The number of an option, wherever it lives. */
static INT MsafdpReadPlace(MSAFD_SOCKET *Socket, const MSAFD_OPTION *Option, PULONG Number)
{
    ULONG Bytes = sizeof *Number;
    INT Error = 0;
    *Number = 0;
    switch (MsafdpPlaceOf(Socket, Option)) {
    case MsafdPlaceFlag:
        *Number = MsafdTestFlags(Socket, Option->Default);
        break;
    case MsafdPlaceOther:
        *Number = MsafdGetOtherOption(Socket, Option->Name);
        break;
    case MsafdPlaceTransport:
        Error = MsafdOptionError(MsafdTransportOption(
            Socket, AFD_TL_GET_OPTION, Option->Level, Option->Name, Number, &Bytes));
        if ((Option->Traits & MSAFD_IS_BOOL) != 0)
            *Number = *Number != 0;
        break;
    default: /* kept values and shadows */
        *Number = MsafdpKept(Socket, Option);
        break;
    }
    return Error;
}

/* What a buffer that is too short gets besides the error. */
static VOID MsafdpFailShort(const MSAFD_OPTION *Option, char *Value, LPINT Length)
{
    if (*Length >= (INT)sizeof(ULONG))
        return;
    if ((Option->Traits & MSAFD_CLEARS_SHORT) != 0 &&
        NT_SUCCESS(MsafdProbeWrite(Value, (SIZE_T)*Length)))
        RtlZeroMemory(Value, (SIZE_T)*Length);
    if (Option->Shape == MsafdShapeDword)
        *Length = 0;
}

static INT MsafdpGetKnown(
    SOCKET s, MSAFD_SOCKET *Socket, const MSAFD_OPTION *Option, char *Value, LPINT Length)
{
    ULONG Number;
    INT Error;
    if (!MsafdHasOption(Socket, Option))
        return MsafdpNotForThisSocket(Option->Level);
    if (Option->Shape == MsafdShapeEmpty) {
        *Length = 0;
        return 0;
    }
    if (Option->Shape == MsafdShapeOwn) {
        Error = MsafdGetOwnOption(s, Socket, Option->Name, Value, Length);
    } else {
        Error = MsafdpReadPlace(Socket, Option, &Number);
        if (Error == 0)
            Error = MsafdReturnValue(Option->Shape, Number, Value, Length);
    }
    if (Error == WSAEFAULT)
        MsafdpFailShort(Option, Value, Length);
    return Error;
}

int WSPAPI MsafdGetSockOpt(SOCKET s, int Level, int Name, char *Value, LPINT Length, LPINT Errno)
{
    MSAFD_SOCKET *Socket = MsafdReferenceSocket(s);
    INT Error, Room = 0;
    if (Socket == NULL)
        return MsafdFail(Errno, WSAENOTSOCK);
    BOOLEAN Good = (BOOLEAN)NT_SUCCESS(MsafdProbeWrite(Length, sizeof *Length));
    if (Good)
        Room = (INT)MsafdLoad(Length);
    INT Tells = Room;
    const MSAFD_OPTION *Option = MsafdFindOption(Level, Name);
    if (!MsafdpIsKnownLevel(Level))
        Error = WSAEINVAL;
    else if (Room < 1 || !NT_SUCCESS(MsafdProbeRange(Value, 1)))
        Error = WSAEFAULT;
    else if (Option != NULL)
        Error = MsafdpGetKnown(s, Socket, Option, Value, &Tells);
    else if (Level == SOL_SOCKET)
        Error = WSAENOPROTOOPT;
    else
        Error = MsafdpGetTransport(Socket, Level, Name, Value, &Tells);
    MsafdDereferenceSocket(Socket);
    if (Error == 0 || Tells != Room)
        MsafdStore(Length, (ULONG)Tells);
    return Error != 0 ? MsafdFail(Errno, Error) : 0;
}
