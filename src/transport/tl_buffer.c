/* SPDX-License-Identifier: MIT */
/*
 * tl_buffer.c - arithmetic on scatter/gather lists.
 *
 * Layer: transport.
 */
#include "tl_private.h"

SIZE_T TlTotalBytes(const TL_BUFFER *Buffers, ULONG Count)
{
    SIZE_T Total = 0;
    for (ULONG i = 0; i < Count; i++)
        Total += Buffers[i].length;
    return Total;
}

ULONG TlSlice(const TL_BUFFER *Buffers, ULONG Count, SIZE_T Done, TL_BUFFER Slice[TL_SLICE_MAX], SIZE_T *Bytes)
{
    ULONG Filled = 0;
    *Bytes = 0;
    for (ULONG i = 0; i < Count && Filled < TL_SLICE_MAX; i++) {
        if (Done >= Buffers[i].length) {
            Done -= Buffers[i].length;
            continue;
        }
        Slice[Filled].base = Buffers[i].base + Done;
        Slice[Filled].length = Buffers[i].length - (uint32_t)Done;
        *Bytes += Slice[Filled].length;
        Done = 0;
        Filled++;
    }
    return Filled;
}
