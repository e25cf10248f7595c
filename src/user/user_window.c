/* SPDX-License-Identifier: MIT */
/*
 * user_window.c - windows: handles, creation, destruction, their data, their procedures.
 *
 * Layer: user; NT counterpart: the window functions of user32 that have nothing to do with drawing.
 *
 * A handle is the window's place in the table and, in the upper half, how often that place has been used, so
 * that an old handle names nothing. A window is destroyed by its own thread only; so that thread reads it without
 * the lock while it is alive, and others under the lock.
 */
#include "user_private.h"

typedef struct USER_PLACE {
    USER_WINDOW *Window;
    USHORT Uses;
} USER_PLACE;

static USER_PLACE Places[USER_WINDOWS_MAX] _Guarded_by_(UserTableLock);
static ULONG PlacesUsed _Guarded_by_(UserTableLock); /* all beyond were never used */

/* Handles are the index plus one in the lower half; the upper is never 0. */
USER_WINDOW *UserFindWindow(HWND Handle)
{
    ULONG_PTR Value = (ULONG_PTR)Handle;
    ULONG_PTR Index = (Value & 0xFFFF) - 1;
    if (Index >= PlacesUsed || Places[Index].Window == NULL || Places[Index].Window->Handle != Handle)
        return NULL;
    return Places[Index].Window;
}

static BOOL InsertWindow(USER_WINDOW *Window) _Requires_lock_held_(UserTableLock)
{
    ULONG Index;
    for (Index = 0; Index < PlacesUsed && Places[Index].Window != NULL; Index++)
        ;
    if (Index == USER_WINDOWS_MAX)
        return FALSE;
    if (Index == PlacesUsed)
        PlacesUsed++;
    if (++Places[Index].Uses == 0)
        Places[Index].Uses = 1;
    Places[Index].Window = Window;
    Window->Handle = (HWND)(((ULONG_PTR)Places[Index].Uses << 16) | (Index + 1));
    return TRUE;
}

BOOL UserIsWithin(HWND Window, HWND Filter)
{
    for (ULONG Depth = 0; Window != NULL && Depth < 64; Depth++) {
        if (Window == Filter)
            return TRUE;
        USER_WINDOW *Found = UserFindWindow(Window);
        Window = Found != NULL ? Found->Parent : NULL;
    }
    return FALSE;
}

HWND UserNextWindow(HWND After, HWND Parent, const USER_CLASS *Class, LPCWSTR Text)
{
    for (ULONG i = (ULONG)((ULONG_PTR)After & 0xFFFF); i < PlacesUsed; i++) {
        const USER_WINDOW *Window = Places[i].Window;
        if (Window != NULL && Window->Parent == Parent && (Class == NULL || Window->Class == Class) &&
            (Text == NULL || (Window->Text != NULL && UserEqualNames(Window->Text, Text))))
            return Window->Handle;
    }
    return NULL;
}

/* --- creation --- */

typedef struct USER_CREATE {
    LPCWSTR Class;
    LPCWSTR Name;
    LPCREATESTRUCTA Ansi; /* what the procedure of an ANSI class is given */
    LPCREATESTRUCTW Wide;
} USER_CREATE;

static VOID FreeWindow(USER_WINDOW *Window)
{
    UserDereferenceQueue(Window->Queue);
    host_free(Window->Text);
    host_free(Window);
}

/* The class is counted. NULL with the last error. */
static USER_CLASS *UseClass(LPCWSTR Name)
{
    UserRegisterSystemClasses();
    UserAcquireLock();
    USER_CLASS *Class = UserFindClass(Name);
    if (Class != NULL)
        Class->Windows++;
    UserReleaseLock();
    if (Class == NULL)
        SetLastError(ERROR_CANNOT_FIND_WND_CLASS);
    return Class;
}

static VOID ReleaseClass(USER_CLASS *Class)
{
    UserAcquireLock();
    Class->Windows--;
    UserReleaseLock();
}

static PWSTR CopyText(LPCWSTR Text)
{
    SIZE_T Bytes = ((SIZE_T)lstrlenW(Text) + 1) * sizeof(WCHAR);
    PWSTR Copy = host_allocate(Bytes);
    if (Copy != NULL)
        CopyMemory(Copy, Text, Bytes);
    return Copy;
}

static USER_WINDOW *AllocateWindow(USER_CLASS *Class, USER_QUEUE *Queue, const USER_CREATE *Create)
{
    SIZE_T Bytes = sizeof(USER_WINDOW) + (SIZE_T)Class->WindowExtra;
    USER_WINDOW *Window = host_allocate(Bytes);
    if (Window == NULL)
        return NULL;
    ZeroMemory(Window, Bytes);
    Window->Class = Class;
    Window->Procedure = Class->Procedure;
    Window->Parent = Create->Wide->hwndParent == HWND_MESSAGE ? NULL : Create->Wide->hwndParent;
    Window->Instance = Create->Wide->hInstance;
    Window->Id = (LONG_PTR)Create->Wide->hMenu;
    Window->Style = Create->Wide->style;
    Window->ExStyle = (LONG)Create->Wide->dwExStyle;
    if (Create->Name != NULL && (Window->Text = CopyText(Create->Name)) == NULL) {
        host_free(Window);
        return NULL;
    }
    UserAcquireLock();
    UserReferenceQueue(Queue);
    Window->Queue = Queue;
    UserReleaseLock();
    return Window;
}

/* Enters the window in the table; ERROR_xxx. */
static DWORD PublishWindow(USER_WINDOW *Window)
{
    DWORD Error = ERROR_SUCCESS;
    UserAcquireLock();
    if (Window->Parent != NULL && UserFindWindow(Window->Parent) == NULL)
        Error = ERROR_INVALID_WINDOW_HANDLE;
    else if (!InsertWindow(Window))
        Error = ERROR_NO_MORE_USER_HANDLES;
    UserReleaseLock();
    return Error;
}

static HWND CreateWindowOf(const USER_CREATE *Create)
{
    USER_QUEUE *Queue = UserQueue();
    USER_CLASS *Class = Queue != NULL ? UseClass(Create->Class) : NULL;
    USER_WINDOW *Window;
    if (Class == NULL)
        return NULL;
    Window = AllocateWindow(Class, Queue, Create);
    DWORD Error = Window != NULL ? PublishWindow(Window) : ERROR_NOT_ENOUGH_MEMORY;
    if (Error != ERROR_SUCCESS) {
        ReleaseClass(Class);
        if (Window != NULL)
            FreeWindow(Window);
        SetLastError(Error);
        return NULL;
    }
    HWND Handle = Window->Handle;
    LPARAM Argument = Class->Unicode ? (LPARAM)Create->Wide : (LPARAM)Create->Ansi;
    if (!UserCallWindow(Handle, WM_NCCREATE, 0, Argument) || UserCallWindow(Handle, WM_CREATE, 0, Argument) == -1) {
        DestroyWindow(Handle);
        return NULL;
    }
    return IsWindow(Handle) ? Handle : NULL;
}

HWND WINAPI CreateWindowExW(DWORD dwExStyle, LPCWSTR lpClassName, LPCWSTR lpWindowName, DWORD dwStyle, int X, int Y,
    int nWidth, int nHeight, HWND hWndParent, HMENU hMenu, HINSTANCE hInstance, LPVOID lpParam)
{
    CREATESTRUCTW Wide = {lpParam, hInstance, hMenu, hWndParent, nHeight, nWidth, Y, X, (LONG)dwStyle, lpWindowName,
        lpClassName, dwExStyle};
    CREATESTRUCTA Ansi = {lpParam, hInstance, hMenu, hWndParent, nHeight, nWidth, Y, X, (LONG)dwStyle, NULL, NULL,
        dwExStyle};
    USER_CREATE Create = {lpClassName, lpWindowName, &Ansi, &Wide};
    return CreateWindowOf(&Create);
}

HWND WINAPI CreateWindowExA(DWORD dwExStyle, LPCSTR lpClassName, LPCSTR lpWindowName, DWORD dwStyle, int X, int Y,
    int nWidth, int nHeight, HWND hWndParent, HMENU hMenu, HINSTANCE hInstance, LPVOID lpParam)
{
    PWSTR Class, Name = NULL;
    HWND Handle = NULL;
    if (!UserWideText(lpClassName, &Class))
        return NULL;
    if (lpWindowName == NULL || UserWideText(lpWindowName, &Name)) {
        CREATESTRUCTW Wide = {lpParam, hInstance, hMenu, hWndParent, nHeight, nWidth, Y, X, (LONG)dwStyle, Name,
            Class, dwExStyle};
        CREATESTRUCTA Ansi = {lpParam, hInstance, hMenu, hWndParent, nHeight, nWidth, Y, X, (LONG)dwStyle,
            lpWindowName, lpClassName, dwExStyle};
        USER_CREATE Create = {Class, Name, &Ansi, &Wide};
        Handle = CreateWindowOf(&Create);
        UserFreeText(Name);
    }
    UserFreeText(Class);
    return Handle;
}

/* --- destruction --- */

/* One child of the window, or NULL. */
static HWND FirstChild(HWND Handle)
{
    HWND Child = NULL;
    UserAcquireLock();
    for (ULONG i = 0; i < PlacesUsed && Child == NULL; i++) {
        if (Places[i].Window != NULL && Places[i].Window->Parent == Handle && !Places[i].Window->Destroying)
            Child = Places[i].Window->Handle;
    }
    UserReleaseLock();
    return Child;
}

static VOID RemoveWindow(USER_WINDOW *Window)
{
    HWND Handle = Window->Handle;
    UserAcquireLock();
    Places[((ULONG_PTR)Handle & 0xFFFF) - 1].Window = NULL;
    Window->Class->Windows--;
    UserReleaseLock();
    UserFreeTimers(Window->Queue, Handle);
    UserRemovePosted(Window->Queue, Handle);
    FreeWindow(Window);
}

BOOL WINAPI DestroyWindow(HWND hWnd)
{
    USER_QUEUE *Queue = UserQueue();
    HWND Child;
    UserAcquireLock();
    USER_WINDOW *Window = UserFindWindow(hWnd);
    BOOL Own = Window != NULL && Window->Queue == Queue;
    BOOL Again = Own && Window->Destroying;
    if (Own)
        Window->Destroying = TRUE;
    UserReleaseLock();
    if (!Own)
        return UserFail(Window == NULL ? ERROR_INVALID_WINDOW_HANDLE : ERROR_ACCESS_DENIED);
    if (Again)
        return TRUE;
    (VOID) UserCallWindow(hWnd, WM_DESTROY, 0, 0);
    while ((Child = FirstChild(hWnd)) != NULL && DestroyWindow(Child))
        ;
    (VOID) UserCallWindow(hWnd, WM_NCDESTROY, 0, 0);
    RemoveWindow(Window);
    return TRUE;
}

VOID UserDestroyThreadWindows(USER_QUEUE *Queue)
{
    for (;;) {
        USER_WINDOW *Window = NULL;
        UserAcquireLock();
        for (ULONG i = 0; i < PlacesUsed && Window == NULL; i++) {
            if (Places[i].Window != NULL && Places[i].Window->Queue == Queue)
                Window = Places[i].Window;
        }
        UserReleaseLock();
        if (Window == NULL)
            return;
        RemoveWindow(Window);
    }
}

/* --- procedures --- */

LRESULT UserCallWindow(HWND Handle, UINT Message, WPARAM WParam, LPARAM LParam)
{
    WNDPROC Procedure = NULL;
    UserAcquireLock();
    USER_WINDOW *Window = UserFindWindow(Handle);
    if (Window != NULL)
        Procedure = Window->Procedure;
    UserReleaseLock();
    KeAssertNoLocksHeld("window procedure");
    return Procedure != NULL ? Procedure(Handle, Message, WParam, LParam) : 0;
}

LRESULT WINAPI DefWindowProcW(HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam)
{
    switch (Msg) {
    case WM_NCCREATE:
    case WM_QUERYENDSESSION:
        return TRUE;
    case WM_CLOSE:
        DestroyWindow(hWnd);
        return 0;
    default:
        return 0;
    }
}

LRESULT WINAPI DefWindowProcA(HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam)
{
    return DefWindowProcW(hWnd, Msg, wParam, lParam);
}

LRESULT WINAPI CallWindowProcW(WNDPROC lpPrevWndFunc, HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam)
{
    return lpPrevWndFunc(hWnd, Msg, wParam, lParam);
}

LRESULT WINAPI CallWindowProcA(WNDPROC lpPrevWndFunc, HWND hWnd, UINT Msg, WPARAM wParam, LPARAM lParam)
{
    return lpPrevWndFunc(hWnd, Msg, wParam, lParam);
}

VOID UserBroadcast(UINT Message, WPARAM WParam, LPARAM LParam)
{
    for (ULONG i = 0;; i++) {
        HWND Handle = NULL;
        UserAcquireLock();
        BOOL More = i < PlacesUsed;
        if (More && Places[i].Window != NULL && Places[i].Window->Parent == NULL)
            Handle = Places[i].Window->Handle;
        UserReleaseLock();
        if (!More)
            return;
        if (Handle != NULL)
            (VOID) PostMessageW(Handle, Message, WParam, LParam);
    }
}
