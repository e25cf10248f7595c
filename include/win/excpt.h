/* SPDX-License-Identifier: MIT */
/*
 * excpt.h - the words of structured exception handling.
 *
 * Layer: application headers. There are no structured exceptions: a fault is a signal and ends the program.
 * __try runs its block, an __except block never runs, a __finally block runs after the __try block, and
 * __leave goes to the end of the innermost __try block, from loops and switches too. A return inside
 * __try skips __finally. __try ... __except is more than one statement: put braces around it after an if.
 * In C++ __try is try, because libstdc++ defines it so, and __leave throws what __except and __finally catch;
 * a C++ exception passes __finally by. Without C++ exceptions the words do not exist in C++.
 */
#ifndef _INC_EXCPT
#define _INC_EXCPT

#define EXCEPTION_EXECUTE_HANDLER 1
#define EXCEPTION_CONTINUE_SEARCH 0
#define EXCEPTION_CONTINUE_EXECUTION (-1)

#define GetExceptionCode() (0U)
#define GetExceptionInformation() ((struct _EXCEPTION_POINTERS *)0)
#define AbnormalTermination() 0
#define _exception_code GetExceptionCode
#define _exception_info GetExceptionInformation
#define _abnormal_termination AbnormalTermination

#ifndef __cplusplus
/* The block that __try opens is closed by __except or __finally; the label is local to it. */
#undef __try
#undef __except
#undef __finally
#undef __leave
#define __try                   \
    {                           \
        __label__ ntsock_leave;
#define __except(filter)                      \
    ntsock_leave:                             \
        __attribute__((unused));              \
    }                                         \
    if (0 && (filter))
#define __finally                \
    ntsock_leave:                \
        __attribute__((unused)); \
    }                            \
    if (1)
#define __leave goto ntsock_leave
#elif defined(__cpp_exceptions)
#ifndef __try
#define __try try
#endif
extern "C++" {
struct ntsock_leave_exception {};
}
#define __except(filter)                    \
    catch (const ntsock_leave_exception &) { \
    }                                       \
    if (false && (filter))
#define __finally                           \
    catch (const ntsock_leave_exception &) { \
    }                                       \
    if (true)
#define __leave throw ntsock_leave_exception()
#endif

#endif
