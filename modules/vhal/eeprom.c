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

static long long size_of(const struct device *device)
{
	return (long long)eeprom_get_size(device);
}

static int write_to(const struct device *device, off_t offset, void *data, size_t size)
{
	return eeprom_write(device, offset, data, size);
}

PyDoc_STRVAR(eeprom_read_doc, "eeprom_read(device, offset, into, /)\n"
			      "--\n"
			      "\n"
			      "Fill a writable buffer.");

static PyObject *py_eeprom_read(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	static const struct vhal_memory memory = {
		"eeprom_read", VHAL_EEPROM, PyBUF_WRITABLE, size_of, eeprom_read,
	};

	(void)module;
	return vhal_memory_transfer(&memory, args, count);
}

PyDoc_STRVAR(eeprom_write_doc, "eeprom_write(device, offset, data, /)\n"
			       "--\n"
			       "\n"
			       "Write bytes.");

static PyObject *py_eeprom_write(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	static const struct vhal_memory memory = {
		"eeprom_write", VHAL_EEPROM, PyBUF_SIMPLE, size_of, write_to,
	};

	(void)module;
	return vhal_memory_transfer(&memory, args, count);
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
