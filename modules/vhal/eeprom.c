/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief EEPROMs: bytes that last, written one by one. */

#include "vhal.h"

#include <zephyr/drivers/eeprom.h>

PyDoc_STRVAR(eeprom_size_doc, "eeprom_size(device, /)\n"
			      "--\n"
			      "\n"
			      "Return its bytes.");

static PyObject *eeprom_size(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;

	(void)module;
	if (!vhal_count("eeprom_size", count, 1, 1) ||
	    (device = vhal_device_arg(args[0], VHAL_EEPROM)) == NULL) {
		return NULL;
	}
	return PyLong_FromSize_t(eeprom_get_size(device->device));
}

static bool area(struct vhal_device *device, PyObject *arg, Py_ssize_t length, long long *offset)
{
	long long size = (long long)eeprom_get_size(device->device);

	if (!vhal_int(arg, "offset", 0, size, offset)) {
		return false;
	}
	if (length > size - *offset) {
		PyErr_Format(PyExc_ValueError, "%zd bytes at %lld reach beyond the end at %lld",
			     length, *offset, size);
		return false;
	}
	return true;
}

PyDoc_STRVAR(eeprom_read_doc, "eeprom_read(device, offset, into, /)\n"
			      "--\n"
			      "\n"
			      "Fill a writable buffer.");

static PyObject *py_eeprom_read(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	long long offset;
	Py_buffer view;
	int ret;

	(void)module;
	if (!vhal_count("eeprom_read", count, 3, 3) ||
	    (device = vhal_device_arg(args[0], VHAL_EEPROM)) == NULL ||
	    PyObject_GetBuffer(args[2], &view, PyBUF_WRITABLE) < 0) {
		return NULL;
	}
	if (!area(device, args[1], view.len, &offset)) {
		PyBuffer_Release(&view);
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS ret =
		eeprom_read(device->device, (off_t)offset, view.buf, (size_t)view.len);
	Py_END_ALLOW_THREADS PyBuffer_Release(&view);
	return vhal_result(device, ret);
}

PyDoc_STRVAR(eeprom_write_doc, "eeprom_write(device, offset, data, /)\n"
			       "--\n"
			       "\n"
			       "Write bytes.");

static PyObject *py_eeprom_write(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	long long offset;
	Py_buffer view;
	int ret;

	(void)module;
	if (!vhal_count("eeprom_write", count, 3, 3) ||
	    (device = vhal_device_arg(args[0], VHAL_EEPROM)) == NULL ||
	    PyObject_GetBuffer(args[2], &view, PyBUF_SIMPLE) < 0) {
		return NULL;
	}
	if (!area(device, args[1], view.len, &offset)) {
		PyBuffer_Release(&view);
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS ret =
		eeprom_write(device->device, (off_t)offset, view.buf, (size_t)view.len);
	Py_END_ALLOW_THREADS PyBuffer_Release(&view);
	return vhal_result(device, ret);
}

static PyMethodDef methods[] = {
	VHAL_METHOD(eeprom_size),
	{"eeprom_read", _PyCFunction_CAST(py_eeprom_read), METH_FASTCALL, eeprom_read_doc},
	{"eeprom_write", _PyCFunction_CAST(py_eeprom_write), METH_FASTCALL, eeprom_write_doc},
	{NULL, NULL, 0, NULL},
};

int vhal_eeprom_exec(PyObject *module)
{
	return PyModule_AddFunctions(module, methods);
}
