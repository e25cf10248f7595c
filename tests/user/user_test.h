/* SPDX-License-Identifier: MIT */
/*
 * user_test.h - cases that run on a thread of their own, since a message queue ends with its thread; the leak
 * check then sees all of it go.
 */
#ifndef USER_TEST_H
#define USER_TEST_H

#include "ws2_test.h"

#define LIMIT_MS 15000

#define QUEUE_TEST(name)                               \
    static void name##_on_thread(void);                \
    static DWORD name##_thread(void *context)          \
    {                                                  \
        (void)context;                                 \
        name##_on_thread();                            \
        return 0;                                      \
    }                                                  \
    TEST(name)                                         \
    {                                                  \
        join_thread(start_thread(name##_thread, NULL)); \
    }                                                  \
    static void name##_on_thread(void)

/* A window of a class that is registered for it; its messages go to procedure. */
static inline HWND make_window(const char *class_name, WNDPROC procedure)
{
    WNDCLASSA class = {.lpfnWndProc = procedure, .lpszClassName = class_name};
    CHECK(RegisterClassA(&class) != 0);
    HWND window = CreateWindowExA(0, class_name, "text", 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, NULL, NULL);
    REQUIRE(window != NULL);
    return window;
}

static inline void drop_window(HWND window, const char *class_name)
{
    CHECK(DestroyWindow(window));
    CHECK(UnregisterClassA(class_name, NULL));
}

#endif
