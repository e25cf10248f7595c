/* SPDX-License-Identifier: MIT */
/*
 * ws2_message_test.c - WSARecvMsg and WSASendMsg.
 * [doc:mswsock/lpfn_wsarecvmsg] [doc:winsock2/wsasendmsg] [obs:wine/sock ip_pktinfo, WSASendMsg]
 */
#include "ws2_ex_test.h"

typedef struct MESSAGE {
    WSAMSG msg;
    WSABUF buffer;
    struct sockaddr_in name;
    char text[16];
    DECLSPEC_ALIGN(8) char control[256];
} MESSAGE;

/* Room for text_bytes, a name and control_bytes of control information. */
static void message_room(MESSAGE *m, ULONG text_bytes, ULONG control_bytes)
{
    memset(m, 0, sizeof *m);
    m->buffer.len = text_bytes;
    m->buffer.buf = m->text;
    m->msg.name = (LPSOCKADDR)&m->name;
    m->msg.namelen = sizeof m->name;
    m->msg.lpBuffers = &m->buffer;
    m->msg.dwBufferCount = 1;
    m->msg.Control.buf = control_bytes != 0 ? m->control : NULL;
    m->msg.Control.len = control_bytes;
}

static WSACMSGHDR *find_control(WSAMSG *msg, int level, int type)
{
    for (WSACMSGHDR *at = WSA_CMSG_FIRSTHDR(msg); at != NULL; at = WSA_CMSG_NXTHDR(msg, at)) {
        if (at->cmsg_level == level && at->cmsg_type == type)
            return at;
    }
    return NULL;
}

static void ask_for_packet_info(SOCKET s)
{
    DWORD on = 1;
    REQUIRE_OK(setsockopt(s, IPPROTO_IP, IP_PKTINFO, (char *)&on, sizeof on));
}

TEST(wsarecvmsg__bad_arguments__documented_errors)
{
    struct sockaddr_in a;
    MESSAGE m;
    DWORD bytes;
    start_winsock();
    SOCKET s = bound_datagram(&a), stream = stream_socket();
    LPFN_WSARECVMSG recv_msg = get_recv_msg(s);
    message_room(&m, 16, 0);
    CHECK_FAILS(recv_msg(INVALID_SOCKET, &m.msg, &bytes, NULL, NULL), WSAENOTSOCK);
    CHECK_FAILS(recv_msg(s, NULL, NULL, NULL, NULL), WSAEFAULT);
    CHECK_FAILS(recv_msg(s, &m.msg, NULL, NULL, NULL), WSAEFAULT);
    CHECK_FAILS(recv_msg(stream, &m.msg, &bytes, NULL, NULL), WSAEINVAL);
    m.msg.namelen = 3;
    CHECK_FAILS(recv_msg(s, &m.msg, &bytes, NULL, NULL), WSAEFAULT);
    message_room(&m, 16, 0);
    m.msg.dwFlags = 0x4000;
    CHECK_FAILS(recv_msg(s, &m.msg, &bytes, NULL, NULL), WSAEOPNOTSUPP);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(stream), 0);
}

TEST(wsarecvmsg__no_control_asked__is_a_recvfrom)
{
    DATAGRAMS p;
    MESSAGE m;
    DWORD bytes = 0;
    datagrams_open(&p);
    LPFN_WSARECVMSG recv_msg = get_recv_msg(p.two);
    CHECK_EQ(sendto(p.one, "plain", 5, 0, (SOCKADDR *)&p.b, sizeof p.b), 5);
    message_room(&m, 16, 0);
    CHECK_EQ(recv_msg(p.two, &m.msg, &bytes, NULL, NULL), 0);
    CHECK_EQ(bytes, 5);
    CHECK_EQ(memcmp(m.text, "plain", 5), 0);
    CHECK_EQ(m.name.sin_port, p.a.sin_port);
    CHECK_EQ(m.msg.namelen, sizeof p.a);
    CHECK_EQ(m.msg.dwFlags, 0);
    CHECK_EQ(m.msg.Control.len, 0);
    datagrams_close(&p);
}

TEST(wsarecvmsg__packet_info__tells_the_destination)
{
    DATAGRAMS p;
    MESSAGE m;
    DWORD bytes = 0, flags = 0;
    datagrams_open(&p);
    LPFN_WSARECVMSG recv_msg = get_recv_msg(p.two);
    ask_for_packet_info(p.two);
    for (int overlapped = 0; overlapped < 2; overlapped++) {
        message_room(&m, 16, sizeof m.control);
        WSAOVERLAPPED o = overlapped_begin();
        if (overlapped)
            CHECK_FAILS(recv_msg(p.two, &m.msg, NULL, &o, NULL), WSA_IO_PENDING);
        CHECK_EQ(sendto(p.one, "info", 4, 0, (SOCKADDR *)&p.b, sizeof p.b), 4);
        if (overlapped) {
            CHECK(WSAGetOverlappedResult(p.two, &o, &bytes, TRUE, &flags));
        } else {
            CHECK_EQ(recv_msg(p.two, &m.msg, &bytes, NULL, NULL), 0);
        }
        CHECK_EQ(bytes, 4);
        CHECK_EQ(m.msg.dwFlags, 0);
        CHECK_EQ(m.msg.Control.len, WSA_CMSG_SPACE(sizeof(IN_PKTINFO)));
        WSACMSGHDR *control = find_control(&m.msg, IPPROTO_IP, IP_PKTINFO);
        REQUIRE(control != NULL);
        IN_PKTINFO info;
        memcpy(&info, WSA_CMSG_DATA(control), sizeof info);
        CHECK_EQ(info.ipi_addr.s_addr, htonl(INADDR_LOOPBACK));
        CHECK(WSACloseEvent(o.hEvent));
    }
    datagrams_close(&p);
}

TEST(wsarecvmsg__control_room_too_short__is_told_with_the_data)
{
    DATAGRAMS p;
    MESSAGE m;
    DWORD bytes = 0;
    datagrams_open(&p);
    LPFN_WSARECVMSG recv_msg = get_recv_msg(p.two);
    ask_for_packet_info(p.two);
    CHECK_EQ(sendto(p.one, "short", 5, 0, (SOCKADDR *)&p.b, sizeof p.b), 5);
    message_room(&m, 16, 1);
    CHECK_FAILS(recv_msg(p.two, &m.msg, &bytes, NULL, NULL), WSAEMSGSIZE);
    CHECK_EQ(bytes, 5);
    CHECK_EQ(m.msg.dwFlags, MSG_CTRUNC);
    message_room(&m, 16, 1);
    WSAOVERLAPPED o = overlapped_begin();
    CHECK_FAILS(recv_msg(p.two, &m.msg, NULL, &o, NULL), WSA_IO_PENDING);
    CHECK_EQ(sendto(p.one, "short", 5, 0, (SOCKADDR *)&p.b, sizeof p.b), 5);
    WSASetLastError(WSA_IO_PENDING);
    CHECK_EQ(overlapped_end(p.two, &o, FALSE, &bytes), WSAEMSGSIZE);
    CHECK_EQ(bytes, 5);
    CHECK_EQ((LONG)o.Internal, (LONG)0x80000005);
    CHECK_EQ(m.msg.dwFlags, MSG_CTRUNC);
    datagrams_close(&p);
}

static DWORD routine_error, routine_flags, routine_calls;

static void CALLBACK note_completion(DWORD error, DWORD bytes, LPWSAOVERLAPPED o, DWORD flags)
{
    (void)o;
    CHECK_EQ(bytes, 5);
    routine_error = error;
    routine_flags = flags;
    routine_calls++;
}

/* [test:wine/ws2_32/sock.c test_ip_pktinfo] */
TEST(wsarecvmsg__control_room_too_short__completion_routine_gets_no_flags)
{
    DATAGRAMS p;
    MESSAGE m;
    datagrams_open(&p);
    WSAOVERLAPPED o = {0};
    ask_for_packet_info(p.two);
    message_room(&m, 16, 1);
    CHECK_EQ(sendto(p.one, "short", 5, 0, (SOCKADDR *)&p.b, sizeof p.b), 5);
    CHECK_FAILS(get_recv_msg(p.two)(p.two, &m.msg, NULL, &o, note_completion), WSA_IO_PENDING);
    CHECK_EQ(SleepEx(10000, TRUE), WAIT_IO_COMPLETION);
    CHECK_EQ(routine_calls, 1);
    CHECK_EQ(routine_error, WSAEMSGSIZE);
    CHECK_EQ(routine_flags, 0);
    CHECK_EQ(m.msg.dwFlags, MSG_CTRUNC);
    datagrams_close(&p);
}

TEST(wsarecvmsg__datagram_too_long__is_truncated_and_says_so)
{
    DATAGRAMS p;
    MESSAGE m;
    DWORD bytes = 0;
    datagrams_open(&p);
    CHECK_EQ(sendto(p.one, "truncated", 9, 0, (SOCKADDR *)&p.b, sizeof p.b), 9);
    message_room(&m, 4, 0);
    CHECK_FAILS(get_recv_msg(p.two)(p.two, &m.msg, &bytes, NULL, NULL), WSAEMSGSIZE);
    CHECK_EQ(bytes, 4);
    CHECK_EQ(m.msg.dwFlags & MSG_TRUNC, MSG_TRUNC);
    CHECK_EQ(memcmp(m.text, "trun", 4), 0);
    datagrams_close(&p);
}

TEST(wsarecvmsg__peek__leaves_the_datagram)
{
    DATAGRAMS p;
    MESSAGE m;
    DWORD bytes = 0;
    datagrams_open(&p);
    CHECK_EQ(sendto(p.one, "twice", 5, 0, (SOCKADDR *)&p.b, sizeof p.b), 5);
    for (int i = 0; i < 2; i++) {
        message_room(&m, 16, 0);
        m.msg.dwFlags = i == 0 ? MSG_PEEK : 0;
        CHECK_EQ(get_recv_msg(p.two)(p.two, &m.msg, &bytes, NULL, NULL), 0);
        CHECK_EQ(bytes, 5);
    }
    datagrams_close(&p);
}

TEST(wsasendmsg__bad_arguments__documented_errors_and_the_socket_is_bound)
{
    struct sockaddr_in a, name;
    MESSAGE m;
    DWORD bytes;
    int length = sizeof name;
    start_winsock();
    SOCKET target = bound_datagram(&a), stream = stream_socket();
    SOCKET s = socket(AF_INET, SOCK_DGRAM, 0);
    message_room(&m, 4, 0);
    m.name = a;
    CHECK_FAILS(WSASendMsg(INVALID_SOCKET, &m.msg, 0, NULL, NULL, NULL), WSAENOTSOCK);
    CHECK_FAILS(WSASendMsg(s, NULL, 0, &bytes, NULL, NULL), WSAEFAULT);
    CHECK_FAILS(getsockname(s, (SOCKADDR *)&name, &length), WSAEINVAL);
    CHECK_FAILS(WSASendMsg(s, &m.msg, 0, NULL, NULL, NULL), WSAEFAULT);
    CHECK_EQ(getsockname(s, (SOCKADDR *)&name, &length), 0);
    CHECK(name.sin_port != 0);
    CHECK_FAILS(WSASendMsg(stream, &m.msg, 0, &bytes, NULL, NULL), WSAEINVAL);
    CHECK_FAILS(WSASendMsg(s, &m.msg, MSG_OOB, &bytes, NULL, NULL), WSAEOPNOTSUPP);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(stream), 0);
    CHECK_EQ(closesocket(target), 0);
}

TEST(wsasendmsg__two_buffers__make_one_datagram)
{
    struct sockaddr_in a;
    MESSAGE m;
    WSABUF buffers[2] = {{6, "hello "}, {5, "world"}};
    char text[16];
    DWORD bytes = 0;
    start_winsock();
    SOCKET target = bound_datagram(&a), s = socket(AF_INET, SOCK_DGRAM, 0);
    message_room(&m, 0, 0);
    m.name = a;
    m.msg.lpBuffers = buffers;
    m.msg.dwBufferCount = 2;
    CHECK_EQ(WSASendMsg(s, &m.msg, 0, &bytes, NULL, NULL), 0);
    CHECK_EQ(bytes, 11);
    CHECK_EQ(recv(target, text, sizeof text, 0), 11);
    CHECK_EQ(memcmp(text, "hello world", 11), 0);
    WSAOVERLAPPED o = overlapped_begin();
    int result = WSASendMsg(s, &m.msg, 0, NULL, &o, NULL);
    int error = result == 0 ? 0 : WSAGetLastError();
    memset(buffers, 0, sizeof buffers);
    memset(&m, 0xFE, sizeof m); /* captured, all of it */
    WSASetLastError(error);
    CHECK_EQ(overlapped_end(s, &o, result == 0, &bytes), 0);
    CHECK_EQ(bytes, 11);
    CHECK_EQ(recv(target, text, sizeof text, 0), 11);
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(target), 0);
}

TEST(wsasendmsg__packet_info__chooses_the_source)
{
    struct sockaddr_in a, from = {0};
    MESSAGE m;
    IN_PKTINFO info = {0};
    char text[16];
    DWORD bytes = 0;
    int length = sizeof from;
    start_winsock();
    SOCKET target = bound_datagram(&a), s = socket(AF_INET, SOCK_DGRAM, 0);
    message_room(&m, 4, (ULONG)WSA_CMSG_SPACE(sizeof info));
    m.name = a;
    memcpy(m.text, "from", 4);
    WSACMSGHDR *control = WSA_CMSG_FIRSTHDR(&m.msg);
    control->cmsg_level = IPPROTO_IP;
    control->cmsg_type = IP_PKTINFO;
    control->cmsg_len = WSA_CMSG_LEN(sizeof info);
    info.ipi_addr.s_addr = htonl(INADDR_LOOPBACK);
    memcpy(WSA_CMSG_DATA(control), &info, sizeof info);
    CHECK_EQ(WSASendMsg(s, &m.msg, 0, &bytes, NULL, NULL), 0);
    CHECK_EQ(bytes, 4);
    CHECK_EQ(recvfrom(target, text, sizeof text, 0, (SOCKADDR *)&from, &length), 4);
    CHECK_EQ(from.sin_addr.s_addr, htonl(INADDR_LOOPBACK));
    CHECK_EQ(closesocket(s), 0);
    CHECK_EQ(closesocket(target), 0);
}
