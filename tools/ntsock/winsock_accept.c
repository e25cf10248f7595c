/* SPDX-License-Identifier: MIT */
/*
 * winsock_accept.c - one accept(), both ends in one process.
 *
 * Layer: tools; a Windows program. The client is a thread; it sends nothing and waits for one byte or
 * for the end of the connection, which shows what a failed accept() does to it.
 */
#include <winsock2.h>
#include <windows.h>

#include "winsock_side.h"

static DWORD WINAPI client_thread(LPVOID context)
{
    const struct sockaddr_in *server = context;
    char byte;
    DWORD error = 0;
    SOCKET s = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (s == INVALID_SOCKET)
        return (DWORD)WSAGetLastError();
    if (connect(s, (const struct sockaddr *)server, sizeof *server) != 0 || recv(s, &byte, 1, 0) < 0)
        error = (DWORD)WSAGetLastError();
    closesocket(s);
    return error;
}

static SOCKET failed(struct winsock_accept_result *result, const char *stage)
{
    result->stage = stage;
    result->error = WSAGetLastError();
    return INVALID_SOCKET;
}

static SOCKET open_listener(struct winsock_accept_result *result, struct sockaddr_in *ret_address)
{
    int length = sizeof *ret_address;
    SOCKET listener = socket(AF_INET, SOCK_STREAM, IPPROTO_TCP);
    if (listener == INVALID_SOCKET)
        return failed(result, "socket");
    memset(ret_address, 0, sizeof *ret_address);
    ret_address->sin_family = AF_INET;
    ret_address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener, (struct sockaddr *)ret_address, sizeof *ret_address) != 0)
        failed(result, "bind");
    else if (listen(listener, 1) != 0)
        failed(result, "listen");
    else if (getsockname(listener, (struct sockaddr *)ret_address, &length) != 0)
        failed(result, "getsockname");
    else
        return listener;
    closesocket(listener);
    return INVALID_SOCKET;
}

void winsock_accept_once(struct winsock_accept_result *ret_result)
{
    struct sockaddr_in address;
    WSADATA data;
    DWORD client_error = 0;
    ret_result->error = WSAStartup(MAKEWORD(2, 2), &data);
    if (ret_result->error != 0) {
        ret_result->stage = "WSAStartup";
        return;
    }
    SOCKET listener = open_listener(ret_result, &address);
    if (listener != INVALID_SOCKET) {
        HANDLE client = CreateThread(NULL, 0, client_thread, &address, 0, NULL);
        if (client == NULL) {
            ret_result->stage = "CreateThread";
            ret_result->error = (int)GetLastError();
        } else {
            SOCKET accepted = accept(listener, NULL, NULL);
            if (accepted == INVALID_SOCKET) {
                failed(ret_result, "accept");
            } else {
                send(accepted, "x", 1, 0);
                closesocket(accepted);
            }
            closesocket(listener);
            listener = INVALID_SOCKET;
            WaitForSingleObject(client, INFINITE);
            GetExitCodeThread(client, &client_error);
            CloseHandle(client);
            ret_result->client_error = (int)client_error;
        }
    }
    if (listener != INVALID_SOCKET)
        closesocket(listener);
    WSACleanup();
}
