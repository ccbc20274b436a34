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
 *
 * And an exception from outside must not come between taking a lock and the `try` or `with` that
 * gives it back: CPython looks for one after each call, also after that of acquire(). A pipeline
 * that is interrupted while it starts would leave the lock of all imports, or that of the threads'
 * list, taken for ever. So it waits for a later look, for as long as the code is importlib's or
 * threading's, and at the entry of each `with`. A call of that code by other code is such a look:
 * `try: thread.join()` has its exception within the `try`.
 *
 * Some threads have something to do before they begin and when they end, come what may. They say
 * so (_vosal.thread_guard()), and the exception waits until they let it in (_vosal.thread_run());
 * what comes when they have ended goes with the thread.
 */

#include "Python.h"
#include "pycore_ceval.h"
#include "pycore_interpframe.h"
#include "pycore_pyerrors.h"
#include "pycore_pystate.h"

#include "port.h"

/* Last: its short names are also those of registers in the headers of processors. */
#include "opcode_ids.h"

int __real_PyErr_CheckSignals(void);
int __wrap_PyErr_CheckSignals(void);
int __real_Py_MakePendingCalls(void);
int __wrap_Py_MakePendingCalls(void);
int __real__Py_HandlePending(PyThreadState *tstate);
int __wrap__Py_HandlePending(PyThreadState *tstate);

/* As the end of _Py_HandlePending(). */
static int raise_pending(void)
{
	PyThreadState *tstate = _PyThreadState_GET();
	PyObject *exc;

	if (port_thread_self()->guarded ||
	    !_Py_eval_breaker_bit_is_set(tstate, _PY_ASYNC_EXCEPTION_BIT)) {
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

#define THREADING    CPYTHON_LIBRARY "/threading.py"
#define BEGINNING    "Thread._bootstrap_inner" /* also of a class derived from threading's */
#define FROM_OUTSIDE (_PY_SIGNALS_PENDING_BIT | _PY_ASYNC_EXCEPTION_BIT)

/* Is it of the code that must finish? */
static bool is_guarded(PyCodeObject *code)
{
	return PyUnicode_EqualToUTF8(code->co_filename, "<frozen importlib._bootstrap>") ||
	       PyUnicode_EqualToUTF8(code->co_filename, THREADING) ||
	       PyUnicode_EqualToUTF8(code->co_qualname, BEGINNING);
}

/* Has other code just called this? Nothing has begun, then, but what gives a lock back must. */
static bool is_entry(_PyInterpreterFrame *frame, PyCodeObject *code)
{
	PyCodeObject *caller =
		frame->previous == NULL ? NULL : _PyFrame_SafeGetCode(frame->previous);
	int opcode = frame->instr_ptr->op.code;

	return (opcode == RESUME || opcode == RESUME_CHECK) && caller != NULL &&
	       !is_guarded(caller) && !PyUnicode_EqualToUTF8(code->co_name, "__exit__") &&
	       !PyUnicode_EqualToUTF8(code->co_name, "release");
}

/* Is the thread guarded, does the code enter a `with`, or is it of those that must finish? */
static bool must_wait(PyThreadState *tstate)
{
	_PyInterpreterFrame *frame = tstate->current_frame;
	PyCodeObject *code = frame == NULL ? NULL : _PyFrame_SafeGetCode(frame);

	if (port_thread_self()->guarded) {
		return true;
	}
	if (code == NULL) {
		return false;
	}
	/* __enter__() has just been called. */
	if (frame->instr_ptr > _PyFrame_GetBytecode(frame) &&
	    frame->instr_ptr[-1].op.code == LOAD_SPECIAL) {
		return true;
	}
	return is_guarded(code) && !is_entry(frame, code);
}

int __wrap__Py_HandlePending(PyThreadState *tstate)
{
	uintptr_t later = 0;
	int ret;

	if (IS_ENABLED(CONFIG_NATIVE_LIBRARY)) {
		port_pace();
	}
	if ((_Py_atomic_load_uintptr_relaxed(&tstate->eval_breaker) & FROM_OUTSIDE) != 0 &&
	    must_wait(tstate)) {
		later = _Py_atomic_load_uintptr_relaxed(&tstate->eval_breaker) & FROM_OUTSIDE;
		_Py_unset_eval_breaker_bit(tstate, later);
	}
	ret = __real__Py_HandlePending(tstate);
	if (later != 0) {
		_Py_set_eval_breaker_bit(tstate, later);
		/* A wait of the interpreter's own, which raises nothing, may have been ended by it:
		 * the next is ended, too.
		 */
		if ((later & _PY_ASYNC_EXCEPTION_BIT) != 0 && !port_thread_self()->guarded) {
			atomic_set(&port_thread_self()->interrupted, 1);
		}
	}
	return ret;
}
