/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief Watchdogs, which reset the machine when they are not fed. */

#include "vhal.h"

#include <errno.h>

#include <zephyr/drivers/watchdog.h>

#include "port.h"

/* In an interrupt, right before the reset: who starts next is told, where the machine cannot. */
static void bites(const struct device *device, int channel)
{
	(void)device;
	(void)channel;
	port_reset_leave(PORT_RESET_WATCHDOG, "machine.WDT");
}

PyDoc_STRVAR(watchdog_start_doc, "watchdog_start(device, timeout_ms, /)\n"
				 "--\n"
				 "\n"
				 "Start it; return the channel that watchdog_feed() wants.\n"
				 "\n"
				 "Most watchdogs cannot be stopped or started again.");

static PyObject *watchdog_start(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	struct wdt_timeout_cfg config = {.flags = WDT_FLAG_RESET_SOC, .callback = bites};
	int channel;
	int ret;

	(void)module;
	if (!vhal_count("watchdog_start", count, 2, 2) ||
	    (device = vhal_device_arg(args[0], VHAL_WATCHDOG)) == NULL ||
	    !vhal_u32(args[1], "timeout", 1, UINT32_MAX, &config.window.max)) {
		return NULL;
	}
	channel = wdt_install_timeout(device->device, &config);
	if (channel == -ENOTSUP) {
		config.callback = NULL; /* it resets, and asks nobody before */
		channel = wdt_install_timeout(device->device, &config);
	}
	if (channel < 0) {
		return vhal_error(device, channel);
	}
	ret = wdt_setup(device->device, 0);
	return ret < 0 ? vhal_error(device, ret) : PyLong_FromLong(channel);
}

PyDoc_STRVAR(watchdog_feed_doc, "watchdog_feed(device, channel, /)\n"
				"--\n"
				"\n"
				"Begin the time anew.");

static PyObject *watchdog_feed(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	uint32_t channel;

	(void)module;
	if (!vhal_count("watchdog_feed", count, 2, 2) ||
	    (device = vhal_device_arg(args[0], VHAL_WATCHDOG)) == NULL ||
	    !vhal_u32(args[1], "channel", 0, 255, &channel)) {
		return NULL;
	}
	return vhal_result(device, wdt_feed(device->device, (int)channel));
}

PyDoc_STRVAR(watchdog_stop_doc, "watchdog_stop(device, /)\n"
				"--\n"
				"\n"
				"Stop it, where the hardware can be stopped.");

static PyObject *watchdog_stop(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	int ret;

	(void)module;
	if (!vhal_count("watchdog_stop", count, 1, 1) ||
	    (device = vhal_device_arg(args[0], VHAL_WATCHDOG)) == NULL) {
		return NULL;
	}
	ret = wdt_disable(device->device);
	/* -EFAULT: it does not run. */
	return vhal_result(device, ret == -EFAULT ? 0 : ret);
}

static PyMethodDef methods[] = {
	VHAL_METHOD(watchdog_start),
	VHAL_METHOD(watchdog_feed),
	VHAL_METHOD(watchdog_stop),
	{NULL, NULL, 0, NULL},
};

int vhal_watchdog_exec(PyObject *module)
{
	return PyModule_AddFunctions(module, methods);
}
