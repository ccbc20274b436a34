/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief What the chip says of itself: its number, and why it was reset. */

#include "vhal.h"

#include <errno.h>

#include <zephyr/drivers/hwinfo.h>

PyDoc_STRVAR(hwinfo_id_doc, "hwinfo_id()\n"
			    "--\n"
			    "\n"
			    "Return the chip's unique number as bytes.");

static PyObject *hwinfo_id(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	uint8_t id[32];
	ssize_t size;

	(void)module;
	(void)args;
	if (!vhal_count("hwinfo_id", count, 0, 0)) {
		return NULL;
	}
	size = hwinfo_get_device_id(id, sizeof(id));
	if (size < 0) {
		return vhal_error_text((int)size, "this board has no unique number");
	}
	return PyBytes_FromStringAndSize((const char *)id, size);
}

PyDoc_STRVAR(hwinfo_reset_cause_doc,
	     "hwinfo_reset_cause()\n"
	     "--\n"
	     "\n"
	     "Return RESET_* flags: why the machine was last reset, as far as the chip knows.");

static PyObject *hwinfo_reset_cause(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	uint32_t cause;
	int ret;

	(void)module;
	(void)args;
	if (!vhal_count("hwinfo_reset_cause", count, 0, 0)) {
		return NULL;
	}
	ret = hwinfo_get_reset_cause(&cause);
	if (ret < 0) {
		return vhal_error_text(ret, "this board does not know why it was reset");
	}
	return PyLong_FromUnsignedLong(cause);
}

static PyMethodDef methods[] = {
	VHAL_METHOD(hwinfo_id),
	VHAL_METHOD(hwinfo_reset_cause),
	{NULL, NULL, 0, NULL},
};

static const struct {
	const char *name;
	uint32_t value;
} constants[] = {
	{"RESET_PIN", RESET_PIN},
	{"RESET_SOFTWARE", RESET_SOFTWARE},
	{"RESET_BROWNOUT", RESET_BROWNOUT},
	{"RESET_POR", RESET_POR},
	{"RESET_WATCHDOG", RESET_WATCHDOG},
	{"RESET_DEBUG", RESET_DEBUG},
	{"RESET_LOW_POWER_WAKE", RESET_LOW_POWER_WAKE},
	{"RESET_CPU_LOCKUP", RESET_CPU_LOCKUP},
};

int vhal_hwinfo_exec(PyObject *module)
{
	for (size_t i = 0; i < ARRAY_SIZE(constants); i++) {
		if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0) {
			return -1;
		}
	}
	return PyModule_AddFunctions(module, methods);
}
