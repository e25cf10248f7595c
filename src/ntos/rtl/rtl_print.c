/* SPDX-License-Identifier: MIT */
/*
 * rtl_print.c - DbgPrint, with the conversions that drivers use beyond those of C.
 *
 * Layer: ntos. NT counterpart: DbgPrint. %wZ and %Z take counted strings, %ws, %ls and %S 16-bit strings,
 * %I64d and %I32d sized integers, %p prints sixteen digits; everything else is C's. A line is cut after
 * 512 bytes, as on NT. DbgPrintEx prints whatever the component and level: there are no filter masks.
 */
#include <wdm.h>

#include <stdarg.h>
#include <stdio.h>

#include "host_system.h"

#define RTLP_LINE 512

typedef struct RTLP_OUTPUT {
    CHAR Text[RTLP_LINE];
    ULONG Length;
} RTLP_OUTPUT;

static VOID RtlpAppend(RTLP_OUTPUT *Output, const CHAR *Text, ULONG Length)
{
    if (Length > RTLP_LINE - 1 - Output->Length)
        Length = RTLP_LINE - 1 - Output->Length;
    RtlCopyMemory(Output->Text + Output->Length, Text, Length);
    Output->Length += Length;
}

static VOID RtlpAppendUnicode(RTLP_OUTPUT *Output, PCUNICODE_STRING String)
{
    CHAR Buffer[RTLP_LINE];
    ANSI_STRING Ansi = {0, sizeof(Buffer), Buffer};
    if (String == NULL || String->Buffer == NULL) {
        RtlpAppend(Output, "(null)", 6);
        return;
    }
    (void)RtlUnicodeStringToAnsiString(&Ansi, String, FALSE);
    RtlpAppend(Output, Ansi.Buffer, Ansi.Length);
}

/* One conversion: C's own text for it, and how wide its argument is. */
typedef struct RTLP_CONVERSION {
    CHAR Format[32]; /* "%", flags, width and precision as numbers, length, conversion */
    ULONG Used;
    ULONG Size; /* of an integer: 4 or 8 */
    BOOLEAN Wide;
    CHAR Kind;
} RTLP_CONVERSION;

static VOID RtlpAddFormat(RTLP_CONVERSION *Conversion, CHAR c)
{
    if (Conversion->Used < sizeof(Conversion->Format) - 4)
        Conversion->Format[Conversion->Used++] = c;
}

static VOID RtlpAddNumber(RTLP_CONVERSION *Conversion, int Number)
{
    CHAR Digits[12];
    int Count = snprintf(Digits, sizeof Digits, "%d", Number);
    for (int i = 0; i < Count; i++)
        RtlpAddFormat(Conversion, Digits[i]);
}

/* Reads length modifiers, Windows' and C's. Returns the position of the conversion character. */
static const CHAR *RtlpReadLength(const CHAR *At, RTLP_CONVERSION *Conversion)
{
    for (;; At++) {
        switch (*At) {
        case 'I':
            if (At[1] == '6' && At[2] == '4') {
                Conversion->Size = 8;
                At += 2;
            } else if (At[1] == '3' && At[2] == '2') {
                At += 2;
            } else {
                Conversion->Size = sizeof(PVOID);
            }
            break;
        case 'l':
            /* On Windows a long has 32 bits; only ll is 64. Drivers print ULONG with %lx. */
            if (At[1] == 'l') {
                Conversion->Size = 8;
                At++;
            }
            Conversion->Wide = TRUE;
            break;
        case 'w':
            Conversion->Wide = TRUE;
            break;
        case 'z':
        case 'j':
        case 't':
            Conversion->Size = 8;
            break;
        case 'h':
            break;
        default:
            return At;
        }
    }
}

typedef struct RTLP_ARGUMENTS {
    va_list List;
} RTLP_ARGUMENTS;

static const CHAR *RtlpParse(const CHAR *At, RTLP_CONVERSION *Conversion, RTLP_ARGUMENTS *Arguments)
{
    RtlZeroMemory(Conversion, sizeof(*Conversion));
    Conversion->Size = 4;
    RtlpAddFormat(Conversion, '%');
    for (;; At++) {
        if (*At == '*')
            RtlpAddNumber(Conversion, va_arg(Arguments->List, int));
        else if ((*At >= '0' && *At <= '9') || *At == '-' || *At == '+' || *At == ' ' || *At == '#' || *At == '.')
            RtlpAddFormat(Conversion, *At);
        else
            break;
    }
    At = RtlpReadLength(At, Conversion);
    Conversion->Kind = *At;
    return *At != 0 ? At + 1 : At;
}

static VOID RtlpPrintInteger(RTLP_OUTPUT *Output, RTLP_CONVERSION *Conversion, RTLP_ARGUMENTS *Arguments)
{
    CHAR Text[128];
    LONGLONG Value;
    BOOLEAN Signed = Conversion->Kind == 'd' || Conversion->Kind == 'i';

    if (Conversion->Size == 8)
        Value = va_arg(Arguments->List, LONGLONG);
    else if (Signed)
        Value = va_arg(Arguments->List, LONG);
    else
        Value = va_arg(Arguments->List, ULONG);
    RtlpAddFormat(Conversion, 'l');
    Conversion->Format[Conversion->Used++] = 'l';
    Conversion->Format[Conversion->Used++] = Conversion->Kind;
    Conversion->Format[Conversion->Used] = 0;
    int Count = snprintf(Text, sizeof Text, Conversion->Format, Value);
    RtlpAppend(Output, Text, Count < (int)sizeof Text ? (ULONG)Count : sizeof Text - 1);
}

static VOID RtlpPrintString(RTLP_OUTPUT *Output, RTLP_CONVERSION *Conversion, RTLP_ARGUMENTS *Arguments)
{
    CHAR Text[RTLP_LINE];
    PVOID Value = va_arg(Arguments->List, PVOID);
    if (Conversion->Kind == 'Z' && Conversion->Wide) {
        RtlpAppendUnicode(Output, Value);
    } else if (Conversion->Kind == 'Z') {
        const STRING *String = Value;
        if (String != NULL && String->Buffer != NULL)
            RtlpAppend(Output, String->Buffer, String->Length);
        else
            RtlpAppend(Output, "(null)", 6);
    } else if (Conversion->Kind == 'S' || Conversion->Wide) {
        UNICODE_STRING String;
        RtlInitUnicodeString(&String, Value);
        RtlpAppendUnicode(Output, &String);
    } else {
        Conversion->Format[Conversion->Used++] = 's';
        Conversion->Format[Conversion->Used] = 0;
        int Count = snprintf(Text, sizeof Text, Conversion->Format, Value != NULL ? (PCHAR)Value : "(null)");
        RtlpAppend(Output, Text, Count < (int)sizeof Text ? (ULONG)Count : sizeof Text - 1);
    }
}

static VOID RtlpPrintConversion(RTLP_OUTPUT *Output, RTLP_CONVERSION *Conversion, RTLP_ARGUMENTS *Arguments)
{
    CHAR Text[128];
    int Count = 0;
    switch (Conversion->Kind) {
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o':
        RtlpPrintInteger(Output, Conversion, Arguments);
        return;
    case 's':
    case 'S':
    case 'Z':
        RtlpPrintString(Output, Conversion, Arguments);
        return;
    case 'c':
    case 'C':
        Text[0] = (CHAR)va_arg(Arguments->List, int);
        Count = 1;
        break;
    case 'p':
        Count = snprintf(Text, sizeof Text, "%016llX", (ULONGLONG)(ULONG_PTR)va_arg(Arguments->List, PVOID));
        break;
    case '%':
        Text[0] = '%';
        Count = 1;
        break;
    default:
        Text[0] = Conversion->Kind;
        Count = Conversion->Kind != 0;
        break;
    }
    RtlpAppend(Output, Text, (ULONG)Count);
}

static VOID RtlpPrint(const CHAR *Format, RTLP_ARGUMENTS *Arguments)
{
    RTLP_OUTPUT Output = {.Length = 0};
    while (*Format != 0) {
        RTLP_CONVERSION Conversion;
        if (*Format != '%') {
            RtlpAppend(&Output, Format++, 1);
            continue;
        }
        Format = RtlpParse(Format + 1, &Conversion, Arguments);
        RtlpPrintConversion(&Output, &Conversion, Arguments);
    }
    Output.Text[Output.Length] = 0;
    host_print("%s", Output.Text);
}

ULONG DbgPrint(PCSZ Format, ...)
{
    RTLP_ARGUMENTS Arguments;
    va_start(Arguments.List, Format);
    RtlpPrint(Format, &Arguments);
    va_end(Arguments.List);
    return STATUS_SUCCESS;
}

ULONG DbgPrintEx(ULONG ComponentId, ULONG Level, PCSZ Format, ...)
{
    RTLP_ARGUMENTS Arguments;
    UNREFERENCED_PARAMETER(ComponentId);
    UNREFERENCED_PARAMETER(Level);
    va_start(Arguments.List, Format);
    RtlpPrint(Format, &Arguments);
    va_end(Arguments.List);
    return STATUS_SUCCESS;
}
