/* SPDX-License-Identifier: MIT */
/*
 * host_status.c - errno to NTSTATUS, and fault injection.
 *
 * Layer: host. NT counterpart: none; in NT the transports produce NTSTATUS themselves. The choice of
 * status follows what a TDI transport returns where AFD's callers can tell. The table of AFD (status
 * to Winsock error) is in msafd, not here.
 */
#include "host_status.h"

#include "host_private.h"

#include <errno.h>
#include <stddef.h>

struct status_row {
    int error;
    host_status status;
};

static const struct status_row status_rows[] = {
    {EAGAIN, H_STATUS_DEVICE_NOT_READY},
    {EINPROGRESS, H_STATUS_PENDING},
    {EALREADY, H_STATUS_CONNECTION_ACTIVE},
    {EISCONN, H_STATUS_CONNECTION_ACTIVE},
    {ENOTCONN, H_STATUS_INVALID_CONNECTION},
    {EDESTADDRREQ, H_STATUS_INVALID_CONNECTION},
    {ECONNRESET, H_STATUS_CONNECTION_RESET},
    {EPIPE, H_STATUS_CONNECTION_RESET},
    {ECONNABORTED, H_STATUS_CONNECTION_ABORTED},
    {ESHUTDOWN, H_STATUS_CONNECTION_DISCONNECTED},
    {ETIMEDOUT, H_STATUS_IO_TIMEOUT},
    {ENETUNREACH, H_STATUS_NETWORK_UNREACHABLE},
    {ENETDOWN, H_STATUS_NETWORK_UNREACHABLE},
    {EHOSTUNREACH, H_STATUS_HOST_UNREACHABLE},
    {EHOSTDOWN, H_STATUS_HOST_UNREACHABLE},
    {EADDRINUSE, H_STATUS_ADDRESS_ALREADY_EXISTS},
    {EADDRNOTAVAIL, H_STATUS_INVALID_ADDRESS_COMPONENT},
    {EACCES, H_STATUS_ACCESS_DENIED},
    {EPERM, H_STATUS_ACCESS_DENIED},
    {EFAULT, H_STATUS_ACCESS_VIOLATION},
    {EMSGSIZE, H_STATUS_INVALID_BUFFER_SIZE},
    {EMFILE, H_STATUS_TOO_MANY_OPENED_FILES},
    {ENFILE, H_STATUS_TOO_MANY_OPENED_FILES},
    {ENOBUFS, H_STATUS_INSUFFICIENT_RESOURCES},
    {ENOMEM, H_STATUS_INSUFFICIENT_RESOURCES},
    {ENOSPC, H_STATUS_INSUFFICIENT_RESOURCES},
    {EINVAL, H_STATUS_INVALID_PARAMETER},
    {EBADF, H_STATUS_INVALID_HANDLE},
    {ENOTSOCK, H_STATUS_OBJECT_TYPE_MISMATCH},
    {ENODEV, H_STATUS_NO_SUCH_DEVICE},
    {EOPNOTSUPP, H_STATUS_NOT_SUPPORTED},
    {ENOPROTOOPT, H_STATUS_NOT_SUPPORTED},
    {ENOSYS, H_STATUS_NOT_SUPPORTED},
    {EPROTO, H_STATUS_CONNECTION_ABORTED},
    {EPROTONOSUPPORT, H_STATUS_PROTOCOL_NOT_SUPPORTED},
    {ESOCKTNOSUPPORT, H_STATUS_PROTOCOL_NOT_SUPPORTED},
    {EPFNOSUPPORT, H_STATUS_PROTOCOL_NOT_SUPPORTED},
    {EPROTOTYPE, H_STATUS_PROTOCOL_NOT_SUPPORTED},
    {EAFNOSUPPORT, H_STATUS_INVALID_ADDRESS},
};

/* Names and disks. */
static host_status status_of_file_call(int error)
{
    switch (error) {
    case ENOENT:
        return H_STATUS_OBJECT_NAME_NOT_FOUND;
    case ENOTDIR:
    case ELOOP:
        return H_STATUS_OBJECT_PATH_NOT_FOUND;
    case EEXIST:
        return H_STATUS_OBJECT_NAME_COLLISION;
    case ENAMETOOLONG:
        return H_STATUS_OBJECT_NAME_INVALID;
    case EISDIR:
        return H_STATUS_FILE_IS_A_DIRECTORY;
    case ENOTEMPTY:
        return H_STATUS_DIRECTORY_NOT_EMPTY;
    case EXDEV:
        return H_STATUS_NOT_SAME_DEVICE;
    case EBUSY:
    case ETXTBSY:
        return H_STATUS_SHARING_VIOLATION;
    case EROFS:
        return H_STATUS_MEDIA_WRITE_PROTECTED;
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
        return H_STATUS_DISK_FULL;
    case EIO:
        return H_STATUS_IO_DEVICE_ERROR;
    default:
        return H_STATUS_SUCCESS;
    }
}

/* What an errno means for one call only. */
static host_status status_of_call(int error, enum host_call call)
{
    switch (call) {
    case HOST_CALL_SOCKET:
        /* The kernel says EINVAL for an unknown protocol family or type. */
        if (error == EAFNOSUPPORT || error == EINVAL)
            return H_STATUS_PROTOCOL_NOT_SUPPORTED;
        break;
    case HOST_CALL_CONNECT:
        /* A connect with no route of this scope, or from an address of another family. */
        if (error == EINVAL)
            return H_STATUS_INVALID_ADDRESS_COMPONENT;
        /* All local ports of the ephemeral range are taken. */
        if (error == EAGAIN)
            return H_STATUS_INSUFFICIENT_RESOURCES;
        break;
    case HOST_CALL_SEND:
    case HOST_CALL_RECEIVE:
        if (error == ECONNREFUSED)
            return H_STATUS_CONNECTION_RESET;
        break;
    case HOST_CALL_DATAGRAM:
        if (error == ECONNREFUSED)
            return H_STATUS_PORT_UNREACHABLE;
        break;
    case HOST_CALL_OPTION:
        /* No interface for a multicast group. [guess] */
        if (error == ENODEV)
            return H_STATUS_INVALID_ADDRESS_COMPONENT;
        break;
    case HOST_CALL_THREAD:
    case HOST_CALL_ALLOCATE:
        if (error == EAGAIN)
            return H_STATUS_INSUFFICIENT_RESOURCES;
        break;
    case HOST_CALL_FILE:
        return status_of_file_call(error);
    default:
        break;
    }
    return H_STATUS_SUCCESS;
}

host_status host_status_from_errno(int error, enum host_call call)
{
    if (error == 0)
        return H_STATUS_SUCCESS;
    host_status status = status_of_call(error, call);
    if (status != H_STATUS_SUCCESS)
        return status;
    if (error == ECONNREFUSED)
        return H_STATUS_CONNECTION_REFUSED;
    for (size_t i = 0; i < sizeof status_rows / sizeof status_rows[0]; i++) {
        if (status_rows[i].error == error)
            return status_rows[i].status;
    }
    return H_STATUS_UNSUCCESSFUL;
}

/* --- fault injection --- */

int host_fault_active;

static struct {
    unsigned left; /* calls until the fault; 0: none */
    unsigned seen;
    int error;
} faults[HOST_CALL_MAX];

void host_fault_set(enum host_call call, unsigned nth, int error)
{
    int active = 0;
    __atomic_store_n(&faults[call].error, error, __ATOMIC_RELAXED);
    __atomic_store_n(&faults[call].seen, 0, __ATOMIC_RELAXED);
    __atomic_store_n(&faults[call].left, nth, __ATOMIC_SEQ_CST);
    for (int i = 0; i < HOST_CALL_MAX; i++)
        active |= __atomic_load_n(&faults[i].left, __ATOMIC_RELAXED) != 0;
    __atomic_store_n(&host_fault_active, active, __ATOMIC_SEQ_CST);
}

unsigned host_fault_seen(enum host_call call)
{
    return __atomic_load_n(&faults[call].seen, __ATOMIC_SEQ_CST);
}

static int count_down(enum host_call call)
{
    __atomic_add_fetch(&faults[call].seen, 1, __ATOMIC_SEQ_CST);
    unsigned left = __atomic_load_n(&faults[call].left, __ATOMIC_SEQ_CST);
    while (left != 0) {
        if (__atomic_compare_exchange_n(&faults[call].left, &left, left - 1, 0, __ATOMIC_SEQ_CST,
                __ATOMIC_SEQ_CST))
            return left == 1 ? __atomic_load_n(&faults[call].error, __ATOMIC_SEQ_CST) : 0;
    }
    return 0;
}

int host_fault_count(enum host_call call)
{
    int any = count_down(HOST_CALL_ANY);
    int one = call == HOST_CALL_ANY ? 0 : count_down(call);
    return one != 0 ? one : any;
}
