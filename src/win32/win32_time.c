/* SPDX-License-Identifier: MIT */
/*
 * win32_time.c - clocks, and the two forms of time.
 *
 * Layer: win32. The performance counter counts 100 ns, as on Windows 10; tick counts are exact to
 * the millisecond instead of to the timer tick. Setting the clock is not supported.
 */
#include "win32_private.h"

#include <timeapi.h>

#include "host_timezone.h"

#define UNITS_PER_SECOND 10000000LL
#define UNITS_PER_DAY (86400LL * UNITS_PER_SECOND)
#define DAYS_PER_400_YEARS 146097
#define FIRST_YEAR 1601
#define LAST_YEAR 30827
#define MAX_FILETIME 0x7FFF35F4F06C58F0LL /* the end of year 30827 */

static FILETIME FileTimeFromUnits(LONGLONG Units)
{
    return (FILETIME){.dwLowDateTime = (DWORD)Units, .dwHighDateTime = (DWORD)(Units >> 32)};
}

static LONGLONG UnitsFromFileTime(const FILETIME *Time)
{
    return (LONGLONG)((ULONGLONG)Time->dwHighDateTime << 32 | Time->dwLowDateTime);
}

/* --- clocks --- */

ULONGLONG WINAPI GetTickCount64(VOID)
{
    return Win32InterruptTime() / WIN32_100NS_PER_MS;
}

DWORD WINAPI GetTickCount(VOID)
{
    return (DWORD)GetTickCount64();
}

DWORD WINAPI timeGetTime(void)
{
    return GetTickCount();
}

/* The resolution is always 1 ms or better: there is nothing to switch. */
#define PERIOD_MAX_MS 1000000
MMRESULT WINAPI timeBeginPeriod(UINT PeriodMs)
{
    return PeriodMs >= 1 && PeriodMs <= PERIOD_MAX_MS ? TIMERR_NOERROR : TIMERR_NOCANDO;
}

MMRESULT WINAPI timeEndPeriod(UINT PeriodMs)
{
    return timeBeginPeriod(PeriodMs);
}

MMRESULT WINAPI timeGetDevCaps(LPTIMECAPS Caps, UINT Bytes)
{
    if (Caps == NULL || Bytes < sizeof *Caps)
        return TIMERR_NOCANDO;
    Caps->wPeriodMin = 1;
    Caps->wPeriodMax = PERIOD_MAX_MS;
    return TIMERR_NOERROR;
}

BOOL WINAPI QueryPerformanceCounter(LARGE_INTEGER *Count)
{
    Count->QuadPart = (LONGLONG)host_clock_monotonic_100ns();
    return TRUE;
}

BOOL WINAPI QueryPerformanceFrequency(LARGE_INTEGER *Frequency)
{
    Frequency->QuadPart = UNITS_PER_SECOND;
    return TRUE;
}

VOID WINAPI QueryInterruptTime(PULONGLONG Time)
{
    *Time = Win32InterruptTime();
}

VOID WINAPI QueryInterruptTimePrecise(PULONGLONG Time)
{
    QueryInterruptTime(Time);
}

BOOL WINAPI QueryUnbiasedInterruptTime(PULONGLONG Time)
{
    if (Time == NULL)
        return Win32Fail(ERROR_INVALID_PARAMETER);
    QueryInterruptTime(Time);
    return TRUE;
}

VOID WINAPI GetSystemTimeAsFileTime(LPFILETIME Time)
{
    *Time = FileTimeFromUnits((LONGLONG)host_clock_system_100ns());
}

VOID WINAPI GetSystemTimePreciseAsFileTime(LPFILETIME Time)
{
    GetSystemTimeAsFileTime(Time);
}

VOID WINAPI GetSystemTime(LPSYSTEMTIME Time)
{
    FILETIME Now;
    GetSystemTimeAsFileTime(&Now);
    FileTimeToSystemTime(&Now, Time);
}

static LONGLONG LocalFromUtc(LONGLONG Units)
{
    return Units + host_timezone_offset((uint64_t)Units, NULL, NULL) * UNITS_PER_SECOND;
}

VOID WINAPI GetLocalTime(LPSYSTEMTIME Time)
{
    FILETIME Now = FileTimeFromUnits(LocalFromUtc((LONGLONG)host_clock_system_100ns()));
    FileTimeToSystemTime(&Now, Time);
}

/* --- calendar --- */

static BOOL IsLeapYear(ULONG Year)
{
    return (Year % 4 == 0 && Year % 100 != 0) || Year % 400 == 0;
}

static ULONG DaysOfMonth(ULONG Year, ULONG Month)
{
    static const UCHAR Days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return Month == 2 && IsLeapYear(Year) ? 29 : Days[Month - 1];
}

/* Days from 1 January 1601 to 1 January of Year. */
static LONGLONG DaysBeforeYear(ULONG Year)
{
    LONGLONG Years = (LONGLONG)Year - FIRST_YEAR;
    return Years * 365 + Years / 4 - Years / 100 + Years / 400;
}

BOOL WINAPI FileTimeToSystemTime(const FILETIME *FileTime, LPSYSTEMTIME Time)
{
    LONGLONG Units = UnitsFromFileTime(FileTime);
    ULONG Year, Month = 1;

    if (Units < 0 || Units > MAX_FILETIME)
        return Win32Fail(ERROR_INVALID_PARAMETER);
    LONGLONG Days = Units / UNITS_PER_DAY, Rest = Units % UNITS_PER_DAY;
    Time->wDayOfWeek = (WORD)((Days + 1) % 7); /* that first day was a Monday */
    Year = FIRST_YEAR + (ULONG)(Days * 400 / DAYS_PER_400_YEARS);
    while (DaysBeforeYear(Year + 1) <= Days)
        Year++;
    while (DaysBeforeYear(Year) > Days)
        Year--;
    Days -= DaysBeforeYear(Year);
    while (Days >= (LONGLONG)DaysOfMonth(Year, Month))
        Days -= DaysOfMonth(Year, Month++);
    Time->wYear = (WORD)Year;
    Time->wMonth = (WORD)Month;
    Time->wDay = (WORD)(Days + 1);
    Time->wHour = (WORD)(Rest / (3600 * UNITS_PER_SECOND));
    Time->wMinute = (WORD)(Rest / (60 * UNITS_PER_SECOND) % 60);
    Time->wSecond = (WORD)(Rest / UNITS_PER_SECOND % 60);
    Time->wMilliseconds = (WORD)(Rest / WIN32_100NS_PER_MS % 1000);
    return TRUE;
}

BOOL WINAPI SystemTimeToFileTime(const SYSTEMTIME *Time, LPFILETIME FileTime)
{
    if (Time->wYear < FIRST_YEAR || Time->wYear > LAST_YEAR || Time->wMonth < 1 ||
        Time->wMonth > 12 || Time->wDay < 1 ||
        Time->wDay > DaysOfMonth(Time->wYear, Time->wMonth) || Time->wHour > 23 ||
        Time->wMinute > 59 || Time->wSecond > 59 || Time->wMilliseconds > 999)
        return Win32Fail(ERROR_INVALID_PARAMETER);
    LONGLONG Days = DaysBeforeYear(Time->wYear) + Time->wDay - 1;
    for (ULONG Month = 1; Month < Time->wMonth; Month++)
        Days += DaysOfMonth(Time->wYear, Month);
    LONGLONG Seconds = ((Days * 24 + Time->wHour) * 60 + Time->wMinute) * 60 + Time->wSecond;
    *FileTime =
        FileTimeFromUnits(Seconds * UNITS_PER_SECOND + Time->wMilliseconds * WIN32_100NS_PER_MS);
    return TRUE;
}

LONG WINAPI CompareFileTime(const FILETIME *A, const FILETIME *B)
{
    ULONGLONG UnitsA = (ULONGLONG)UnitsFromFileTime(A), UnitsB = (ULONGLONG)UnitsFromFileTime(B);
    return UnitsA < UnitsB ? -1 : UnitsA > UnitsB;
}

/* --- local time: by the offset in force now, as documented, not that of the moment converted ---
 */

BOOL WINAPI FileTimeToLocalFileTime(const FILETIME *FileTime, LPFILETIME Local)
{
    LONGLONG Units = UnitsFromFileTime(FileTime);
    if (Units < 0)
        return Win32Fail(ERROR_INVALID_PARAMETER);
    LONGLONG Offset =
        host_timezone_offset(host_clock_system_100ns(), NULL, NULL) * UNITS_PER_SECOND;
    *Local = FileTimeFromUnits(Units + Offset);
    return TRUE;
}

/* With no zone given: by the rules in force at that moment. A zone given has its standard bias
 * applied. */
BOOL WINAPI SystemTimeToTzSpecificLocalTime(
    const TIME_ZONE_INFORMATION *Zone, const SYSTEMTIME *Utc, LPSYSTEMTIME Local)
{
    FILETIME Time;

    if (!SystemTimeToFileTime(Utc, &Time))
        return FALSE;
    LONGLONG Units = UnitsFromFileTime(&Time);
    if (Zone == NULL)
        Units = LocalFromUtc(Units);
    else
        Units -= (LONGLONG)(Zone->Bias + Zone->StandardBias) * 60 * UNITS_PER_SECOND;
    Time = FileTimeFromUnits(Units);
    return FileTimeToSystemTime(&Time, Local);
}

/* The offset in force, as a standard or a daylight bias; the dates of change are not told. */
DWORD WINAPI GetTimeZoneInformation(LPTIME_ZONE_INFORMATION Zone)
{
    char Name[32];
    int IsDaylight;
    int32_t Offset = host_timezone_offset(host_clock_system_100ns(), Name, &IsDaylight);

    RtlZeroMemory(Zone, sizeof *Zone);
    Zone->DaylightBias = IsDaylight ? -60 : 0;
    Zone->Bias = -Offset / 60 - Zone->DaylightBias;
    Win32CopyOutWide(Name, IsDaylight ? Zone->DaylightName : Zone->StandardName, 32);
    return IsDaylight ? TIME_ZONE_ID_DAYLIGHT : TIME_ZONE_ID_UNKNOWN;
}
