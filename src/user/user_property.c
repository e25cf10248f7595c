/* SPDX-License-Identifier: MIT */
/*
 * user_property.c - what a window remembers, and finding windows.
 *
 * Layer: user.
 */
#include "user_private.h"

BOOL WINAPI IsWindow(HWND hWnd)
{
    UserAcquireLock();
    BOOL Found = UserFindWindow(hWnd) != NULL;
    UserReleaseLock();
    return Found;
}

/* One value of a window: read, and replaced if New is given. ERROR_xxx. */
static DWORD ExchangeLong(USER_WINDOW *Window, int Index, const LONG_PTR *New, LONG_PTR *Old)
{
    LONG_PTR Procedure;
    CopyMemory(&Procedure, &Window->Procedure, sizeof Procedure);
    LONG_PTR Style = Window->Style, ExStyle = Window->ExStyle;
    LONG_PTR *Place = Index == GWLP_USERDATA ? &Window->UserData
        : Index == GWLP_ID                   ? &Window->Id
        : Index == GWLP_HINSTANCE            ? (LONG_PTR *)(PVOID)&Window->Instance
        : Index == GWLP_HWNDPARENT           ? (LONG_PTR *)(PVOID)&Window->Parent
        : Index == GWLP_WNDPROC              ? &Procedure
        : Index == GWL_STYLE                 ? &Style
        : Index == GWL_EXSTYLE               ? &ExStyle
                                             : NULL;
    if (Place == NULL) {
        LONG_PTR Extra;
        if (Index < 0 || Index + (int)sizeof Extra > Window->Class->WindowExtra)
            return ERROR_INVALID_INDEX;
        CopyMemory(Old, Window->Extra + Index, sizeof *Old);
        if (New != NULL)
            CopyMemory(Window->Extra + Index, New, sizeof *New);
        return ERROR_SUCCESS;
    }
    *Old = *Place;
    if (New == NULL)
        return ERROR_SUCCESS;
    *Place = *New;
    CopyMemory(&Window->Procedure, &Procedure, sizeof Procedure);
    Window->Style = (LONG)Style;
    Window->ExStyle = (LONG)ExStyle;
    return ERROR_SUCCESS;
}

static LONG_PTR WindowLong(HWND Handle, int Index, const LONG_PTR *New)
{
    LONG_PTR Old = 0;
    DWORD Error = ERROR_INVALID_WINDOW_HANDLE;
    UserAcquireLock();
    USER_WINDOW *Window = UserFindWindow(Handle);
    if (Window != NULL)
        Error = ExchangeLong(Window, Index, New, &Old);
    UserReleaseLock();
    if (Error != ERROR_SUCCESS)
        SetLastError(Error);
    return Old;
}

LONG_PTR WINAPI GetWindowLongPtrW(HWND hWnd, int nIndex)
{
    return WindowLong(hWnd, nIndex, NULL);
}

LONG_PTR WINAPI GetWindowLongPtrA(HWND hWnd, int nIndex)
{
    return WindowLong(hWnd, nIndex, NULL);
}

LONG_PTR WINAPI SetWindowLongPtrW(HWND hWnd, int nIndex, LONG_PTR dwNewLong)
{
    return WindowLong(hWnd, nIndex, &dwNewLong);
}

LONG_PTR WINAPI SetWindowLongPtrA(HWND hWnd, int nIndex, LONG_PTR dwNewLong)
{
    return WindowLong(hWnd, nIndex, &dwNewLong);
}

LONG WINAPI GetWindowLongW(HWND hWnd, int nIndex)
{
    return (LONG)WindowLong(hWnd, nIndex, NULL);
}

LONG WINAPI GetWindowLongA(HWND hWnd, int nIndex)
{
    return (LONG)WindowLong(hWnd, nIndex, NULL);
}

LONG WINAPI SetWindowLongW(HWND hWnd, int nIndex, LONG dwNewLong)
{
    LONG_PTR New = dwNewLong;
    return (LONG)WindowLong(hWnd, nIndex, &New);
}

LONG WINAPI SetWindowLongA(HWND hWnd, int nIndex, LONG dwNewLong)
{
    return SetWindowLongW(hWnd, nIndex, dwNewLong);
}

HWND WINAPI GetParent(HWND hWnd)
{
    return (HWND)WindowLong(hWnd, GWLP_HWNDPARENT, NULL);
}

DWORD WINAPI GetWindowThreadProcessId(HWND hWnd, LPDWORD lpdwProcessId)
{
    DWORD ThreadId = 0;
    UserAcquireLock();
    USER_WINDOW *Window = UserFindWindow(hWnd);
    if (Window != NULL)
        ThreadId = Window->Queue->ThreadId;
    UserReleaseLock();
    if (ThreadId == 0)
        SetLastError(ERROR_INVALID_WINDOW_HANDLE);
    else if (lpdwProcessId != NULL)
        *lpdwProcessId = GetCurrentProcessId();
    return ThreadId;
}

BOOL WINAPI IsWindowUnicode(HWND hWnd)
{
    UserAcquireLock();
    USER_WINDOW *Window = UserFindWindow(hWnd);
    BOOL Unicode = Window != NULL && Window->Class->Unicode;
    UserReleaseLock();
    return Unicode;
}

HWND WINAPI FindWindowExW(HWND hWndParent, HWND hWndChildAfter, LPCWSTR lpszClass, LPCWSTR lpszWindow)
{
    HWND Parent = hWndParent == HWND_MESSAGE ? NULL : hWndParent;
    HWND Found;
    UserAcquireLock();
    const USER_CLASS *Class = lpszClass != NULL ? UserFindClass(lpszClass) : NULL;
    Found = lpszClass == NULL || Class != NULL ? UserNextWindow(hWndChildAfter, Parent, Class, lpszWindow) : NULL;
    UserReleaseLock();
    return Found;
}

HWND WINAPI FindWindowExA(HWND hWndParent, HWND hWndChildAfter, LPCSTR lpszClass, LPCSTR lpszWindow)
{
    PWSTR Class = NULL, Name = NULL;
    HWND Found = NULL;
    if ((lpszClass == NULL || UserWideText(lpszClass, &Class)) &&
        (lpszWindow == NULL || UserWideText(lpszWindow, &Name)))
        Found = FindWindowExW(hWndParent, hWndChildAfter, Class, Name);
    UserFreeText(Class);
    UserFreeText(Name);
    return Found;
}

HWND WINAPI FindWindowW(LPCWSTR lpClassName, LPCWSTR lpWindowName)
{
    return FindWindowExW(NULL, NULL, lpClassName, lpWindowName);
}

HWND WINAPI FindWindowA(LPCSTR lpClassName, LPCSTR lpWindowName)
{
    return FindWindowExA(NULL, NULL, lpClassName, lpWindowName);
}
