/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief Working directories as objects: each session has one. */

#include "vosal.h"

#include "fs/vfs.h"
#include "port.h"

struct directory {
	PyObject_HEAD struct port_directory *record;
};

static PyObject *wrap(PyTypeObject *type, struct port_directory *record)
{
	struct directory *self;

	if (record == NULL) {
		return PyErr_NoMemory();
	}
	self = (struct directory *)type->tp_alloc(type, 0);
	if (self == NULL) {
		port_directory_put(record);
		return NULL;
	}
	self->record = record;
	return (PyObject *)self;
}

static PyObject *directory_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	if (PyTuple_GET_SIZE(args) != 0 || (kwargs != NULL && PyDict_GET_SIZE(kwargs) != 0)) {
		PyErr_SetString(PyExc_TypeError, "Directory() takes no arguments");
		return NULL;
	}
	return wrap(type, port_directory_new());
}

static void directory_dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	port_directory_put(((struct directory *)self)->record);
	type->tp_free(self);
	Py_DECREF(type);
}

PyDoc_STRVAR(current_doc, "current()\n"
			  "--\n"
			  "\n"
			  "Return the working directory of the calling thread.");

static PyObject *directory_current(PyObject *type, PyObject *unused)
{
	(void)unused;
	return wrap((PyTypeObject *)type,
		    port_directory_ref(port_directory_of(port_thread_self())));
}

PyDoc_STRVAR(use_doc, "use()\n"
		      "--\n"
		      "\n"
		      "Make this the calling thread's directory, and that of the threads it will\n"
		      "start.");

static PyObject *directory_use(PyObject *self, PyObject *unused)
{
	struct port_thread *thread = port_thread_self();
	struct port_directory *old = thread->directory;

	(void)unused;
	thread->directory = port_directory_ref(((struct directory *)self)->record);
	port_directory_put(old);
	Py_RETURN_NONE;
}

static PyObject *directory_path(PyObject *self, void *unused)
{
	char *path = PyMem_Malloc(VFS_PATH_MAX);
	PyObject *text;

	(void)unused;
	if (path == NULL) {
		return PyErr_NoMemory();
	}
	port_directory_get(((struct directory *)self)->record, path);
	text = PyUnicode_DecodeFSDefault(path);
	PyMem_Free(path);
	return text;
}

static PyMethodDef directory_methods[] = {
	{"current", directory_current, METH_NOARGS | METH_CLASS, current_doc},
	{"use", directory_use, METH_NOARGS, use_doc},
	{NULL, NULL, 0, NULL},
};

static PyGetSetDef directory_properties[] = {
	{"path", directory_path, NULL, "The absolute path, as os.getcwd() gives it.", NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

PyDoc_STRVAR(directory_doc,
	     "Directory()\n"
	     "--\n"
	     "\n"
	     "A working directory of its own, at first where the calling thread's is.\n"
	     "\n"
	     "A thread has the directory of the thread that started it: what os.chdir() does\n"
	     "in one of them is seen by all. With use() a thread takes another one.");

static PyType_Slot directory_slots[] = {
	{Py_tp_doc, (void *)directory_doc},   {Py_tp_new, directory_new},
	{Py_tp_dealloc, directory_dealloc},   {Py_tp_methods, directory_methods},
	{Py_tp_getset, directory_properties}, {0, NULL},
};

static PyType_Spec directory_spec = {
	.name = "_vosal.Directory",
	.basicsize = sizeof(struct directory),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = directory_slots,
};

int vosal_directory_exec(PyObject *module)
{
	PyObject *type = PyType_FromModuleAndSpec(module, &directory_spec, NULL);
	int ret;

	if (type == NULL) {
		return -1;
	}
	ret = PyModule_AddType(module, (PyTypeObject *)type);
	Py_DECREF(type);
	return ret;
}
