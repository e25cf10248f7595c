/* SPDX-License-Identifier: MIT */
/*
 * file_test.c - CreateFile and the functions on files, by name and by handle.
 *
 * Each case works in a folder of its own below the temporary one.
 */
#include <windows.h>

#include "ntstest.h"

#include <stdio.h>
#include <string.h>

static char folder[MAX_PATH];

static void enter_folder(void)
{
    char temp[MAX_PATH / 2];
    REQUIRE(GetTempPathA(sizeof temp, temp) > 0);
    snprintf(folder, sizeof folder, "%sfile_test.%lu", temp, (unsigned long)GetCurrentProcessId());
    REQUIRE(CreateDirectoryA(folder, NULL));
    REQUIRE(SetCurrentDirectoryA(folder));
}

static void leave_folder(void)
{
    CHECK(SetCurrentDirectoryA("C:\\"));
    CHECK(RemoveDirectoryA(folder));
}

static HANDLE new_file(const char *name, const char *content)
{
    DWORD written;
    HANDLE file = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, 7, NULL, CREATE_NEW, 0, NULL);
    REQUIRE(file != INVALID_HANDLE_VALUE);
    CHECK(WriteFile(file, content, (DWORD)strlen(content), &written, NULL));
    return file;
}

static void make_file(const char *name, const char *content)
{
    CloseHandle(new_file(name, content));
}

static int content_is(const char *name, const char *expected)
{
    char buffer[64] = {0};
    DWORD read = 0;
    HANDLE file = CreateFileA(name, GENERIC_READ, 7, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return 0;
    BOOL done = ReadFile(file, buffer, sizeof buffer - 1, &read, NULL);
    CloseHandle(file);
    return done && read == strlen(expected) && memcmp(buffer, expected, read) == 0;
}

#define CHECK_FAILS(call, error)             \
    do {                                     \
        SetLastError(0xdeadbeef);            \
        CHECK(!(call));                      \
        CHECK_EQ(GetLastError(), (error));   \
    } while (0)
#define CHECK_NO_FILE(call, error) CHECK_FAILS((call) != INVALID_HANDLE_VALUE, error)

TEST(create_file__dispositions__documented_errors)
{
    HANDLE file;
    enter_folder();
    CHECK_NO_FILE(CreateFileA("f", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL), ERROR_FILE_NOT_FOUND);
    CHECK_NO_FILE(CreateFileA("no\\f", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL), ERROR_PATH_NOT_FOUND);
    CHECK_NO_FILE(CreateFileA("f", GENERIC_READ | GENERIC_WRITE, 0, NULL, TRUNCATE_EXISTING, 0, NULL),
        ERROR_FILE_NOT_FOUND);
    make_file("f", "abc");
    CHECK_NO_FILE(CreateFileA("f", GENERIC_READ, 0, NULL, CREATE_NEW, 0, NULL), ERROR_FILE_EXISTS);
    CHECK_NO_FILE(CreateFileA("f", GENERIC_READ, 0, NULL, TRUNCATE_EXISTING, 0, NULL), ERROR_INVALID_PARAMETER);
    CHECK_NO_FILE(CreateFileA("f", GENERIC_READ, 0, NULL, 9, 0, NULL), ERROR_INVALID_PARAMETER);
    CHECK_NO_FILE(CreateFileA("", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL), ERROR_PATH_NOT_FOUND);
    CHECK_NO_FILE(CreateFileA("f*", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL), ERROR_INVALID_NAME);
    CHECK_NO_FILE(CreateFileA("\\\\server\\share\\f", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL),
        ERROR_BAD_NETPATH);
    CHECK_NO_FILE(CreateFileA("Q:\\f", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL), ERROR_PATH_NOT_FOUND);
    CHECK_NO_FILE(CreateFileA(folder, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL), ERROR_ACCESS_DENIED);
    file = CreateFileA("f", GENERIC_READ, 7, NULL, OPEN_ALWAYS, 0, NULL);
    CHECK_EQ(GetLastError(), ERROR_ALREADY_EXISTS);
    CHECK_EQ(GetFileSize(file, NULL), 3);
    CloseHandle(file);
    file = CreateFileA("f", GENERIC_WRITE, 7, NULL, CREATE_ALWAYS, 0, NULL);
    CHECK_EQ(GetLastError(), ERROR_ALREADY_EXISTS);
    CHECK_EQ(GetFileSize(file, NULL), 0);
    CHECK_NO_FILE(CreateFileA("f", GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL), ERROR_SHARING_VIOLATION);
    CloseHandle(file);
    file = CreateFileA("g", GENERIC_READ, 7, NULL, OPEN_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, NULL);
    CHECK_EQ(GetLastError(), ERROR_SUCCESS);
    CloseHandle(file);
    CHECK_EQ(GetFileAttributesA("g"), INVALID_FILE_ATTRIBUTES);
    CHECK(DeleteFileA("f"));
    CHECK_FAILS(DeleteFileA("f"), ERROR_FILE_NOT_FOUND);
    leave_folder();
}

TEST(names__each_way_to_write_one__the_same_file)
{
    char name[MAX_PATH], current[MAX_PATH / 2], *part;
    enter_folder();
    make_file("f", "text");
    GetCurrentDirectoryA(sizeof current, current);
    snprintf(name, sizeof name, "%s/f", current);
    CHECK(content_is(name, "text"));
    snprintf(name, sizeof name, "C:%s\\f", current);
    CHECK(content_is(name, "text"));
    snprintf(name, sizeof name, "\\\\?\\C:%s\\f", current);
    for (char *at = name; *at != 0; at++)
        *at = *at == '/' ? '\\' : *at;
    CHECK(content_is(name, "text"));
    CHECK(content_is(".\\f", "text") && content_is("x\\..\\f", "text") && content_is("./f", "text"));
    CHECK(content_is("c:f", "text"));
    CHECK_EQ(GetFullPathNameA("C:\\a\\.\\b\\..\\c.txt", sizeof name, name, &part), 10);
    CHECK(strcmp(name, "C:\\a\\c.txt") == 0 && strcmp(part, "c.txt") == 0);
    GetFullPathNameA("/a//b/../../../c/", sizeof name, name, &part);
    CHECK(strcmp(name, "/c/") == 0 && part == NULL);
    CHECK_EQ(GetFullPathNameA("C:\\abc", 3, name, NULL), 7);
    GetFullPathNameA("/a/b/..", sizeof name, name, NULL);
    CHECK(strcmp(name, "/a") == 0);
    GetFullPathNameA("C:/a/.", sizeof name, name, NULL);
    CHECK(strcmp(name, "C:\\a") == 0);
    GetFullPathNameA("/../..", sizeof name, name, NULL);
    CHECK(strcmp(name, "/") == 0);
    GetFullPathNameA(".", sizeof name, name, NULL);
    CHECK(strcmp(name, current) == 0);
    WCHAR wide[MAX_PATH], *wide_part;
    CHECK(GetFullPathNameW(L"f", MAX_PATH, wide, &wide_part) > 2);
    CHECK(wide_part[0] == 'f' && wide_part[1] == 0);
    HANDLE file = CreateFileW(L"f", GENERIC_READ, 7, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(file != INVALID_HANDLE_VALUE);
    CloseHandle(file);
    CHECK(DeleteFileW(L"f"));
    leave_folder();
}

TEST(file_pointer__moved__read_and_write_follow)
{
    LARGE_INTEGER distance = {.QuadPart = 5LL << 32}, at;
    LONG high = 0;
    char buffer[8];
    DWORD bytes;
    enter_folder();
    HANDLE file = new_file("f", "0123456789");
    CHECK_EQ(SetFilePointer(file, -3, NULL, FILE_END), 7);
    CHECK(ReadFile(file, buffer, 8, &bytes, NULL) && bytes == 3 && memcmp(buffer, "789", 3) == 0);
    CHECK(ReadFile(file, buffer, 8, &bytes, NULL) && bytes == 0);
    CHECK_EQ(SetFilePointer(file, 2, NULL, FILE_BEGIN), 2);
    CHECK_EQ(SetFilePointer(file, 2, &high, FILE_CURRENT), 4);
    CHECK_EQ(high, 0);
    CHECK(SetEndOfFile(file));
    CHECK_EQ(GetFileSize(file, NULL), 4);
    CHECK_FAILS(SetFilePointer(file, -9, NULL, FILE_BEGIN) != INVALID_SET_FILE_POINTER, ERROR_NEGATIVE_SEEK);
    CHECK_FAILS(SetFilePointer(file, 0, NULL, 7) != INVALID_SET_FILE_POINTER, ERROR_INVALID_PARAMETER);
    CHECK(SetFilePointerEx(file, distance, &at, FILE_BEGIN));
    CHECK_EQ(at.QuadPart, 5LL << 32);
    CHECK_EQ(GetFileType(file), FILE_TYPE_DISK);
    CHECK(FlushFileBuffers(file));
    CloseHandle(file);
    CHECK_FAILS(GetFileSizeEx(file, &at), ERROR_INVALID_HANDLE);
    CHECK(DeleteFileA("f"));
    leave_folder();
}

TEST(overlapped_file__read_at_offset__completes_and_tells_the_end)
{
    OVERLAPPED overlapped = {0};
    char buffer[8];
    DWORD bytes = 0;
    enter_folder();
    make_file("f", "0123456789");
    HANDLE file = CreateFileA("f", GENERIC_READ | GENERIC_WRITE, 7, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED, NULL);
    REQUIRE(file != INVALID_HANDLE_VALUE);
    overlapped.hEvent = CreateEventA(NULL, TRUE, FALSE, NULL);
    overlapped.Offset = 6;
    if (!ReadFile(file, buffer, 3, NULL, &overlapped))
        CHECK_EQ(GetLastError(), ERROR_IO_PENDING);
    CHECK(GetOverlappedResult(file, &overlapped, &bytes, TRUE));
    CHECK(bytes == 3 && memcmp(buffer, "678", 3) == 0);
    overlapped.Offset = 100;
    CHECK_FAILS(ReadFile(file, buffer, 3, NULL, &overlapped), ERROR_HANDLE_EOF);
    CloseHandle(overlapped.hEvent);
    HANDLE port = CreateIoCompletionPort(file, NULL, 42, 0);
    ULONG_PTR key = 0;
    OVERLAPPED *done = NULL;
    overlapped.Offset = 1;
    overlapped.hEvent = NULL;
    (void)ReadFile(file, buffer, 4, NULL, &overlapped);
    CHECK(GetQueuedCompletionStatus(port, &bytes, &key, &done, 5000));
    CHECK(bytes == 4 && key == 42 && done == &overlapped && memcmp(buffer, "1234", 4) == 0);
    CloseHandle(port);
    CloseHandle(file);
    CHECK(DeleteFileA("f"));
    leave_folder();
}

TEST(attributes_and_times__set_and_returned)
{
    BY_HANDLE_FILE_INFORMATION information;
    WIN32_FILE_ATTRIBUTE_DATA data;
    FILETIME write = {0x12345680, 0x01D00000}, got;
    enter_folder();
    make_file("f", "abc");
    CHECK_EQ(GetFileAttributesA("f"), FILE_ATTRIBUTE_ARCHIVE);
    CHECK_EQ(GetFileAttributesA("."), FILE_ATTRIBUTE_DIRECTORY);
    CHECK(SetFileAttributesA("f", FILE_ATTRIBUTE_READONLY));
    CHECK_EQ(GetFileAttributesW(L"f") & FILE_ATTRIBUTE_READONLY, FILE_ATTRIBUTE_READONLY);
    CHECK_NO_FILE(CreateFileA("f", GENERIC_WRITE, 7, NULL, OPEN_EXISTING, 0, NULL), ERROR_ACCESS_DENIED);
    CHECK_FAILS(DeleteFileA("f"), ERROR_ACCESS_DENIED);
    CHECK(SetFileAttributesA("f", FILE_ATTRIBUTE_NORMAL));
    HANDLE file = CreateFileA("f", GENERIC_READ | GENERIC_WRITE, 7, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(SetFileTime(file, NULL, NULL, &write));
    CHECK(GetFileTime(file, NULL, NULL, &got));
    CHECK_EQ(CompareFileTime(&got, &write), 0);
    CHECK(GetFileInformationByHandle(file, &information));
    CHECK_EQ(information.nFileSizeLow, 3);
    CHECK_EQ(information.nNumberOfLinks, 1);
    CHECK(information.nFileIndexLow != 0 || information.nFileIndexHigh != 0);
    CloseHandle(file);
    CHECK(GetFileAttributesExA("f", GetFileExInfoStandard, &data));
    CHECK_EQ(data.nFileSizeLow, 3);
    CHECK_EQ(CompareFileTime(&data.ftLastWriteTime, &write), 0);
    CHECK_FAILS(GetFileAttributesExA("no", GetFileExInfoStandard, &data), ERROR_FILE_NOT_FOUND);
    CHECK(DeleteFileA("f"));
    leave_folder();
}

TEST(move_and_copy__targets_free_and_taken__documented_errors)
{
    enter_folder();
    make_file("a", "AAA");
    make_file("b", "BB");
    CHECK_FAILS(MoveFileA("a", "b"), ERROR_ALREADY_EXISTS);
    CHECK_FAILS(CopyFileA("a", "b", TRUE), ERROR_FILE_EXISTS);
    CHECK(CopyFileA("a", "b", FALSE));
    CHECK(content_is("b", "AAA"));
    CHECK(MoveFileA("a", "c"));
    CHECK_FAILS(MoveFileA("a", "d"), ERROR_FILE_NOT_FOUND);
    CHECK(MoveFileExA("c", "b", MOVEFILE_REPLACE_EXISTING));
    CHECK(content_is("b", "AAA"));
    CHECK(CreateDirectoryW(L"d", NULL));
    CHECK_FAILS(CreateDirectoryA("d", NULL), ERROR_ALREADY_EXISTS);
    CHECK(MoveFileW(L"b", L"d\\b"));
    CHECK(MoveFileA("d", "e"));
    CHECK(content_is("e/b", "AAA"));
    CHECK_FAILS(RemoveDirectoryA("e"), ERROR_DIR_NOT_EMPTY);
    CHECK_FAILS(DeleteFileA("e"), ERROR_ACCESS_DENIED);
    CHECK_FAILS(RemoveDirectoryA("e\\b"), ERROR_DIRECTORY);
    CHECK(DeleteFileA("e\\b"));
    CHECK(RemoveDirectoryA("e"));
    leave_folder();
}

TEST(find__patterns__names_once_each)
{
    WIN32_FIND_DATAA data;
    WIN32_FIND_DATAW wide;
    int texts = 0, all = 0;
    enter_folder();
    make_file("one.txt", "1");
    make_file("Two.TXT", "22");
    make_file("three.dat", "333");
    HANDLE find = FindFirstFileA("*.txt", &data);
    REQUIRE(find != INVALID_HANDLE_VALUE);
    do
        texts += strcmp(data.cFileName, "one.txt") == 0 ? 1 : strcmp(data.cFileName, "Two.TXT") == 0 ? 10 : 100;
    while (FindNextFileA(find, &data));
    CHECK_EQ(GetLastError(), ERROR_NO_MORE_FILES);
    CHECK_EQ(texts, 11);
    CHECK(FindClose(find));
    CHECK_FAILS(FindClose(find), ERROR_INVALID_HANDLE);
    find = FindFirstFileW(L".\\*.*", &wide);
    REQUIRE(find != INVALID_HANDLE_VALUE);
    do
        all++;
    while (FindNextFileW(find, &wide));
    CHECK_EQ(all, 5);
    FindClose(find);
    find = FindFirstFileA("thr?e.dat", &data);
    REQUIRE(find != INVALID_HANDLE_VALUE);
    CHECK_EQ(data.nFileSizeLow, 3);
    CHECK_EQ(data.dwFileAttributes, FILE_ATTRIBUTE_ARCHIVE);
    FindClose(find);
    CHECK_NO_FILE(FindFirstFileA("*.none", &data), ERROR_FILE_NOT_FOUND);
    CHECK_NO_FILE(FindFirstFileA("none\\*", &data), ERROR_PATH_NOT_FOUND);
    CHECK_NO_FILE(FindFirstFileA("none\\", &data), ERROR_FILE_NOT_FOUND);
    CHECK(DeleteFileA("one.txt") && DeleteFileA("Two.TXT") && DeleteFileA("three.dat"));
    leave_folder();
}

TEST(temporary_names__made_and_not)
{
    char name[MAX_PATH];
    WCHAR wide[MAX_PATH];
    enter_folder();
    UINT number = GetTempFileNameA(".", "abcdef", 0, name);
    CHECK(number != 0 && strncmp(name, "./abc", 5) == 0);
    CHECK_EQ(GetFileAttributesA(name), FILE_ATTRIBUTE_ARCHIVE);
    CHECK(DeleteFileA(name));
    CHECK_EQ(GetTempFileNameW(L".", L"x", 0x12, wide), 0x12);
    CHECK(GetFileAttributesW(wide) == INVALID_FILE_ATTRIBUTES);
    CHECK_FAILS(GetTempFileNameA("none", "x", 0, name), ERROR_DIRECTORY);
    leave_folder();
}

TEST(devices__nul_and_console__open)
{
    char buffer[4];
    DWORD bytes = 99;
    HANDLE file = CreateFileA("nul", GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    REQUIRE(file != INVALID_HANDLE_VALUE);
    CHECK(WriteFile(file, "abc", 3, &bytes, NULL) && bytes == 3);
    CHECK(ReadFile(file, buffer, 4, &bytes, NULL) && bytes == 0);
    CHECK_EQ(GetFileType(file), FILE_TYPE_CHAR);
    CloseHandle(file);
    file = CreateFileW(L"CONOUT$", GENERIC_WRITE, 3, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(file == GetStdHandle(STD_OUTPUT_HANDLE));
    CloseHandle(file);
}
