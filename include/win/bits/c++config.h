/* SPDX-License-Identifier: MIT */
/*
 * bits/c++config.h - shadow of libstdc++'s, for 16-bit wchar_t and without __linux__.
 *
 * The templates over wchar_t in libstdc++.so are compiled for 32 bits, so the program instantiates what
 * it uses itself: _GLIBCXX_EXTERN_TEMPLATE is 0. libstdc++ asks for __linux__, which ntsock-cc undefines, in
 * the file that this one includes.
 */
#pragma GCC system_header
#ifndef NTSOCK_CXXCONFIG_H
#define NTSOCK_CXXCONFIG_H
#pragma push_macro("__linux__")
#undef __linux__
#define __linux__ 1
#include_next <bits/c++config.h>
#pragma pop_macro("__linux__")
#if defined(__SIZEOF_WCHAR_T__) && __SIZEOF_WCHAR_T__ == 2
#undef _GLIBCXX_EXTERN_TEMPLATE
#define _GLIBCXX_EXTERN_TEMPLATE 0
#endif
#endif
