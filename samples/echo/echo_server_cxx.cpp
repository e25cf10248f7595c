/* SPDX-License-Identifier: MIT */
/*
 * echo_server_cxx.cpp - the echo server in C++17: std::thread, std::string, RAII around SOCKET.
 *
 * An ordinary Windows program: the same file compiles with Visual C++, MinGW and ntsock-c++.
 *
 *   echo_server_cxx [--port N] [--count N]     as echo_server
 */
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <winsock2.h>
#include <ws2tcpip.h>

namespace {

class WinsockError : public std::runtime_error {
public:
    explicit WinsockError(const std::string &call, int error = WSAGetLastError())
        : std::runtime_error(call + " failed: " + std::to_string(error))
    {
    }
};

class Winsock {
public:
    Winsock()
    {
        WSADATA data;
        if (int error = WSAStartup(MAKEWORD(2, 2), &data); error != 0)
            throw WinsockError("WSAStartup", error);
    }
    ~Winsock() { WSACleanup(); }
    Winsock(const Winsock &) = delete;
    Winsock &operator=(const Winsock &) = delete;
};

class Socket {
public:
    explicit Socket(SOCKET s) : s_(s) {}
    Socket(Socket &&other) noexcept : s_(std::exchange(other.s_, INVALID_SOCKET)) {}
    ~Socket()
    {
        if (s_ != INVALID_SOCKET)
            closesocket(s_);
    }
    SOCKET get() const { return s_; }

private:
    SOCKET s_;
};

void serve(Socket socket)
{
    std::string buffer(4096, '\0');
    for (;;) {
        int received = recv(socket.get(), buffer.data(), static_cast<int>(buffer.size()), 0);
        if (received <= 0)
            return;
        for (int sent = 0; sent < received;) {
            int n = send(socket.get(), buffer.data() + sent, received - sent, 0);
            if (n == SOCKET_ERROR)
                return;
            sent += n;
        }
    }
}

Socket listen_on(unsigned short port)
{
    Socket listener(::socket(AF_INET, SOCK_STREAM, IPPROTO_TCP));
    if (listener.get() == INVALID_SOCKET)
        throw WinsockError("socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (::bind(listener.get(), reinterpret_cast<sockaddr *>(&address), sizeof(address)) == SOCKET_ERROR)
        throw WinsockError("bind");
    if (::listen(listener.get(), SOMAXCONN) == SOCKET_ERROR)
        throw WinsockError("listen");
    int length = sizeof(address);
    if (getsockname(listener.get(), reinterpret_cast<sockaddr *>(&address), &length) == SOCKET_ERROR)
        throw WinsockError("getsockname");
    std::cout << "listening on 127.0.0.1 port " << ntohs(address.sin_port) << std::endl;
    return listener;
}

int run(const std::vector<std::string> &arguments)
{
    unsigned short port = 0;
    int count = -1;
    for (std::size_t i = 0; i + 1 < arguments.size(); i += 2) {
        if (arguments[i] == "--port")
            port = static_cast<unsigned short>(std::stoi(arguments[i + 1]));
        else if (arguments[i] == "--count")
            count = std::stoi(arguments[i + 1]);
    }
    Winsock winsock;
    Socket listener = listen_on(port);
    std::vector<std::thread> threads;
    for (int served = 0; count < 0 || served < count; served++) {
        Socket client(::accept(listener.get(), nullptr, nullptr));
        if (client.get() == INVALID_SOCKET)
            throw WinsockError("accept");
        if (count < 0)
            std::thread(serve, std::move(client)).detach();
        else
            threads.emplace_back(serve, std::move(client));
    }
    for (auto &thread : threads)
        thread.join();
    return 0;
}

} // namespace

int main(int argc, char **argv)
{
    try {
        return run(std::vector<std::string>(argv + 1, argv + argc));
    } catch (const std::exception &error) {
        std::cerr << "echo_server_cxx: " << error.what() << std::endl;
        return 1;
    }
}
