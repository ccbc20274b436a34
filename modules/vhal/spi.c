/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief SPI, as the controller of the bus. */

#include "vhal.h"

#include <errno.h>

#include <zephyr/drivers/spi.h>

#include "port.h"

/*
 * A driver takes a configuration that lies where the last one lay for the same. So each bus has
 * two places, and a configuration that differs from the last one goes to the other place.
 */
struct spi_bus {
	sys_snode_t node;
	const struct device *device;
	struct k_mutex lock;
	struct spi_config places[2];
	unsigned int last;
};

struct spi_job {
	struct vhal_job job;
	struct spi_bus *bus;
	struct spi_config config;
	struct spi_buf out;
	struct spi_buf into;
};

static sys_slist_t buses = SYS_SLIST_STATIC_INIT(&buses);

static struct spi_bus *find_or_make(const struct device *device)
{
	struct spi_bus *bus;

	SYS_SLIST_FOR_EACH_CONTAINER(&buses, bus, node) {
		if (bus->device == device) {
			return bus;
		}
	}
	bus = PyMem_RawCalloc(1, sizeof(*bus));
	if (bus != NULL) {
		bus->device = device;
		k_mutex_init(&bus->lock);
		sys_slist_append(&buses, &bus->node);
	}
	return bus;
}

static bool same(const struct spi_config *a, const struct spi_config *b)
{
	return a->frequency == b->frequency && a->operation == b->operation &&
	       a->slave == b->slave && a->cs.gpio.port == b->cs.gpio.port &&
	       a->cs.gpio.pin == b->cs.gpio.pin && a->cs.gpio.dt_flags == b->cs.gpio.dt_flags;
}

static int run(struct vhal_job *job)
{
	struct spi_job *self = CONTAINER_OF(job, struct spi_job, job);
	struct spi_bus *bus = self->bus;
	struct spi_buf_set out = {.buffers = &self->out, .count = 1};
	struct spi_buf_set into = {.buffers = &self->into, .count = 1};
	int ret;

	(void)k_mutex_lock(&bus->lock, K_FOREVER);
	if (!same(&bus->places[bus->last], &self->config)) {
		bus->last = !bus->last;
		bus->places[bus->last] = self->config;
	}
	ret = spi_transceive(job->device, &bus->places[bus->last],
			     self->out.buf != NULL ? &out : NULL,
			     self->into.buf != NULL ? &into : NULL);
	(void)k_mutex_unlock(&bus->lock);
	return ret;
}

PyDoc_STRVAR(
	spi_transfer_doc,
	"spi_transfer(bus, frequency, operation, target, cs, out, into, timeout=None, /)\n"
	"--\n"
	"\n"
	"Write out (bytes-like or None) while reading into a writable buffer (or None).\n"
	"\n"
	"operation: SPI_* flags and the word's size in bits << 5. target: the number of the\n"
	"chip select of the controller. cs: (port, pin, flags) of a pin that selects the chip,\n"
	"or None. timeout is in seconds: None leaves it to the driver.");

static PyObject *py_spi_transfer(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	uint32_t frequency;
	uint32_t operation;
	uint32_t target;
	k_timepoint_t end = {0};
	bool timed;
	struct spi_job place;
	struct spi_job *self;
	int ret;

	(void)module;
	if (!vhal_count("spi_transfer", count, 7, 8) ||
	    (device = vhal_device_arg(args[0], VHAL_SPI)) == NULL ||
	    !vhal_u32(args[1], "frequency", 1, UINT32_MAX, &frequency) ||
	    !vhal_u32(args[2], "operation", 0, UINT16_MAX, &operation) ||
	    !vhal_u32(args[3], "target", 0, UINT16_MAX, &target)) {
		return NULL;
	}
	timed = count > 7 && args[7] != Py_None;
	if (timed && !vhal_timeout(args[7], &end)) {
		return NULL;
	}
	self = vhal_job_new(&place, sizeof(place), timed);
	if (self == NULL) {
		return NULL;
	}
	self->job.run = run;
	Py_BEGIN_CRITICAL_SECTION_MUTEX(&vhal_mutex);
	self->bus = find_or_make(device->device);
	Py_END_CRITICAL_SECTION();
	if (self->bus == NULL) {
		PyErr_NoMemory();
		goto error;
	}
	self->config.frequency = frequency;
	self->config.operation = (spi_operation_t)(operation & ~(SPI_LOCK_ON | SPI_HOLD_ON_CS));
	self->config.slave = (uint16_t)target;
	if (args[4] != Py_None) {
		struct vhal_device *port;
		uint32_t pin;
		uint32_t flags;

		if (!PyTuple_Check(args[4]) || PyTuple_GET_SIZE(args[4]) != 3) {
			PyErr_SetString(PyExc_TypeError, "cs must be (port, pin, flags) or None");
			goto error;
		}
		port = vhal_device_arg(PyTuple_GET_ITEM(args[4], 0), VHAL_GPIO);
		if (port == NULL || !vhal_u32(PyTuple_GET_ITEM(args[4], 1), "pin", 0, 31, &pin) ||
		    !vhal_u32(PyTuple_GET_ITEM(args[4], 2), "flags", 0, UINT16_MAX, &flags)) {
			goto error;
		}
		self->config.cs.gpio = (struct gpio_dt_spec){
			.port = port->device,
			.pin = (gpio_pin_t)pin,
			.dt_flags = (gpio_dt_flags_t)flags,
		};
	}
	if (args[5] != Py_None) {
		if (PyObject_GetBuffer(args[5], &self->job.views[0], PyBUF_SIMPLE) < 0) {
			goto error;
		}
		self->out.buf = self->job.views[0].buf;
		self->out.len = (size_t)self->job.views[0].len;
	}
	if (args[6] != Py_None) {
		if (PyObject_GetBuffer(args[6], &self->job.views[1], PyBUF_WRITABLE) < 0) {
			goto error;
		}
		self->into.buf = self->job.views[1].buf;
		self->into.len = (size_t)self->job.views[1].len;
	}
	if (self->out.len + self->into.len == 0) {
		vhal_job_free(&self->job);
		Py_RETURN_NONE;
	}
	ret = vhal_run(device, &self->job, end);
	if (ret == -EINTR && PyErr_Occurred()) {
		return NULL;
	}
	return vhal_result(device, ret);

error:
	vhal_job_free(&self->job);
	return NULL;
}

static PyMethodDef methods[] = {
	{"spi_transfer", _PyCFunction_CAST(py_spi_transfer), METH_FASTCALL, spi_transfer_doc},
	{NULL, NULL, 0, NULL},
};

int vhal_spi_exec(PyObject *module)
{
	if (PyModule_AddIntConstant(module, "SPI_CPOL", SPI_MODE_CPOL) < 0 ||
	    PyModule_AddIntConstant(module, "SPI_CPHA", SPI_MODE_CPHA) < 0 ||
	    PyModule_AddIntConstant(module, "SPI_LSB_FIRST", SPI_TRANSFER_LSB) < 0 ||
	    PyModule_AddIntConstant(module, "SPI_LOOPBACK", SPI_MODE_LOOP) < 0) {
		return -1;
	}
	return PyModule_AddFunctions(module, methods);
}
