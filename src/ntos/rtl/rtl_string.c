/* SPDX-License-Identifier: MIT */
/*
 * rtl_string.c - counted strings: compare, copy, append; numbers; upper case.
 *
 * Layer: ntos. NT counterpart: the run-time library's string functions. Upper case is known for ASCII,
 * Latin-1, Latin Extended-A, Greek and Cyrillic, which is what names of devices and files are made of;
 * other letters are their own upper case.
 */
#include <wdm.h>

WCHAR RtlUpcaseUnicodeChar(WCHAR Source)
{
    ULONG c = (USHORT)Source;
    if (c < 0x80)
        return (WCHAR)(c >= 'a' && c <= 'z' ? c - 0x20 : c);
    if (c <= 0xFF) {
        if (c >= 0xE0 && c <= 0xFE && c != 0xF7)
            return (WCHAR)(c - 0x20);
        return (WCHAR)(c == 0xFF ? 0x178 : c);
    }
    if (c <= 0x17F) {
        /* Pairs, upper case first: on even numbers, but on odd ones in two places. */
        BOOLEAN OddFirst = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E);
        if (c == 0x131 || c == 0x138 || c == 0x149 || c == 0x178 || c == 0x17F)
            return Source;
        return (WCHAR)(((c & 1) != 0) != OddFirst ? c - 1 : c);
    }
    if (c >= 0x3AC && c <= 0x3CE) {
        if (c == 0x3AC)
            return 0x386;
        if (c <= 0x3AF)
            return (WCHAR)(c - 0x25);
        if (c == 0x3B0)
            return Source;
        if (c == 0x3C2)
            return 0x3A3;
        if (c <= 0x3CB)
            return (WCHAR)(c - 0x20);
        return (WCHAR)(c == 0x3CC ? 0x38C : c - 0x3F);
    }
    if (c >= 0x430 && c <= 0x44F)
        return (WCHAR)(c - 0x20);
    if (c >= 0x450 && c <= 0x45F)
        return (WCHAR)(c - 0x50);
    return Source;
}

VOID RtlInitUnicodeString(PUNICODE_STRING String, PCWSTR Source)
{
    SIZE_T Length = 0;
    String->Buffer = (PWSTR)Source;
    if (Source == NULL) {
        String->Length = String->MaximumLength = 0;
        return;
    }
    /* A longer string is cut to what a counted one can say. [ddi:RtlInitUnicodeString] */
    while (Source[Length] != 0 && Length < 0x7FFE)
        Length++;
    String->Length = (USHORT)(Length * sizeof(WCHAR));
    String->MaximumLength = (USHORT)(String->Length + sizeof(WCHAR));
}

VOID RtlInitAnsiString(PANSI_STRING String, PCSZ Source)
{
    SIZE_T Length = 0;
    String->Buffer = (PCHAR)Source;
    if (Source == NULL) {
        String->Length = String->MaximumLength = 0;
        return;
    }
    while (Source[Length] != 0 && Length < 0xFFFE)
        Length++;
    String->Length = (USHORT)Length;
    String->MaximumLength = (USHORT)(Length + 1);
}

LONG RtlCompareUnicodeString(PCUNICODE_STRING A, PCUNICODE_STRING B, BOOLEAN NoCase)
{
    ULONG LengthA = A->Length / sizeof(WCHAR), LengthB = B->Length / sizeof(WCHAR);
    for (ULONG i = 0; i < LengthA && i < LengthB; i++) {
        WCHAR a = A->Buffer[i], b = B->Buffer[i];
        if (a != b && NoCase) {
            a = RtlUpcaseUnicodeChar(a);
            b = RtlUpcaseUnicodeChar(b);
        }
        if (a != b)
            return (LONG)(USHORT)a - (LONG)(USHORT)b;
    }
    return (LONG)LengthA - (LONG)LengthB;
}

BOOLEAN RtlEqualUnicodeString(PCUNICODE_STRING A, PCUNICODE_STRING B, BOOLEAN NoCase)
{
    return A->Length == B->Length && RtlCompareUnicodeString(A, B, NoCase) == 0;
}

BOOLEAN RtlPrefixUnicodeString(PCUNICODE_STRING A, PCUNICODE_STRING B, BOOLEAN NoCase)
{
    UNICODE_STRING Start = *B;
    if (B->Length < A->Length)
        return FALSE;
    Start.Length = A->Length;
    return RtlCompareUnicodeString(A, &Start, NoCase) == 0;
}

/* A terminator is written only where there is room for it. [ddi:RtlCopyUnicodeString] */
VOID RtlCopyUnicodeString(PUNICODE_STRING Destination, PCUNICODE_STRING Source)
{
    USHORT Length;
    if (Source == NULL) {
        Destination->Length = 0;
        return;
    }
    Length = Source->Length < Destination->MaximumLength ? Source->Length : Destination->MaximumLength;
    if (Length != 0)
        RtlMoveMemory(Destination->Buffer, Source->Buffer, Length);
    Destination->Length = Length;
    if ((ULONG)Length + sizeof(WCHAR) <= Destination->MaximumLength)
        Destination->Buffer[Length / sizeof(WCHAR)] = 0;
}

NTSTATUS RtlAppendUnicodeStringToString(PUNICODE_STRING Destination, PCUNICODE_STRING Source)
{
    ULONG Length = (ULONG)Destination->Length + Source->Length;
    if (Length > Destination->MaximumLength)
        return STATUS_BUFFER_TOO_SMALL;
    if (Source->Length != 0)
        RtlMoveMemory((PCHAR)Destination->Buffer + Destination->Length, Source->Buffer, Source->Length);
    Destination->Length = (USHORT)Length;
    if (Length + sizeof(WCHAR) <= Destination->MaximumLength)
        Destination->Buffer[Length / sizeof(WCHAR)] = 0;
    return STATUS_SUCCESS;
}

NTSTATUS RtlAppendUnicodeToString(PUNICODE_STRING Destination, PCWSTR Source)
{
    UNICODE_STRING String;
    RtlInitUnicodeString(&String, Source);
    return RtlAppendUnicodeStringToString(Destination, &String);
}

/* --- numbers --- */

NTSTATUS RtlIntegerToUnicodeString(ULONG Value, ULONG Base, PUNICODE_STRING String)
{
    WCHAR Digits[33];
    ULONG Count = 0;

    if (Base == 0)
        Base = 10;
    if (Base != 2 && Base != 8 && Base != 10 && Base != 16)
        return STATUS_INVALID_PARAMETER;
    do {
        Digits[Count++] = (WCHAR)L"0123456789ABCDEF"[Value % Base];
        Value /= Base;
    } while (Value != 0);
    if (Count * sizeof(WCHAR) > String->MaximumLength)
        return STATUS_BUFFER_OVERFLOW;
    for (ULONG i = 0; i < Count; i++)
        String->Buffer[i] = Digits[Count - 1 - i];
    String->Length = (USHORT)(Count * sizeof(WCHAR));
    if ((ULONG)String->Length + sizeof(WCHAR) <= String->MaximumLength)
        String->Buffer[Count] = 0;
    return STATUS_SUCCESS;
}

static ULONG RtlpDigit(WCHAR c)
{
    if (c >= '0' && c <= '9')
        return (ULONG)c - '0';
    if (c >= 'a' && c <= 'f')
        return (ULONG)c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return (ULONG)c - 'A' + 10;
    return MAXULONG;
}

/* Base 0: by prefix 0x, 0o or 0b, else 10. Ends at the first other character. [ddi:RtlUnicodeStringToInteger] */
NTSTATUS RtlUnicodeStringToInteger(PCUNICODE_STRING String, ULONG Base, PULONG Value)
{
    ULONG Length = String->Length / sizeof(WCHAR), At = 0, Result = 0;
    BOOLEAN Negative = FALSE;

    while (At < Length && String->Buffer[At] <= ' ')
        At++;
    if (At < Length && (String->Buffer[At] == '-' || String->Buffer[At] == '+'))
        Negative = String->Buffer[At++] == '-';
    if (Base == 0) {
        Base = 10;
        if (At + 1 < Length && String->Buffer[At] == '0') {
            WCHAR c = String->Buffer[At + 1];
            if (c == 'x' || c == 'o' || c == 'b') {
                Base = c == 'x' ? 16 : c == 'o' ? 8 : 2;
                At += 2;
            }
        }
    } else if (Base != 2 && Base != 8 && Base != 10 && Base != 16) {
        return STATUS_INVALID_PARAMETER;
    }
    for (; At < Length; At++) {
        ULONG Digit = RtlpDigit(String->Buffer[At]);
        if (Digit >= Base)
            break;
        Result = Result * Base + Digit;
    }
    *Value = Negative ? 0u - Result : Result;
    return STATUS_SUCCESS;
}

SIZE_T RtlCompareMemory(const VOID *A, const VOID *B, SIZE_T Length)
{
    const UCHAR *a = A, *b = B;
    SIZE_T i = 0;
    while (i < Length && a[i] == b[i])
        i++;
    return i;
}
