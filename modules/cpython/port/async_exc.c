/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief An exception for another thread also ends what that thread waits for.
 *
 * PyThreadState_SetAsyncExc() is for a thread that runs Python code. One that waits in C, for a
 * lock or in time.sleep(), would find the exception when the wait has ended by itself. The waits
 * of CPython end with EINTR when the port layer's thread is interrupted, and then ask whether a
 * signal's handler has raised something: by the two functions that are wrapped here (link time).
 * They are nothing to any thread but the main one; now they raise what was set for the thread.
 */

#include "Python.h"
#include "pycore_ceval.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"

int __real_PyErr_CheckSignals(void);
int __wrap_PyErr_CheckSignals(void);
int __real_Py_MakePendingCalls(void);
int __wrap_Py_MakePendingCalls(void);

/* As the end of _Py_HandlePending(). */
static int raise_pending(void)
{
	PyThreadState *tstate = _PyThreadState_GET();
	PyObject *exc;

	if (!_Py_eval_breaker_bit_is_set(tstate, _PY_ASYNC_EXCEPTION_BIT)) {
		return 0;
	}
	_Py_unset_eval_breaker_bit(tstate, _PY_ASYNC_EXCEPTION_BIT);
	exc = _Py_atomic_exchange_ptr(&tstate->async_exc, NULL);
	if (exc == NULL) {
		return 0;
	}
	_PyErr_SetNone(tstate, exc);
	Py_DECREF(exc);
	return -1;
}

int __wrap_PyErr_CheckSignals(void)
{
	int ret = __real_PyErr_CheckSignals();

	return ret != 0 ? ret : raise_pending();
}

int __wrap_Py_MakePendingCalls(void)
{
	int ret = __real_Py_MakePendingCalls();

	return ret != 0 ? ret : raise_pending();
}
