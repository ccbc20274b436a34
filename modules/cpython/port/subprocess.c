/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief _posixsubprocess of a machine that starts no processes: the call fails with ENOSYS.
 *
 * It lets subprocess, and with it asyncio, be imported as they are; whoever starts a program gets
 * OSError: [Errno 88] Function not implemented.
 */

#include "Python.h"

static PyObject *fork_exec(PyObject *module, PyObject *const *args, Py_ssize_t nargs)
{
	(void)module;
	(void)args;
	(void)nargs;
	errno = ENOSYS;
	return PyErr_SetFromErrno(PyExc_OSError);
}

PyDoc_STRVAR(fork_exec_doc, "Starts no process: raises OSError(ENOSYS).");

static PyMethodDef methods[] = {
	{"fork_exec", _PyCFunction_CAST(fork_exec), METH_FASTCALL, fork_exec_doc},
	{NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
	{Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
	{Py_mod_gil, Py_MOD_GIL_NOT_USED},
	{0, NULL},
};

static struct PyModuleDef module = {
	PyModuleDef_HEAD_INIT,
	.m_name = "_posixsubprocess",
	.m_methods = methods,
	.m_slots = slots,
};

PyMODINIT_FUNC PyInit__posixsubprocess(void)
{
	return PyModuleDef_Init(&module);
}
