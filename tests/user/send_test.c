/* SPDX-License-Identifier: MIT */
/* send_test.c - messages between threads: posted, sent, answered early, timed out, to threads that end. */
#include "user_test.h"

enum { ADD = WM_USER + 1, BACK, NOTE, EARLY, HANG, END, LEAVE };

struct partner {
    HWND window;
    HANDLE ready, release;
    HWND back;
};

static struct partner *self;

static LRESULT CALLBACK answer(HWND window, UINT message, WPARAM wparam, LPARAM lparam)
{
    switch (message) {
    case ADD:
        CHECK(InSendMessage());
        return (LRESULT)(wparam + (WPARAM)lparam);
    case BACK: /* to the sender, which waits for us */
        return SendMessageA(self->back, ADD, wparam, lparam) * 2;
    case NOTE: /* to the sender, which does not wait for it */
        return SendNotifyMessageA(self->back, ADD, wparam, lparam);
    case EARLY:
        CHECK(ReplyMessage(11));
        CHECK(!ReplyMessage(12));
        return 13;
    case HANG:
        WaitForSingleObject(self->release, LIMIT_MS);
        return 14;
    case END:
        PostQuitMessage(0);
        return 0;
    case LEAVE:
        ExitThread(5);
    default:
        return DefWindowProcA(window, message, wparam, lparam);
    }
}

static DWORD partner_thread(void *context)
{
    struct partner *partner = context;
    MSG message;
    partner->window = make_window("partner", answer);
    SetEvent(partner->ready);
    while (GetMessageA(&message, NULL, 0, 0) > 0)
        DispatchMessageA(&message);
    drop_window(partner->window, "partner");
    return 0;
}

static HANDLE start_partner(struct partner *partner)
{
    self = partner;
    partner->ready = CreateEventA(NULL, TRUE, FALSE, NULL);
    partner->release = CreateEventA(NULL, FALSE, FALSE, NULL);
    HANDLE thread = start_thread(partner_thread, partner);
    CHECK_EQ(WaitForSingleObject(partner->ready, LIMIT_MS), WAIT_OBJECT_0);
    return thread;
}

static void end_partner(struct partner *partner, HANDLE thread)
{
    join_thread(thread);
    CloseHandle(partner->ready);
    CloseHandle(partner->release);
}

QUEUE_TEST(send__to_another_thread__waits_for_the_result)
{
    struct partner partner = {0};
    HANDLE thread = start_partner(&partner);
    for (int i = 0; i < 1000; i++)
        REQUIRE_EQ(SendMessageA(partner.window, ADD, (WPARAM)i, 5), i + 5);
    CHECK_EQ(SendMessageA(partner.window, EARLY, 0, 0), 11);
    CHECK(!DestroyWindow(partner.window));
    CHECK_EQ(GetLastError(), ERROR_ACCESS_DENIED);
    CHECK(PostMessageA(partner.window, END, 0, 0));
    end_partner(&partner, thread);
    CHECK_EQ(SendMessageA(partner.window, ADD, 1, 1), 0);
}

static DWORD sends_many(void *context)
{
    DWORD wrong = 0;
    for (int i = 0; i < 10000; i++)
        wrong += SendMessageA(((struct partner *)context)->window, ADD, (WPARAM)i, 5) != i + 5;
    return wrong;
}

/* The next comes while the receiver has just found that there is no other: nobody else would wake it. */
QUEUE_TEST(send__again_and_again__none_is_left_waiting)
{
    struct partner partner = {0};
    HANDLE thread = start_partner(&partner), sender = start_thread(sends_many, &partner);
    CHECK_EQ(join_thread(sender), 0);
    CHECK(PostMessageA(partner.window, END, 0, 0));
    end_partner(&partner, thread);
}

/* A message that came while its receiver waited with SMTO_BLOCK, which runs none, is new afterwards. */
QUEUE_TEST(send__receiver_blocked_meanwhile__wait_message_tells_of_it)
{
    struct partner partner = {0};
    HANDLE thread = start_partner(&partner);
    DWORD_PTR result = 0;
    MSG message;
    partner.back = make_window("own", answer);
    CHECK(SendMessageTimeoutA(partner.window, NOTE, 1, 2, SMTO_BLOCK, LIMIT_MS, &result) != 0);
    CHECK_EQ(result, TRUE);
    CHECK_EQ(MsgWaitForMultipleObjects(0, NULL, FALSE, LIMIT_MS, QS_SENDMESSAGE), WAIT_OBJECT_0);
    CHECK(!PeekMessageA(&message, NULL, 0, 0, PM_REMOVE)); /* runs it */
    CHECK_EQ(MsgWaitForMultipleObjects(0, NULL, FALSE, 0, QS_SENDMESSAGE), WAIT_TIMEOUT);
    CHECK(PostMessageA(partner.window, END, 0, 0));
    end_partner(&partner, thread);
    drop_window(partner.back, "own");
}

QUEUE_TEST(send__answered_by_sending_back__neither_waits_for_ever)
{
    struct partner partner = {0};
    HANDLE thread = start_partner(&partner);
    partner.back = CreateWindowExA(0, "partner", NULL, 0, 0, 0, 0, 0, HWND_MESSAGE, NULL, NULL, NULL);
    for (int i = 0; i < 200; i++)
        REQUIRE_EQ(SendMessageA(partner.window, BACK, 3, 4), 14);
    CHECK(DestroyWindow(partner.back));
    CHECK(SendNotifyMessageA(partner.window, END, 0, 0));
    end_partner(&partner, thread);
}

QUEUE_TEST(send__receiver_hangs__time_out_and_the_record_is_safe)
{
    struct partner partner = {0};
    HANDLE thread = start_partner(&partner);
    DWORD_PTR result = 99;
    CHECK(SendNotifyMessageA(partner.window, HANG, 0, 0));
    CHECK_EQ(SendMessageTimeoutA(partner.window, ADD, 1, 1, SMTO_NORMAL, 20, &result), 0);
    CHECK_EQ(GetLastError(), ERROR_TIMEOUT);
    CHECK_EQ(result, 99);
    SetEvent(partner.release);
    CHECK(SendMessageTimeoutA(partner.window, ADD, 1, 1, SMTO_BLOCK, LIMIT_MS, &result) != 0);
    CHECK_EQ(result, 2);
    CHECK_EQ(SendMessageTimeoutA(partner.window, HANG, 1, 1, SMTO_NORMAL, 20, &result), 0);
    SetEvent(partner.release);
    CHECK(PostMessageA(partner.window, END, 0, 0));
    end_partner(&partner, thread);
}

QUEUE_TEST(send__receiver_ends_in_its_procedure__sender_goes_on)
{
    struct partner partner = {0};
    HANDLE thread = start_partner(&partner);
    CHECK_EQ(SendMessageA(partner.window, LEAVE, 0, 0), 0);
    end_partner(&partner, thread);
    CHECK(!IsWindow(partner.window));
    CHECK(UnregisterClassA("partner", NULL));
}

enum { POSTERS = 4, EACH = 2000 };

static DWORD post_many(void *context)
{
    for (int i = 0; i < EACH; i++)
        while (!PostMessageA(context, WM_USER, (WPARAM)i, 0))
            SwitchToThread();
    return 0;
}

QUEUE_TEST(post__from_several_threads__each_arrives_once)
{
    HANDLE threads[POSTERS];
    long long sum = 0;
    MSG message;
    HWND window = make_window("many", DefWindowProcA);
    for (int i = 0; i < POSTERS; i++)
        threads[i] = start_thread(post_many, window);
    for (int i = 0; i < POSTERS * EACH; i++) {
        REQUIRE_EQ(GetMessageA(&message, NULL, 0, 0), 1);
        sum += (long long)message.wParam;
    }
    CHECK_EQ(sum, (long long)POSTERS * EACH * (EACH - 1) / 2);
    for (int i = 0; i < POSTERS; i++)
        join_thread(threads[i]);
    CHECK(!PeekMessageA(&message, NULL, 0, 0, PM_REMOVE));
    drop_window(window, "many");
}
