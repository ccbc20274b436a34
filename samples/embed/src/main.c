/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief CPython as a library: a Zephyr application in C that lets Python do a part of its work.
 */

#include "Python.h"

#include <zephyr/kernel.h>
#include <zephyr/sys/printk.h>

#include "port.h"

static const char script[] =
	"import json\n"
	"\n"
	"def summary(text):\n"
	"    values = json.loads(text)\n"
	"    return f'{len(values)} values, mean {sum(values) / len(values):.2f}'\n";

/** Calls summary() of the script. @return a new reference, or NULL with an exception set. */
static PyObject *summarise(PyObject *namespace, const char *text)
{
	PyObject *function = PyDict_GetItemString(namespace, "summary"); /* borrowed */

	return function != NULL ? PyObject_CallFunction(function, "s", text) : NULL;
}

int main(void)
{
	PyObject *namespace;
	PyObject *done;
	PyObject *result = NULL;

	if (port_fs_init() != 0) {
		printk("no file system\n");
		return 0;
	}
	Py_InitializeEx(0);
	namespace = PyDict_New();
	done = namespace != NULL ? PyRun_String(script, Py_file_input, namespace, namespace) : NULL;
	if (done != NULL) {
		result = summarise(namespace, "[1, 2, 3.5, 40]");
	}
	if (result != NULL) {
		printk("Python says: %s\n", PyUnicode_AsUTF8(result));
	} else {
		PyErr_Print();
	}
	Py_XDECREF(result);
	Py_XDECREF(done);
	Py_XDECREF(namespace);
	Py_FinalizeEx();
	printk("done\n");
	return 0;
}
