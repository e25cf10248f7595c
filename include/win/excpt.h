/* SPDX-License-Identifier: MIT */
/*
 * excpt.h - the words of structured exception handling, for C.
 *
 * Layer: application headers. There are no structured exceptions: __try runs its block, an __except
 * block never runs, a __finally block runs after the __try block. __leave is not defined: without the
 * compiler's help it needs a label of its own per __try. A return inside __try skips __finally. In C++
 * __try stays what libstdc++ made of it; use C++ exceptions.
 */
#ifndef _INC_EXCPT
#define _INC_EXCPT

#define EXCEPTION_EXECUTE_HANDLER 1
#define EXCEPTION_CONTINUE_SEARCH 0
#define EXCEPTION_CONTINUE_EXECUTION (-1)

#endif
