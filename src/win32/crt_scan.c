/* SPDX-License-Identifier: MIT */
/*
 * crt_scan.c - scanf with Microsoft's sizes, and scanf_s.
 *
 * Layer: win32; NT counterpart: the C run-time's scanf family. The format is rewritten for the C library: I64 is
 * ll, I32 nothing, I is z. The functions with _s take a size (unsigned int, in characters) after the buffer of
 * %s, %c and %[, which becomes the width: what does not fit ends the call there.
 * [doc:c-runtime-library/scanf-width-specification] Deliberately absent: wide strings (%S, %ls), wide formats.
 */
#include "crt_wide.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SCAN_ARGUMENTS_MAX 24

typedef struct CRT_SCAN {
    char *Format; /* rewritten, to be freed */
    size_t Length;
    void *Arguments[SCAN_ARGUMENTS_MAX];
    unsigned Count;
} CRT_SCAN;

static void Put(CRT_SCAN *Scan, const char *Bytes, size_t n)
{
    memcpy(Scan->Format + Scan->Length, Bytes, n);
    Scan->Length += n;
    Scan->Format[Scan->Length] = 0;
}

/* Where the set of %[ ends: a "]" that comes first belongs to it. */
static const char *SkipSet(const char *At)
{
    At++;
    if (*At == '^')
        At++;
    if (*At == ']')
        At++;
    At += strcspn(At, "]");
    return *At != 0 ? At + 1 : At;
}

/* %s, %c and %[ of a function with _s: no more than the size allows, with room for the terminator. */
static BOOLEAN PutSize(CRT_SCAN *Scan, char Type, unsigned Room, long Width)
{
    char Digits[16];
    unsigned Most = Type == 'c' ? Room : Room - 1;
    if (Room == 0 || (Type == 'c' && (Width > 0 ? (unsigned long)Width : 1) > Room)) {
        errno = ENOMEM;
        return FALSE;
    }
    if (Type == 'c')
        Most = Width > 0 ? (unsigned)Width : 1;
    else if (Width > 0 && (unsigned long)Width < Most)
        Most = (unsigned)Width;
    if (Most == 0)
        return FALSE;
    Put(Scan, Digits, (size_t)snprintf(Digits, sizeof Digits, "%u", Most));
    return TRUE;
}

/* One conversion, from behind its "%"; NULL ends the format here. */
static const char *RewriteConversion(CRT_SCAN *Scan, const char *At, BOOLEAN Secure, va_list *Arguments)
{
    BOOLEAN Store = *At != '*';
    const char *Size, *End;
    char *AfterWidth;
    long Width;
    size_t Start = Scan->Length;

    if (*At == '%' || *At == 0) {
        Put(Scan, "%%", 2);
        return At + (*At != 0);
    }
    Put(Scan, Store ? "%" : "%*", Store ? 1 : 2);
    At += !Store;
    Width = strtol(At, &AfterWidth, 10);
    Size = AfterWidth;
    if (Size == At)
        Width = 0;
    End = Size;
    if (*End == 'I')
        End += strncmp(End, "I64", 3) == 0 || strncmp(End, "I32", 3) == 0 ? 3 : 1;
    else
        End += strspn(End, "hlLwzjt");
    if (Store) {
        if (Scan->Count == SCAN_ARGUMENTS_MAX)
            return NULL;
        Scan->Arguments[Scan->Count++] = va_arg(*Arguments, void *);
    }
    if (Secure && Store && (*End == 's' || *End == 'c' || *End == '[')) {
        if (!PutSize(Scan, *End, va_arg(*Arguments, unsigned), Width)) {
            Scan->Length = Start; /* the conversions before it count */
            Scan->Format[Start] = 0;
            Scan->Count--;
            return NULL;
        }
    } else {
        Put(Scan, At, (size_t)(Size - At));
    }
    if (*Size != 'I')
        Put(Scan, Size, (size_t)(End - Size));
    else if (End - Size == 1)
        Put(Scan, "z", 1);
    else if (Size[1] == '6')
        Put(Scan, "ll", 2);
    const char *Next = *End == '[' ? SkipSet(End) : End + (*End != 0);
    Put(Scan, End, (size_t)(Next - End));
    return Next;
}

static BOOLEAN Rewrite(CRT_SCAN *Scan, const char *Format, BOOLEAN Secure, va_list Arguments)
{
    va_list Rest;
    memset(Scan, 0, sizeof *Scan);
    Scan->Format = malloc(strlen(Format) * 12 + 1); /* a width may be added to each conversion */
    if (Scan->Format == NULL)
        return FALSE;
    Scan->Format[0] = 0;
    va_copy(Rest, Arguments);
    while (Format != NULL && *Format != 0) {
        size_t n = strcspn(Format, "%");
        Put(Scan, Format, n);
        Format += n;
        if (*Format == '%')
            Format = RewriteConversion(Scan, Format + 1, Secure, &Rest);
    }
    va_end(Rest);
    return TRUE;
}

#define EIGHT(i) \
    A[(i)], A[(i) + 1], A[(i) + 2], A[(i) + 3], A[(i) + 4], A[(i) + 5], A[(i) + 6], A[(i) + 7]

static int ScanText(const char *s, FILE *stream, const char *format, BOOLEAN Secure, va_list arguments)
{
    CRT_SCAN Scan;
    void **A = Scan.Arguments;
    int Result;
    if (!Rewrite(&Scan, format, Secure, arguments))
        return EOF;
    Result = s != NULL ? sscanf(s, Scan.Format, EIGHT(0), EIGHT(8), EIGHT(16))
                       : fscanf(stream, Scan.Format, EIGHT(0), EIGHT(8), EIGHT(16));
    free(Scan.Format);
    return Result;
}

#define CRT_FORWARD(Call)        \
    va_list Arguments;           \
    va_start(Arguments, format); \
    int Result = Call;           \
    va_end(Arguments);           \
    return Result

int nts_sscanf(const char *s, const char *format, ...)
{
    CRT_FORWARD(ScanText(s, NULL, format, FALSE, Arguments));
}

int nts_fscanf(FILE *stream, const char *format, ...)
{
    CRT_FORWARD(ScanText(NULL, stream, format, FALSE, Arguments));
}

int nts_scanf(const char *format, ...)
{
    CRT_FORWARD(ScanText(NULL, stdin, format, FALSE, Arguments));
}

int sscanf_s(const char *s, const char *format, ...)
{
    CRT_FORWARD(ScanText(s, NULL, format, TRUE, Arguments));
}

int fscanf_s(FILE *stream, const char *format, ...)
{
    CRT_FORWARD(ScanText(NULL, stream, format, TRUE, Arguments));
}

int scanf_s(const char *format, ...)
{
    CRT_FORWARD(ScanText(NULL, stdin, format, TRUE, Arguments));
}
