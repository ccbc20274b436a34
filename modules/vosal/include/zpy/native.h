/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief C functions for Python, declared once.
 *
 *     #include <zpy/native.h>
 *
 *     ZPY_NATIVE(add, "add(a, b, /)\n--\n\nReturn the sum of two numbers.")
 *     {
 *         long a, b;
 *
 *         if (!PyArg_ParseTuple(args, "ll:add", &a, &b)) {
 *             return NULL;
 *         }
 *         return PyLong_FromLong(a + b);
 *     }
 *
 *     ZPY_NATIVE_MODULE(adder, "Adds.", ZPY_NATIVE_METHOD(add));
 *
 * Any source file of the application may have such a module, and `import adder` finds it: it enters
 * itself into the table of built-in modules when the machine starts. The functions run with the
 * interpreter lock (in the free-threaded build with none); around what waits they put
 * Py_BEGIN_ALLOW_THREADS and Py_END_ALLOW_THREADS, or use zpy/vosal.h, whose waits a C thread may
 * call as they are.
 */

#ifndef ZPY_NATIVE_H_
#define ZPY_NATIVE_H_

#include "Python.h"

#include <errno.h>

#include <zephyr/init.h>

/** Declares a function; its body follows and has `self` and the tuple `args`. */
#define ZPY_NATIVE(name, doc)                                                                      \
	PyDoc_STRVAR(name##_native_doc, doc);                                                      \
	static PyObject *name##_native(__attribute__((unused)) PyObject *self,                     \
				       __attribute__((unused)) PyObject *args)

/** One of the functions of a module. */
#define ZPY_NATIVE_METHOD(name) {#name, name##_native, METH_VARARGS, name##_native_doc}

/** Defines the module: its name, its docstring, its functions. */
#define ZPY_NATIVE_MODULE(name, doc, ...) ZPY_NATIVE_MODULE_END(name, doc, NULL, __VA_ARGS__)

/**
 * The same, with a function `void end(void)` that is called when the interpreter ends.
 *
 * That is at a soft restart (Ctrl-D), if the module was imported, with the interpreter lock and
 * with all of Python still there. Who keeps objects of Python's for a C thread, an interrupt or a
 * timer sees to it here that they are used no more, and gives them back: what follows is another
 * interpreter.
 */
#define ZPY_NATIVE_MODULE_END(name, doc, end, ...)                                                 \
	static PyMethodDef name##_native_methods[] = {__VA_ARGS__, {NULL, NULL, 0, NULL}};         \
	static void (*const name##_native_end)(void) = end;                                        \
	static int name##_native_exec(__attribute__((unused)) PyObject *module)                    \
	{                                                                                          \
		return zpy_native_at_end(&name##_native_end);                                      \
	}                                                                                          \
	static PyModuleDef_Slot name##_native_slots[] = {                                          \
		{Py_mod_exec, name##_native_exec},                                                 \
		{Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_SUPPORTED},            \
		{Py_mod_gil, Py_MOD_GIL_NOT_USED},                                                 \
		{0, NULL},                                                                         \
	};                                                                                         \
	static struct PyModuleDef name##_native_module = {                                         \
		PyModuleDef_HEAD_INIT,                                                             \
		.m_name = #name,                                                                   \
		.m_doc = doc,                                                                      \
		.m_methods = name##_native_methods,                                                \
		.m_slots = name##_native_slots,                                                    \
	};                                                                                         \
	PyMODINIT_FUNC PyInit_##name(void)                                                         \
	{                                                                                          \
		return PyModuleDef_Init(&name##_native_module);                                    \
	}                                                                                          \
	ZPY_NATIVE_REGISTER(name)

/** Enters a module that has PyInit_<name>() into the table of built-in modules. */
#define ZPY_NATIVE_REGISTER(name)                                                                  \
	static int name##_native_register(void)                                                    \
	{                                                                                          \
		return PyImport_AppendInittab(#name, PyInit_##name);                               \
	}                                                                                          \
	SYS_INIT(name##_native_register, APPLICATION, 95)

/** Of ZPY_NATIVE_MODULE_END(): has *end called. @return 0, or -1 with an exception set */
int zpy_native_at_end(void (*const *end)(void));

/**
 * Raises what a driver's negative errno means, by kernel.errors: PeripheralError and its children,
 * TimeoutError. Always returns NULL.
 */
PyObject *zpy_raise_errno(int error, const char *text);

/** The same, if the number is negative. @return Py_None as a new reference if it is not. */
static inline PyObject *zpy_result(int ret, const char *text)
{
	return ret < 0 ? zpy_raise_errno(ret, text) : Py_NewRef(Py_None);
}

#endif /* ZPY_NATIVE_H_ */
