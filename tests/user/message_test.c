/* SPDX-License-Identifier: MIT */
/* message_test.c - classes, windows, queues, timers, and waiting for input with handles. */
#include "user_test.h"

static unsigned seen[32];
static int seen_count;

static LRESULT CALLBACK record(HWND window, UINT message, WPARAM wparam, LPARAM lparam)
{
    if (seen_count < 32)
        seen[seen_count++] = message;
    return message == WM_USER + 5 ? (LRESULT)(wparam + (WPARAM)lparam)
                                  : DefWindowProcA(window, message, wparam, lparam);
}

QUEUE_TEST(class__registered_twice_used_and_gone__documented_errors)
{
    WNDCLASSA class = {.lpfnWndProc = record, .lpszClassName = "twice"};
    WNDCLASSEXA sized = {.cbSize = 1, .lpfnWndProc = record, .lpszClassName = "sized"};
    ATOM atom = RegisterClassA(&class);
    CHECK(atom >= 0xC000);
    CHECK_EQ(RegisterClassA(&class), 0);
    CHECK_EQ(GetLastError(), ERROR_CLASS_ALREADY_EXISTS);
    CHECK_EQ(RegisterClassExA(&sized), 0);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    class.lpfnWndProc = NULL;
    class.lpszClassName = "none";
    CHECK_EQ(RegisterClassA(&class), 0);
    HWND window = CreateWindowExA(0, "TWICE", NULL, 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL);
    CHECK(window != NULL);
    CHECK(!UnregisterClassA("twice", NULL));
    CHECK_EQ(GetLastError(), ERROR_CLASS_HAS_WINDOWS);
    CHECK(DestroyWindow(window));
    CHECK(UnregisterClassA(MAKEINTRESOURCEA(atom), NULL));
    CHECK(!UnregisterClassA("twice", NULL));
    CHECK_EQ(GetLastError(), ERROR_CLASS_DOES_NOT_EXIST);
    CHECK(CreateWindowExA(0, "twice", NULL, 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL) == NULL);
    CHECK_EQ(GetLastError(), ERROR_CANNOT_FIND_WND_CLASS);
}

QUEUE_TEST(window__made_and_destroyed__gets_its_messages_in_order)
{
    const unsigned expected[] = {WM_NCCREATE, WM_CREATE, WM_USER + 5, WM_DESTROY, WM_NCDESTROY};
    seen_count = 0;
    HWND window = make_window("order", record);
    CHECK(IsWindow(window));
    CHECK_EQ(SendMessageA(window, WM_USER + 5, 40, 2), 42);
    CHECK_EQ(GetWindowThreadProcessId(window, NULL), GetCurrentThreadId());
    CHECK(FindWindowExA(HWND_MESSAGE, NULL, "order", "text") == window);
    SetWindowLongPtrA(window, GWLP_USERDATA, 77);
    CHECK_EQ(GetWindowLongPtrA(window, GWLP_USERDATA), 77);
    CHECK_EQ(GetWindowLongPtrA(window, 0), 0);
    CHECK_EQ(GetLastError(), ERROR_INVALID_INDEX);
    drop_window(window, "order");
    CHECK(!IsWindow(window));
    REQUIRE_EQ(seen_count, 5);
    for (int i = 0; i < 5; i++)
        CHECK_EQ(seen[i], expected[i]);
    CHECK(!DestroyWindow(window));
    CHECK_EQ(GetLastError(), ERROR_INVALID_WINDOW_HANDLE);
    CHECK(!PostMessageA(window, WM_USER, 0, 0));
    CHECK_EQ(GetLastError(), ERROR_INVALID_WINDOW_HANDLE);
    CHECK_EQ(SendMessageA(window, WM_USER, 0, 0), 0);
    CHECK_EQ(GetLastError(), ERROR_INVALID_WINDOW_HANDLE);
}

static LRESULT CALLBACK refuse(HWND window, UINT message, WPARAM wparam, LPARAM lparam)
{
    const CREATESTRUCTA *create = (const CREATESTRUCTA *)lparam;
    if (message == WM_CREATE)
        return create->lpCreateParams == (void *)&seen_count ? -1 : 0;
    return DefWindowProcA(window, message, wparam, lparam);
}

QUEUE_TEST(window__creation_refused_by_its_procedure__is_not_made)
{
    HWND window = make_window("refuse", refuse);
    CHECK(CreateWindowExA(0, "refuse", NULL, 0, 0, 0, 0, 0, NULL, NULL, NULL, &seen_count) == NULL);
    HWND child = CreateWindowExA(0, "refuse", NULL, WS_CHILD, 0, 0, 0, 0, window, NULL, NULL, NULL);
    CHECK(child != NULL && GetParent(child) == window);
    CHECK(CreateWindowExA(0, "refuse", NULL, 0, 0, 0, 0, 0, (HWND)(ULONG_PTR)0x12345678, NULL, NULL, NULL) == NULL);
    CHECK_EQ(GetLastError(), ERROR_INVALID_WINDOW_HANDLE);
    drop_window(window, "refuse");
    CHECK(!IsWindow(child));
}

QUEUE_TEST(queue__several_kinds__posted_before_quit_before_timer)
{
    MSG message;
    CHECK(!PeekMessageA(&message, NULL, 0, 0, PM_REMOVE));
    UINT_PTR timer = SetTimer(NULL, 0, 10, NULL);
    CHECK(timer != 0);
    PostQuitMessage(3);
    CHECK(PostThreadMessageA(GetCurrentThreadId(), WM_USER + 1, 1, 2));
    CHECK(PostThreadMessageA(GetCurrentThreadId(), WM_USER + 2, 3, 4));
    CHECK(PeekMessageA(&message, NULL, WM_USER + 2, WM_USER + 2, PM_NOREMOVE));
    CHECK_EQ(message.wParam, 3);
    CHECK_EQ(GetMessageA(&message, NULL, 0, 0), 1);
    CHECK_EQ(message.message, WM_USER + 1);
    CHECK_EQ(GetMessageA(&message, NULL, 0, 0), 1);
    CHECK_EQ(message.message, WM_USER + 2);
    CHECK_EQ(GetMessageA(&message, NULL, 0, 0), 0);
    CHECK_EQ(message.message, WM_QUIT);
    CHECK_EQ(message.wParam, 3);
    CHECK_EQ(GetMessageA(&message, NULL, 0, 0), 1);
    CHECK_EQ(message.message, WM_TIMER);
    CHECK_EQ(message.wParam, timer);
    CHECK(KillTimer(NULL, timer));
    CHECK(!KillTimer(NULL, timer));
    CHECK_EQ(GetMessageA(&message, (HWND)(ULONG_PTR)0x12345678, 0, 0), -1);
    CHECK_EQ(GetLastError(), ERROR_INVALID_WINDOW_HANDLE);
}

QUEUE_TEST(queue__full__refuses_with_quota)
{
    MSG message;
    CHECK(!PeekMessageA(&message, NULL, 0, 0, PM_NOREMOVE));
    for (int i = 0; i < 10000; i++)
        REQUIRE(PostThreadMessageA(GetCurrentThreadId(), WM_USER, (WPARAM)i, 0));
    CHECK(!PostThreadMessageA(GetCurrentThreadId(), WM_USER, 0, 0));
    CHECK_EQ(GetLastError(), ERROR_NOT_ENOUGH_QUOTA);
    for (int i = 0; i < 10000; i++)
        REQUIRE(PeekMessageA(&message, NULL, 0, 0, PM_REMOVE) && message.wParam == (WPARAM)i);
    CHECK(!PostThreadMessageA(4242424, WM_USER, 0, 0));
    CHECK_EQ(GetLastError(), ERROR_INVALID_THREAD_ID);
}

static int ticks;

static void CALLBACK tick(HWND window, UINT message, UINT_PTR id, DWORD time)
{
    (void)window, (void)time;
    CHECK_EQ(message, WM_TIMER);
    CHECK_EQ(id, 9);
    ticks++;
}

QUEUE_TEST(timer__of_a_window_with_procedure__is_called_by_dispatch)
{
    MSG message;
    HWND window = make_window("timer", record);
    CHECK_EQ(SetTimer(window, 9, 1, tick), 9);
    while (ticks < 2 && GetMessageA(&message, window, 0, 0) > 0)
        DispatchMessageA(&message);
    CHECK_EQ(ticks, 2);
    drop_window(window, "timer"); /* and its timer with it */
    CHECK_EQ(SetTimer(window, 9, 1, tick), 0);
}

QUEUE_TEST(msg_wait__handles_and_input__which_came)
{
    HANDLE events[2] = {CreateEventA(NULL, FALSE, FALSE, NULL), CreateEventA(NULL, FALSE, FALSE, NULL)};
    MSG message;
    CHECK_EQ(MsgWaitForMultipleObjects(2, events, FALSE, 1, QS_ALLINPUT), WAIT_TIMEOUT);
    SetEvent(events[1]);
    CHECK_EQ(MsgWaitForMultipleObjects(2, events, FALSE, LIMIT_MS, QS_ALLINPUT), WAIT_OBJECT_0 + 1);
    CHECK(PostThreadMessageA(GetCurrentThreadId(), WM_USER, 0, 0));
    CHECK(PostThreadMessageA(GetCurrentThreadId(), WM_USER, 0, 0));
    CHECK_EQ(MsgWaitForMultipleObjects(2, events, FALSE, 1, QS_TIMER), WAIT_TIMEOUT);
    CHECK_EQ(MsgWaitForMultipleObjects(2, events, FALSE, LIMIT_MS, QS_ALLINPUT), WAIT_OBJECT_0 + 2);
    CHECK(PeekMessageA(&message, NULL, 0, 0, PM_REMOVE));
    /* The second message is not new any more. */
    CHECK_EQ(MsgWaitForMultipleObjects(2, events, FALSE, 1, QS_ALLINPUT), WAIT_TIMEOUT);
    CHECK_EQ(MsgWaitForMultipleObjectsEx(2, events, LIMIT_MS, QS_ALLINPUT, MWMO_INPUTAVAILABLE), WAIT_OBJECT_0 + 2);
    CHECK_EQ(HIWORD(GetQueueStatus(QS_POSTMESSAGE)), QS_POSTMESSAGE);
    CHECK_EQ(LOWORD(GetQueueStatus(QS_POSTMESSAGE)), 0);
    CHECK(PeekMessageA(&message, NULL, 0, 0, PM_REMOVE));
    UINT_PTR timer = SetTimer(NULL, 0, 10, NULL);
    CHECK_EQ(MsgWaitForMultipleObjects(2, events, FALSE, LIMIT_MS, QS_TIMER), WAIT_OBJECT_0 + 2);
    KillTimer(NULL, timer);
    CHECK_EQ(MsgWaitForMultipleObjects(64, events, FALSE, 0, QS_ALLINPUT), WAIT_FAILED);
    CHECK_EQ(GetLastError(), ERROR_INVALID_PARAMETER);
    CloseHandle(events[0]);
    CloseHandle(events[1]);
}

QUEUE_TEST(text__formatted_narrow_and_wide__same)
{
    char narrow[1024];
    WCHAR wide[1024];
    CHECK_EQ(wsprintfA(narrow, "%d-%s", 5, "x"), 3);
    CHECK_EQ(wsprintfW(wide, L"%d-%ls", 5, L"x"), 3);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(narrow[i], wide[i]);
    UINT id = RegisterWindowMessageA("a message");
    CHECK(id >= 0xC000);
    CHECK_EQ(RegisterWindowMessageW(L"A Message"), id);
}
