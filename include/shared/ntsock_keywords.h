/* SPDX-License-Identifier: MIT */
/*
 * ntsock_keywords.h - words of Microsoft's compilers that are macros under gcc and clang.
 *
 * Layer: shared. Macros only, so that ntsock-cc can put it before every source file
 * (through ntsock_prefix.h): programs use __declspec before they include anything.
 *
 * __declspec(x) becomes __attribute__((...)), thread becomes __thread, and what has no meaning on ELF
 * (dllimport, novtable, uuid ...) becomes nothing. One word per __declspec; `deprecated` and `align` with
 * their arguments work. [doc:cpp/declspec]
 */
#ifndef _NTSOCK_KEYWORDS_H_
#define _NTSOCK_KEYWORDS_H_

#ifndef __declspec
#define __declspec(x) NTSOCK_SECOND_(NTSOCK_DSW_##x, __attribute__((NTSOCK_DSA_##x)), )
#define _declspec(x) __declspec(x)
#define NTSOCK_SECOND_(a, ...) NTSOCK_SECOND__(a, __VA_ARGS__)
#define NTSOCK_SECOND__(a, b, ...) b
#define NTSOCK_DSW_thread ~, __thread
#define NTSOCK_DSA_thread
#define NTSOCK_DSA_dllexport __visibility__("default")
#define NTSOCK_DSA_dllimport __visibility__("default")
#define NTSOCK_DSA_noreturn __noreturn__
#define NTSOCK_DSA_noinline __noinline__
#define NTSOCK_DSA_nothrow __nothrow__
#define NTSOCK_DSA_naked __naked__
#define NTSOCK_DSA_selectany __weak__
#define NTSOCK_DSA_deprecated __deprecated__
#define NTSOCK_DSA_align __aligned__
#define NTSOCK_DSA_allocate(s)
#define NTSOCK_DSA_allocator
#define NTSOCK_DSA_restrict
#define NTSOCK_DSA_noalias
#define NTSOCK_DSA_novtable
#define NTSOCK_DSA_safebuffers
#define NTSOCK_DSA_empty_bases
#define NTSOCK_DSA_uuid(s)
#define NTSOCK_DSA_property(...)
#define NTSOCK_DSA_code_seg(s)
#endif

#ifndef __cdecl
#define __cdecl
#define __stdcall
#define __fastcall
#define _cdecl
#define _stdcall
#define _fastcall
#define __thiscall
#define __vectorcall
#endif
#ifndef __forceinline
#define __forceinline __inline__ __attribute__((always_inline))
#endif
#ifndef __int64
#define __int8 char
#define __int16 short
#define __int32 int
#define __int64 long long
#endif
#ifndef _int64
#define _int64 long long
#define _int32 int
#define _int16 short
#define _int8 char
#endif
#ifndef _inline
#define _inline __inline__
#define _forceinline __inline__ __attribute__((always_inline))
#endif
#ifndef __ptr64
#define __ptr64
#define __ptr32
#define __sptr
#define __uptr
#define __unaligned
#define __w64
#endif
#ifndef __assume
#define __assume(e) ((e) ? (void)0 : __builtin_unreachable())
#endif
#ifndef __debugbreak
#define __debugbreak() __builtin_trap()
#endif
#define __noop(...) ((void)0)
#define __pragma(x)

#endif
