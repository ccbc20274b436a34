/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief What the same work costs in C: loops over Zephyr's calls on emulated devices.
 *
 * tests/bench/hardware.py sets Python's times against these, in one run.
 */

#include "vhal.h"

#include <errno.h>

#include <zephyr/drivers/emul.h>
#include <zephyr/drivers/gpio.h>
#include <zephyr/drivers/i2c.h>
#include <zephyr/drivers/spi.h>
#include <zephyr/drivers/spi_emul.h>

#include "port.h"

#define SIZE_MAX_BENCH 4096

static uint8_t out[SIZE_MAX_BENCH];
static uint8_t into[SIZE_MAX_BENCH];

PyDoc_STRVAR(bench_gpio_doc, "bench_gpio(port, pin, count, /)\n"
			     "--\n"
			     "\n"
			     "Return the nanoseconds of so many calls that set an output.");

static PyObject *bench_gpio(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *port;
	uint32_t pin;
	uint32_t calls;
	int64_t start;

	(void)module;
	if (!vhal_count("bench_gpio", count, 3, 3) ||
	    (port = vhal_device_arg(args[0], VHAL_GPIO)) == NULL ||
	    !vhal_u32(args[1], "pin", 0, 31, &pin) ||
	    !vhal_u32(args[2], "count", 1, 10000000, &calls)) {
		return NULL;
	}
	start = port_clock_ns(CLOCK_MONOTONIC);
	for (uint32_t i = 0; i < calls; i++) {
		(void)gpio_pin_set_raw(port->device, (gpio_pin_t)pin, i & 1);
	}
	return PyLong_FromLongLong(port_clock_ns(CLOCK_MONOTONIC) - start);
}

PyDoc_STRVAR(bench_i2c_doc,
	     "bench_i2c(bus, address, size, count, /)\n"
	     "--\n"
	     "\n"
	     "Return the nanoseconds of so many reads of size bytes after a register's number.");

static PyObject *bench_i2c(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *bus;
	uint32_t address;
	uint32_t size;
	uint32_t calls;
	int64_t start;
	int ret = 0;

	(void)module;
	if (!vhal_count("bench_i2c", count, 4, 4) ||
	    (bus = vhal_device_arg(args[0], VHAL_I2C)) == NULL ||
	    !vhal_u32(args[1], "address", 0, 0x7f, &address) ||
	    !vhal_u32(args[2], "size", 1, SIZE_MAX_BENCH, &size) ||
	    !vhal_u32(args[3], "count", 1, 10000000, &calls)) {
		return NULL;
	}
	start = port_clock_ns(CLOCK_MONOTONIC);
	for (uint32_t i = 0; i < calls && ret == 0; i++) {
		ret = i2c_write_read(bus->device, (uint16_t)address, out, 1, into, size);
	}
	return ret < 0 ? vhal_error(bus, ret)
		       : PyLong_FromLongLong(port_clock_ns(CLOCK_MONOTONIC) - start);
}

#ifdef CONFIG_SPI_EMUL

/* A chip in C that sends back what it gets. */
static int loop_io(const struct emul *target, const struct spi_config *config,
		   const struct spi_buf_set *tx, const struct spi_buf_set *rx)
{
	(void)target;
	(void)config;
	if (tx != NULL && rx != NULL && tx->count > 0 && rx->count > 0) {
		memcpy(rx->buffers[0].buf, tx->buffers[0].buf,
		       MIN(tx->buffers[0].len, rx->buffers[0].len));
	}
	return 0;
}

static const struct spi_emul_api loop_api = {.io = loop_io};
static struct emul loop_emul;
static struct spi_emul loop = {.target = &loop_emul, .api = &loop_api};

PyDoc_STRVAR(bench_spi_doc,
	     "bench_spi(bus, target, size, count, /)\n"
	     "--\n"
	     "\n"
	     "Return the nanoseconds of so many transfers of size bytes both ways.\n"
	     "\n"
	     "The chip at the target sends back what it gets; the first call puts it there.");

static PyObject *bench_spi(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct spi_config config = {.frequency = 1000000, .operation = SPI_WORD_SET(8)};
	struct spi_buf tx = {.buf = out};
	struct spi_buf rx = {.buf = into};
	struct spi_buf_set tx_set = {.buffers = &tx, .count = 1};
	struct spi_buf_set rx_set = {.buffers = &rx, .count = 1};
	struct vhal_device *bus;
	uint32_t target;
	uint32_t size;
	uint32_t calls;
	int64_t start;
	int ret = 0;

	(void)module;
	if (!vhal_count("bench_spi", count, 4, 4) ||
	    (bus = vhal_device_arg(args[0], VHAL_SPI)) == NULL ||
	    !vhal_u32(args[1], "target", 1, 255, &target) ||
	    !vhal_u32(args[2], "size", 1, SIZE_MAX_BENCH, &size) ||
	    !vhal_u32(args[3], "count", 1, 10000000, &calls)) {
		return NULL;
	}
	if (strcmp(bus->node->compatible, "zephyr,spi-emul-controller") != 0) {
		return vhal_error_text(-ENOTSUP, "%s is real hardware", bus->node->path);
	}
	if (loop_emul.dev == NULL) {
		*(const struct device **)&loop_emul.dev = bus->device;
		loop.chipsel = (uint16_t)target;
		(void)spi_emul_register(bus->device, &loop);
	}
	config.slave = (uint16_t)target;
	tx.len = size;
	rx.len = size;
	start = port_clock_ns(CLOCK_MONOTONIC);
	for (uint32_t i = 0; i < calls && ret == 0; i++) {
		ret = spi_transceive(bus->device, &config, &tx_set, &rx_set);
	}
	return ret < 0 ? vhal_error(bus, ret)
		       : PyLong_FromLongLong(port_clock_ns(CLOCK_MONOTONIC) - start);
}
#endif

static PyMethodDef methods[] = {
	VHAL_METHOD(bench_gpio),
	VHAL_METHOD(bench_i2c),
#ifdef CONFIG_SPI_EMUL
	VHAL_METHOD(bench_spi),
#endif
	{NULL, NULL, 0, NULL},
};

int vhal_bench_exec(PyObject *module)
{
	return PyModule_AddFunctions(module, methods);
}
