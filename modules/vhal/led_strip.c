/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief LED strips. */

#include "vhal.h"

#include <zephyr/drivers/led_strip.h>

PyDoc_STRVAR(led_strip_length_doc, "led_strip_length(device, /)\n"
				   "--\n"
				   "\n"
				   "Return how many pixels the strip has.");

static PyObject *led_strip_length_(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;

	(void)module;
	if (!vhal_count("led_strip_length", count, 1, 1) ||
	    (device = vhal_device_arg(args[0], VHAL_LED_STRIP)) == NULL) {
		return NULL;
	}
	return PyLong_FromSize_t(led_strip_length(device->device));
}

PyDoc_STRVAR(led_strip_update_doc,
	     "led_strip_update(device, pixels, /)\n"
	     "--\n"
	     "\n"
	     "Show pixels, three bytes each: red, green, blue. Not more than the strip has.");

static PyObject *led_strip_update(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	struct led_rgb *pixels;
	Py_buffer view;
	const uint8_t *bytes;
	size_t number;
	int ret;

	(void)module;
	if (!vhal_count("led_strip_update", count, 2, 2) ||
	    (device = vhal_device_arg(args[0], VHAL_LED_STRIP)) == NULL ||
	    PyObject_GetBuffer(args[1], &view, PyBUF_SIMPLE) < 0) {
		return NULL;
	}
	number = (size_t)view.len / 3;
	if (view.len % 3 != 0 || number > led_strip_length(device->device)) {
		PyBuffer_Release(&view);
		return PyErr_Format(PyExc_ValueError, "3 bytes for each of at most %zu pixels",
				    led_strip_length(device->device));
	}
	/* Drivers use the array for themselves: it cannot be the caller's buffer. */
	pixels = PyMem_RawCalloc(MAX(number, 1), sizeof(*pixels));
	if (pixels == NULL) {
		PyBuffer_Release(&view);
		return PyErr_NoMemory();
	}
	bytes = view.buf;
	for (size_t i = 0; i < number; i++) {
		pixels[i].r = bytes[3 * i];
		pixels[i].g = bytes[3 * i + 1];
		pixels[i].b = bytes[3 * i + 2];
	}
	PyBuffer_Release(&view);
	Py_BEGIN_ALLOW_THREADS ret = led_strip_update_rgb(device->device, pixels, number);
	Py_END_ALLOW_THREADS PyMem_RawFree(pixels);
	return vhal_result(device, ret);
}

static PyMethodDef methods[] = {
	{"led_strip_length", _PyCFunction_CAST(led_strip_length_), METH_FASTCALL,
	 led_strip_length_doc},
	VHAL_METHOD(led_strip_update),
	{NULL, NULL, 0, NULL},
};

int vhal_led_strip_exec(PyObject *module)
{
	return PyModule_AddFunctions(module, methods);
}
