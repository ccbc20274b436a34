/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief DAC. */

#include "vhal.h"

#include <zephyr/drivers/dac.h>

PyDoc_STRVAR(dac_setup_doc, "dac_setup(device, channel, resolution, buffered=True, /)\n"
			    "--\n"
			    "\n"
			    "Prepare a channel. resolution is in bits (1..31).");

static PyObject *dac_setup(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	uint32_t channel;
	uint32_t resolution;
	struct dac_channel_cfg config = {.buffered = true};
	int ret;

	(void)module;
	if (!vhal_count("dac_setup", count, 3, 4) ||
	    (device = vhal_device_arg(args[0], VHAL_DAC)) == NULL ||
	    !vhal_u32(args[1], "channel", 0, 255, &channel) ||
	    !vhal_u32(args[2], "resolution", 1, 31, &resolution)) {
		return NULL;
	}
	if (count > 3) {
		ret = PyObject_IsTrue(args[3]);
		if (ret < 0) {
			return NULL;
		}
		config.buffered = ret;
	}
	config.channel_id = (uint8_t)channel;
	config.resolution = (uint8_t)resolution;
	Py_BEGIN_ALLOW_THREADS ret = dac_channel_setup(device->device, &config);
	Py_END_ALLOW_THREADS return vhal_result(device, ret);
}

PyDoc_STRVAR(dac_write_doc, "dac_write(device, channel, value, /)\n"
			    "--\n"
			    "\n"
			    "Set the output of a channel that was set up.");

static PyObject *dac_write(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	uint32_t channel;
	uint32_t value;
	int ret;

	(void)module;
	if (!vhal_count("dac_write", count, 3, 3) ||
	    (device = vhal_device_arg(args[0], VHAL_DAC)) == NULL ||
	    !vhal_u32(args[1], "channel", 0, 255, &channel) ||
	    !vhal_u32(args[2], "value", 0, UINT32_MAX, &value)) {
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS ret = dac_write_value(device->device, (uint8_t)channel, value);
	Py_END_ALLOW_THREADS return vhal_result(device, ret);
}

static PyMethodDef methods[] = {
	VHAL_METHOD(dac_setup),
	VHAL_METHOD(dac_write),
	{NULL, NULL, 0, NULL},
};

int vhal_dac_exec(PyObject *module)
{
	return PyModule_AddFunctions(module, methods);
}
