/* SPDX-License-Identifier: MIT */
/* uv_server.c - the same server on libuv, the peer that a user would pick on Linux. */
#include "posix_server.h"

#include <uv.h>

struct connection {
    uv_tcp_t tcp; /* first */
    uv_write_t write;
    char buffer[];
};

static struct server_options options;

static void ended(uv_handle_t *handle)
{
    free(handle);
}

static void give_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    (void)suggested;
    buffer->base = ((struct connection *)handle)->buffer;
    buffer->len = (size_t)options.buffer_bytes;
}

static void received(uv_stream_t *stream, ssize_t bytes, const uv_buf_t *buffer);

static void sent(uv_write_t *write, int status)
{
    uv_stream_t *stream = write->handle;
    if (status == 0 && !uv_is_closing((uv_handle_t *)stream))
        uv_read_start(stream, give_buffer, received);
}

/* One buffer for each connection: a write that does not go at once stops the reading. */
static void received(uv_stream_t *stream, ssize_t bytes, const uv_buf_t *buffer)
{
    struct connection *connection = (struct connection *)stream;
    uv_buf_t out = uv_buf_init(buffer->base, bytes > 0 ? (unsigned)bytes : 0);
    if (bytes < 0) {
        uv_close((uv_handle_t *)stream, ended);
    } else if (bytes > 0 && options.mode == MODE_ECHO && uv_try_write(stream, &out, 1) != (int)bytes) {
        uv_read_stop(stream);
        uv_write(&connection->write, stream, &out, 1, sent);
    }
}

static void connected(uv_stream_t *server, int status)
{
    struct connection *connection = malloc(sizeof *connection + (size_t)options.buffer_bytes);
    if (connection == NULL || status != 0)
        server_fail("accept");
    uv_tcp_init(server->loop, &connection->tcp);
    uv_accept(server, (uv_stream_t *)&connection->tcp);
    if (options.mode == MODE_ACCEPT) {
        uv_close((uv_handle_t *)&connection->tcp, ended);
        return;
    }
    uv_tcp_nodelay(&connection->tcp, 1);
    uv_read_start((uv_stream_t *)&connection->tcp, give_buffer, received);
}

static void give_datagram_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    static char space[65536];
    (void)handle, (void)suggested;
    buffer->base = space;
    buffer->len = sizeof space;
}

static void got_datagram(
    uv_udp_t *udp, ssize_t bytes, const uv_buf_t *buffer, const struct sockaddr *from, unsigned flags)
{
    (void)flags;
    if (bytes > 0 && from != NULL) {
        uv_buf_t out = uv_buf_init(buffer->base, (unsigned)bytes);
        (void)uv_udp_try_send(udp, &out, 1, from);
    }
}

int main(int argc, char **argv)
{
    static uv_tcp_t tcp;
    static uv_udp_t udp;
    uv_loop_t *loop = uv_default_loop();
    options = server_options(argc, argv);
    size_t own_bytes = sizeof(struct connection) + (size_t)options.buffer_bytes;
    if (options.mode == MODE_UDP) {
        uv_udp_init(loop, &udp);
        uv_udp_open(&udp, server_open(&options, 0, own_bytes));
        uv_udp_recv_start(&udp, give_datagram_buffer, got_datagram);
    } else {
        uv_tcp_init(loop, &tcp);
        uv_tcp_open(&tcp, server_open(&options, 0, own_bytes));
        uv_listen((uv_stream_t *)&tcp, SOMAXCONN, connected);
    }
    return uv_run(loop, UV_RUN_DEFAULT);
}
