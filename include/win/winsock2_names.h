/* SPDX-License-Identifier: MIT */
/*
 * winsock2_names.h - name space queries and quality of service: a part of winsock2.h.
 *
 * Layer: application headers. Include winsock2.h.
 */
#ifndef _WINSOCK2_NAMES_H_
#define _WINSOCK2_NAMES_H_

typedef struct _QualityOfService {
    FLOWSPEC SendingFlowspec;
    FLOWSPEC ReceivingFlowspec;
    WSABUF ProviderSpecific;
} QOS, *LPQOS;

typedef enum _WSACOMPLETIONTYPE {
    NSP_NOTIFY_IMMEDIATELY = 0,
    NSP_NOTIFY_HWND,
    NSP_NOTIFY_EVENT,
    NSP_NOTIFY_PORT,
    NSP_NOTIFY_APC
} WSACOMPLETIONTYPE, *PWSACOMPLETIONTYPE, *LPWSACOMPLETIONTYPE;

typedef VOID(CALLBACK *LPWSAOVERLAPPED_COMPLETION_ROUTINE)(DWORD dwError, DWORD cbTransferred,
    LPWSAOVERLAPPED lpOverlapped, DWORD dwFlags);

typedef struct _WSACOMPLETION {
    WSACOMPLETIONTYPE Type;
    union {
        struct {
            HWND hWnd;
            UINT uMsg;
            WPARAM context;
        } WindowMessage;
        struct {
            LPWSAOVERLAPPED lpOverlapped;
        } Event;
        struct {
            LPWSAOVERLAPPED lpOverlapped;
            LPWSAOVERLAPPED_COMPLETION_ROUTINE lpfnCompletionProc;
        } Apc;
        struct {
            LPWSAOVERLAPPED lpOverlapped;
            HANDLE hPort;
            ULONG_PTR Key;
        } Port;
    } Parameters;
} WSACOMPLETION, *PWSACOMPLETION, *LPWSACOMPLETION;

typedef struct _BLOB {
    ULONG cbSize;
    BYTE *pBlobData;
} BLOB, *PBLOB, *LPBLOB;

typedef struct _AFPROTOCOLS {
    INT iAddressFamily;
    INT iProtocol;
} AFPROTOCOLS, *PAFPROTOCOLS, *LPAFPROTOCOLS;
typedef enum _WSAEcomparator { COMP_EQUAL = 0, COMP_NOTLESS } WSAECOMPARATOR, *PWSAECOMPARATOR,
    *LPWSAECOMPARATOR;
typedef struct _WSAVersion {
    DWORD dwVersion;
    WSAECOMPARATOR ecHow;
} WSAVERSION, *PWSAVERSION, *LPWSAVERSION;

#define NTSOCK_QUERYSET_(suffix, string)     \
    typedef struct _WSAQuerySet##suffix {    \
        DWORD dwSize;                        \
        string lpszServiceInstanceName;      \
        LPGUID lpServiceClassId;             \
        LPWSAVERSION lpVersion;              \
        string lpszComment;                  \
        DWORD dwNameSpace;                   \
        LPGUID lpNSProviderId;               \
        string lpszContext;                  \
        DWORD dwNumberOfProtocols;           \
        LPAFPROTOCOLS lpafpProtocols;        \
        string lpszQueryString;              \
        DWORD dwNumberOfCsAddrs;             \
        LPCSADDR_INFO lpcsaBuffer;           \
        DWORD dwOutputFlags;                 \
        LPBLOB lpBlob;                       \
    } WSAQUERYSET##suffix, *PWSAQUERYSET##suffix, *LPWSAQUERYSET##suffix;
NTSOCK_QUERYSET_(A, LPSTR)
NTSOCK_QUERYSET_(W, LPWSTR)
#undef NTSOCK_QUERYSET_

#define NTSOCK_NAMESPACE_(suffix, string)           \
    typedef struct _WSANAMESPACE_INFO##suffix {     \
        GUID NSProviderId;                          \
        DWORD dwNameSpace;                          \
        BOOL fActive;                               \
        DWORD dwVersion;                            \
        string lpszIdentifier;                      \
    } WSANAMESPACE_INFO##suffix, *PWSANAMESPACE_INFO##suffix, *LPWSANAMESPACE_INFO##suffix; \
    typedef struct _WSANSClassInfo##suffix {        \
        string lpszName;                            \
        DWORD dwNameSpace;                          \
        DWORD dwValueType;                          \
        DWORD dwValueSize;                          \
        LPVOID lpValue;                             \
    } WSANSCLASSINFO##suffix, *PWSANSCLASSINFO##suffix, *LPWSANSCLASSINFO##suffix; \
    typedef struct _WSAServiceClassInfo##suffix {   \
        LPGUID lpServiceClassId;                    \
        string lpszServiceClassName;                \
        DWORD dwCount;                              \
        LPWSANSCLASSINFO##suffix lpClassInfos;      \
    } WSASERVICECLASSINFO##suffix, *PWSASERVICECLASSINFO##suffix, *LPWSASERVICECLASSINFO##suffix;
NTSOCK_NAMESPACE_(A, LPSTR)
NTSOCK_NAMESPACE_(W, LPWSTR)
#undef NTSOCK_NAMESPACE_

typedef enum _WSAESETSERVICEOP { RNRSERVICE_REGISTER = 0, RNRSERVICE_DEREGISTER, RNRSERVICE_DELETE }
    WSAESETSERVICEOP, *PWSAESETSERVICEOP, *LPWSAESETSERVICEOP;

#ifdef UNICODE
typedef WSAQUERYSETW WSAQUERYSET, *PWSAQUERYSET, *LPWSAQUERYSET;
typedef WSANAMESPACE_INFOW WSANAMESPACE_INFO, *PWSANAMESPACE_INFO, *LPWSANAMESPACE_INFO;
typedef WSASERVICECLASSINFOW WSASERVICECLASSINFO, *PWSASERVICECLASSINFO, *LPWSASERVICECLASSINFO;
#else
typedef WSAQUERYSETA WSAQUERYSET, *PWSAQUERYSET, *LPWSAQUERYSET;
typedef WSANAMESPACE_INFOA WSANAMESPACE_INFO, *PWSANAMESPACE_INFO, *LPWSANAMESPACE_INFO;
typedef WSASERVICECLASSINFOA WSASERVICECLASSINFO, *PWSASERVICECLASSINFO, *LPWSASERVICECLASSINFO;
#endif

#define LUP_DEEP 0x00000001
#define LUP_CONTAINERS 0x00000002
#define LUP_NOCONTAINERS 0x00000004
#define LUP_NEAREST 0x00000008
#define LUP_RETURN_NAME 0x00000010
#define LUP_RETURN_TYPE 0x00000020
#define LUP_RETURN_VERSION 0x00000040
#define LUP_RETURN_COMMENT 0x00000080
#define LUP_RETURN_ADDR 0x00000100
#define LUP_RETURN_BLOB 0x00000200
#define LUP_RETURN_ALIASES 0x00000400
#define LUP_RETURN_QUERY_STRING 0x00000800
#define LUP_RETURN_ALL 0x00000FF0
#define LUP_FLUSHCACHE 0x00001000
#define LUP_FLUSHPREVIOUS 0x00002000
#define RESULT_IS_ALIAS 0x0001

#endif
