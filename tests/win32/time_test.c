/* SPDX-License-Identifier: MIT */
/*
 * time_test.c - clocks and calendars.
 */
#include <windows.h>
#include <timeapi.h>

#include <time.h>

#include "ntstest.h"

#define UNIX_EPOCH_UNITS 116444736000000000ULL

static ULONGLONG units(FILETIME time)
{
    return (ULONGLONG)time.dwHighDateTime << 32 | time.dwLowDateTime;
}

static FILETIME from_units(ULONGLONG value)
{
    FILETIME time = {(DWORD)value, (DWORD)(value >> 32)};
    return time;
}

TEST(clock__system_time__is_that_of_the_c_library)
{
    FILETIME now, precise;
    GetSystemTimeAsFileTime(&now);
    GetSystemTimePreciseAsFileTime(&precise);
    long long seconds = (long long)((units(now) - UNIX_EPOCH_UNITS) / 10000000);
    long long difference = (long long)time(NULL) - seconds;
    CHECK(difference >= -1 && difference <= 1);
    CHECK(units(precise) >= units(now));
}

TEST(clock__counters__never_go_back)
{
    LARGE_INTEGER frequency, one, two;
    ULONGLONG ticks = GetTickCount64();

    CHECK(QueryPerformanceFrequency(&frequency));
    CHECK_EQ(frequency.QuadPart, 10000000);
    CHECK(QueryPerformanceCounter(&one));
    Sleep(2);
    CHECK(QueryPerformanceCounter(&two));
    CHECK(two.QuadPart - one.QuadPart >= 2 * 10000);
    CHECK(GetTickCount64() > ticks);
    CHECK(GetTickCount() - (DWORD)ticks < 60000);
    CHECK(timeGetTime() - (DWORD)ticks < 60000);
    CHECK_EQ(timeBeginPeriod(1), TIMERR_NOERROR);
    CHECK_EQ(timeEndPeriod(1), TIMERR_NOERROR);
    CHECK_EQ(timeBeginPeriod(0), TIMERR_NOCANDO);
}

TEST(calendar__known_moments__are_converted)
{
    static const struct {
        ULONGLONG units;
        SYSTEMTIME time;
    } moments[] = {
        {0, {1601, 1, 1, 1, 0, 0, 0, 0}},
        {UNIX_EPOCH_UNITS, {1970, 1, 4, 1, 0, 0, 0, 0}},
        {125963423999990000ULL, {2000, 2, 2, 29, 23, 59, 59, 999}},
    };
    for (unsigned i = 0; i < ARRAYSIZE(moments); i++) {
        SYSTEMTIME time;
        FILETIME back, there = from_units(moments[i].units);
        CHECK(FileTimeToSystemTime(&there, &time));
        CHECK(SystemTimeToFileTime(&time, &back));
        CHECK_EQ(units(back), moments[i].units / 10000 * 10000);
        CHECK_EQ(time.wYear, moments[i].time.wYear);
        CHECK_EQ(time.wMonth, moments[i].time.wMonth);
        CHECK_EQ(time.wDay, moments[i].time.wDay);
        CHECK_EQ(time.wDayOfWeek, moments[i].time.wDayOfWeek);
        CHECK_EQ(time.wHour, moments[i].time.wHour);
        CHECK_EQ(time.wMilliseconds, moments[i].time.wMilliseconds);
    }
}

TEST(calendar__every_day_for_900_years__there_and_back)
{
    int wrong = 0, weekday = 1;
    for (ULONGLONG day = 0; day < 900ULL * 365; day++) {
        FILETIME there = from_units(day * 864000000000ULL), back = {0};
        SYSTEMTIME time;
        if (!FileTimeToSystemTime(&there, &time) || !SystemTimeToFileTime(&time, &back))
            wrong++;
        wrong += units(back) != units(there) || time.wDayOfWeek != weekday;
        weekday = (weekday + 1) % 7;
    }
    CHECK_EQ(wrong, 0);
}

TEST(calendar__impossible_times__invalid_parameter)
{
    SYSTEMTIME times[] = {{2023, 2, 0, 29, 0, 0, 0, 0}, {1600, 1, 0, 1, 0, 0, 0, 0},
        {2023, 13, 0, 1, 0, 0, 0, 0}, {2023, 1, 0, 0, 0, 0, 0, 0}, {2023, 1, 0, 1, 24, 0, 0, 0},
        {2023, 1, 0, 1, 0, 60, 0, 0}, {30828, 1, 0, 1, 0, 0, 0, 0}, {2023, 1, 0, 1, 0, 0, 0, 1000}};
    FILETIME time, negative = {0, 0x80000000};

    for (unsigned i = 0; i < ARRAYSIZE(times); i++) {
        SetLastError(0);
        CHECK(!SystemTimeToFileTime(&times[i], &time));
        CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    }
    SetLastError(0);
    CHECK(!FileTimeToSystemTime(&negative, &times[0]));
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
}

TEST(local_time__differs_by_the_zone)
{
    SYSTEMTIME utc, local, converted;
    FILETIME utc_time, local_time;
    TIME_ZONE_INFORMATION zone;

    CHECK(GetTimeZoneInformation(&zone) != TIME_ZONE_ID_INVALID);
    GetSystemTime(&utc);
    GetLocalTime(&local);
    CHECK(SystemTimeToFileTime(&utc, &utc_time));
    CHECK(SystemTimeToFileTime(&local, &local_time));
    long long minutes = ((long long)units(utc_time) - (long long)units(local_time)) / 600000000;
    long long bias = zone.Bias + zone.DaylightBias;
    CHECK(minutes - bias >= -1 && minutes - bias <= 1);
    CHECK(SystemTimeToTzSpecificLocalTime(NULL, &utc, &converted));
    CHECK_EQ(converted.wMilliseconds, utc.wMilliseconds);
    CHECK_EQ(CompareFileTime(&utc_time, &utc_time), 0);
    CHECK(FileTimeToLocalFileTime(&utc_time, &local_time));
}
