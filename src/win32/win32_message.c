/* SPDX-License-Identifier: MIT */
/*
 * win32_message.c - FormatMessage.
 *
 * Layer: win32; NT counterpart: kernel32's FormatMessage and RtlFormatMessage. System texts are
 * English, whatever language is asked for, except that a language that is neither neutral nor
 * English is refused as Windows refuses one that is not installed. Message tables of modules do not
 * exist. [doc:winbase/formatmessage]
 *
 * Everything is done in UTF-8 and converted at the end for the W form. Both forms share the engine:
 * an insert's format may be s, S, ws, hs, c, d, i, u, x, X, p with flags, width and precision,
 * which come from the arguments for "*".
 */
#include "win32_private.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

typedef struct SYSTEM_MESSAGE {
    DWORD Id;
    const char *Text;
} SYSTEM_MESSAGE;

static const SYSTEM_MESSAGE SystemMessages[] = {
#define MESSAGE(id, text) {id, text},
#include "win32_message.def"
#undef MESSAGE
};

#define INSERTS_MAX 99
#define MESSAGE_BYTES_MAX 65536
#define LANGUAGE_ENGLISH 0x09

/* A string that grows. Failed is set for ever once memory is short or the text too long. */
typedef struct TEXT_BUILDER {
    char *Text;
    SIZE_T Length;
    SIZE_T Room;
    BOOL Failed;
    SIZE_T LineStart; /* of the current output line, for FORMAT_MESSAGE_MAX_WIDTH_MASK */
} TEXT_BUILDER;

/* The caller's arguments, fetched in order and remembered, because inserts may come in any order.
 */
typedef struct ARGUMENTS {
    const ULONG_PTR *Array; /* FORMAT_MESSAGE_ARGUMENT_ARRAY */
    va_list *List;
    ULONG Fetched;
    ULONG_PTR Values[INSERTS_MAX + 1];
    BOOL WideStrings; /* what %1!s! means: the W form of the call */
    ULONG LastInsert; /* "*" takes the argument after it */
} ARGUMENTS;

static VOID Append(TEXT_BUILDER *Builder, const char *Text, SIZE_T Length)
{
    if (Builder->Failed)
        return;
    if (Builder->Length + Length + 1 > Builder->Room) {
        SIZE_T Room = (Builder->Length + Length + 1) * 2;
        char *Larger = Room <= MESSAGE_BYTES_MAX * 4 ? host_reallocate(Builder->Text, Room) : NULL;
        if (Larger == NULL) {
            Builder->Failed = TRUE;
            return;
        }
        Builder->Text = Larger;
        Builder->Room = Room;
    }
    RtlCopyMemory(Builder->Text + Builder->Length, Text, Length);
    Builder->Length += Length;
    Builder->Text[Builder->Length] = 0;
}

static VOID AppendChar(TEXT_BUILDER *Builder, char Char)
{
    Append(Builder, &Char, 1);
}

static VOID AppendLineEnd(TEXT_BUILDER *Builder)
{
    Append(Builder, "\r\n", 2);
    Builder->LineStart = Builder->Length;
}

/* The n-th argument, counted from 1. */
static ULONG_PTR Argument(ARGUMENTS *Arguments, ULONG Number)
{
    if (Number == 0 || Number > INSERTS_MAX)
        return 0;
    if (Arguments->Array != NULL)
        return Arguments->Array[Number - 1];
    if (Arguments->List == NULL)
        return 0;
    while (Arguments->Fetched < Number)
        Arguments->Values[++Arguments->Fetched] = va_arg(*Arguments->List, ULONG_PTR);
    return Arguments->Values[Number];
}

/* --- one insert --- */

typedef struct INSERT_FORMAT {
    BOOL LeftAligned;
    BOOL ZeroPadded;
    BOOL Alternate;
    char Sign; /* '+', ' ' or 0 */
    int Width;
    int Precision;   /* -1: none */
    int Bytes;       /* of an integer: 2, 4 or 8 */
    int StringWidth; /* 'w', 'h' or 0 */
    char Type;
} INSERT_FORMAT;

static const char *ParseNumber(const char *At, ARGUMENTS *Arguments, int *Number)
{
    if (*At == '*') {
        *Number = (int)Argument(Arguments, Arguments->LastInsert++);
        return At + 1;
    }
    for (*Number = 0; *At >= '0' && *At <= '9' && *Number < MESSAGE_BYTES_MAX; At++)
        *Number = *Number * 10 + (*At - '0');
    return At;
}

static const char *ParseSize(const char *At, INSERT_FORMAT *Format)
{
    if (strncmp(At, "I64", 3) == 0) {
        Format->Bytes = 8;
        return At + 3;
    }
    if (strncmp(At, "I32", 3) == 0)
        return At + 3;
    if (*At == 'I') {
        Format->Bytes = sizeof(PVOID);
        return At + 1;
    }
    if (strncmp(At, "ll", 2) == 0) {
        Format->Bytes = 8;
        return At + 2;
    }
    if (*At == 'w' || *At == 'l') { /* l is 32 bits for numbers, as LONG is */
        Format->StringWidth = 'w';
        return At + 1;
    }
    if (*At == 'h') {
        Format->StringWidth = 'h';
        Format->Bytes = 2;
        return At + 1;
    }
    return At;
}

/* Between the exclamation marks; returns what follows the second, NULL if there is none. */
static const char *ParseFormat(const char *At, ARGUMENTS *Arguments, INSERT_FORMAT *Format)
{
    for (;; At++) {
        if (*At == '-')
            Format->LeftAligned = TRUE;
        else if (*At == '0')
            Format->ZeroPadded = TRUE;
        else if (*At == '#')
            Format->Alternate = TRUE;
        else if (*At == '+' || *At == ' ')
            Format->Sign = *At;
        else
            break;
    }
    At = ParseNumber(At, Arguments, &Format->Width);
    if (*At == '.')
        At = ParseNumber(At + 1, Arguments, &Format->Precision);
    At = ParseSize(At, Format);
    Format->Type = *At;
    return *At != 0 && At[1] == '!' ? At + 2 : NULL;
}

static VOID AppendPadded(TEXT_BUILDER *Builder, const INSERT_FORMAT *Format, const char *Text,
    SIZE_T Length, SIZE_T Chars)
{
    SIZE_T Fill =
        Format->Width > 0 && (SIZE_T)Format->Width > Chars ? (SIZE_T)Format->Width - Chars : 0;
    char Pad = Format->ZeroPadded && !Format->LeftAligned ? '0' : ' ';
    for (SIZE_T i = 0; !Format->LeftAligned && i < Fill; i++)
        AppendChar(Builder, Pad);
    Append(Builder, Text, Length);
    for (SIZE_T i = 0; Format->LeftAligned && i < Fill; i++)
        AppendChar(Builder, ' ');
}

/* UTF-8 characters, and the bytes of the first Max of them. */
static SIZE_T CountChars(const char *Text, SIZE_T Max, SIZE_T *Bytes)
{
    SIZE_T Chars = 0, At = 0;
    while (Text[At] != 0) {
        if ((Text[At] & 0xC0) != 0x80 && Chars++ == Max) {
            Chars--;
            break;
        }
        At++;
    }
    *Bytes = At;
    return Chars;
}

static VOID AppendString(
    TEXT_BUILDER *Builder, const INSERT_FORMAT *Format, const VOID *String, BOOL Wide)
{
    PSTR Converted = Wide ? Win32AnsiFromWide(String) : NULL;
    const char *Text = Wide ? Converted : String;
    SIZE_T Bytes, Max = Format->Precision >= 0 ? (SIZE_T)Format->Precision : MAXSIZE_T;

    if (String == NULL)
        Text = "(null)";
    if (Text == NULL)
        Builder->Failed = TRUE;
    else {
        SIZE_T Chars = CountChars(Text, Max, &Bytes);
        AppendPadded(Builder, Format, Text, Bytes, Chars);
    }
    host_free(Converted);
}

static VOID AppendNumber(TEXT_BUILDER *Builder, const INSERT_FORMAT *Format, ULONG_PTR Value)
{
    char Specification[24], Text[128], *To = Specification;
    BOOL Signed = Format->Type == 'd' || Format->Type == 'i';
    long long Number = Format->Bytes == 8 ? (long long)Value
                       : Signed           ? (long long)(int)Value
                                          : (long long)(ULONG)Value;

    if (Format->Bytes == 2)
        Number = Signed ? (short)Value : (USHORT)Value;
    *To++ = '%';
    if (Format->Sign != 0)
        *To++ = Format->Sign;
    if (Format->Alternate)
        *To++ = '#';
    /* Zeros go between sign and digits, which only the C library's own padding does. */
    INSERT_FORMAT Padding = *Format;
    if (Format->ZeroPadded && !Format->LeftAligned && Format->Precision < 0 && Format->Width < 64) {
        To += snprintf(To, 8, "0%d", Format->Width);
        Padding.Width = 0;
    } else if (Format->Precision >= 0 && Format->Precision < 64) {
        To += snprintf(To, 8, ".%d", Format->Precision);
    }
    Padding.ZeroPadded = FALSE;
    *To++ = 'l';
    *To++ = 'l';
    *To++ = Format->Type;
    *To = 0;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    int Length = snprintf(Text, sizeof Text, Specification, Number);
#pragma GCC diagnostic pop
    AppendPadded(Builder, &Padding, Text, (SIZE_T)Length, (SIZE_T)Length);
}

static VOID AppendCharacter(
    TEXT_BUILDER *Builder, const INSERT_FORMAT *Format, ULONG_PTR Value, BOOL Wide)
{
    WCHAR Char = (WCHAR)Value;
    char Text[8];
    int Length = 1;

    Text[0] = (char)Value;
    if (Wide)
        Length = WideCharToMultiByte(CP_UTF8, 0, &Char, 1, Text, sizeof Text, NULL, NULL);
    AppendPadded(Builder, Format, Text, (SIZE_T)Length, 1);
}

static VOID AppendInsert(TEXT_BUILDER *Builder, const INSERT_FORMAT *Format, ARGUMENTS *Arguments)
{
    BOOL Wide = Arguments->WideStrings;

    if (Arguments->Array == NULL && Arguments->List == NULL) {
        Builder->Failed = TRUE; /* an insert, and nothing to insert */
        return;
    }
    ULONG_PTR Value = Argument(Arguments, Arguments->LastInsert);

    /* Capital S and C are the other width than the call's. */
    if (Format->Type == 'S' || Format->Type == 'C')
        Wide = !Wide;
    if (Format->StringWidth != 0)
        Wide = Format->StringWidth == 'w';
    switch (Format->Type) {
    case 's':
    case 'S':
        AppendString(Builder, Format, (const VOID *)Value, Wide);
        break;
    case 'c':
    case 'C':
        AppendCharacter(Builder, Format, Value, Wide);
        break;
    case 'p': {
        INSERT_FORMAT Pointer = {
            .Type = 'X', .Precision = 2 * (int)sizeof(PVOID), .Bytes = sizeof(PVOID)};
        AppendNumber(Builder, &Pointer, Value);
        break;
    }
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o':
        AppendNumber(Builder, Format, Value);
        break;
    default:
        Builder->Failed = TRUE;
    }
}

/* --- the text around the inserts --- */

/* At stands behind "%", on the digit of an insert. */
static const char *FormatInsert(TEXT_BUILDER *Builder, const char *At, ARGUMENTS *Arguments)
{
    INSERT_FORMAT Format = {.Precision = -1, .Bytes = 4, .Type = 's'};
    ULONG Number = (ULONG)(*At++ - '0');

    if (*At >= '0' && *At <= '9')
        Number = Number * 10 + (ULONG)(*At++ - '0');
    Arguments->LastInsert = Number;
    if (*At == '!') {
        const char *End = ParseFormat(At + 1, Arguments, &Format);
        if (End == NULL) {
            Builder->Failed = TRUE;
            return At + strlen(At);
        }
        At = End;
    }
    AppendInsert(Builder, &Format, Arguments);
    return At;
}

/* At stands behind "%". */
static const char *FormatEscape(
    TEXT_BUILDER *Builder, const char *At, ARGUMENTS *Arguments, BOOL *Ended)
{
    switch (*At) {
    case 0:
        Builder->Failed = TRUE;
        return At;
    case '0':
        *Ended = TRUE; /* the message ends here, without a line end */
        return At + 1;
    case 'n':
        AppendLineEnd(Builder);
        return At + 1;
    case 'r':
        AppendChar(Builder, '\r');
        return At + 1;
    case 't':
        AppendChar(Builder, '\t');
        return At + 1;
    case 'b':
        AppendChar(Builder, ' ');
        return At + 1;
    default:
        if (*At >= '1' && *At <= '9')
            return FormatInsert(Builder, At, Arguments);
        AppendChar(Builder, *At);
        return At + 1;
    }
}

/*
 * Width 0: line ends of the source stay. FORMAT_MESSAGE_MAX_WIDTH_MASK: they become spaces. Others:
 * a line is broken at a space when it would grow longer.
 */
static VOID AppendWrapped(TEXT_BUILDER *Builder, const char **At, DWORD Width)
{
    const char *From = *At;

    if (*From == '\r' || *From == '\n') {
        SIZE_T Length = From[0] == '\r' && From[1] == '\n' ? 2 : 1;
        *At = From + Length;
        if (Width == 0)
            AppendLineEnd(Builder);
        else
            AppendChar(Builder, ' ');
        return;
    }
    if (*From == ' ' && Width != 0 && Width != FORMAT_MESSAGE_MAX_WIDTH_MASK) {
        SIZE_T Word = 1 + strcspn(From + 1, " \r\n%");
        if (Builder->Length - Builder->LineStart + Word > Width) {
            AppendLineEnd(Builder);
            *At = From + 1;
            return;
        }
    }
    AppendChar(Builder, *From);
    *At = From + 1;
}

static BOOL FormatText(TEXT_BUILDER *Builder, const char *Text, DWORD Flags, ARGUMENTS *Arguments)
{
    BOOL Ended = FALSE;

    Append(Builder, "", 0);
    while (*Text != 0 && !Ended && !Builder->Failed) {
        if (*Text != '%') {
            AppendWrapped(Builder, &Text, Flags & FORMAT_MESSAGE_MAX_WIDTH_MASK);
        } else if ((Flags & FORMAT_MESSAGE_IGNORE_INSERTS) == 0) {
            Text = FormatEscape(Builder, Text + 1, Arguments, &Ended);
        } else if (Text[1] >= '1' && Text[1] <= '9') {
            Append(Builder, Text, 2); /* inserts stay as they are, other escapes are processed */
            Text += 2;
        } else {
            Text = FormatEscape(Builder, Text + 1, Arguments, &Ended);
        }
    }
    return !Builder->Failed;
}

/* --- where the text comes from --- */

static const char *FindSystemMessage(DWORD Id)
{
    /* HRESULTs that wrap a Win32 error have its text. */
    if ((Id & 0xFFFF0000) == 0x80070000)
        Id &= 0xFFFF;
    for (SIZE_T i = 0; i < RTL_NUMBER_OF(SystemMessages); i++) {
        if (SystemMessages[i].Id == Id)
            return SystemMessages[i].Text;
    }
    return NULL;
}

/* The whole message in UTF-8, freed with host_free; NULL with the last error. Source is for
 * FROM_STRING. */
static char *BuildMessage(
    DWORD Flags, const char *Source, DWORD Id, DWORD Language, ARGUMENTS *Arguments)
{
    TEXT_BUILDER Builder = {0}, SystemText = {0};
    BOOL Good = FALSE;

    if ((Flags & FORMAT_MESSAGE_FROM_STRING) != 0) {
        Good = FormatText(&Builder, Source, Flags, Arguments);
    } else if ((Flags & FORMAT_MESSAGE_FROM_SYSTEM) == 0) {
        SetLastError((Flags & FORMAT_MESSAGE_FROM_HMODULE) != 0 ? ERROR_RESOURCE_TYPE_NOT_FOUND
                                                                : ERROR_INVALID_PARAMETER);
        return NULL;
    } else {
        const char *Text = FindSystemMessage(Id);
        if (Text == NULL) {
            SetLastError(ERROR_MR_MID_NOT_FOUND);
            return NULL;
        }
        if ((Language & 0x3FF) != 0 && (Language & 0x3FF) != LANGUAGE_ENGLISH) {
            SetLastError(ERROR_RESOURCE_LANG_NOT_FOUND);
            return NULL;
        }
        Append(&SystemText, Text, strlen(Text));
        Append(&SystemText, ".\r\n", 3);
        Good = !SystemText.Failed && FormatText(&Builder, SystemText.Text, Flags, Arguments);
    }
    host_free(SystemText.Text);
    if (Good)
        return Builder.Text;
    host_free(Builder.Text);
    SetLastError(ERROR_INVALID_PARAMETER);
    return NULL;
}

static VOID SetArguments(ARGUMENTS *To, DWORD Flags, va_list *From, BOOL Wide)
{
    RtlZeroMemory(To, sizeof *To);
    To->WideStrings = Wide;
    if ((Flags & FORMAT_MESSAGE_ARGUMENT_ARRAY) != 0)
        To->Array = (const ULONG_PTR *)(PVOID)From;
    else
        To->List = From;
}

DWORD WINAPI FormatMessageA(DWORD Flags, LPCVOID Source, DWORD Id, DWORD Language, LPSTR Buffer,
    DWORD Size, va_list *Arguments)
{
    ARGUMENTS Fetched;
    DWORD Length;

    if (Buffer == NULL || ((Flags & FORMAT_MESSAGE_FROM_STRING) != 0 && Source == NULL))
        return (DWORD)Win32Fail(ERROR_INVALID_PARAMETER);
    if ((Flags & FORMAT_MESSAGE_ALLOCATE_BUFFER) != 0)
        *(LPSTR *)(PVOID)Buffer = NULL;
    SetArguments(&Fetched, Flags, Arguments, FALSE);
    char *Text = BuildMessage(Flags, Source, Id, Language, &Fetched);
    if (Text == NULL)
        return 0;
    Length = (DWORD)strlen(Text);
    if ((Flags & FORMAT_MESSAGE_ALLOCATE_BUFFER) != 0) {
        LPSTR Copy = LocalAlloc(LMEM_FIXED, Length >= Size ? Length + 1 : Size);
        *(LPSTR *)(PVOID)Buffer = Copy;
        Buffer = Copy;
        Size = Length + 1;
    }
    if (Buffer == NULL || Length >= Size) {
        SetLastError(Buffer == NULL ? ERROR_NOT_ENOUGH_MEMORY : ERROR_INSUFFICIENT_BUFFER);
        Length = 0;
    } else {
        RtlCopyMemory(Buffer, Text, Length + 1);
    }
    host_free(Text);
    return Length;
}

DWORD WINAPI FormatMessageW(DWORD Flags, LPCVOID Source, DWORD Id, DWORD Language, LPWSTR Buffer,
    DWORD Size, va_list *Arguments)
{
    PSTR Utf8Source = NULL;
    ARGUMENTS Fetched;
    DWORD Length, Needed;

    if (Buffer == NULL || ((Flags & FORMAT_MESSAGE_FROM_STRING) != 0 && Source == NULL))
        return (DWORD)Win32Fail(ERROR_INVALID_PARAMETER);
    if ((Flags & FORMAT_MESSAGE_ALLOCATE_BUFFER) != 0)
        *(LPWSTR *)(PVOID)Buffer = NULL;
    if ((Flags & FORMAT_MESSAGE_FROM_STRING) != 0 &&
        (Utf8Source = Win32AnsiFromWide(Source)) == NULL)
        return 0;
    SetArguments(&Fetched, Flags, Arguments, TRUE);
    char *Text = BuildMessage(Flags, Utf8Source, Id, Language, &Fetched);
    host_free(Utf8Source);
    if (Text == NULL)
        return 0;
    Needed = (DWORD)MultiByteToWideChar(CP_UTF8, 0, Text, -1, NULL, 0);
    Length = Needed - 1;
    if ((Flags & FORMAT_MESSAGE_ALLOCATE_BUFFER) != 0) {
        LPWSTR Copy =
            LocalAlloc(LMEM_FIXED, (SIZE_T)(Needed > Size ? Needed : Size) * sizeof(WCHAR));
        *(LPWSTR *)(PVOID)Buffer = Copy;
        Buffer = Copy;
        Size = Needed;
    }
    if (Buffer == NULL || Needed > Size) {
        SetLastError(Buffer == NULL ? ERROR_NOT_ENOUGH_MEMORY : ERROR_INSUFFICIENT_BUFFER);
        Length = 0;
    } else {
        MultiByteToWideChar(CP_UTF8, 0, Text, -1, Buffer, (int)Size);
    }
    host_free(Text);
    return Length;
}
