/* SPDX-License-Identifier: MIT */
/*
 * user_class.c - window classes and registered messages.
 *
 * Layer: user; NT counterpart: RegisterClass and the user atom table. One table of atoms for both, from 0xC000.
 */
#include "user_private.h"

#define FIRST_ATOM 0xC000u

typedef struct USER_ATOM {
    struct USER_ATOM *Next;
    UINT Atom;
    WCHAR Name[];
} USER_ATOM;

static USER_CLASS *Classes _Guarded_by_(UserTableLock);
static USER_ATOM *Messages _Guarded_by_(UserTableLock);
static UINT LastAtom _Guarded_by_(UserTableLock) = FIRST_ATOM;

static WCHAR Fold(WCHAR Char)
{
    return Char >= 'A' && Char <= 'Z' ? (WCHAR)(Char + 32) : Char;
}

BOOL UserEqualNames(LPCWSTR a, LPCWSTR b)
{
    while (*a != 0 && Fold(*a) == Fold(*b))
        a++, b++;
    return Fold(*a) == Fold(*b);
}

USER_CLASS *UserFindClass(LPCWSTR Name)
{
    USER_CLASS *Class;
    if (((ULONG_PTR)Name >> 16) == 0) {
        for (Class = Classes; Class != NULL && Class->Atom != (ATOM)(ULONG_PTR)Name; Class = Class->Next)
            ;
    } else {
        for (Class = Classes; Class != NULL && !UserEqualNames(Class->Name, Name); Class = Class->Next)
            ;
    }
    return Class;
}

static ATOM Register(const WNDCLASSEXW *Info, BOOL Unicode)
{
    if (Info->lpfnWndProc == NULL || ((ULONG_PTR)Info->lpszClassName >> 16) == 0 || Info->cbWndExtra < 0 ||
        Info->cbClsExtra < 0) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return 0;
    }
    SIZE_T Bytes = ((SIZE_T)lstrlenW(Info->lpszClassName) + 1) * sizeof(WCHAR);
    USER_CLASS *Class = host_allocate(sizeof *Class + Bytes);
    if (Class == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return 0;
    }
    ZeroMemory(Class, sizeof *Class);
    Class->Procedure = Info->lpfnWndProc;
    Class->Instance = Info->hInstance;
    Class->WindowExtra = Info->cbWndExtra;
    Class->Unicode = Unicode;
    CopyMemory(Class->Name, Info->lpszClassName, Bytes);
    UserAcquireLock();
    BOOL Known = UserFindClass(Class->Name) != NULL;
    if (!Known) {
        Class->Atom = (ATOM)++LastAtom;
        Class->Next = Classes;
        Classes = Class;
    }
    ATOM Atom = Class->Atom;
    UserReleaseLock();
    if (Known) {
        host_free(Class);
        SetLastError(ERROR_CLASS_ALREADY_EXISTS);
        return 0;
    }
    return Atom;
}

/* Those that programs without a display use: for message-only windows, and the plainest control. */
VOID UserRegisterSystemClasses(VOID)
{
    static LPCWSTR const Names[] = {L"Message", L"Static"};
    static volatile BOOL Done;
    WNDCLASSEXW Info = {.cbSize = sizeof Info, .lpfnWndProc = DefWindowProcW};
    if (__atomic_load_n(&Done, __ATOMIC_ACQUIRE))
        return;
    DWORD Error = GetLastError();
    for (ULONG i = 0; i < RTL_NUMBER_OF(Names); i++) {
        Info.lpszClassName = Names[i];
        (VOID) Register(&Info, TRUE); /* another thread may have been faster */
    }
    SetLastError(Error);
    __atomic_store_n(&Done, TRUE, __ATOMIC_RELEASE);
}

ATOM WINAPI RegisterClassExW(const WNDCLASSEXW *lpwcx)
{
    if (lpwcx->cbSize != sizeof *lpwcx) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return 0;
    }
    return Register(lpwcx, TRUE);
}

ATOM WINAPI RegisterClassExA(const WNDCLASSEXA *lpwcx)
{
    WNDCLASSEXW Wide;
    PWSTR Name;
    if (lpwcx->cbSize != sizeof *lpwcx || !UserWideText(lpwcx->lpszClassName, &Name)) {
        SetLastError(ERROR_INVALID_PARAMETER);
        return 0;
    }
    ZeroMemory(&Wide, sizeof Wide);
    Wide.lpfnWndProc = lpwcx->lpfnWndProc;
    Wide.cbClsExtra = lpwcx->cbClsExtra;
    Wide.cbWndExtra = lpwcx->cbWndExtra;
    Wide.hInstance = lpwcx->hInstance;
    Wide.lpszClassName = Name;
    ATOM Atom = Register(&Wide, FALSE);
    UserFreeText(Name);
    return Atom;
}

ATOM WINAPI RegisterClassA(const WNDCLASSA *lpWndClass)
{
    WNDCLASSEXA Class;
    ZeroMemory(&Class, sizeof Class);
    Class.cbSize = sizeof Class;
    Class.lpfnWndProc = lpWndClass->lpfnWndProc;
    Class.cbClsExtra = lpWndClass->cbClsExtra;
    Class.cbWndExtra = lpWndClass->cbWndExtra;
    Class.hInstance = lpWndClass->hInstance;
    Class.lpszClassName = lpWndClass->lpszClassName;
    return RegisterClassExA(&Class);
}

ATOM WINAPI RegisterClassW(const WNDCLASSW *lpWndClass)
{
    WNDCLASSEXW Class;
    ZeroMemory(&Class, sizeof Class);
    Class.lpfnWndProc = lpWndClass->lpfnWndProc;
    Class.cbClsExtra = lpWndClass->cbClsExtra;
    Class.cbWndExtra = lpWndClass->cbWndExtra;
    Class.hInstance = lpWndClass->hInstance;
    Class.lpszClassName = lpWndClass->lpszClassName;
    return Register(&Class, TRUE);
}

BOOL WINAPI UnregisterClassW(LPCWSTR lpClassName, HINSTANCE hInstance)
{
    USER_CLASS *Class, **Link;
    UserAcquireLock();
    Class = UserFindClass(lpClassName);
    BOOL Used = Class != NULL && Class->Windows != 0;
    if (Class != NULL && !Used) {
        for (Link = &Classes; *Link != Class; Link = &(*Link)->Next)
            ;
        *Link = Class->Next;
    }
    UserReleaseLock();
    if (Class == NULL)
        return UserFail(ERROR_CLASS_DOES_NOT_EXIST);
    if (Used)
        return UserFail(ERROR_CLASS_HAS_WINDOWS);
    host_free(Class);
    return TRUE;
}

BOOL WINAPI UnregisterClassA(LPCSTR lpClassName, HINSTANCE hInstance)
{
    PWSTR Name;
    if (!UserWideText(lpClassName, &Name))
        return FALSE;
    BOOL Done = UnregisterClassW(Name, hInstance);
    UserFreeText(Name);
    return Done;
}

/* Ids are never given back, as on Windows. */
UINT WINAPI RegisterWindowMessageW(LPCWSTR lpString)
{
    SIZE_T Bytes = ((SIZE_T)lstrlenW(lpString) + 1) * sizeof(WCHAR);
    USER_ATOM *New = host_allocate(sizeof *New + Bytes), *Found;
    if (New == NULL) {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return 0;
    }
    CopyMemory(New->Name, lpString, Bytes);
    UserAcquireLock();
    for (Found = Messages; Found != NULL && !UserEqualNames(Found->Name, lpString); Found = Found->Next)
        ;
    if (Found == NULL) {
        New->Atom = ++LastAtom;
        New->Next = Messages;
        Messages = Found = New;
        New = NULL;
    }
    UINT Atom = Found->Atom;
    UserReleaseLock();
    host_free(New);
    return Atom;
}

UINT WINAPI RegisterWindowMessageA(LPCSTR lpString)
{
    PWSTR Name;
    if (!UserWideText(lpString, &Name))
        return 0;
    UINT Id = RegisterWindowMessageW(Name);
    UserFreeText(Name);
    return Id;
}
