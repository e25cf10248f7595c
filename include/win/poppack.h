/* SPDX-License-Identifier: MIT */
/* poppack.h - ends what a pshpack header began. No guard, on purpose. */
#pragma pack(pop)
