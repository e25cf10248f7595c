/* SPDX-License-Identifier: MIT */
/*
 * winsock_side.h - the parts of the tool that are Windows programs.
 *
 * Layer: tools. The implementation includes winsock2.h and windows.h, its callers include Linux
 * headers; between them there are plain C types only.
 */
#ifndef WINSOCK_SIDE_H
#define WINSOCK_SIDE_H

#include <stddef.h>

/* One accept() of one connection, both ends in this process. */
struct winsock_accept_result {
    const char *stage;  /* the call that failed, NULL if all went well */
    int error;          /* its WSAGetLastError() */
    int client_error;   /* what the client's recv() then said; 0: it got what the server sent */
};
void winsock_accept_once(struct winsock_accept_result *ret_result);

/* Echo server: serves count connections (0: until killed), one at a time. Port 0: any; it is printed. */
int winsock_echo_serve(unsigned short port, unsigned long count);
/* Echo client: count messages there and back over one connection, each checked. */
int winsock_echo_call(const char *host, unsigned short port, unsigned long count);

/* --- error codes --- */
struct winsock_error {
    int code;
    const char *name;     /* "WSAEINVAL" */
};
size_t winsock_error_count(void);
const struct winsock_error *winsock_error_at(size_t index);
/* the system's text, without its line end */
void winsock_error_text(int code, char *text, size_t bytes);

struct winsock_status {
    unsigned status;
    const char *name;     /* "STATUS_INVALID_PARAMETER" */
    int error;            /* what Winsock calls report for it */
};
size_t winsock_status_count(void);
const struct winsock_status *winsock_status_at(size_t index);

#endif
