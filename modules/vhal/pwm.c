/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief PWM, in nanoseconds; for ever, or so many pulses.
 *
 * Zephyr's drivers do not count pulses, so the kernel's work queue, more urgent than all that runs
 * Python, ends them in the middle of the low part of the last period.
 */

#include "vhal.h"

#include <errno.h>

#include <zephyr/drivers/pwm.h>

#include "port.h"

/* A channel that was told to count. It stays for the run of the machine. */
struct train {
	sys_snode_t node;
	const struct device *device;
	struct k_work_delayable end;
	PyObject *source; /* an Interrupt of _vosal, */
	struct zpy_interrupt *inside;
	uint32_t channel;
	uint32_t period;
	uint32_t count;
	pwm_flags_t flags;
};

static sys_slist_t trains = SYS_SLIST_STATIC_INIT(&trains);

static struct train *find(const struct device *device, uint32_t channel)
{
	struct train *train;

	SYS_SLIST_FOR_EACH_CONTAINER(&trains, train, node) {
		if (train->device == device && train->channel == channel) {
			return train;
		}
	}
	return NULL;
}

static void end(struct k_work *work)
{
	struct train *train = CONTAINER_OF(k_work_delayable_from_work(work), struct train, end);

	(void)pwm_set(train->device, train->channel, train->period, 0, train->flags);
	(void)zpy_interrupt_post(train->inside, train->count);
}

/** Sets a channel; what it counted is forgotten. Without the interpreter lock. */
static int set(const struct device *device, uint32_t channel, struct train *train, uint32_t period,
	       uint32_t pulse, pwm_flags_t flags)
{
	struct k_work_sync sync;

	if (train != NULL) {
		(void)k_work_cancel_delayable_sync(&train->end, &sync);
	}
	return pwm_set(device, channel, period, pulse, flags);
}

static PyObject *failed(const struct vhal_device *device, uint32_t channel, int ret)
{
	return vhal_error_text(ret, "%s: channel %u: %s", device->node->path, (unsigned int)channel,
			       strerror(-ret));
}

PyDoc_STRVAR(pwm_set_doc,
	     "pwm_set(device, channel, period_ns, pulse_ns, inverted=False, /)\n"
	     "--\n"
	     "\n"
	     "Set a channel's period and pulse, at most 2**32 - 1 ns. Ends what it counts.\n"
	     "\n"
	     "Raises ValueError when the pulse is longer than the period, OSError when\n"
	     "the hardware cannot do it.");

static PyObject *py_pwm_set_locked(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	uint32_t channel;
	uint32_t period;
	uint32_t pulse;
	int inverted = 0;
	struct train *train;
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
	train = find(device->device, channel);
	Py_BEGIN_ALLOW_THREADS ret = set(device->device, channel, train, period, pulse,
					 inverted ? PWM_POLARITY_INVERTED : PWM_POLARITY_NORMAL);
	Py_END_ALLOW_THREADS if (ret < 0)
	{
		return failed(device, channel, ret);
	}
	Py_RETURN_NONE;
}

VHAL_LOCKED(py_pwm_set)

PyDoc_STRVAR(
	pwm_pulses_doc,
	"pwm_pulses(device, channel, period_ns, pulse_ns, inverted, count, /)\n"
	"--\n"
	"\n"
	"Put out count pulses (1..2**31 - 1), then leave the output inactive; return the source\n"
	"of the event that tells of the end, an Interrupt of _vosal.\n"
	"\n"
	"The event's value is the count. pwm_set() before that forgets it. A timer of the kernel\n"
	"ends the pulses: with a period that is not much longer than its tick there may be one\n"
	"more.");

static PyObject *pwm_pulses_locked(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	uint32_t channel;
	uint32_t period;
	uint32_t pulse;
	uint32_t pulses;
	int inverted;
	struct train *train;
	pwm_flags_t flags;
	int64_t length;
	int ret;

	(void)module;
	if (!vhal_count("pwm_pulses", count, 6, 6) ||
	    (device = vhal_device_arg(args[0], VHAL_PWM)) == NULL ||
	    !vhal_u32(args[1], "channel", 0, 255, &channel) ||
	    !vhal_u32(args[2], "period", 1, UINT32_MAX, &period) ||
	    !vhal_u32(args[3], "pulse", 1, period, &pulse) ||
	    (inverted = PyObject_IsTrue(args[4])) < 0 ||
	    !vhal_u32(args[5], "count", 1, INT32_MAX, &pulses)) {
		return NULL;
	}
	train = find(device->device, channel);
	if (train == NULL) {
		/* For the run of the machine: there are as many as channels. */
		train = PyMem_RawCalloc(1, sizeof(*train));
		if (train == NULL) {
			return PyErr_NoMemory();
		}
		train->device = device->device;
		train->channel = channel;
		k_work_init_delayable(&train->end, end);
		sys_slist_append(&trains, &train->node);
	}
	if (train->source == NULL) {
		train->source = vhal_interrupt_new(device, channel, &train->inside);
		if (train->source == NULL) {
			return NULL;
		}
	}
	flags = inverted ? PWM_POLARITY_INVERTED : PWM_POLARITY_NORMAL;
	length = (int64_t)(pulses - 1) * period + pulse + (period - pulse) / 2;
	Py_BEGIN_ALLOW_THREADS ret = set(device->device, channel, train, period, pulse, flags);
	if (ret == 0) {
		train->period = period;
		train->count = pulses;
		train->flags = flags;
		(void)k_work_reschedule(&train->end, port_timeout_ns(length));
	}
	Py_END_ALLOW_THREADS return ret < 0 ? failed(device, channel, ret)
					    : Py_NewRef(train->source);
}

VHAL_LOCKED(pwm_pulses)

void vhal_pwm_clear(void)
{
	struct train *train;
	struct k_work_sync sync;

	SYS_SLIST_FOR_EACH_CONTAINER(&trains, train, node) {
		if (k_work_cancel_delayable_sync(&train->end, &sync)) {
			(void)pwm_set(train->device, train->channel, train->period, 0,
				      train->flags);
		}
		train->source = NULL; /* it was an object of an interpreter that has ended */
	}
}

static PyMethodDef methods[] = {
	{"pwm_set", _PyCFunction_CAST(py_pwm_set), METH_FASTCALL, pwm_set_doc},
	VHAL_METHOD(pwm_pulses),
	{NULL, NULL, 0, NULL},
};

int vhal_pwm_exec(PyObject *module)
{
	return PyModule_AddFunctions(module, methods);
}
