/* SPDX-License-Identifier: MIT */
/*
 * winsock_errors.c - the Winsock error codes by name, and the statuses that become them.
 *
 * Layer: tools; a Windows program. The statuses come from the table that the stack itself uses
 * (msafd/status.def), so the two cannot differ.
 */
#define WIN32_NO_STATUS
#include <winsock2.h>
#include <windows.h>
#undef WIN32_NO_STATUS

#include <ntstatus.h>

#include "winsock_side.h"

#define ERRORS(X)                                                                            \
    X(WSAEINTR) X(WSAEBADF) X(WSAEACCES) X(WSAEFAULT) X(WSAEINVAL) X(WSAEMFILE)              \
    X(WSAEWOULDBLOCK) X(WSAEINPROGRESS) X(WSAEALREADY) X(WSAENOTSOCK) X(WSAEDESTADDRREQ)     \
    X(WSAEMSGSIZE) X(WSAEPROTOTYPE) X(WSAENOPROTOOPT) X(WSAEPROTONOSUPPORT)                  \
    X(WSAESOCKTNOSUPPORT) X(WSAEOPNOTSUPP) X(WSAEPFNOSUPPORT) X(WSAEAFNOSUPPORT)             \
    X(WSAEADDRINUSE) X(WSAEADDRNOTAVAIL) X(WSAENETDOWN) X(WSAENETUNREACH)                    \
    X(WSAENETRESET) X(WSAECONNABORTED) X(WSAECONNRESET) X(WSAENOBUFS) X(WSAEISCONN)          \
    X(WSAENOTCONN) X(WSAESHUTDOWN) X(WSAETOOMANYREFS) X(WSAETIMEDOUT) X(WSAECONNREFUSED)     \
    X(WSAELOOP) X(WSAENAMETOOLONG) X(WSAEHOSTDOWN) X(WSAEHOSTUNREACH) X(WSAENOTEMPTY)        \
    X(WSAEPROCLIM) X(WSAEUSERS) X(WSAEDQUOT) X(WSAESTALE) X(WSAEREMOTE)                      \
    X(WSASYSNOTREADY) X(WSAVERNOTSUPPORTED) X(WSANOTINITIALISED) X(WSAEDISCON)               \
    X(WSAENOMORE) X(WSAECANCELLED) X(WSAEINVALIDPROCTABLE) X(WSAEINVALIDPROVIDER)            \
    X(WSAEPROVIDERFAILEDINIT) X(WSASYSCALLFAILURE) X(WSASERVICE_NOT_FOUND)                   \
    X(WSATYPE_NOT_FOUND) X(WSAEREFUSED) X(WSAHOST_NOT_FOUND) X(WSATRY_AGAIN)                 \
    X(WSANO_RECOVERY) X(WSANO_DATA)

static const struct winsock_error errors[] = {
#define X(error) {error, #error},
    ERRORS(X)
#undef X
};

/* Everything that the table does not list is WSAEINVAL; these are the ones that socket calls meet. */
static const struct winsock_status statuses[] = {
    {(unsigned)STATUS_SUCCESS, "STATUS_SUCCESS", 0},
#define X(status, error, when) {(unsigned)(status), #status, error},
#include <status.def>
#undef X
    {(unsigned)STATUS_INVALID_PARAMETER, "STATUS_INVALID_PARAMETER", WSAEINVAL},
    {(unsigned)STATUS_INVALID_DEVICE_REQUEST, "STATUS_INVALID_DEVICE_REQUEST", WSAEINVAL},
    {(unsigned)STATUS_INVALID_DEVICE_STATE, "STATUS_INVALID_DEVICE_STATE", WSAEINVAL},
    {(unsigned)STATUS_UNSUCCESSFUL, "STATUS_UNSUCCESSFUL", WSAEINVAL},
};

size_t winsock_error_count(void)
{
    return ARRAYSIZE(errors);
}

const struct winsock_error *winsock_error_at(size_t index)
{
    return &errors[index];
}

void winsock_error_text(int code, char *text, size_t bytes)
{
    DWORD length = FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, NULL,
        (DWORD)code, 0, text, (DWORD)bytes, NULL);
    if (bytes > 0)
        text[length] = '\0';
    while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r' || text[length - 1] == ' '))
        text[--length] = '\0';
}

size_t winsock_status_count(void)
{
    return ARRAYSIZE(statuses);
}

const struct winsock_status *winsock_status_at(size_t index)
{
    return &statuses[index];
}
