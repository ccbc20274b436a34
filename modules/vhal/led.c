/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief LEDs behind an LED driver of Zephyr's. */

#include "vhal.h"

#include <zephyr/drivers/led.h>

PyDoc_STRVAR(led_set_doc, "led_set(device, led, brightness, /)\n"
			  "--\n"
			  "\n"
			  "Set the brightness of an LED in percent: 0 is off, 100 is on.");

static PyObject *led_set(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	uint32_t led;
	uint32_t brightness;
	int ret;

	(void)module;
	if (!vhal_count("led_set", count, 3, 3) ||
	    (device = vhal_device_arg(args[0], VHAL_LED)) == NULL ||
	    !vhal_u32(args[1], "led", 0, UINT16_MAX, &led) ||
	    !vhal_u32(args[2], "brightness", 0, 100, &brightness)) {
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS ret =
		brightness == 0     ? led_off(device->device, led)
		: brightness == 100 ? led_on(device->device, led)
				    : led_set_brightness(device->device, led, (uint8_t)brightness);
	Py_END_ALLOW_THREADS return vhal_result(device, ret);
}

static PyMethodDef methods[] = {
	VHAL_METHOD(led_set),
	{NULL, NULL, 0, NULL},
};

int vhal_led_exec(PyObject *module)
{
	return PyModule_AddFunctions(module, methods);
}
