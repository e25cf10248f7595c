/* SPDX-License-Identifier: MIT */
/*
 * crt_convert.c - between 16-bit characters and UTF-8, and from characters to numbers.
 *
 * Layer: win32; NT counterpart: the C run-time's multibyte functions with the UTF-8 code page. A
 * code point beyond U+FFFF is a surrogate pair; mbrtowc and mbtowc, which give one character, fail
 * on it with EILSEQ, as the Universal C run-time does; the functions on whole strings convert it.
 * [doc:c-runtime-library/mbrtowc]
 */
#include "crt_wide.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define CRT_FAILED ((size_t)-1)
#define CRT_INCOMPLETE ((size_t)-2)
#define CRT_NUMBER_CHARACTERS 128

/* What a state holds between calls: the bytes of an unfinished sequence, or a high surrogate. */
typedef struct CRT_STATE {
    UCHAR Count;
    UCHAR Bytes[3];
    ULONG High;
} CRT_STATE;
_Static_assert(sizeof(CRT_STATE) <= sizeof(mbstate_t), "a state fits into the C library's");
static __thread mbstate_t CrtOwnState;

size_t CrtEncode(char *d, ULONG CodePoint)
{
    if (CodePoint < 0x80) {
        d[0] = (char)CodePoint;
        return 1;
    }
    if (CodePoint < 0x800) {
        d[0] = (char)(0xC0 | CodePoint >> 6);
        d[1] = (char)(0x80 | (CodePoint & 0x3F));
        return 2;
    }
    if (CodePoint < 0x10000) {
        d[0] = (char)(0xE0 | CodePoint >> 12);
        d[1] = (char)(0x80 | (CodePoint >> 6 & 0x3F));
        d[2] = (char)(0x80 | (CodePoint & 0x3F));
        return 3;
    }
    d[0] = (char)(0xF0 | CodePoint >> 18);
    d[1] = (char)(0x80 | (CodePoint >> 12 & 0x3F));
    d[2] = (char)(0x80 | (CodePoint >> 6 & 0x3F));
    d[3] = (char)(0x80 | (CodePoint & 0x3F));
    return 4;
}

size_t CrtDecode(ULONG *CodePoint, const char *s, size_t n)
{
    static const ULONG Least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (n == 0)
        return 0;
    UCHAR First = (UCHAR)s[0];
    if (First < 0x80) {
        *CodePoint = First;
        return 1;
    }
    size_t Length = First >= 0xC2 && First < 0xE0 ? 2 : First >= 0xE0 && First < 0xF0 ? 3 :
        First >= 0xF0 && First < 0xF5 ? 4 : 0;
    if (Length == 0)
        return CRT_FAILED;
    ULONG Value = First & (0x7FU >> Length);
    for (size_t i = 1; i < Length; i++) {
        if (i >= n)
            return 0;
        if (((UCHAR)s[i] & 0xC0) != 0x80)
            return CRT_FAILED;
        Value = Value << 6 | ((UCHAR)s[i] & 0x3F);
    }
    if (Value < Least[Length] || Value > 0x10FFFF || (Value >= 0xD800 && Value < 0xE000))
        return CRT_FAILED;
    *CodePoint = Value;
    return Length;
}

size_t CrtNextWide(ULONG *CodePoint, const WCHAR *s, size_t n)
{
    *CodePoint = s[0];
    if (n < 2 || s[0] < 0xD800 || s[0] >= 0xDC00 || s[1] < 0xDC00 || s[1] >= 0xE000)
        return 1;
    *CodePoint = 0x10000 + (((ULONG)s[0] - 0xD800) << 10) + ((ULONG)s[1] - 0xDC00);
    return 2;
}

static size_t CrtIllegal(void)
{
    errno = EILSEQ;
    return CRT_FAILED;
}

size_t nts_mbrtowc(WCHAR *c, const char *s, size_t n, mbstate_t *state)
{
    CRT_STATE Kept;
    char Sequence[CRT_UTF8_MAX];
    ULONG CodePoint;

    if (state == NULL)
        state = &CrtOwnState;
    if (s == NULL) {
        c = NULL;
        s = "";
        n = 1;
    }
    memcpy(&Kept, state, sizeof(Kept));
    size_t Have = Kept.Count;
    memcpy(Sequence, Kept.Bytes, Have);
    size_t Taken = n < CRT_UTF8_MAX - Have ? n : CRT_UTF8_MAX - Have;
    memcpy(Sequence + Have, s, Taken);
    size_t Length = CrtDecode(&CodePoint, Sequence, Have + Taken);
    memset(state, 0, sizeof(*state));
    if (Length == CRT_FAILED || (Length != 0 && CodePoint > 0xFFFF))
        return CrtIllegal();
    if (Length == 0) {
        Kept.Count = (UCHAR)(Have + Taken);
        memcpy(Kept.Bytes, Sequence, Kept.Count);
        memcpy(state, &Kept, sizeof(Kept));
        return CRT_INCOMPLETE;
    }
    if (c != NULL)
        *c = (WCHAR)CodePoint;
    return CodePoint == 0 ? 0 : Length - Have;
}

size_t nts_wcrtomb(char *s, WCHAR c, mbstate_t *state)
{
    CRT_STATE Kept;
    if (state == NULL)
        state = &CrtOwnState;
    memcpy(&Kept, state, sizeof(Kept));
    memset(state, 0, sizeof(*state));
    if (s == NULL)
        return 1;
    if (c >= 0xD800 && c < 0xDC00 && Kept.High == 0) {
        Kept.High = c;
        memcpy(state, &Kept, sizeof(Kept));
        return 0;
    }
    if (Kept.High != 0) {
        WCHAR Pair[2] = {(WCHAR)Kept.High, c};
        ULONG CodePoint;
        return CrtNextWide(&CodePoint, Pair, 2) == 2 ? CrtEncode(s, CodePoint) : CrtIllegal();
    }
    if (c >= 0xDC00 && c < 0xE000)
        return CrtIllegal();
    return CrtEncode(s, c);
}

size_t nts_mbsrtowcs(WCHAR *d, const char **s, size_t n, mbstate_t *state)
{
    const char *At = *s;
    size_t Count = 0;
    (void)state;
    for (;;) {
        ULONG CodePoint = 0;
        size_t Length = CrtDecode(&CodePoint, At, CRT_UTF8_MAX);
        if (Length == CRT_FAILED || Length == 0) {
            if (d != NULL)
                *s = At;
            return CrtIllegal();
        }
        size_t Units = CodePoint > 0xFFFF ? 2 : 1;
        if (d != NULL && Count + Units > n)
            break;
        if (d != NULL && Units == 2) {
            d[Count] = (WCHAR)(0xD800 + ((CodePoint - 0x10000) >> 10));
            d[Count + 1] = (WCHAR)(0xDC00 + ((CodePoint - 0x10000) & 0x3FF));
        } else if (d != NULL) {
            d[Count] = (WCHAR)CodePoint;
        }
        if (CodePoint == 0) {
            At = NULL;
            break;
        }
        Count += Units;
        At += Length;
    }
    if (d != NULL)
        *s = At;
    return Count;
}

size_t nts_wcsrtombs(char *d, const WCHAR **s, size_t n, mbstate_t *state)
{
    const WCHAR *At = *s;
    size_t Count = 0;
    (void)state;
    for (;;) {
        char Bytes[CRT_UTF8_MAX];
        ULONG CodePoint;
        size_t Units = CrtNextWide(&CodePoint, At, At[0] != 0 ? 2 : 1);
        if (CodePoint >= 0xD800 && CodePoint < 0xE000) {
            if (d != NULL)
                *s = At;
            return CrtIllegal();
        }
        size_t Length = CrtEncode(Bytes, CodePoint);
        if (d != NULL && Count + Length > n)
            break;
        if (d != NULL)
            memcpy(d + Count, Bytes, Length);
        if (CodePoint == 0) {
            At = NULL;
            break;
        }
        Count += Length;
        At += Units;
    }
    if (d != NULL)
        *s = At;
    return Count;
}

size_t nts_mbstowcs(WCHAR *d, const char *s, size_t n)
{
    return nts_mbsrtowcs(d, &s, n, NULL);
}

size_t nts_wcstombs(char *d, const WCHAR *s, size_t n)
{
    return nts_wcsrtombs(d, &s, n, NULL);
}

int nts_mbtowc(WCHAR *c, const char *s, size_t n)
{
    mbstate_t State;
    if (s == NULL)
        return 0;
    memset(&State, 0, sizeof(State));
    size_t Length = nts_mbrtowc(c, s, n, &State);
    return Length >= CRT_INCOMPLETE ? -1 : (int)Length;
}

int nts_wctomb(char *s, WCHAR c)
{
    mbstate_t State;
    if (s == NULL)
        return 0;
    memset(&State, 0, sizeof(State));
    size_t Length = nts_wcrtomb(s, c, &State);
    return Length == CRT_FAILED || Length == 0 ? -1 : (int)Length;
}

/* --- numbers: all that can belong to one is ASCII, so a narrow copy of that part is read instead --- */
typedef struct CRT_NUMBER {
    char Short[CRT_NUMBER_CHARACTERS];
    char *Text; /* Short, or a block of its own */
    char *End;
} CRT_NUMBER;

static void CrtBeginNumber(CRT_NUMBER *Number, const WCHAR *s)
{
    size_t n = 0;
    while (s[n] != 0 && s[n] < 0x80)
        n++;
    Number->Text = n < sizeof(Number->Short) ? Number->Short : malloc(n + 1);
    if (Number->Text == NULL) {
        Number->Text = Number->Short;
        n = sizeof(Number->Short) - 1;
    }
    for (size_t i = 0; i < n; i++)
        Number->Text[i] = (char)s[i];
    Number->Text[n] = 0;
    Number->End = Number->Text;
}

static void CrtEndNumber(CRT_NUMBER *Number, const WCHAR *s, WCHAR **End)
{
    if (End != NULL)
        *End = (WCHAR *)(ULONG_PTR)(s + (Number->End - Number->Text));
    if (Number->Text != Number->Short)
        free(Number->Text);
}

#define CRT_NUMBER_FUNCTION(type, name, parameters, call) \
    type name parameters                                  \
    {                                                     \
        CRT_NUMBER Number;                                \
        CrtBeginNumber(&Number, s);                       \
        type Value = call;                                \
        CrtEndNumber(&Number, s, end);                    \
        return Value;                                     \
    }
CRT_NUMBER_FUNCTION(double, nts_wcstod, (const WCHAR *s, WCHAR **end), strtod(Number.Text, &Number.End))
CRT_NUMBER_FUNCTION(float, nts_wcstof, (const WCHAR *s, WCHAR **end), strtof(Number.Text, &Number.End))
CRT_NUMBER_FUNCTION(long double, nts_wcstold, (const WCHAR *s, WCHAR **end),
    strtold(Number.Text, &Number.End))
CRT_NUMBER_FUNCTION(long, nts_wcstol, (const WCHAR *s, WCHAR **end, int base),
    strtol(Number.Text, &Number.End, base))
CRT_NUMBER_FUNCTION(unsigned long, nts_wcstoul, (const WCHAR *s, WCHAR **end, int base),
    strtoul(Number.Text, &Number.End, base))
CRT_NUMBER_FUNCTION(long long, nts_wcstoll, (const WCHAR *s, WCHAR **end, int base),
    strtoll(Number.Text, &Number.End, base))
CRT_NUMBER_FUNCTION(unsigned long long, nts_wcstoull, (const WCHAR *s, WCHAR **end, int base),
    strtoull(Number.Text, &Number.End, base))

size_t nts_wcsftime(WCHAR *s, size_t n, const WCHAR *format, const struct tm *t)
{
    size_t Bytes = nts_wcslen(format) * CRT_UTF8_MAX + 1, Room = n * CRT_UTF8_MAX + 1, Result = 0;
    char *Narrow = malloc(Bytes), *Text = malloc(Room);
    if (Narrow != NULL && Text != NULL && nts_wcstombs(Narrow, format, Bytes) != CRT_FAILED &&
        strftime(Text, Room, Narrow, t) != 0) {
        Result = nts_mbstowcs(s, Text, n);
        if (Result == CRT_FAILED || Result >= n)
            Result = 0;
    }
    free(Narrow);
    free(Text);
    return Result;
}
