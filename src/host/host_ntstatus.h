/* SPDX-License-Identifier: MIT */
/*
 * host_ntstatus.h - the NTSTATUS values that the host layer returns.
 *
 * Layer: host, private. The host includes no Windows header, so the values are repeated here;
 * tests/host/status_test.c compares each with include/shared/ntstatus.h. The list is an X-macro so
 * that the test cannot forget one.
 */
#ifndef HOST_NTSTATUS_H
#define HOST_NTSTATUS_H

#define HOST_NTSTATUS_LIST(X)                          \
    X(STATUS_SUCCESS, 0x00000000)                      \
    X(STATUS_PENDING, 0x00000103)                      \
    X(STATUS_UNSUCCESSFUL, 0xC0000001)                 \
    X(STATUS_ACCESS_VIOLATION, 0xC0000005)             \
    X(STATUS_INVALID_HANDLE, 0xC0000008)               \
    X(STATUS_INVALID_PARAMETER, 0xC000000D)            \
    X(STATUS_NO_SUCH_DEVICE, 0xC000000E)               \
    X(STATUS_ACCESS_DENIED, 0xC0000022)                \
    X(STATUS_BUFFER_TOO_SMALL, 0xC0000023)             \
    X(STATUS_OBJECT_TYPE_MISMATCH, 0xC0000024)         \
    X(STATUS_OBJECT_NAME_INVALID, 0xC0000033)          \
    X(STATUS_OBJECT_NAME_NOT_FOUND, 0xC0000034)        \
    X(STATUS_OBJECT_NAME_COLLISION, 0xC0000035)        \
    X(STATUS_OBJECT_PATH_NOT_FOUND, 0xC000003A)        \
    X(STATUS_SHARING_VIOLATION, 0xC0000043)            \
    X(STATUS_DISK_FULL, 0xC000007F)                    \
    X(STATUS_MEDIA_WRITE_PROTECTED, 0xC00000A2)        \
    X(STATUS_FILE_IS_A_DIRECTORY, 0xC00000BA)          \
    X(STATUS_NOT_SAME_DEVICE, 0xC00000D4)              \
    X(STATUS_DIRECTORY_NOT_EMPTY, 0xC0000101)          \
    X(STATUS_IO_DEVICE_ERROR, 0xC0000185)              \
    X(STATUS_INSUFFICIENT_RESOURCES, 0xC000009A)       \
    X(STATUS_DEVICE_NOT_READY, 0xC00000A3)             \
    X(STATUS_IO_TIMEOUT, 0xC00000B5)                   \
    X(STATUS_NOT_SUPPORTED, 0xC00000BB)                \
    X(STATUS_TOO_MANY_OPENED_FILES, 0xC000011F)        \
    X(STATUS_INVALID_ADDRESS, 0xC0000141)              \
    X(STATUS_INVALID_BUFFER_SIZE, 0xC0000206)          \
    X(STATUS_INVALID_ADDRESS_COMPONENT, 0xC0000207)    \
    X(STATUS_ADDRESS_ALREADY_EXISTS, 0xC000020A)       \
    X(STATUS_CONNECTION_DISCONNECTED, 0xC000020C)      \
    X(STATUS_CONNECTION_RESET, 0xC000020D)             \
    X(STATUS_CONNECTION_REFUSED, 0xC0000236)           \
    X(STATUS_INVALID_CONNECTION, 0xC0000140)           \
    X(STATUS_CONNECTION_ACTIVE, 0xC000023B)            \
    X(STATUS_NETWORK_UNREACHABLE, 0xC000023C)          \
    X(STATUS_HOST_UNREACHABLE, 0xC000023D)             \
    X(STATUS_PROTOCOL_UNREACHABLE, 0xC000023E)         \
    X(STATUS_PORT_UNREACHABLE, 0xC000023F)             \
    X(STATUS_CONNECTION_ABORTED, 0xC0000241)           \
    X(STATUS_PROTOCOL_NOT_SUPPORTED, 0xC000A013)

enum {
#define HOST_NTSTATUS_VALUE(name, value) H_##name = (int)(value),
    HOST_NTSTATUS_LIST(HOST_NTSTATUS_VALUE)
#undef HOST_NTSTATUS_VALUE
};

#endif
