/* SPDX-License-Identifier: MIT */
/*
 * ws2tcpip.h - names and addresses: getaddrinfo, getnameinfo, inet_pton.
 *
 * Layer: application headers; implemented by ws2. [doc:ws2tcpip]
 */
#ifndef _WS2TCPIP_H_
#define _WS2TCPIP_H_

#include <winsock2.h>

#include <mstcpip.h>
#include <ws2ipdef.h>


#define EAI_AGAIN WSATRY_AGAIN
#define EAI_BADFLAGS WSAEINVAL
#define EAI_FAIL WSANO_RECOVERY
#define EAI_FAMILY WSAEAFNOSUPPORT
#define EAI_MEMORY WSA_NOT_ENOUGH_MEMORY
#define EAI_NOSECURENAME WSA_SECURE_HOST_NOT_FOUND
#define EAI_NONAME WSAHOST_NOT_FOUND
#define EAI_NODATA EAI_NONAME
#define EAI_SERVICE WSATYPE_NOT_FOUND
#define EAI_SOCKTYPE WSAESOCKTNOSUPPORT
#define EAI_IPSECPOLICY WSA_IPSEC_NAME_POLICY_ERROR
#define NI_MAXHOST 1025
#define NI_MAXSERV 32
#define GAI_STRERROR_BUFFER_SIZE 1024

typedef ADDRINFOA *LPADDRINFO;
#ifdef UNICODE
typedef ADDRINFOW ADDRINFOT, *PADDRINFOT;
typedef ADDRINFOEXW ADDRINFOEX, *PADDRINFOEX;
#else
typedef ADDRINFOA ADDRINFOT, *PADDRINFOT;
typedef ADDRINFOEXA ADDRINFOEX, *PADDRINFOEX;
#endif
typedef ADDRINFOA ADDRINFO;
typedef VOID(CALLBACK *LPLOOKUPSERVICE_COMPLETION_ROUTINE)(DWORD dwError, DWORD dwBytes,
    LPWSAOVERLAPPED lpOverlapped);

NTSOCK_EXTERN_C_BEGIN

WINSOCK_API_LINKAGE INT WSAAPI getaddrinfo(PCSTR pNodeName, PCSTR pServiceName, const ADDRINFOA *pHints,
    PADDRINFOA *ppResult) NTSOCK_LIBC_NAME(getaddrinfo);
WINSOCK_API_LINKAGE INT WSAAPI GetAddrInfoW(PCWSTR pNodeName, PCWSTR pServiceName, const ADDRINFOW *pHints,
    PADDRINFOW *ppResult);
WINSOCK_API_LINKAGE VOID WSAAPI freeaddrinfo(PADDRINFOA pAddrInfo) NTSOCK_LIBC_NAME(freeaddrinfo);
WINSOCK_API_LINKAGE VOID WSAAPI FreeAddrInfoW(PADDRINFOW pAddrInfo);
WINSOCK_API_LINKAGE INT WSAAPI getnameinfo(const SOCKADDR *pSockaddr, socklen_t SockaddrLength,
    PCHAR pNodeBuffer, DWORD NodeBufferSize, PCHAR pServiceBuffer, DWORD ServiceBufferSize, INT Flags)
    NTSOCK_LIBC_NAME(getnameinfo);
WINSOCK_API_LINKAGE INT WSAAPI GetNameInfoW(const SOCKADDR *pSockaddr, socklen_t SockaddrLength,
    PWCHAR pNodeBuffer, DWORD NodeBufferSize, PWCHAR pServiceBuffer, DWORD ServiceBufferSize, INT Flags);
WINSOCK_API_LINKAGE INT WSAAPI GetAddrInfoExA(PCSTR pName, PCSTR pServiceName, DWORD dwNameSpace,
    LPGUID lpNspId, const ADDRINFOEXA *hints, PADDRINFOEXA *ppResult, struct timeval *timeout,
    LPOVERLAPPED lpOverlapped, LPLOOKUPSERVICE_COMPLETION_ROUTINE lpCompletionRoutine, LPHANDLE lpNameHandle);
WINSOCK_API_LINKAGE INT WSAAPI GetAddrInfoExW(PCWSTR pName, PCWSTR pServiceName, DWORD dwNameSpace,
    LPGUID lpNspId, const ADDRINFOEXW *hints, PADDRINFOEXW *ppResult, struct timeval *timeout,
    LPOVERLAPPED lpOverlapped, LPLOOKUPSERVICE_COMPLETION_ROUTINE lpCompletionRoutine, LPHANDLE lpHandle);
WINSOCK_API_LINKAGE INT WSAAPI GetAddrInfoExCancel(LPHANDLE lpHandle);
WINSOCK_API_LINKAGE INT WSAAPI GetAddrInfoExOverlappedResult(LPOVERLAPPED lpOverlapped);
WINSOCK_API_LINKAGE VOID WSAAPI FreeAddrInfoEx(PADDRINFOEXA pAddrInfoEx);
WINSOCK_API_LINKAGE VOID WSAAPI FreeAddrInfoExW(PADDRINFOEXW pAddrInfoEx);
WINSOCK_API_LINKAGE INT WSAAPI inet_pton(INT Family, PCSTR pszAddrString, PVOID pAddrBuf)
    NTSOCK_LIBC_NAME(inet_pton);
WINSOCK_API_LINKAGE INT WSAAPI InetPtonW(INT Family, PCWSTR pszAddrString, PVOID pAddrBuf);
WINSOCK_API_LINKAGE PCSTR WSAAPI inet_ntop(INT Family, const VOID *pAddr, PSTR pStringBuf, size_t StringBufSize)
    NTSOCK_LIBC_NAME(inet_ntop);
WINSOCK_API_LINKAGE PCWSTR WSAAPI InetNtopW(INT Family, const VOID *pAddr, PWSTR pStringBuf,
    size_t StringBufSize);
WINSOCK_API_LINKAGE char *WSAAPI gai_strerrorA(int ecode);
WINSOCK_API_LINKAGE WCHAR *WSAAPI gai_strerrorW(int ecode);

typedef int(WSAAPI *LPFN_GETADDRINFO)(PCSTR, PCSTR, const ADDRINFOA *, PADDRINFOA *);
typedef int(WSAAPI *LPFN_GETADDRINFOW)(PCWSTR, PCWSTR, const ADDRINFOW *, PADDRINFOW *);
typedef void(WSAAPI *LPFN_FREEADDRINFO)(PADDRINFOA);
typedef void(WSAAPI *LPFN_FREEADDRINFOW)(PADDRINFOW);
typedef int(WSAAPI *LPFN_GETNAMEINFO)(const SOCKADDR *, socklen_t, PCHAR, DWORD, PCHAR, DWORD, int);
typedef int(WSAAPI *LPFN_GETNAMEINFOW)(const SOCKADDR *, socklen_t, PWCHAR, DWORD, PWCHAR, DWORD, int);
typedef INT(WSAAPI *LPFN_INET_PTONA)(INT, PCSTR, PVOID);
typedef INT(WSAAPI *LPFN_INET_PTONW)(INT, PCWSTR, PVOID);
typedef PCSTR(WSAAPI *LPFN_INET_NTOPA)(INT, const VOID *, PSTR, size_t);
typedef PCWSTR(WSAAPI *LPFN_INET_NTOPW)(INT, const VOID *, PWSTR, size_t);

NTSOCK_EXTERN_C_END

#define GetAddrInfoA getaddrinfo
#define FreeAddrInfoA freeaddrinfo
#define GetNameInfoA getnameinfo
#define FreeAddrInfoExA FreeAddrInfoEx
#define InetPtonA inet_pton
#define InetNtopA inet_ntop
#ifdef UNICODE
#define GetAddrInfo GetAddrInfoW
#define FreeAddrInfo FreeAddrInfoW
#define GetNameInfo GetNameInfoW
#define GetAddrInfoEx GetAddrInfoExW
#define InetPton InetPtonW
#define InetNtop InetNtopW
#define gai_strerror gai_strerrorW
#else
#define GetAddrInfo GetAddrInfoA
#define FreeAddrInfo FreeAddrInfoA
#define GetNameInfo GetNameInfoA
#define GetAddrInfoEx GetAddrInfoExA
#define InetPton InetPtonA
#define InetNtop InetNtopA
#define gai_strerror gai_strerrorA
#endif

/* The bytes that an application should keep under way; a transport that cannot say refuses the code. */
FORCEINLINE int idealsendbacklogquery(SOCKET s, ULONG *pISB)
{
    DWORD bytes;
    return WSAIoctl(s, SIO_IDEAL_SEND_BACKLOG_QUERY, NULL, 0, pISB, sizeof *pISB, &bytes, NULL, NULL);
}
FORCEINLINE int idealsendbacklognotify(SOCKET s, LPWSAOVERLAPPED lpOverlapped,
    LPWSAOVERLAPPED_COMPLETION_ROUTINE lpCompletionRoutine)
{
    DWORD bytes;
    return WSAIoctl(s, SIO_IDEAL_SEND_BACKLOG_CHANGE, NULL, 0, NULL, 0, &bytes, lpOverlapped, lpCompletionRoutine);
}

#endif /* _WS2TCPIP_H_ */
