/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief I2C, as the controller of the bus. */

#include "vhal.h"

#include <errno.h>

#include <zephyr/drivers/i2c.h>

#include "port.h"

#define SPEEDS 5
#define WRITES 16 /* in one transfer */

static const uint32_t speeds[SPEEDS] = {100000, 400000, 1000000, 3400000, 5000000};

struct i2c_job {
	struct vhal_job job;
	struct i2c_msg messages[WRITES + 1];
	uint8_t count;
	uint16_t address;
	uint8_t probe[2];
};

static int run(struct vhal_job *job)
{
	struct i2c_job *self = CONTAINER_OF(job, struct i2c_job, job);
	int ret = i2c_transfer(job->device, self->messages, self->count, self->address);

	if (ret == -ETIMEDOUT || ret == -EAGAIN || ret == -EBUSY) {
		/* A target holds the bus: clock pulses may get it off. */
		(void)i2c_recover_bus(job->device);
	}
	return ret;
}

/* A message for each bytes object of a tuple, which the job keeps. false: an exception is set. */
static bool add_writes(struct i2c_job *self, PyObject *tuple)
{
	Py_ssize_t count = PyTuple_GET_SIZE(tuple);

	if (count < 1 || count > WRITES) {
		PyErr_Format(PyExc_ValueError, "1 to %d messages can be written at once", WRITES);
		return false;
	}
	for (Py_ssize_t i = 0; i < count; i++) {
		PyObject *data = PyTuple_GET_ITEM(tuple, i);

		if (!PyBytes_Check(data)) {
			PyErr_Format(PyExc_TypeError, "a message must be bytes, not %T", data);
			return false;
		}
		self->messages[i] = (struct i2c_msg){
			.buf = (uint8_t *)PyBytes_AS_STRING(data),
			.len = (uint32_t)PyBytes_GET_SIZE(data),
			.flags = I2C_MSG_WRITE | (i > 0 ? I2C_MSG_RESTART : 0),
		};
	}
	/* Not to look into, but to be let go of when the job has ended. */
	if (PyBuffer_FillInfo(&self->job.views[0], tuple, NULL, 0, 1, PyBUF_SIMPLE) < 0) {
		return false;
	}
	self->count = (uint8_t)count;
	return true;
}

PyDoc_STRVAR(
	i2c_transfer_doc,
	"i2c_transfer(bus, address, out, into, flags=0, timeout=None, /)\n"
	"--\n"
	"\n"
	"Write out (bytes-like or None), then read into a writable buffer (or None).\n"
	"\n"
	"With both there is a repeated start between them. out may be a tuple of 1 to 16 bytes\n"
	"objects, each a message with a start of its own. An empty write asks if somebody\n"
	"has the address. flags: I2C_10BIT for an address of ten bits, I2C_NO_STOP to keep\n"
	"the bus. timeout is in seconds: None leaves it to the driver. Raises OSError: EIO or\n"
	"ENXIO if nobody answers, TimeoutError, EBUSY while an earlier transfer hangs.");

static PyObject *py_i2c_transfer(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *bus;
	uint32_t address;
	uint32_t flags = 0;
	k_timepoint_t end = {0};
	bool timed;
	struct i2c_job place;
	struct i2c_job *self;
	int ret;

	(void)module;
	if (!vhal_count("i2c_transfer", count, 4, 6) ||
	    (bus = vhal_device_arg(args[0], VHAL_I2C)) == NULL ||
	    (count > 4 && !vhal_u32(args[4], "flags", 0, 3, &flags)) ||
	    !vhal_u32(args[1], "address", 0, (flags & 1) != 0 ? 0x3ff : 0x7f, &address)) {
		return NULL;
	}
	timed = count > 5 && args[5] != Py_None;
	if (timed && !vhal_timeout(args[5], &end)) {
		return NULL;
	}
	self = vhal_job_new(&place, sizeof(place), timed);
	if (self == NULL) {
		return NULL;
	}
	self->job.run = run;
	self->address = (uint16_t)address;
	if (PyTuple_Check(args[2])) {
		if (!add_writes(self, args[2])) {
			goto error;
		}
	} else if (args[2] != Py_None) {
		if (PyObject_GetBuffer(args[2], &self->job.views[0], PyBUF_SIMPLE) < 0) {
			goto error;
		}
		self->messages[self->count++] = (struct i2c_msg){
			.buf = self->job.views[0].buf,
			.len = (uint32_t)self->job.views[0].len,
			.flags = I2C_MSG_WRITE,
		};
	}
	if (args[3] != Py_None) {
		if (PyObject_GetBuffer(args[3], &self->job.views[1], PyBUF_WRITABLE) < 0) {
			goto error;
		}
		self->messages[self->count] = (struct i2c_msg){
			.buf = self->job.views[1].buf,
			.len = (uint32_t)self->job.views[1].len,
			.flags = I2C_MSG_READ | (self->count > 0 ? I2C_MSG_RESTART : 0),
		};
		self->count++;
	}
	if (self->count == 0) {
		PyErr_SetString(PyExc_ValueError, "nothing to write and nothing to read");
		goto error;
	}
#ifdef CONFIG_ZPY_VHAL_EMUL
	if (self->count == 1 && args[2] != Py_None && self->messages[0].len == 0 &&
	    !vhal_emul_has_chip(bus->device, (uint16_t)address)) {
		/* Zephyr's emulators take an empty write for one that has no end. */
		self->messages[0].buf = self->probe;
		self->messages[0].len = 1;
		self->messages[self->count++] = (struct i2c_msg){
			.buf = self->probe + 1,
			.len = 1,
			.flags = I2C_MSG_READ | I2C_MSG_RESTART,
		};
	}
#endif
	for (int i = 0; i < self->count; i++) {
		self->messages[i].flags |= (flags & 1) != 0 ? I2C_MSG_ADDR_10_BITS : 0;
	}
	if ((flags & 2) == 0) {
		self->messages[self->count - 1].flags |= I2C_MSG_STOP;
	}
	ret = vhal_run(bus, &self->job, end);
	if (ret == -EINTR && PyErr_Occurred()) {
		return NULL;
	}
	if (ret == -EBUSY) {
		return vhal_error_text(ret, "%s: an earlier transfer hangs", bus->node->path);
	}
	if (ret < 0) {
		return vhal_error_text(ret, "%s: address 0x%02x: %s", bus->node->path,
				       (unsigned int)address,
				       ret == -EIO || ret == -ENXIO ? "no answer" : strerror(-ret));
	}
	Py_RETURN_NONE;

error:
	vhal_job_free(&self->job);
	return NULL;
}

PyDoc_STRVAR(i2c_configure_doc,
	     "i2c_configure(bus, frequency, /)\n"
	     "--\n"
	     "\n"
	     "Set the highest frequency in Hz; return what the bus runs at, the standard speed\n"
	     "at or below it: 100000, 400000, 1000000, 3400000 or 5000000.");

static PyObject *i2c_configure_(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *bus;
	uint32_t frequency;
	uint32_t speed = 0;
	int ret;

	(void)module;
	if (!vhal_count("i2c_configure", count, 2, 2) ||
	    (bus = vhal_device_arg(args[0], VHAL_I2C)) == NULL ||
	    !vhal_u32(args[1], "frequency", speeds[0], 100000000, &frequency)) {
		return NULL;
	}
	while (speed + 1 < SPEEDS && frequency >= speeds[speed + 1]) {
		speed++;
	}
	Py_BEGIN_ALLOW_THREADS ret =
		i2c_configure(bus->device, I2C_MODE_CONTROLLER | I2C_SPEED_SET(speed + 1));
	Py_END_ALLOW_THREADS return ret < 0 ? vhal_error(bus, ret)
					    : PyLong_FromUnsignedLong(speeds[speed]);
}

PyDoc_STRVAR(i2c_recover_doc,
	     "i2c_recover(bus, /)\n"
	     "--\n"
	     "\n"
	     "Clock a target off the bus that holds it. Raises OSError(EBUSY) in vain.");

static PyObject *i2c_recover(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *bus;
	int ret;

	(void)module;
	if (!vhal_count("i2c_recover", count, 1, 1) ||
	    (bus = vhal_device_arg(args[0], VHAL_I2C)) == NULL) {
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS ret = i2c_recover_bus(bus->device);
	Py_END_ALLOW_THREADS return vhal_result(bus, ret);
}

static PyMethodDef methods[] = {
	{"i2c_transfer", _PyCFunction_CAST(py_i2c_transfer), METH_FASTCALL, i2c_transfer_doc},
	{"i2c_configure", _PyCFunction_CAST(i2c_configure_), METH_FASTCALL, i2c_configure_doc},
	VHAL_METHOD(i2c_recover),
	{NULL, NULL, 0, NULL},
};

int vhal_i2c_exec(PyObject *module)
{
	if (PyModule_AddIntConstant(module, "I2C_10BIT", 1) < 0 ||
	    PyModule_AddIntConstant(module, "I2C_NO_STOP", 2) < 0) {
		return -1;
	}
	return PyModule_AddFunctions(module, methods);
}
