/* SPDX-License-Identifier: MIT */
/*
 * win32_codepage.c - MultiByteToWideChar and WideCharToMultiByte.
 *
 * Layer: win32; NT counterpart: kernel32's NLS functions. The ANSI and the OEM code page are UTF-8
 * (65001), as with Windows' "use Unicode UTF-8 for worldwide language support". Others: 28591 (ISO
 * 8859-1), 1252, 20127 (ASCII). No composition, no best fit. [doc:stringapiset/multibytetowidechar]
 *
 * The explicit code page 65001 is as strict about flags as Windows; under CP_ACP flags and default
 * characters that only make sense for an 8-bit page are accepted and ignored, because programs that
 * ask for CP_ACP mean "whatever there is".
 */
#include "win32_private.h"

#define CP_LATIN_1 28591
#define CP_WINDOWS_1252 1252
#define CP_ASCII 20127
#define REPLACEMENT 0xFFFD

enum PAGE { PageUnknown, PageUtf8, PageLatin1, Page1252, PageAscii };

/* 0x80 .. 0x9F; what 1252 does not define are the control characters of the same number. */
static const USHORT Windows1252[32] = {0x20AC, 0x81, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
    0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8D, 0x017D, 0x8F, 0x90, 0x2018, 0x2019, 0x201C,
    0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x9D, 0x017E, 0x0178};

static enum PAGE FindPage(UINT CodePage)
{
    switch (CodePage) {
    case CP_ACP:
    case CP_OEMCP:
    case CP_THREAD_ACP:
    case CP_UTF8:
        return PageUtf8;
    case CP_LATIN_1:
        return PageLatin1;
    case CP_WINDOWS_1252:
        return Page1252;
    case CP_ASCII:
        return PageAscii;
    default:
        return PageUnknown;
    }
}

UINT WINAPI GetACP(VOID)
{
    return CP_UTF8;
}

UINT WINAPI GetOEMCP(VOID)
{
    return CP_UTF8;
}

BOOL WINAPI IsValidCodePage(UINT CodePage)
{
    return CodePage > CP_THREAD_ACP && FindPage(CodePage) != PageUnknown;
}

/*
 * One code point from UTF-8. Bytes consumed are at least 1. An ill-formed sequence gives -1 and
 * consumes its longest well-formed beginning, as the Unicode standard recommends and Windows does.
 */
static LONG DecodeUtf8(const UCHAR *From, SIZE_T Left, SIZE_T *Consumed)
{
    UCHAR First = From[0], Low = 0x80, High = 0xBF;
    SIZE_T Needed;
    LONG Value;

    *Consumed = 1;
    if (First < 0x80)
        return First;
    if (First >= 0xC2 && First <= 0xDF) {
        Needed = 1;
        Value = First & 0x1F;
    } else if (First >= 0xE0 && First <= 0xEF) {
        Needed = 2;
        Value = First & 0x0F;
        if (First == 0xE0)
            Low = 0xA0; /* shorter forms are not allowed */
        if (First == 0xED)
            High = 0x9F; /* nor are surrogates */
    } else if (First >= 0xF0 && First <= 0xF4) {
        Needed = 3;
        Value = First & 0x07;
        if (First == 0xF0)
            Low = 0x90;
        if (First == 0xF4)
            High = 0x8F;
    } else {
        return -1;
    }
    for (SIZE_T i = 1; i <= Needed; i++) {
        if (i >= Left || From[i] < Low || From[i] > High)
            return -1;
        Value = Value << 6 | (From[i] & 0x3F);
        Low = 0x80;
        High = 0xBF;
        *Consumed = i + 1;
    }
    return Value;
}

static LONG DecodeOne(enum PAGE Page, const UCHAR *From, SIZE_T Left, SIZE_T *Consumed)
{
    if (Page == PageUtf8)
        return DecodeUtf8(From, Left, Consumed);
    *Consumed = 1;
    if (Page == Page1252 && From[0] >= 0x80 && From[0] <= 0x9F)
        return Windows1252[From[0] - 0x80];
    if (Page == PageAscii && From[0] >= 0x80)
        return -1;
    return From[0];
}

static BOOL CheckArguments(const VOID *From, int FromCount, const VOID *To, int ToCount)
{
    return From != NULL && FromCount != 0 && ToCount >= 0 &&
           (ToCount == 0 || (To != NULL && To != From));
}

int WINAPI MultiByteToWideChar(
    UINT CodePage, DWORD Flags, LPCCH From, int FromBytes, LPWSTR To, int ToChars)
{
    enum PAGE Page = FindPage(CodePage);
    DWORD Allowed = MB_ERR_INVALID_CHARS;
    int Count = 0;

    if (Page == PageUnknown || !CheckArguments(From, FromBytes, To, ToChars))
        return Win32Fail(ERROR_INVALID_PARAMETER);
    if (CodePage != CP_UTF8)
        Allowed |= MB_PRECOMPOSED | MB_COMPOSITE | MB_USEGLYPHCHARS;
    if ((Flags & ~Allowed) != 0)
        return Win32Fail(ERROR_INVALID_FLAGS);
    SIZE_T Left = FromBytes < 0 ? __builtin_strlen(From) + 1 : (SIZE_T)FromBytes, Consumed;
    for (const UCHAR *At = (const UCHAR *)From; Left > 0; At += Consumed, Left -= Consumed) {
        LONG Value = DecodeOne(Page, At, Left, &Consumed);
        if (Value < 0) {
            if ((Flags & MB_ERR_INVALID_CHARS) != 0)
                return Win32Fail(ERROR_NO_UNICODE_TRANSLATION);
            Value = REPLACEMENT;
        }
        int Units = Value >= 0x10000 ? 2 : 1;
        if (ToChars != 0) {
            if (Count + Units > ToChars)
                return Win32Fail(ERROR_INSUFFICIENT_BUFFER);
            if (Units == 2) {
                To[Count] = (WCHAR)(0xD800 + ((Value - 0x10000) >> 10));
                To[Count + 1] = (WCHAR)(0xDC00 + ((Value - 0x10000) & 0x3FF));
            } else {
                To[Count] = (WCHAR)Value;
            }
        }
        Count += Units;
    }
    return Count;
}

/* One code point from UTF-16; -1 for a surrogate that stands alone. */
static LONG DecodeUtf16(const WCHAR *From, SIZE_T Left, SIZE_T *Consumed)
{
    *Consumed = 1;
    if (From[0] < 0xD800 || From[0] > 0xDFFF)
        return From[0];
    if (From[0] > 0xDBFF || Left < 2 || From[1] < 0xDC00 || From[1] > 0xDFFF)
        return -1;
    *Consumed = 2;
    return 0x10000 + ((LONG)(From[0] - 0xD800) << 10) + (From[1] - 0xDC00);
}

static int EncodeUtf8(LONG Value, UCHAR *To)
{
    if (Value < 0x80) {
        To[0] = (UCHAR)Value;
        return 1;
    }
    if (Value < 0x800) {
        To[0] = (UCHAR)(0xC0 | Value >> 6);
        To[1] = (UCHAR)(0x80 | (Value & 0x3F));
        return 2;
    }
    if (Value < 0x10000) {
        To[0] = (UCHAR)(0xE0 | Value >> 12);
        To[1] = (UCHAR)(0x80 | (Value >> 6 & 0x3F));
        To[2] = (UCHAR)(0x80 | (Value & 0x3F));
        return 3;
    }
    To[0] = (UCHAR)(0xF0 | Value >> 18);
    To[1] = (UCHAR)(0x80 | (Value >> 12 & 0x3F));
    To[2] = (UCHAR)(0x80 | (Value >> 6 & 0x3F));
    To[3] = (UCHAR)(0x80 | (Value & 0x3F));
    return 4;
}

/* The byte of a UTF-16 unit in an 8-bit page; -1 if it has none. */
static LONG EncodeByte(enum PAGE Page, WCHAR Unit)
{
    if (Unit < 0x80 || (Unit >= 0xA0 && Unit <= 0xFF && Page != PageAscii) ||
        (Unit <= 0xFF && Page == PageLatin1))
        return Unit;
    for (LONG i = 0; Page == Page1252 && i < 32; i++) {
        if (Windows1252[i] == Unit)
            return 0x80 + i;
    }
    return -1;
}

static int WideToUtf8(DWORD Flags, LPCWCH From, SIZE_T Left, LPSTR To, int ToBytes)
{
    SIZE_T Consumed;
    int Count = 0;

    for (; Left > 0; From += Consumed, Left -= Consumed) {
        UCHAR Bytes[4];
        LONG Value = DecodeUtf16(From, Left, &Consumed);
        if (Value < 0) {
            if ((Flags & WC_ERR_INVALID_CHARS) != 0)
                return Win32Fail(ERROR_NO_UNICODE_TRANSLATION);
            Value = REPLACEMENT;
        }
        int Length = EncodeUtf8(Value, Bytes);
        if (ToBytes != 0) {
            if (Count + Length > ToBytes)
                return Win32Fail(ERROR_INSUFFICIENT_BUFFER);
            RtlCopyMemory(To + Count, Bytes, (SIZE_T)Length);
        }
        Count += Length;
    }
    return Count;
}

static int WideToBytes(enum PAGE Page, LPCWCH From, SIZE_T Left, LPSTR To, int ToBytes,
    CHAR Default, LPBOOL UsedDefault)
{
    int Count = 0;

    for (; Left > 0; From++, Left--) {
        LONG Value = EncodeByte(Page, *From);
        if (Value < 0) {
            Value = (UCHAR)Default;
            if (UsedDefault != NULL)
                *UsedDefault = TRUE;
        }
        if (ToBytes != 0) {
            if (Count >= ToBytes)
                return Win32Fail(ERROR_INSUFFICIENT_BUFFER);
            To[Count] = (CHAR)Value;
        }
        Count++;
    }
    return Count;
}

int WINAPI WideCharToMultiByte(UINT CodePage, DWORD Flags, LPCWCH From, int FromChars, LPSTR To,
    int ToBytes, LPCCH Default, LPBOOL UsedDefault)
{
    enum PAGE Page = FindPage(CodePage);
    DWORD Allowed = WC_ERR_INVALID_CHARS;

    if (Page == PageUnknown || !CheckArguments(From, FromChars, To, ToBytes))
        return Win32Fail(ERROR_INVALID_PARAMETER);
    if (CodePage == CP_UTF8 && (Default != NULL || UsedDefault != NULL))
        return Win32Fail(ERROR_INVALID_PARAMETER);
    if (CodePage != CP_UTF8) {
        Allowed |=
            WC_COMPOSITECHECK | WC_DEFAULTCHAR | WC_NO_BEST_FIT_CHARS | 0x30; /* WC_SEPCHARS ... */
        if (Page != PageUtf8)
            Allowed &= ~(DWORD)WC_ERR_INVALID_CHARS;
    }
    if ((Flags & ~Allowed) != 0)
        return Win32Fail(ERROR_INVALID_FLAGS);
    if (UsedDefault != NULL)
        *UsedDefault = FALSE;
    SIZE_T Left = FromChars < 0 ? Win32WideLength(From) + 1 : (SIZE_T)FromChars;
    if (Page == PageUtf8)
        return WideToUtf8(Flags, From, Left, To, ToBytes);
    return WideToBytes(
        Page, From, Left, To, ToBytes, Default != NULL ? *Default : '?', UsedDefault);
}

/* --- one locale: English (United States), for everything --- */

#define ENGLISH_US 0x0409

LCID WINAPI GetThreadLocale(VOID)
{
    return ENGLISH_US;
}

LCID WINAPI GetSystemDefaultLCID(VOID)
{
    return ENGLISH_US;
}

LCID WINAPI GetUserDefaultLCID(VOID)
{
    return ENGLISH_US;
}

LANGID WINAPI GetUserDefaultLangID(VOID)
{
    return ENGLISH_US;
}

LANGID WINAPI GetSystemDefaultLangID(VOID)
{
    return ENGLISH_US;
}
