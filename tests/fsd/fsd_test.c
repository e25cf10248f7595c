/* SPDX-License-Identifier: MIT */
/*
 * fsd_test.c - host files through NtCreateFile, NtReadFile, NtWriteFile, NtSetInformationFile.
 *
 * Each case works in a folder of its own, which its child process makes and removes.
 */
#include <wdm.h>

#include <ntapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cm.h"
#include "fsd.h"
#include "ntstest.h"

char *mkdtemp(char *);
int rmdir(const char *);

__attribute__((constructor)) static void start(void)
{
    NtsAddBootDriver(L"HostFs", FsdDriverEntry);
}

static char folder[64];
static IO_STATUS_BLOCK iosb;

static void enter_folder(void)
{
    strcpy(folder, "/tmp/fsd_test.XXXXXX");
    REQUIRE(mkdtemp(folder) != NULL);
}

static void leave_folder(void)
{
    CHECK_EQ(rmdir(folder), 0);
}

/* \??\C:\tmp\...\name in UTF-16 */
static void full_name(UNICODE_STRING *string, WCHAR text[300], const char *name)
{
    char path[256];
    USHORT n = 0;
    snprintf(path, sizeof path, "\\??\\C:%s\\%s", folder, name);
    for (; path[n] != 0; n++)
        text[n] = path[n] == '/' ? L'\\' : (WCHAR)path[n];
    string->Buffer = text;
    string->Length = string->MaximumLength = (USHORT)(n * sizeof(WCHAR));
}

#define SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
#define SYNC FILE_SYNCHRONOUS_IO_NONALERT

static NTSTATUS create(HANDLE *handle, const char *name, ACCESS_MASK access, ULONG share, ULONG disposition,
    ULONG options)
{
    WCHAR text[300];
    UNICODE_STRING string;
    OBJECT_ATTRIBUTES attributes;
    full_name(&string, text, name);
    InitializeObjectAttributes(&attributes, &string, OBJ_CASE_INSENSITIVE, NULL, NULL);
    *handle = NULL;
    return NtCreateFile(handle, access | SYNCHRONIZE, &attributes, &iosb, NULL, FILE_ATTRIBUTE_NORMAL, share,
        disposition, options, NULL, 0);
}

static HANDLE new_file(const char *name, const char *content)
{
    HANDLE file;
    REQUIRE_EQ(create(&file, name, GENERIC_READ | GENERIC_WRITE | DELETE, SHARE_ALL, FILE_CREATE, SYNC),
        STATUS_SUCCESS);
    if (*content != 0)
        CHECK_EQ(NtWriteFile(file, NULL, NULL, NULL, &iosb, (PVOID)content, (ULONG)strlen(content), NULL, NULL),
            STATUS_SUCCESS);
    return file;
}

static void delete_at_close(HANDLE file)
{
    FILE_DISPOSITION_INFORMATION disposition = {TRUE};
    CHECK_EQ(NtSetInformationFile(file, &iosb, &disposition, sizeof disposition, FileDispositionInformation),
        STATUS_SUCCESS);
    CHECK_EQ(NtClose(file), STATUS_SUCCESS);
}

static LONGLONG position_of(HANDLE file)
{
    FILE_POSITION_INFORMATION position = {.CurrentByteOffset.QuadPart = -1};
    CHECK_EQ(NtQueryInformationFile(file, &iosb, &position, sizeof position, FilePositionInformation),
        STATUS_SUCCESS);
    return position.CurrentByteOffset.QuadPart;
}

static LONGLONG size_of(HANDLE file)
{
    FILE_STANDARD_INFORMATION standard = {.EndOfFile.QuadPart = -1};
    CHECK_EQ(NtQueryInformationFile(file, &iosb, &standard, sizeof standard, FileStandardInformation),
        STATUS_SUCCESS);
    return standard.EndOfFile.QuadPart;
}

TEST(dispositions__file_there_and_not__documented_status_and_information)
{
    static const struct {
        ULONG disposition;
        NTSTATUS missing, present;
        ULONG missing_information, present_information;
        LONGLONG size;
    } rows[] = {
        {FILE_OPEN, STATUS_OBJECT_NAME_NOT_FOUND, STATUS_SUCCESS, 0, FILE_OPENED, 3},
        {FILE_CREATE, STATUS_SUCCESS, STATUS_OBJECT_NAME_COLLISION, FILE_CREATED, 0, 3},
        {FILE_OPEN_IF, STATUS_SUCCESS, STATUS_SUCCESS, FILE_CREATED, FILE_OPENED, 3},
        {FILE_OVERWRITE, STATUS_OBJECT_NAME_NOT_FOUND, STATUS_SUCCESS, 0, FILE_OVERWRITTEN, 0},
        {FILE_OVERWRITE_IF, STATUS_SUCCESS, STATUS_SUCCESS, FILE_CREATED, FILE_OVERWRITTEN, 0},
        {FILE_SUPERSEDE, STATUS_SUCCESS, STATUS_SUCCESS, FILE_CREATED, FILE_SUPERSEDED, 0},
    };
    enter_folder();
    for (ULONG i = 0; i < RTL_NUMBER_OF(rows); i++) {
        HANDLE file, other;
        NTSTATUS status = create(&file, "f", GENERIC_READ | GENERIC_WRITE | DELETE, SHARE_ALL,
            rows[i].disposition, SYNC);
        CHECK_EQ(status, rows[i].missing);
        if (NT_SUCCESS(status)) {
            CHECK_EQ(iosb.Information, rows[i].missing_information);
            delete_at_close(file);
        }
        file = new_file("f", "abc");
        status = create(&other, "f", GENERIC_READ | GENERIC_WRITE, SHARE_ALL, rows[i].disposition, SYNC);
        CHECK_EQ(status, rows[i].present);
        if (NT_SUCCESS(status)) {
            CHECK_EQ(iosb.Information, rows[i].present_information);
            NtClose(other);
        }
        CHECK_EQ(size_of(file), rows[i].size);
        delete_at_close(file);
    }
    leave_folder();
}

TEST(names__wrong_ones__documented_statuses)
{
    HANDLE file;
    enter_folder();
    CHECK_EQ(create(&file, "no\\f", GENERIC_READ, SHARE_ALL, FILE_OPEN, SYNC), STATUS_OBJECT_PATH_NOT_FOUND);
    CHECK_EQ(create(&file, "no\\f", GENERIC_READ, SHARE_ALL, FILE_CREATE, SYNC), STATUS_OBJECT_PATH_NOT_FOUND);
    CHECK_EQ(create(&file, "a*", GENERIC_READ, SHARE_ALL, FILE_OPEN, SYNC), STATUS_OBJECT_NAME_INVALID);
    CHECK_EQ(create(&file, "", GENERIC_READ, SHARE_ALL, FILE_OPEN, SYNC | FILE_NON_DIRECTORY_FILE),
        STATUS_FILE_IS_A_DIRECTORY);
    CHECK_EQ(create(&file, "f\\", GENERIC_READ, SHARE_ALL, FILE_CREATE, SYNC), STATUS_OBJECT_NAME_INVALID);
    HANDLE plain = new_file("f", "");
    CHECK_EQ(create(&file, "f", GENERIC_READ, SHARE_ALL, FILE_OPEN, SYNC | FILE_DIRECTORY_FILE),
        STATUS_NOT_A_DIRECTORY);
    CHECK_EQ(create(&file, "f\\g", GENERIC_READ, SHARE_ALL, FILE_OPEN, SYNC), STATUS_OBJECT_PATH_NOT_FOUND);
    delete_at_close(plain);
    leave_folder();
}

TEST(synchronous__read_and_write__move_the_position)
{
    char buffer[16];
    LARGE_INTEGER at = {.QuadPart = 1};
    FILE_POSITION_INFORMATION position = {.CurrentByteOffset.QuadPart = 0};
    enter_folder();
    HANDLE file = new_file("f", "abcdef");
    CHECK_EQ(position_of(file), 6);
    CHECK_EQ(NtReadFile(file, NULL, NULL, NULL, &iosb, buffer, 4, NULL, NULL), STATUS_END_OF_FILE);
    CHECK_EQ(NtReadFile(file, NULL, NULL, NULL, &iosb, buffer, 2, &at, NULL), STATUS_SUCCESS);
    CHECK(iosb.Information == 2 && memcmp(buffer, "bc", 2) == 0);
    CHECK_EQ(position_of(file), 3);
    at.HighPart = -1;
    at.LowPart = FILE_USE_FILE_POINTER_POSITION;
    CHECK_EQ(NtReadFile(file, NULL, NULL, NULL, &iosb, buffer, 16, &at, NULL), STATUS_SUCCESS);
    CHECK(iosb.Information == 3 && memcmp(buffer, "def", 3) == 0);
    CHECK_EQ(NtSetInformationFile(file, &iosb, &position, sizeof position, FilePositionInformation), STATUS_SUCCESS);
    CHECK_EQ(NtWriteFile(file, NULL, NULL, NULL, &iosb, "X", 1, NULL, NULL), STATUS_SUCCESS);
    CHECK_EQ(position_of(file), 1);
    at.LowPart = FILE_WRITE_TO_END_OF_FILE;
    CHECK_EQ(NtWriteFile(file, NULL, NULL, NULL, &iosb, "gh", 2, &at, NULL), STATUS_SUCCESS);
    CHECK_EQ(position_of(file), 8);
    at.QuadPart = 0;
    CHECK_EQ(NtReadFile(file, NULL, NULL, NULL, &iosb, buffer, 16, &at, NULL), STATUS_SUCCESS);
    CHECK(iosb.Information == 8 && memcmp(buffer, "Xbcdefgh", 8) == 0);
    at.QuadPart = -5;
    CHECK_EQ(NtReadFile(file, NULL, NULL, NULL, &iosb, buffer, 16, &at, NULL), STATUS_INVALID_PARAMETER);
    CHECK_EQ(NtFlushBuffersFile(file, &iosb), STATUS_SUCCESS);
    delete_at_close(file);
    leave_folder();
}

TEST(asynchronous__read_with_event__completes_at_once_and_needs_an_offset)
{
    HANDLE file, event;
    char buffer[8];
    LARGE_INTEGER at = {.QuadPart = 2};
    LARGE_INTEGER no_time = {.QuadPart = 0};
    enter_folder();
    HANDLE keep = new_file("f", "abcdef");
    REQUIRE_EQ(create(&file, "f", GENERIC_READ, SHARE_ALL, FILE_OPEN, 0), STATUS_SUCCESS);
    REQUIRE_EQ(NtCreateEvent(&event, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE), STATUS_SUCCESS);
    CHECK_EQ(NtReadFile(file, event, NULL, NULL, &iosb, buffer, 3, &at, NULL), STATUS_SUCCESS);
    CHECK(iosb.Information == 3 && memcmp(buffer, "cde", 3) == 0);
    CHECK_EQ(NtWaitForSingleObject(event, FALSE, &no_time), STATUS_SUCCESS);
    CHECK_EQ(NtReadFile(file, event, NULL, NULL, &iosb, buffer, 3, NULL, NULL), STATUS_INVALID_PARAMETER);
    at.QuadPart = 6;
    CHECK_EQ(NtReadFile(file, event, NULL, NULL, &iosb, buffer, 3, &at, NULL), STATUS_END_OF_FILE);
    CHECK_EQ(NtReadFile(file, NULL, NULL, NULL, &iosb, (PVOID)0x20000, 3, &no_time, NULL),
        STATUS_ACCESS_VIOLATION);
    CHECK_EQ(NtWriteFile(file, NULL, NULL, NULL, &iosb, buffer, 3, &no_time, NULL), STATUS_ACCESS_DENIED);
    NtClose(event);
    NtClose(file);
    delete_at_close(keep);
    leave_folder();
}

TEST(sharing__second_open__violation_until_the_first_is_closed)
{
    HANDLE first, second;
    enter_folder();
    HANDLE keep = new_file("f", "");
    NtClose(keep);
    REQUIRE_EQ(create(&first, "f", GENERIC_READ, FILE_SHARE_READ, FILE_OPEN, SYNC), STATUS_SUCCESS);
    CHECK_EQ(create(&second, "f", GENERIC_WRITE, SHARE_ALL, FILE_OPEN, SYNC), STATUS_SHARING_VIOLATION);
    CHECK_EQ(create(&second, "f", GENERIC_READ, FILE_SHARE_WRITE, FILE_OPEN, SYNC), STATUS_SHARING_VIOLATION);
    CHECK_EQ(create(&second, "f", DELETE, SHARE_ALL, FILE_OPEN, SYNC), STATUS_SHARING_VIOLATION);
    CHECK_EQ(create(&second, "f", FILE_READ_ATTRIBUTES, 0, FILE_OPEN, SYNC), STATUS_SUCCESS);
    NtClose(second);
    CHECK_EQ(create(&second, "f", GENERIC_READ, FILE_SHARE_READ, FILE_OPEN, SYNC), STATUS_SUCCESS);
    NtClose(second);
    NtClose(first);
    REQUIRE_EQ(create(&first, "f", GENERIC_WRITE | DELETE, 0, FILE_OPEN, SYNC), STATUS_SUCCESS);
    CHECK_EQ(create(&second, "f", GENERIC_READ, SHARE_ALL, FILE_OVERWRITE, SYNC), STATUS_SHARING_VIOLATION);
    delete_at_close(first);
    leave_folder();
}

TEST(deletion__handles_open__name_goes_with_the_last)
{
    HANDLE first, second;
    FILE_DISPOSITION_INFORMATION disposition = {TRUE};
    enter_folder();
    HANDLE keep = new_file("f", "x");
    REQUIRE_EQ(create(&first, "f", GENERIC_READ | DELETE, SHARE_ALL, FILE_OPEN, SYNC | FILE_DELETE_ON_CLOSE),
        STATUS_SUCCESS);
    NtClose(first);
    CHECK_EQ(create(&second, "f", GENERIC_READ, SHARE_ALL, FILE_OPEN, SYNC), STATUS_DELETE_PENDING);
    disposition.DeleteFile = FALSE;
    CHECK_EQ(NtSetInformationFile(keep, &iosb, &disposition, sizeof disposition, FileDispositionInformation),
        STATUS_SUCCESS);
    CHECK_EQ(create(&second, "f", GENERIC_READ, SHARE_ALL, FILE_OPEN, SYNC), STATUS_SUCCESS);
    CHECK_EQ(NtSetInformationFile(second, &iosb, &disposition, sizeof disposition, FileDispositionInformation),
        STATUS_ACCESS_DENIED);
    NtClose(second);
    delete_at_close(keep);
    CHECK_EQ(create(&second, "f", GENERIC_READ, SHARE_ALL, FILE_OPEN, SYNC), STATUS_OBJECT_NAME_NOT_FOUND);
    leave_folder();
}

static NTSTATUS rename_to(HANDLE file, const char *name, BOOLEAN replace)
{
    struct {
        FILE_RENAME_INFORMATION rename;
        WCHAR more[300];
    } information;
    WCHAR text[300];
    UNICODE_STRING string;
    memset(&information, 0, sizeof information);
    full_name(&string, text, name);
    information.rename.ReplaceIfExists = replace;
    information.rename.FileNameLength = string.Length;
    memcpy(information.rename.FileName, text, string.Length);
    return NtSetInformationFile(file, &iosb, &information, sizeof information, FileRenameInformation);
}

TEST(rename__target_free_taken_and_open__moved_collision_denied)
{
    HANDLE file, other;
    enter_folder();
    file = new_file("f", "1");
    CHECK_EQ(rename_to(file, "g", FALSE), STATUS_SUCCESS);
    CHECK_EQ(create(&other, "f", GENERIC_READ, SHARE_ALL, FILE_OPEN, SYNC), STATUS_OBJECT_NAME_NOT_FOUND);
    other = new_file("h", "22");
    CHECK_EQ(rename_to(file, "h", FALSE), STATUS_OBJECT_NAME_COLLISION);
    CHECK_EQ(rename_to(file, "h", TRUE), STATUS_ACCESS_DENIED);
    NtClose(other);
    CHECK_EQ(rename_to(file, "h", TRUE), STATUS_SUCCESS);
    CHECK_EQ(size_of(file), 1);
    CHECK_EQ(rename_to(file, "no\\h", FALSE), STATUS_OBJECT_PATH_NOT_FOUND);
    delete_at_close(file);
    leave_folder();
}

TEST(information__size_times_attributes__set_and_returned)
{
    LARGE_INTEGER size = {.QuadPart = 100000};
    FILE_BASIC_INFORMATION basic, got;
    HANDLE other;
    enter_folder();
    HANDLE file = new_file("f", "abc");
    CHECK_EQ(NtSetInformationFile(file, &iosb, &size, sizeof size, FileEndOfFileInformation), STATUS_SUCCESS);
    CHECK_EQ(size_of(file), 100000);
    memset(&basic, 0, sizeof basic);
    basic.LastWriteTime.QuadPart = 130000000000000000;
    basic.FileAttributes = FILE_ATTRIBUTE_READONLY;
    CHECK_EQ(NtSetInformationFile(file, &iosb, &basic, sizeof basic, FileBasicInformation), STATUS_SUCCESS);
    CHECK_EQ(NtQueryInformationFile(file, &iosb, &got, sizeof got, FileBasicInformation), STATUS_SUCCESS);
    CHECK_EQ(iosb.Information, sizeof got);
    CHECK_EQ(got.LastWriteTime.QuadPart, basic.LastWriteTime.QuadPart);
    CHECK_EQ(got.FileAttributes, FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_ARCHIVE);
    CHECK_EQ(create(&other, "f", GENERIC_WRITE, SHARE_ALL, FILE_OPEN, SYNC), STATUS_ACCESS_DENIED);
    FILE_DISPOSITION_INFORMATION disposition = {TRUE};
    CHECK_EQ(NtSetInformationFile(file, &iosb, &disposition, sizeof disposition, FileDispositionInformation),
        STATUS_CANNOT_DELETE);
    basic.FileAttributes = FILE_ATTRIBUTE_NORMAL;
    CHECK_EQ(NtSetInformationFile(file, &iosb, &basic, sizeof basic, FileBasicInformation), STATUS_SUCCESS);
    CHECK_EQ(NtQueryInformationFile(file, &iosb, &got, sizeof got - 1, FileBasicInformation),
        STATUS_INFO_LENGTH_MISMATCH);
    delete_at_close(file);
    leave_folder();
}

TEST(directory__create_open_delete__not_while_it_has_files)
{
    HANDLE directory, file, again;
    FILE_DISPOSITION_INFORMATION disposition = {TRUE};
    char buffer[4];
    enter_folder();
    REQUIRE_EQ(create(&directory, "d", FILE_READ_DATA | DELETE, SHARE_ALL, FILE_CREATE, SYNC | FILE_DIRECTORY_FILE),
        STATUS_SUCCESS);
    CHECK_EQ(create(&again, "d", GENERIC_READ, SHARE_ALL, FILE_CREATE, SYNC | FILE_DIRECTORY_FILE),
        STATUS_OBJECT_NAME_COLLISION);
    CHECK_EQ(NtReadFile(directory, NULL, NULL, NULL, &iosb, buffer, 4, NULL, NULL), STATUS_INVALID_DEVICE_REQUEST);
    file = new_file("d\\f", "");
    CHECK_EQ(NtSetInformationFile(directory, &iosb, &disposition, sizeof disposition, FileDispositionInformation),
        STATUS_DIRECTORY_NOT_EMPTY);
    delete_at_close(file);
    delete_at_close(directory);
    leave_folder();
}

TEST(append_access__writes__go_to_the_end)
{
    HANDLE file;
    LARGE_INTEGER at = {.QuadPart = 0};
    enter_folder();
    HANDLE keep = new_file("f", "abc");
    REQUIRE_EQ(create(&file, "f", FILE_APPEND_DATA, SHARE_ALL, FILE_OPEN, SYNC), STATUS_SUCCESS);
    CHECK_EQ(NtWriteFile(file, NULL, NULL, NULL, &iosb, "de", 2, &at, NULL), STATUS_SUCCESS);
    CHECK_EQ(size_of(keep), 5);
    NtClose(file);
    delete_at_close(keep);
    leave_folder();
}

TEST(null_device__reads_end_and_writes_vanish)
{
    UNICODE_STRING name = RTL_CONSTANT_STRING(L"\\??\\NUL");
    OBJECT_ATTRIBUTES attributes;
    HANDLE file;
    char buffer[4];
    InitializeObjectAttributes(&attributes, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    REQUIRE_EQ(NtCreateFile(&file, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, &attributes, &iosb, NULL, 0, SHARE_ALL,
        FILE_OPEN, SYNC, NULL, 0), STATUS_SUCCESS);
    CHECK_EQ(NtReadFile(file, NULL, NULL, NULL, &iosb, buffer, 4, NULL, NULL), STATUS_END_OF_FILE);
    CHECK_EQ(NtWriteFile(file, NULL, NULL, NULL, &iosb, buffer, 4, NULL, NULL), STATUS_SUCCESS);
    CHECK_EQ(iosb.Information, 4);
    NtClose(file);
}
