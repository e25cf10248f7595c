/* SPDX-License-Identifier: MIT */
/* host_status_test.c - errno to NTSTATUS, and the host's copy of the values. */
#include <ntstatus.h>

#include "ntstest.h"

#include "host_memory.h"
#include "host_status.h"

/* The private list, checked name by name against the shared header. */
#include "host_ntstatus.h"

TEST(private_values__equal_the_shared_header)
{
#define CHECK_VALUE(name, value) CHECK_EQ((int)H_##name, (int)name);
    HOST_NTSTATUS_LIST(CHECK_VALUE)
}

/* Linux' numbers, so that this file needs no Linux header beside the Windows ones. */
enum {
    L_EPERM = 1, L_EBADF = 9, L_EAGAIN = 11, L_ENOMEM = 12, L_EACCES = 13, L_EFAULT = 14, L_EINVAL = 22,
    L_ENFILE = 23, L_EMFILE = 24, L_EPIPE = 32, L_EMSGSIZE = 90, L_EADDRINUSE = 98, L_EADDRNOTAVAIL = 99,
    L_ENETUNREACH = 101, L_ECONNRESET = 104, L_ENOBUFS = 105, L_EISCONN = 106, L_ENOTCONN = 107,
    L_ETIMEDOUT = 110, L_ECONNREFUSED = 111, L_EHOSTUNREACH = 113, L_EINPROGRESS = 115,
    L_ENODEV = 19
};

TEST(errno__any_call__documented_status)
{
    static const struct {
        int error;
        int status;
    } rows[] = {
        {0, STATUS_SUCCESS}, {L_EAGAIN, STATUS_DEVICE_NOT_READY}, {L_EINPROGRESS, STATUS_PENDING},
        {L_ECONNRESET, STATUS_CONNECTION_RESET}, {L_EPIPE, STATUS_CONNECTION_RESET},
        {L_ETIMEDOUT, STATUS_IO_TIMEOUT}, {L_ENETUNREACH, STATUS_NETWORK_UNREACHABLE},
        {L_EHOSTUNREACH, STATUS_HOST_UNREACHABLE}, {L_EADDRINUSE, STATUS_ADDRESS_ALREADY_EXISTS},
        {L_EADDRNOTAVAIL, STATUS_INVALID_ADDRESS_COMPONENT}, {L_EACCES, STATUS_ACCESS_DENIED},
        {L_EPERM, STATUS_ACCESS_DENIED}, {L_EFAULT, STATUS_ACCESS_VIOLATION},
        {L_EMSGSIZE, STATUS_INVALID_BUFFER_SIZE}, {L_ENOTCONN, STATUS_INVALID_CONNECTION},
        {L_EISCONN, STATUS_CONNECTION_ACTIVE}, {L_EMFILE, STATUS_TOO_MANY_OPENED_FILES},
        {L_ENFILE, STATUS_TOO_MANY_OPENED_FILES}, {L_ENOBUFS, STATUS_INSUFFICIENT_RESOURCES},
        {L_ENOMEM, STATUS_INSUFFICIENT_RESOURCES}, {L_EINVAL, STATUS_INVALID_PARAMETER},
        {L_EBADF, STATUS_INVALID_HANDLE}, {12345, STATUS_UNSUCCESSFUL},
    };
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CHECK_EQ(host_status_from_errno(rows[i].error, HOST_CALL_ANY), rows[i].status);
}

TEST(errno__meaning_depends_on_the_call)
{
    CHECK_EQ(host_status_from_errno(L_ECONNREFUSED, HOST_CALL_CONNECT), STATUS_CONNECTION_REFUSED);
    CHECK_EQ(host_status_from_errno(L_ECONNREFUSED, HOST_CALL_DATAGRAM), STATUS_PORT_UNREACHABLE);
    CHECK_EQ(host_status_from_errno(L_ECONNREFUSED, HOST_CALL_RECEIVE), STATUS_CONNECTION_RESET);
    CHECK_EQ(host_status_from_errno(L_EINVAL, HOST_CALL_SOCKET), STATUS_PROTOCOL_NOT_SUPPORTED);
    CHECK_EQ(host_status_from_errno(L_EAGAIN, HOST_CALL_THREAD), STATUS_INSUFFICIENT_RESOURCES);
    CHECK_EQ(host_status_from_errno(L_ENODEV, HOST_CALL_OPTION), STATUS_INVALID_ADDRESS_COMPONENT);
}

TEST(fault__nth_call_of_a_kind__fails_once)
{
    host_fault_set(HOST_CALL_ALLOCATE, 3, L_ENOMEM);
    void *blocks[4];
    for (int i = 0; i < 4; i++) {
        blocks[i] = host_allocate(8);
        CHECK_EQ(blocks[i] == 0, i == 2);
    }
    CHECK_EQ(host_fault_seen(HOST_CALL_ALLOCATE), 4);
    for (int i = 0; i < 4; i++)
        host_free(blocks[i]);
    host_fault_set(HOST_CALL_ALLOCATE, 0, 0);
}
