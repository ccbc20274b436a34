/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief Power states of devices, as far as their drivers know any. */

#include "vhal.h"

#include <errno.h>

#include <zephyr/pm/device.h>
#include <zephyr/pm/device_runtime.h>

#if DT_HAS_CHOSEN(zephyr_console)
#define CONSOLE DEVICE_DT_GET_OR_NULL(DT_CHOSEN(zephyr_console))
#else
#define CONSOLE NULL
#endif

int __real_pm_device_state_get(const struct device *device, enum pm_device_state *state);

/* Drivers (the BMI160's) look at the state without the answer: one that has none is active. */
int __wrap_pm_device_state_get(const struct device *device, enum pm_device_state *state)
{
	*state = PM_DEVICE_STATE_ACTIVE;
	return __real_pm_device_state_get(device, state);
}

/* The node that an index of devicetree() means. @return NULL with an exception. */
static const struct vhal_node *node_arg(PyObject *arg)
{
	long long index;

	if (!vhal_int(arg, "index", 0, (long long)vhal_node_count - 1, &index)) {
		return NULL;
	}
	return &vhal_nodes[index];
}

PyDoc_STRVAR(power_doc,
	     "power(index, /)\n"
	     "--\n"
	     "\n"
	     "Return a node's power state: 'active', 'suspended', 'suspending' or 'off'; None\n"
	     "when its driver knows no others.");

static PyObject *power(PyObject *module, PyObject *arg)
{
	static const char *const names[] = {
		[PM_DEVICE_STATE_ACTIVE] = "active",
		[PM_DEVICE_STATE_SUSPENDED] = "suspended",
		[PM_DEVICE_STATE_SUSPENDING] = "suspending",
		[PM_DEVICE_STATE_OFF] = "off",
	};
	const struct vhal_node *node = node_arg(arg);
	enum pm_device_state state;

	(void)module;
	if (node == NULL) {
		return NULL;
	}
	if (node->device == NULL || node->device->pm_base == NULL) {
		Py_RETURN_NONE;
	}
	(void)pm_device_state_get(node->device, &state); /* cannot fail: it has them */
	return PyUnicode_FromString(names[state]);
}

PyDoc_STRVAR(power_set_doc,
	     "power_set(index, on, /)\n"
	     "--\n"
	     "\n"
	     "Suspend a node's device, or wake it up. To ask for what it is already is no error.\n"
	     "\n"
	     "Raises UnsupportedError when its driver knows no power states, OSError(EBUSY) for\n"
	     "the console, and when the driver says so.");

static PyObject *power_set(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	const struct vhal_node *node;
	int on;
	int ret;

	(void)module;
	if (!vhal_count("power_set", count, 2, 2) || (node = node_arg(args[0])) == NULL ||
	    (on = PyObject_IsTrue(args[1])) < 0) {
		return NULL;
	}
	if (node->device == NULL || node->device->pm_base == NULL) {
		return vhal_error_text(-ENOTSUP, "%s: its driver knows no power states",
				       node->path);
	}
	if (!on && node->device == CONSOLE) {
		return vhal_error_text(-EBUSY, "%s: the console", node->path);
	}
	Py_BEGIN_ALLOW_THREADS ret = pm_device_action_run(
		node->device, on ? PM_DEVICE_ACTION_RESUME : PM_DEVICE_ACTION_SUSPEND);
	Py_END_ALLOW_THREADS if (ret < 0 && ret != -EALREADY)
	{
		return vhal_error_text(ret, "%s: %s", node->path, strerror(-ret));
	}
	Py_RETURN_NONE;
}

void vhal_power_clear(void)
{
	enum pm_device_state state;

	for (size_t i = 0; i < vhal_node_count; i++) {
		const struct device *device = vhal_nodes[i].device;

		if (device != NULL && device->pm_base != NULL &&
		    !pm_device_runtime_is_enabled(device) &&
		    pm_device_state_get(device, &state) == 0 &&
		    state == PM_DEVICE_STATE_SUSPENDED) {
			(void)pm_device_action_run(device, PM_DEVICE_ACTION_RESUME);
		}
	}
}

static PyMethodDef methods[] = {
	{"power", power, METH_O, power_doc},
	VHAL_METHOD(power_set),
	{NULL, NULL, 0, NULL},
};

int vhal_power_exec(PyObject *module)
{
	return PyModule_AddFunctions(module, methods);
}
