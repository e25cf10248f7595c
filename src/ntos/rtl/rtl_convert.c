/* SPDX-License-Identifier: MIT */
/*
 * rtl_convert.c - between the "ANSI" code page, which is UTF-8 here, and UTF-16.
 *
 * Layer: ntos. NT counterpart: RtlAnsiStringToUnicodeString and its reverse. What is not valid UTF-8 or
 * UTF-16 becomes U+FFFD, as Windows does when its code page is 65001.
 */
#include <wdm.h>

#define RTLP_TAG 'gnrS'
#define RTLP_REPLACEMENT 0xFFFD

/* The next code point of UTF-8 at *At, which moves on by at least one byte. */
static ULONG RtlpDecodeUtf8(const UCHAR *Text, ULONG Length, PULONG At)
{
    ULONG First = Text[(*At)++], Extra, Code, Least;

    if (First < 0x80)
        return First;
    if (First >= 0xC2 && First <= 0xDF) {
        Extra = 1, Code = First & 0x1F, Least = 0x80;
    } else if (First >= 0xE0 && First <= 0xEF) {
        Extra = 2, Code = First & 0x0F, Least = 0x800;
    } else if (First >= 0xF0 && First <= 0xF4) {
        Extra = 3, Code = First & 0x07, Least = 0x10000;
    } else {
        return RTLP_REPLACEMENT;
    }
    for (ULONG i = 0; i < Extra; i++) {
        ULONG Next;
        if (*At >= Length || ((Next = Text[*At]) & 0xC0) != 0x80)
            return RTLP_REPLACEMENT;
        /* A first continuation byte that cannot be right is looked at again on its own. */
        if (i == 0 && ((First == 0xE0 && Next < 0xA0) || (First == 0xED && Next > 0x9F)
                || (First == 0xF0 && Next < 0x90) || (First == 0xF4 && Next > 0x8F)))
            return RTLP_REPLACEMENT;
        Code = Code << 6 | (Next & 0x3F);
        (*At)++;
    }
    return Code >= Least ? Code : RTLP_REPLACEMENT;
}

static ULONG RtlpDecodeUtf16(const WCHAR *Text, ULONG Length, PULONG At)
{
    ULONG First = (USHORT)Text[(*At)++];
    if (First < 0xD800 || First > 0xDFFF)
        return First;
    if (First <= 0xDBFF && *At < Length) {
        ULONG Second = (USHORT)Text[*At];
        if (Second >= 0xDC00 && Second <= 0xDFFF) {
            (*At)++;
            return 0x10000 + ((First - 0xD800) << 10) + (Second - 0xDC00);
        }
    }
    return RTLP_REPLACEMENT;
}

/* Writes 1 to 4 bytes to Out; returns how many. */
static ULONG RtlpEncodeUtf8(ULONG Code, PCHAR Out)
{
    if (Code < 0x80) {
        Out[0] = (CHAR)Code;
        return 1;
    }
    if (Code < 0x800) {
        Out[0] = (CHAR)(0xC0 | Code >> 6);
        Out[1] = (CHAR)(0x80 | (Code & 0x3F));
        return 2;
    }
    if (Code < 0x10000) {
        Out[0] = (CHAR)(0xE0 | Code >> 12);
        Out[1] = (CHAR)(0x80 | (Code >> 6 & 0x3F));
        Out[2] = (CHAR)(0x80 | (Code & 0x3F));
        return 3;
    }
    Out[0] = (CHAR)(0xF0 | Code >> 18);
    Out[1] = (CHAR)(0x80 | (Code >> 12 & 0x3F));
    Out[2] = (CHAR)(0x80 | (Code >> 6 & 0x3F));
    Out[3] = (CHAR)(0x80 | (Code & 0x3F));
    return 4;
}

/* Units of UTF-16; writes nothing to a NULL buffer. */
static ULONG RtlpToUtf16(const CHAR *Text, ULONG Length, PWSTR Out)
{
    ULONG At = 0, Count = 0;
    while (At < Length) {
        ULONG Code = RtlpDecodeUtf8((const UCHAR *)Text, Length, &At);
        if (Code >= 0x10000) {
            if (Out != NULL) {
                Out[Count] = (WCHAR)(0xD800 + ((Code - 0x10000) >> 10));
                Out[Count + 1] = (WCHAR)(0xDC00 + ((Code - 0x10000) & 0x3FF));
            }
            Count += 2;
        } else {
            if (Out != NULL)
                Out[Count] = (WCHAR)Code;
            Count++;
        }
    }
    return Count;
}

NTSTATUS RtlAnsiStringToUnicodeString(PUNICODE_STRING Destination, PCANSI_STRING Source, BOOLEAN Allocate)
{
    ULONG Bytes = RtlpToUtf16(Source->Buffer, Source->Length, NULL) * (ULONG)sizeof(WCHAR);

    if (Bytes + sizeof(WCHAR) > 0xFFFE)
        return STATUS_INVALID_PARAMETER_2;
    if (Allocate) {
        PWSTR Buffer = ExAllocatePoolWithTag(PagedPool, Bytes + sizeof(WCHAR), RTLP_TAG);
        if (Buffer == NULL)
            return STATUS_NO_MEMORY;
        Destination->Buffer = Buffer;
        Destination->MaximumLength = (USHORT)(Bytes + sizeof(WCHAR));
    } else if (Bytes + sizeof(WCHAR) > Destination->MaximumLength) {
        return STATUS_BUFFER_OVERFLOW;
    }
    (void)RtlpToUtf16(Source->Buffer, Source->Length, Destination->Buffer);
    Destination->Length = (USHORT)Bytes;
    Destination->Buffer[Bytes / sizeof(WCHAR)] = 0;
    return STATUS_SUCCESS;
}

static ULONG RtlpCountUtf8(PCUNICODE_STRING Source)
{
    ULONG At = 0, Count = 0, Length = Source->Length / sizeof(WCHAR);
    CHAR Bytes[4];
    while (At < Length)
        Count += RtlpEncodeUtf8(RtlpDecodeUtf16(Source->Buffer, Length, &At), Bytes);
    return Count;
}

/* Without Allocate, a buffer that is too small receives what fits, in whole characters. */
NTSTATUS RtlUnicodeStringToAnsiString(PANSI_STRING Destination, PCUNICODE_STRING Source, BOOLEAN Allocate)
{
    ULONG At = 0, Length = Source->Length / sizeof(WCHAR), Count = 0, Bytes = RtlpCountUtf8(Source);
    NTSTATUS Status = STATUS_SUCCESS;

    if (Bytes + 1 > 0xFFFF)
        return STATUS_INVALID_PARAMETER_2;
    if (Allocate) {
        PCHAR Buffer = ExAllocatePoolWithTag(PagedPool, Bytes + 1, RTLP_TAG);
        if (Buffer == NULL)
            return STATUS_NO_MEMORY;
        Destination->Buffer = Buffer;
        Destination->MaximumLength = (USHORT)(Bytes + 1);
    } else if (Bytes + 1 > Destination->MaximumLength) {
        Status = STATUS_BUFFER_OVERFLOW;
        if (Destination->MaximumLength == 0)
            return Status;
    }
    while (At < Length) {
        CHAR Character[4];
        ULONG Size = RtlpEncodeUtf8(RtlpDecodeUtf16(Source->Buffer, Length, &At), Character);
        if (Count + Size + 1 > Destination->MaximumLength)
            break;
        RtlCopyMemory(Destination->Buffer + Count, Character, Size);
        Count += Size;
    }
    Destination->Length = (USHORT)Count;
    Destination->Buffer[Count] = 0;
    return Status;
}

VOID RtlFreeUnicodeString(PUNICODE_STRING String)
{
    if (String->Buffer != NULL)
        ExFreePoolWithTag(String->Buffer, RTLP_TAG);
    RtlZeroMemory(String, sizeof(*String));
}

VOID RtlFreeAnsiString(PANSI_STRING String)
{
    if (String->Buffer != NULL)
        ExFreePoolWithTag(String->Buffer, RTLP_TAG);
    RtlZeroMemory(String, sizeof(*String));
}
