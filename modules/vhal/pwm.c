/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief PWM, in nanoseconds. */

#include "vhal.h"

#include <zephyr/drivers/pwm.h>

PyDoc_STRVAR(pwm_set_doc,
	     "pwm_set(device, channel, period_ns, pulse_ns, inverted=False, /)\n"
	     "--\n"
	     "\n"
	     "Set a channel's period and pulse, at most 2**32 - 1 ns.\n"
	     "\n"
	     "Raises ValueError when the pulse is longer than the period, OSError when\n"
	     "the hardware cannot do it.");

static PyObject *py_pwm_set(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	uint32_t channel;
	uint32_t period;
	uint32_t pulse;
	int inverted = 0;
	int ret;

	(void)module;
	if (!vhal_count("pwm_set", count, 4, 5) ||
	    (device = vhal_device_arg(args[0], VHAL_PWM)) == NULL ||
	    !vhal_u32(args[1], "channel", 0, 255, &channel) ||
	    !vhal_u32(args[2], "period", 1, UINT32_MAX, &period) ||
	    !vhal_u32(args[3], "pulse", 0, period, &pulse) ||
	    (count > 4 && (inverted = PyObject_IsTrue(args[4])) < 0)) {
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS ret =
		pwm_set(device->device, channel, period, pulse,
			inverted ? PWM_POLARITY_INVERTED : PWM_POLARITY_NORMAL);
	Py_END_ALLOW_THREADS if (ret < 0)
	{
		return vhal_error_text(ret, "%s: channel %u: %s", device->node->path,
				       (unsigned int)channel, strerror(-ret));
	}
	Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
	{"pwm_set", _PyCFunction_CAST(py_pwm_set), METH_FASTCALL, pwm_set_doc},
	{NULL, NULL, 0, NULL},
};

int vhal_pwm_exec(PyObject *module)
{
	return PyModule_AddFunctions(module, methods);
}
