/* SPDX-License-Identifier: MIT */
/* driverspecs.h - annotation words of drivers, all empty; sal.h holds most. [doc:cpp/understanding-sal] */
#ifndef DRIVERSPECS_H
#define DRIVERSPECS_H

#include <sal.h>

#define _Analysis_mode_(m)
#define _Kernel_float_saved_
#define _Kernel_float_restored_
#define _Kernel_float_used_
#define _IRQL_is_cancel_
#define _IRQL_uses_cancel_
#define __drv_preferredFunction(f, w)
#define __drv_reportError(w)
#define __drv_sameIRQL
#define __drv_maxIRQL(i)
#define __drv_minIRQL(i)
#define __drv_requiresIRQL(i)
#define __drv_raisesIRQL(i)
#define __drv_restoresIRQL
#define __drv_savesIRQL
#define __drv_isCancelIRQL
#define __drv_useCancelIRQL
#define __drv_when(c, a)
#define __drv_at(t, a)
#define __drv_in(a)
#define __drv_out(a)
#define __drv_functionClass(c)
#define __drv_mustHoldCancelSpinLock
#define __drv_acquiresCancelSpinLock
#define __drv_releasesCancelSpinLock
#define __drv_strictType(t, m)
#define __drv_strictTypeMatch(m)

#endif
