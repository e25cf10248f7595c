/* SPDX-License-Identifier: MIT */
/*
 * minwindef.h - the smallest set of Windows types: BYTE, WORD, DWORD, BOOL, handles, FILETIME.
 *
 * Layer: application headers. DWORD and ULONG are `unsigned int` here, not `unsigned long`: they must
 * stay 32 bits wide (LLP64). [doc:winprog/windows-data-types]
 */
#ifndef _MINWINDEF_
#define _MINWINDEF_

#include <winnt.h>

#ifndef STRICT
#define STRICT 1
#endif
#ifndef WINVER
#define WINVER 0x0A00
#endif

#ifndef FAR
#define FAR
#define NEAR
#define far
#define near
#endif
#ifndef IN
#define IN
#endif
#ifndef OUT
#define OUT
#endif
#ifndef OPTIONAL
#define OPTIONAL
#endif

#define MAX_PATH 260

#ifndef WINAPI
#define CALLBACK
#define WINAPI
#define WINAPIV
#define APIENTRY WINAPI
#define APIPRIVATE
#define PASCAL
#define CDECL
#endif
#ifndef WINAPI_INLINE
#define WINAPI_INLINE WINAPI
#endif

typedef unsigned int DWORD, *PDWORD, *LPDWORD;
typedef int BOOL, *PBOOL, *LPBOOL;
typedef unsigned char BYTE, *PBYTE, *LPBYTE;
typedef unsigned short WORD, *PWORD, *LPWORD;
typedef float FLOAT, *PFLOAT;
typedef int INT, *PINT, *LPINT;
typedef unsigned int UINT, *PUINT;
typedef int *LPLONG;
typedef void *LPVOID;
typedef const void *LPCVOID;

typedef UINT_PTR WPARAM;
typedef LONG_PTR LPARAM;
typedef LONG_PTR LRESULT;

typedef HANDLE HGLOBAL, HLOCAL;
typedef HANDLE *LPHANDLE, *SPHANDLE;
typedef WORD ATOM;
typedef INT_PTR(WINAPI *FARPROC)(void);
typedef INT_PTR(WINAPI *NEARPROC)(void);
typedef INT_PTR(WINAPI *PROC)(void);

DECLARE_HANDLE(HKEY);
typedef HKEY *PHKEY;
DECLARE_HANDLE(HINSTANCE);
typedef HINSTANCE HMODULE;
DECLARE_HANDLE(HKL);
DECLARE_HANDLE(HMETAFILE);
DECLARE_HANDLE(HRGN);
DECLARE_HANDLE(HRSRC);
DECLARE_HANDLE(HSTR);
DECLARE_HANDLE(HTASK);
DECLARE_HANDLE(HWINSTA);
typedef int HFILE;

typedef struct _FILETIME {
    DWORD dwLowDateTime;
    DWORD dwHighDateTime;
} FILETIME, *PFILETIME, *LPFILETIME;

#define MAKEWORD(a, b) \
    ((WORD)(((BYTE)((DWORD_PTR)(a) & 0xff)) | ((WORD)((BYTE)((DWORD_PTR)(b) & 0xff))) << 8))
#define MAKELONG(a, b) \
    ((LONG)(((WORD)((DWORD_PTR)(a) & 0xffff)) | ((DWORD)((WORD)((DWORD_PTR)(b) & 0xffff))) << 16))
#define LOWORD(l) ((WORD)((DWORD_PTR)(l) & 0xffff))
#define HIWORD(l) ((WORD)(((DWORD_PTR)(l) >> 16) & 0xffff))
#define LOBYTE(w) ((BYTE)((DWORD_PTR)(w) & 0xff))
#define HIBYTE(w) ((BYTE)(((DWORD_PTR)(w) >> 8) & 0xff))

/*
 * min and max, unless NOMINMAX is defined: macros in C, as on Windows; functions in C++, where the macros
 * break every standard header that is included after windows.h. A program's own min, and std::min after a
 * using directive, are more specialised and win. [guess]
 */
#ifndef NOMINMAX
#ifndef __cplusplus
#ifndef max
#define max(a, b) (((a) > (b)) ? (a) : (b))
#endif
#ifndef min
#define min(a, b) (((a) < (b)) ? (a) : (b))
#endif
#elif __cplusplus >= 201402L && !defined(NTSOCK_MINMAX_)
#define NTSOCK_MINMAX_
extern "C++" {
#ifndef max
template <class A, class B> constexpr auto max(const A &a, const B &b) { return a > b ? a : b; }
#endif
#ifndef min
template <class A, class B> constexpr auto min(const A &a, const B &b) { return a < b ? a : b; }
#endif
}
#endif
#endif

#endif /* _MINWINDEF_ */
