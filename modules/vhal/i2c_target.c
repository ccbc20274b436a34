/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief I2C, as a target: a row of bytes that the controller of the bus reads and writes.
 *
 * The controller does not wait for Python, so Python is told afterwards: the driver's callbacks,
 * which run in its interrupt, do with a buffer of Python's what an EEPROM would do.
 */

#include "vhal.h"

#include <errno.h>

#include <zephyr/drivers/i2c.h>

/* A bus that is or was a target. It stays for the run of the machine. */
struct target {
	sys_snode_t node;
	struct i2c_target_config config;
	const struct device *bus;
	Py_buffer memory; /* obj NULL: not a target now */
	PyObject *source; /* an Interrupt of _vosal, */
	struct zpy_interrupt *inside;
	uint8_t address_size;
	/* Of the transfer that is under way. */
	uint8_t address_got;
	uint32_t address;
	size_t at;
	uint16_t written;
	uint16_t read;
};

static sys_slist_t targets = SYS_SLIST_STATIC_INIT(&targets);

static void next(struct target *target)
{
	target->at = (target->at + 1) % (size_t)target->memory.len;
}

static int write_requested(struct i2c_target_config *config)
{
	struct target *target = CONTAINER_OF(config, struct target, config);

	target->address_got = 0;
	target->address = 0;
	if (target->address_size == 0) {
		target->at = 0;
	}
	return 0;
}

static int write_received(struct i2c_target_config *config, uint8_t value)
{
	struct target *target = CONTAINER_OF(config, struct target, config);

	if (target->address_got < target->address_size) {
		target->address = target->address << 8 | value;
		if (++target->address_got == target->address_size) {
			target->at = target->address % (size_t)target->memory.len;
		}
		return 0;
	}
	((uint8_t *)target->memory.buf)[target->at] = value;
	target->written++;
	next(target);
	return 0;
}

static int read_processed(struct i2c_target_config *config, uint8_t *value)
{
	struct target *target = CONTAINER_OF(config, struct target, config);

	*value = ((const uint8_t *)target->memory.buf)[target->at];
	target->read++;
	next(target);
	return 0;
}

static int read_requested(struct i2c_target_config *config, uint8_t *value)
{
	struct target *target = CONTAINER_OF(config, struct target, config);

	if (target->address_size == 0) {
		target->at = 0;
	}
	return read_processed(config, value);
}

static int stop(struct i2c_target_config *config)
{
	struct target *target = CONTAINER_OF(config, struct target, config);
	uint32_t value = (uint32_t)target->read << 16 | target->written;

	target->read = 0;
	target->written = 0;
	if (value != 0) {
		(void)zpy_interrupt_post(target->inside, value);
	}
	return 0;
}

static const struct i2c_target_callbacks callbacks = {
	.write_requested = write_requested,
	.write_received = write_received,
	.read_requested = read_requested,
	.read_processed = read_processed,
	.stop = stop,
};

static struct target *find(const struct device *bus)
{
	struct target *target;

	SYS_SLIST_FOR_EACH_CONTAINER(&targets, target, node) {
		if (target->bus == bus) {
			return target;
		}
	}
	target = PyMem_RawCalloc(1, sizeof(*target));
	if (target == NULL) {
		PyErr_NoMemory();
		return NULL;
	}
	target->bus = bus;
	sys_slist_append(&targets, &target->node);
	return target;
}

PyDoc_STRVAR(i2c_target_doc,
	     "i2c_target(bus, address, memory, address_size, flags=0, /)\n"
	     "--\n"
	     "\n"
	     "Let the controller of the bus read and write a writable buffer at an address;\n"
	     "return the source of events, an Interrupt of _vosal.\n"
	     "\n"
	     "A write begins with address_size bytes (0 to 4) that say where in the buffer; the\n"
	     "place moves on with each byte and begins again behind the last. An event's value\n"
	     "is the number of bytes written, and << 16 of those that the driver took for\n"
	     "reading. flags: I2C_10BIT. Raises OSError: EBUSY while the bus is a target, ENOSYS\n"
	     "when the driver cannot.");

static PyObject *py_i2c_target_locked(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *bus;
	uint32_t flags = 0;
	uint32_t address;
	uint32_t address_size;
	struct target *target;
	Py_buffer memory;
	int ret;

	(void)module;
	if (!vhal_count("i2c_target", count, 4, 5) ||
	    (bus = vhal_device_arg(args[0], VHAL_I2C)) == NULL ||
	    (count > 4 && !vhal_u32(args[4], "flags", 0, 1, &flags)) ||
	    !vhal_u32(args[1], "address", 0, flags != 0 ? 0x3ff : 0x7f, &address) ||
	    !vhal_u32(args[3], "address_size", 0, 4, &address_size) ||
	    (target = find(bus->device)) == NULL) {
		return NULL;
	}
	if (target->memory.obj != NULL) {
		return vhal_error_text(-EBUSY, "%s: is a target at 0x%02x", bus->node->path,
				       (unsigned int)target->config.address);
	}
	if (PyObject_GetBuffer(args[2], &memory, PyBUF_WRITABLE) < 0) {
		return NULL;
	}
	if (memory.len == 0) {
		PyErr_SetString(PyExc_ValueError, "memory is empty");
		PyBuffer_Release(&memory);
		return NULL;
	}
	if (target->source == NULL) {
		target->source = vhal_interrupt_new(bus, 0, &target->inside);
		if (target->source == NULL) {
			PyBuffer_Release(&memory);
			return NULL;
		}
	}
	target->config = (struct i2c_target_config){
		.flags = flags != 0 ? I2C_TARGET_FLAGS_ADDR_10_BITS : 0,
		.address = (uint16_t)address,
		.callbacks = &callbacks,
	};
	target->memory = memory;
	target->address_size = (uint8_t)address_size;
	target->at = 0;
	target->read = 0;
	target->written = 0;
	ret = i2c_target_register(bus->device, &target->config);
	if (ret < 0) {
		PyBuffer_Release(&target->memory);
		return vhal_error(bus, ret);
	}
	return Py_NewRef(target->source);
}

VHAL_LOCKED(py_i2c_target)

PyDoc_STRVAR(i2c_target_off_doc, "i2c_target_off(bus, /)\n"
				 "--\n"
				 "\n"
				 "Let the bus be no target any more, and go of the buffer.");

static PyObject *i2c_target_off_locked(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *bus;
	struct target *target;
	int ret;

	(void)module;
	if (!vhal_count("i2c_target_off", count, 1, 1) ||
	    (bus = vhal_device_arg(args[0], VHAL_I2C)) == NULL ||
	    (target = find(bus->device)) == NULL) {
		return NULL;
	}
	if (target->memory.obj == NULL) {
		Py_RETURN_NONE;
	}
	ret = i2c_target_unregister(bus->device, &target->config);
	if (ret < 0) {
		return vhal_error(bus, ret);
	}
	PyBuffer_Release(&target->memory);
	Py_RETURN_NONE;
}

VHAL_LOCKED(i2c_target_off)

void vhal_i2c_target_clear(void)
{
	struct target *target;

	/* What is there belonged to an interpreter that has ended: it is forgotten, not freed. */
	SYS_SLIST_FOR_EACH_CONTAINER(&targets, target, node) {
		if (target->memory.obj != NULL) {
			(void)i2c_target_unregister(target->bus, &target->config);
		}
		target->memory.obj = NULL;
		target->source = NULL;
	}
}

static PyMethodDef methods[] = {
	{"i2c_target", _PyCFunction_CAST(py_i2c_target), METH_FASTCALL, i2c_target_doc},
	VHAL_METHOD(i2c_target_off),
	{NULL, NULL, 0, NULL},
};

int vhal_i2c_target_exec(PyObject *module)
{
	return PyModule_AddFunctions(module, methods);
}
