/* SPDX-License-Identifier: MIT */
/* intrin.h - the compiler intrinsics that socket programs use. Layer: application headers. */
#ifndef NTSOCK_INTRIN_H
#define NTSOCK_INTRIN_H

#include <winnt.h>

#if defined(__x86_64__) || defined(__i386__)
#include <x86intrin.h>

FORCEINLINE void NtsockCpuid(int *result, int leaf, int subleaf)
{
    __asm__ __volatile__("cpuid"
                         : "=a"(result[0]), "=b"(result[1]), "=c"(result[2]), "=d"(result[3])
                         : "a"(leaf), "c"(subleaf));
}
#undef __cpuid
#define __cpuid(result, leaf) NtsockCpuid((result), (leaf), 0)
#define __cpuidex(result, leaf, subleaf) NtsockCpuid((result), (leaf), (subleaf))
#endif

FORCEINLINE UCHAR NtsockBitScanForward(ULONG *index, ULONGLONG mask)
{
    if (mask == 0)
        return 0;
    *index = (ULONG)__builtin_ctzll(mask);
    return 1;
}
FORCEINLINE UCHAR NtsockBitScanReverse(ULONG *index, ULONGLONG mask)
{
    if (mask == 0)
        return 0;
    *index = 63U - (ULONG)__builtin_clzll(mask);
    return 1;
}
#define _BitScanForward(i, m) NtsockBitScanForward((ULONG *)(i), (ULONG)(m))
#define _BitScanReverse(i, m) NtsockBitScanReverse((ULONG *)(i), (ULONG)(m))
#define _BitScanForward64(i, m) NtsockBitScanForward((ULONG *)(i), (m))
#define _BitScanReverse64(i, m) NtsockBitScanReverse((ULONG *)(i), (m))
#define __popcnt(v) ((unsigned)__builtin_popcount(v))
#define __popcnt64(v) ((unsigned long long)__builtin_popcountll(v))
#define _ReturnAddress() __builtin_return_address(0)

#endif
