/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief Counters: hardware that counts at a frequency, with alarms. */

#include "vhal.h"

#include <errno.h>

#include <zephyr/drivers/counter.h>

/* An alarm channel in use. */
struct alarm {
	sys_snode_t node;
	const struct device *device;
	uint8_t channel;
	PyObject *source; /* an Interrupt of _vosal, */
	struct zpy_interrupt *inside;
};

static sys_slist_t alarms = SYS_SLIST_STATIC_INIT(&alarms);

PyDoc_STRVAR(counter_info_doc,
	     "counter_info(device, /)\n"
	     "--\n"
	     "\n"
	     "Return (frequency in Hz, highest value, alarm channels, counts up).");

static PyObject *counter_info(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;

	(void)module;
	if (!vhal_count("counter_info", count, 1, 1) ||
	    (device = vhal_device_arg(args[0], VHAL_COUNTER)) == NULL) {
		return NULL;
	}
	return Py_BuildValue("(IIiO)", counter_get_frequency(device->device),
			     counter_get_max_top_value(device->device),
			     (int)counter_get_num_of_channels(device->device),
			     counter_is_counting_up(device->device) ? Py_True : Py_False);
}

PyDoc_STRVAR(counter_start_doc, "counter_start(device, /)\n"
				"--\n"
				"\n"
				"Let it count.");

static PyObject *counter_start_(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;

	(void)module;
	if (!vhal_count("counter_start", count, 1, 1) ||
	    (device = vhal_device_arg(args[0], VHAL_COUNTER)) == NULL) {
		return NULL;
	}
	return vhal_result(device, counter_start(device->device));
}

PyDoc_STRVAR(counter_stop_doc, "counter_stop(device, /)\n"
			       "--\n"
			       "\n"
			       "Let it stand.");

static PyObject *counter_stop_(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;

	(void)module;
	if (!vhal_count("counter_stop", count, 1, 1) ||
	    (device = vhal_device_arg(args[0], VHAL_COUNTER)) == NULL) {
		return NULL;
	}
	return vhal_result(device, counter_stop(device->device));
}

PyDoc_STRVAR(counter_value_doc, "counter_value(device, /)\n"
				"--\n"
				"\n"
				"Return what it has counted.");

static PyObject *counter_value(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	uint32_t ticks;
	int ret;

	(void)module;
	if (!vhal_count("counter_value", count, 1, 1) ||
	    (device = vhal_device_arg(args[0], VHAL_COUNTER)) == NULL) {
		return NULL;
	}
	ret = counter_get_value(device->device, &ticks);
	return ret < 0 ? vhal_error(device, ret) : PyLong_FromUnsignedLong(ticks);
}

static void on_alarm(const struct device *device, uint8_t channel, uint32_t ticks, void *data)
{
	(void)device;
	(void)channel;
	(void)zpy_interrupt_post(((struct alarm *)data)->inside, ticks);
}

PyDoc_STRVAR(counter_alarm_doc,
	     "counter_alarm(device, channel, ticks, /)\n"
	     "--\n"
	     "\n"
	     "Make an event, once, when so many ticks have passed; return its source,\n"
	     "an Interrupt of _vosal.\n"
	     "\n"
	     "The event's value is the counter's. Raises OSError(EBUSY) while one is set.");

static PyObject *counter_alarm_locked(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	struct counter_alarm_cfg config = {.callback = on_alarm};
	struct alarm *alarm;
	struct alarm *found = NULL;
	uint32_t channel;
	int ret;

	(void)module;
	if (!vhal_count("counter_alarm", count, 3, 3) ||
	    (device = vhal_device_arg(args[0], VHAL_COUNTER)) == NULL ||
	    !vhal_u32(args[1], "channel", 0, 255, &channel) ||
	    !vhal_u32(args[2], "ticks", 1, UINT32_MAX, &config.ticks)) {
		return NULL;
	}
	SYS_SLIST_FOR_EACH_CONTAINER(&alarms, alarm, node) {
		if (alarm->device == device->device && alarm->channel == channel) {
			found = alarm;
		}
	}
	if (found == NULL) {
		/* For the run of the machine: there are as many as alarm channels. */
		if (channel >= counter_get_num_of_channels(device->device)) {
			return vhal_error_text(-ENOTSUP, "%s has no alarm channel %u",
					       device->node->path, (unsigned int)channel);
		}
		found = PyMem_RawCalloc(1, sizeof(*found));
		if (found == NULL) {
			return PyErr_NoMemory();
		}
		found->device = device->device;
		found->channel = (uint8_t)channel;
		sys_slist_append(&alarms, &found->node);
	}
	if (found->source == NULL) {
		found->source = vhal_interrupt_new(device, channel, &found->inside);
		if (found->source == NULL) {
			return NULL;
		}
	}
	config.user_data = found;
	ret = counter_set_channel_alarm(device->device, (uint8_t)channel, &config);
	return ret < 0 ? vhal_error(device, ret) : Py_NewRef(found->source);
}

VHAL_LOCKED(counter_alarm)

PyDoc_STRVAR(counter_alarm_off_doc, "counter_alarm_off(device, channel, /)\n"
				    "--\n"
				    "\n"
				    "Take an alarm back.");

static PyObject *counter_alarm_off(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	uint32_t channel;

	(void)module;
	if (!vhal_count("counter_alarm_off", count, 2, 2) ||
	    (device = vhal_device_arg(args[0], VHAL_COUNTER)) == NULL ||
	    !vhal_u32(args[1], "channel", 0, 255, &channel)) {
		return NULL;
	}
	return vhal_result(device, counter_cancel_channel_alarm(device->device, (uint8_t)channel));
}

void vhal_counter_clear(void)
{
	struct alarm *alarm;

	SYS_SLIST_FOR_EACH_CONTAINER(&alarms, alarm, node) {
		(void)counter_cancel_channel_alarm(alarm->device, alarm->channel);
		alarm->source = NULL; /* it was an object of an interpreter that has ended */
	}
}

static PyMethodDef methods[] = {
	VHAL_METHOD(counter_info),
	{"counter_start", _PyCFunction_CAST(counter_start_), METH_FASTCALL, counter_start_doc},
	{"counter_stop", _PyCFunction_CAST(counter_stop_), METH_FASTCALL, counter_stop_doc},
	VHAL_METHOD(counter_value),
	VHAL_METHOD(counter_alarm),
	VHAL_METHOD(counter_alarm_off),
	{NULL, NULL, 0, NULL},
};

int vhal_counter_exec(PyObject *module)
{
	return PyModule_AddFunctions(module, methods);
}
