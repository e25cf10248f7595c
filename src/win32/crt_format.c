/* SPDX-License-Identifier: MIT */
/*
 * crt_format.c - printf with wide formats, and with narrow ones that Linux' C library does not know.
 *
 * Layer: win32; NT counterpart: the C run-time's printf and wprintf families. A narrow format goes to the C
 * library unless it has I64, I32, I, w, %S, %C, or l or h before s or c, which mean something else there. A
 * wide format is taken apart here and each conversion that is not a string or a character goes to snprintf of
 * the C library. The rules of Microsoft's run-time for wide formats: %s and %c are wide, %S, %C, %hs and %hc
 * narrow, %ls and %ws wide; for narrow ones %s and %c are narrow and %S and %C wide. I64, I32 and I are sizes.
 * Output is UTF-8, written as bytes.
 * [doc:c-runtime-library/format-specification-syntax] Deliberately absent: %n, and positional arguments.
 */
#include "crt_wide.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define CRT_CONVERSION_MAX 40 /* characters of one conversion that are looked at */

/* Text under construction: UTF-8 in a growing block. */
typedef struct CRT_TEXT {
    char *Bytes;
    size_t Length;
    size_t Room;
    BOOLEAN Failed;
} CRT_TEXT;

typedef struct CRT_CONVERSION {
    char Specification[32]; /* "%-08.3", and size and conversion for snprintf */
    size_t Length;
    int Width;
    int Precision; /* -1: none given */
    BOOLEAN Left;
    BOOLEAN Narrow; /* of a format of 8 bits: %s and %c are narrow, %S and %C wide */
    char Size; /* 0, 'h', 'H' for hh, 'l', 'q' for 64 bits, 'L', 'z', 'j', 't' */
    WCHAR Type;
} CRT_CONVERSION;

static void CrtAppend(CRT_TEXT *Text, const char *Bytes, size_t n)
{
    if (Text->Failed)
        return;
    if (Text->Length + n + 1 > Text->Room) {
        size_t Room = (Text->Length + n + 1) * 2;
        char *Larger = realloc(Text->Bytes, Room);
        if (Larger == NULL) {
            Text->Failed = TRUE;
            return;
        }
        Text->Bytes = Larger;
        Text->Room = Room;
    }
    memcpy(Text->Bytes + Text->Length, Bytes, n);
    Text->Length += n;
    Text->Bytes[Text->Length] = 0;
}

static void CrtAppendWide(CRT_TEXT *Text, const WCHAR *s, size_t n)
{
    while (n > 0) {
        char Bytes[CRT_UTF8_MAX];
        ULONG CodePoint;
        size_t Units = CrtNextWide(&CodePoint, s, n);
        CrtAppend(Text, Bytes, CrtEncode(Bytes, CodePoint));
        s += Units;
        n -= Units;
    }
}

static void CrtPad(CRT_TEXT *Text, const CRT_CONVERSION *C, size_t Have, BOOLEAN After)
{
    if (C->Left != After || C->Width < 0)
        return;
    for (size_t i = Have; i < (size_t)C->Width; i++)
        CrtAppend(Text, " ", 1);
}

static void CrtAppendString(CRT_TEXT *Text, const CRT_CONVERSION *C, const WCHAR *Wide, const char *Narrow)
{
    size_t Most = C->Precision >= 0 ? (size_t)C->Precision : (size_t)-1, n;
    if (Wide == NULL && Narrow == NULL)
        Narrow = "(null)";
    if (Wide != NULL) {
        n = nts_wcsnlen(Wide, Most);
        CrtPad(Text, C, n, FALSE);
        CrtAppendWide(Text, Wide, n);
    } else {
        for (n = 0; n < Most && Narrow[n] != 0; n++)
            ;
        CrtPad(Text, C, n, FALSE);
        CrtAppend(Text, Narrow, n);
    }
    CrtPad(Text, C, n, TRUE);
}

static void CrtPut(CRT_CONVERSION *C, char c)
{
    if (C->Length < sizeof(C->Specification) - 4)
        C->Specification[C->Length++] = c;
}

/* A number of digits, or the next argument for '*'. */
static int CrtReadCount(const WCHAR **Format, va_list *Arguments)
{
    int Value = 0;
    if (**Format == '*') {
        (*Format)++;
        return va_arg(*Arguments, int);
    }
    for (; **Format >= '0' && **Format <= '9'; (*Format)++)
        if (Value < 100000)
            Value = Value * 10 + (**Format - '0');
    return Value;
}

static void CrtReadSize(CRT_CONVERSION *C, const WCHAR **Format)
{
    const WCHAR *f = *Format;
    C->Size = 0;
    if (f[0] == 'I' && f[1] == '6' && f[2] == '4') {
        C->Size = 'q';
        f += 3;
    } else if (f[0] == 'I' && f[1] == '3' && f[2] == '2') {
        f += 3;
    } else if (f[0] == 'I') {
        C->Size = 'q';
        f++;
    } else {
        for (; *f == 'h' || *f == 'l' || *f == 'L' || *f == 'z' || *f == 'j' || *f == 't' || *f == 'w'; f++)
            C->Size = *f == 'h' && C->Size == 'h' ? 'H' : *f == 'l' && C->Size == 'l' ? 'q' :
                *f == 'w' ? 'l' : (char)*f;
    }
    *Format = f;
}

static void CrtReadConversion(CRT_CONVERSION *C, const WCHAR **Format, va_list *Arguments)
{
    C->Length = 0;
    C->Left = FALSE;
    C->Precision = -1;
    CrtPut(C, '%');
    for (; **Format == '-' || **Format == '+' || **Format == ' ' || **Format == '#' || **Format == '0';
         (*Format)++) {
        C->Left |= **Format == '-';
        CrtPut(C, (char)**Format);
    }
    C->Width = CrtReadCount(Format, Arguments);
    if (C->Width < 0) {
        C->Left = TRUE;
        C->Width = -C->Width;
        CrtPut(C, '-');
    }
    if (**Format == '.') {
        (*Format)++;
        C->Precision = CrtReadCount(Format, Arguments);
    }
    CrtReadSize(C, Format);
    C->Type = **Format;
    if (**Format != 0)
        (*Format)++;
}

/*
 * Integers, floating point numbers and pointers: snprintf with the same specification, once to
 * measure and once to write. The argument is fetched here, because a va_list passed on would have
 * an unknown position afterwards.
 */
#define CRT_PRINT(value)                                                                            \
    (C->Precision >= 0 ? snprintf(At, Room, Specification, C->Width, C->Precision, (value))         \
                       : snprintf(At, Room, Specification, C->Width, (value)))
static int CrtPrintInteger(char *At, size_t Room, const char *Specification, const CRT_CONVERSION *C,
    unsigned long long Value)
{
    return CRT_PRINT(Value);
}
static int CrtPrintReal(char *At, size_t Room, const char *Specification, const CRT_CONVERSION *C,
    long double Value)
{
    return CRT_PRINT(Value);
}
static int CrtPrintPointer(char *At, size_t Room, const char *Specification, const CRT_CONVERSION *C, PVOID Value)
{
    return CRT_PRINT(Value);
}

/* The value as its own type has it, widened to 64 bits as that type's sign says. */
static unsigned long long CrtFetchInteger(const CRT_CONVERSION *C, va_list *Arguments)
{
    BOOLEAN Signed = C->Type == 'd' || C->Type == 'i';
    if (C->Size == 'l' || C->Size == 'q' || C->Size == 'z' || C->Size == 'j' || C->Size == 't')
        return va_arg(*Arguments, unsigned long long);
    int Value = va_arg(*Arguments, int);
    if (C->Size == 'h')
        return Signed ? (unsigned long long)(short)Value : (unsigned short)Value;
    if (C->Size == 'H')
        return Signed ? (unsigned long long)(signed char)Value : (unsigned char)Value;
    return Signed ? (unsigned long long)Value : (unsigned)Value;
}

static void CrtAppendNumber(CRT_TEXT *Text, CRT_CONVERSION *C, va_list *Arguments)
{
    char Specification[48], Short[128], *Result = Short;
    BOOLEAN Real = strchr("aAeEfFgG", C->Type) != NULL, Pointer = C->Type == 'p';
    unsigned long long Integer = 0;
    long double Number = 0;
    PVOID Address = NULL;
    int n = 0;

    if (Real)
        Number = C->Size == 'L' ? va_arg(*Arguments, long double) : (long double)va_arg(*Arguments, double);
    else if (Pointer)
        Address = va_arg(*Arguments, PVOID);
    else
        Integer = CrtFetchInteger(C, Arguments);
    C->Specification[C->Length] = 0;
    snprintf(Specification, sizeof(Specification), "%s*%s%s%c", C->Specification, C->Precision >= 0 ? ".*" : "",
        Real ? "L" : Pointer ? "" : "ll", (char)C->Type);
    for (size_t Room = sizeof(Short);; Room = (size_t)n + 1) {
        if (Real)
            n = CrtPrintReal(Result, Room, Specification, C, Number);
        else if (Pointer)
            n = CrtPrintPointer(Result, Room, Specification, C, Address);
        else
            n = CrtPrintInteger(Result, Room, Specification, C, Integer);
        if (n < 0 || (size_t)n < Room)
            break;
        Result = malloc((size_t)n + 1);
        if (Result == NULL) {
            Text->Failed = TRUE;
            return;
        }
    }
    if (n >= 0)
        CrtAppend(Text, Result, (size_t)n);
    else
        Text->Failed = TRUE;
    if (Result != Short)
        free(Result);
}

static void CrtAppendConversion(CRT_TEXT *Text, CRT_CONVERSION *C, va_list *Arguments)
{
    WCHAR Wide[2] = {0, 0};
    char Narrow[2] = {0, 0};
    BOOLEAN Small = C->Type == 's' || C->Type == 'c';
    BOOLEAN IsWide = C->Size == 'l' || (C->Size != 'h' && Small != C->Narrow);

    switch (C->Type) {
    case 's':
    case 'S':
        if (IsWide)
            CrtAppendString(Text, C, va_arg(*Arguments, const WCHAR *), NULL);
        else
            CrtAppendString(Text, C, NULL, va_arg(*Arguments, const char *));
        break;
    case 'c':
    case 'C':
        Wide[0] = (WCHAR)va_arg(*Arguments, int);
        Narrow[0] = (char)Wide[0];
        CrtPad(Text, C, 1, FALSE);
        if (IsWide)
            CrtAppendWide(Text, Wide, 1);
        else
            CrtAppend(Text, Narrow, 1);
        CrtPad(Text, C, 1, TRUE);
        break;
    case '%':
        CrtAppend(Text, "%", 1);
        break;
    default:
        if (C->Type < 0x80 && C->Type != 0 && strchr("diouxXpaAeEfFgG", C->Type) != NULL)
            CrtAppendNumber(Text, C, Arguments);
        else
            CrtAppendWide(Text, &C->Type, C->Type != 0);
    }
}

/* The whole text as UTF-8, to be freed; FALSE and errno when memory is short or a number does not print. */
static BOOLEAN CrtFormat(CRT_TEXT *Text, const WCHAR *Format, va_list Arguments)
{
    va_list Rest;
    memset(Text, 0, sizeof(*Text));
    va_copy(Rest, Arguments);
    CrtAppend(Text, "", 0);
    while (*Format != 0) {
        size_t n = 0;
        while (Format[n] != 0 && Format[n] != '%')
            n++;
        CrtAppendWide(Text, Format, n);
        Format += n;
        if (*Format == '%') {
            CRT_CONVERSION C = {.Narrow = FALSE};
            Format++;
            CrtReadConversion(&C, &Format, &Rest);
            CrtAppendConversion(Text, &C, &Rest);
        }
    }
    va_end(Rest);
    if (!Text->Failed)
        return TRUE;
    free(Text->Bytes);
    errno = ENOMEM;
    return FALSE;
}

/* One conversion of a narrow format, widened for the functions above; returns where it ends. */
static const char *CrtNarrowConversion(CRT_TEXT *Text, const char *Format, va_list *Rest)
{
    WCHAR Buffer[CRT_CONVERSION_MAX + 1];
    const WCHAR *At = Buffer;
    CRT_CONVERSION C = {.Narrow = TRUE};
    size_t n = 0;
    while (n < CRT_CONVERSION_MAX && Format[n] != 0) {
        Buffer[n] = (unsigned char)Format[n];
        n++;
    }
    Buffer[n] = 0;
    CrtReadConversion(&C, &At, Rest);
    CrtAppendConversion(Text, &C, Rest);
    return Format + (At - Buffer);
}

static BOOLEAN CrtFormatNarrow(CRT_TEXT *Text, const char *Format, va_list Arguments)
{
    va_list Rest;
    memset(Text, 0, sizeof(*Text));
    va_copy(Rest, Arguments);
    CrtAppend(Text, "", 0);
    while (*Format != 0) {
        size_t n = strcspn(Format, "%");
        CrtAppend(Text, Format, n);
        Format += n;
        if (*Format == '%')
            Format = CrtNarrowConversion(Text, Format + 1, &Rest);
    }
    va_end(Rest);
    if (!Text->Failed)
        return TRUE;
    free(Text->Bytes);
    errno = ENOMEM;
    return FALSE;
}

/* Whether the format means something else to Microsoft's run-time than to the C library. */
static BOOLEAN CrtIsMicrosofts(const char *Format)
{
    while ((Format = strchr(Format, '%')) != NULL) {
        Format += 1 + strspn(Format + 1, "-+ #0123456789.*");
        if (*Format == 'I' || *Format == 'w' || *Format == 'S' || *Format == 'C')
            return TRUE;
        if ((*Format == 'l' || *Format == 'h') && Format[1] != 0 && strchr("sScC", Format[1]) != NULL)
            return TRUE;
        if (*Format != 0)
            Format++;
    }
    return FALSE;
}

int nts_vfprintf(FILE *stream, const char *format, va_list arguments)
{
    CRT_TEXT Text;
    if (!CrtIsMicrosofts(format))
        return vfprintf(stream, format, arguments);
    if (!CrtFormatNarrow(&Text, format, arguments))
        return -1;
    int Result = fwrite(Text.Bytes, 1, Text.Length, stream) == Text.Length ? (int)Text.Length : -1;
    free(Text.Bytes);
    return Result;
}

int nts_vsnprintf(char *s, size_t n, const char *format, va_list arguments)
{
    CRT_TEXT Text;
    if (!CrtIsMicrosofts(format))
        return vsnprintf(s, n, format, arguments);
    if (!CrtFormatNarrow(&Text, format, arguments))
        return -1;
    if (n > 0) {
        size_t Fits = Text.Length < n ? Text.Length : n - 1;
        memcpy(s, Text.Bytes, Fits);
        s[Fits] = 0;
    }
    int Result = (int)Text.Length;
    free(Text.Bytes);
    return Result;
}

int nts_vsprintf(char *s, const char *format, va_list arguments)
{
    return CrtIsMicrosofts(format) ? nts_vsnprintf(s, INT_MAX, format, arguments) : vsprintf(s, format, arguments);
}

int nts_vprintf(const char *format, va_list arguments)
{
    return nts_vfprintf(stdout, format, arguments);
}

#define CRT_FORWARD(Call)           \
    va_list Arguments;              \
    va_start(Arguments, format);    \
    int Result = Call;              \
    va_end(Arguments);              \
    return Result

int nts_printf(const char *format, ...)
{
    CRT_FORWARD(nts_vfprintf(stdout, format, Arguments));
}

int nts_fprintf(FILE *stream, const char *format, ...)
{
    CRT_FORWARD(nts_vfprintf(stream, format, Arguments));
}

int nts_sprintf(char *s, const char *format, ...)
{
    CRT_FORWARD(nts_vsprintf(s, format, Arguments));
}

int nts_snprintf(char *s, size_t n, const char *format, ...)
{
    CRT_FORWARD(nts_vsnprintf(s, n, format, Arguments));
}

int nts_vswprintf(WCHAR *s, size_t n, const WCHAR *format, va_list arguments)
{
    CRT_TEXT Text;
    int Result = -1;
    if (!CrtFormat(&Text, format, arguments))
        return -1;
    size_t Units = nts_mbstowcs(NULL, Text.Bytes, 0);
    if (Units != (size_t)-1 && n > 0) {
        nts_mbstowcs(s, Text.Bytes, n);
        s[Units < n ? Units : n - 1] = 0;
        Result = Units < n ? (int)Units : -1;
    }
    free(Text.Bytes);
    return Result;
}

int nts_swprintf(WCHAR *s, size_t n, const WCHAR *format, ...)
{
    va_list Arguments;
    va_start(Arguments, format);
    int Result = nts_vswprintf(s, n, format, Arguments);
    va_end(Arguments);
    return Result;
}

int nts_vfwprintf(FILE *stream, const WCHAR *format, va_list arguments)
{
    CRT_TEXT Text;
    if (!CrtFormat(&Text, format, arguments))
        return -1;
    int Result = fwrite(Text.Bytes, 1, Text.Length, stream) == Text.Length ? (int)Text.Length : -1;
    free(Text.Bytes);
    return Result;
}

int nts_fwprintf(FILE *stream, const WCHAR *format, ...)
{
    va_list Arguments;
    va_start(Arguments, format);
    int Result = nts_vfwprintf(stream, format, Arguments);
    va_end(Arguments);
    return Result;
}

int nts_vwprintf(const WCHAR *format, va_list arguments)
{
    return nts_vfwprintf(stdout, format, arguments);
}

int nts_wprintf(const WCHAR *format, ...)
{
    va_list Arguments;
    va_start(Arguments, format);
    int Result = nts_vfwprintf(stdout, format, Arguments);
    va_end(Arguments);
    return Result;
}

int nts_fputws(const WCHAR *s, FILE *stream)
{
    CRT_TEXT Text;
    memset(&Text, 0, sizeof(Text));
    CrtAppend(&Text, "", 0);
    CrtAppendWide(&Text, s, nts_wcslen(s));
    int Result = !Text.Failed && fwrite(Text.Bytes, 1, Text.Length, stream) == Text.Length ? 0 : -1;
    free(Text.Bytes);
    return Result;
}

unsigned int nts_fputwc(WCHAR c, FILE *stream)
{
    char Bytes[CRT_UTF8_MAX];
    size_t n = CrtEncode(Bytes, c);
    return fwrite(Bytes, 1, n, stream) == n ? c : (unsigned int)WEOF;
}

unsigned int nts_putwchar(WCHAR c)
{
    return nts_fputwc(c, stdout);
}

WCHAR *nts_fgetws(WCHAR *s, int n, FILE *stream)
{
    int Count = 0;
    while (Count < n - 1) {
        char Bytes[CRT_UTF8_MAX];
        size_t Have = 0, Length = 0;
        ULONG CodePoint = 0;
        for (int c; Length == 0 && Have < sizeof(Bytes) && (c = getc(stream)) != EOF;) {
            Bytes[Have++] = (char)c;
            Length = CrtDecode(&CodePoint, Bytes, Have);
        }
        if (Have == 0)
            break;
        if (Length == 0 || Length == (size_t)-1)
            CodePoint = 0xFFFD;
        if (CodePoint > 0xFFFF && Count + 2 > n - 1)
            CodePoint = 0xFFFD;
        if (CodePoint > 0xFFFF) {
            s[Count++] = (WCHAR)(0xD800 + ((CodePoint - 0x10000) >> 10));
            s[Count++] = (WCHAR)(0xDC00 + ((CodePoint - 0x10000) & 0x3FF));
        } else {
            s[Count++] = (WCHAR)CodePoint;
        }
        if (CodePoint == '\n')
            break;
    }
    if (Count == 0 || n < 1)
        return NULL;
    s[Count] = 0;
    return s;
}
