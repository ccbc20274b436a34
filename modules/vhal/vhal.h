/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief What the subjects of _vhal share: devices, arguments, errors, interrupts. */

#ifndef ZPY_VHAL_VHAL_H_
#define ZPY_VHAL_VHAL_H_

#include "Python.h"

#include <stdbool.h>

#include <zephyr/device.h>
#include <zephyr/kernel.h>

#include <zpy/vosal.h>

/** Classes of driver API; vhal.c has their names, scripts/devicetree.py the rules. */
enum vhal_kind {
	VHAL_NONE,
	VHAL_ADC,
	VHAL_COUNTER,
	VHAL_DAC,
	VHAL_EEPROM,
	VHAL_FLASH,
	VHAL_GPIO,
	VHAL_I2C,
	VHAL_LED,
	VHAL_LED_STRIP,
	VHAL_PWM,
	VHAL_RTC,
	VHAL_SENSOR,
	VHAL_SPI,
	VHAL_UART,
	VHAL_WATCHDOG,
	VHAL_KINDS,
};

/* devicetree_data.c, generated */

struct vhal_node {
	const char *path;
	const struct device *device; /* NULL: no driver in the image */
	enum vhal_kind kind;
	const char *compatible; /* the one that its driver knows */
	bool on_bus;            /* reached through a bus: a call may take long */
	bool okay;
};

extern const struct vhal_node vhal_nodes[];
extern const size_t vhal_node_count;
extern const unsigned char vhal_tree[];
extern const size_t vhal_tree_size;

/* vhal.c */

/** _vhal.Device: a device that is ready, of a known kind. */
struct vhal_device {
	PyObject_HEAD const struct device *device;
	const struct vhal_node *node;
	size_t index;
};

/**
 * The argument as a device of that kind.
 * @return NULL with TypeError, or PeripheralError when it is of another kind.
 */
struct vhal_device *vhal_device_any(PyObject *arg, enum vhal_kind kind);

/** The same, of one that is awake. @return NULL also with OSError(EBUSY). */
struct vhal_device *vhal_device_arg(PyObject *arg, enum vhal_kind kind);

/** Tells if a function got as many arguments as it takes. @return false with TypeError. */
bool vhal_count(const char *function, Py_ssize_t given, Py_ssize_t least, Py_ssize_t most);

/** An integer argument in a range. @return false with TypeError or ValueError. */
bool vhal_int(PyObject *arg, const char *name, long long least, long long most, long long *value);

/** The same for 32 bits without a sign. */
bool vhal_u32(PyObject *arg, const char *name, uint32_t least, uint32_t most, uint32_t *value);

/** A time-out in seconds or None for ever, as a point in time. @return false with an exception. */
bool vhal_timeout(PyObject *arg, k_timepoint_t *end);

/** Sets the exception for what a driver answered (a negative errno). @return NULL. */
PyObject *vhal_error(const struct vhal_device *device, int ret);

/** The same, with words of its own. @return NULL. */
PyObject *vhal_error_text(int ret, const char *format, ...);

/** None, or the exception for a negative errno. */
static inline PyObject *vhal_result(const struct vhal_device *device, int ret)
{
	if (ret < 0) {
		return vhal_error(device, ret);
	}
	Py_RETURN_NONE;
}

/** An integer, or the exception for a negative errno. */
static inline PyObject *vhal_result_int(const struct vhal_device *device, int ret)
{
	return ret < 0 ? vhal_error(device, ret) : PyLong_FromLong(ret);
}

/* worker.c: transfers that may hang */

/** A transfer: what a worker does, and what belongs to it until it has ended. */
struct vhal_job {
	sys_snode_t node;
	int (*run)(struct vhal_job *job); /* without the interpreter lock */
	const struct device *device;
	Py_buffer views[2]; /* released when the job has ended; obj NULL: not used */
	int result;
	bool timed; /* it has memory of its own, since it may outlive the call */
	bool ended;
	bool abandoned;
	struct port_thread *waiter;
	unsigned int generation; /* the interpreter whose buffers it has */
};

/**
 * A job, zeroed: the caller's own `place` for one without a time-out, or memory of its own.
 * The structure begins with its struct vhal_job. @return NULL with MemoryError.
 */
void *vhal_job_new(void *place, size_t size, bool timed);

/**
 * Runs a job from vhal_job_new(), and frees it.
 *
 * With a time-out it is the bus's own thread that runs it, so that a bus that hangs does not take
 * the caller with it. Without one the caller does, which is faster.
 *
 * @return what run() returned, -EBUSY while an earlier transfer hangs, -ETIMEDOUT; -EINTR with
 *         an exception set.
 */
int vhal_run(struct vhal_device *device, struct vhal_job *job, k_timepoint_t end);

/** How many transfers were given up and have not ended. With the interpreter lock. */
long vhal_hanging(void);

/** Another interpreter has begun: what jobs of the last one have belongs to nobody. */
void vhal_worker_clear(void);

/** Frees a job and lets go of its buffers. With the interpreter lock. */
void vhal_job_free(struct vhal_job *job);

/* memory.c: devices that are a row of bytes */

/** A function that reads or writes such a device. */
struct vhal_memory {
	const char *function; /* its name */
	enum vhal_kind kind;
	int buffer; /* PyBUF_WRITABLE to read, PyBUF_SIMPLE to write */
	long long (*size)(const struct device *device);
	int (*transfer)(const struct device *device, off_t offset, void *data, size_t size);
};

/** The offset of so many bytes. @return false with ValueError when they reach beyond size. */
bool vhal_area(PyObject *arg, long long length, long long size, long long *offset);

/** Does what args say: device, offset, buffer. @return None, or NULL with an exception. */
PyObject *vhal_memory_transfer(const struct vhal_memory *memory, PyObject *const *args,
			       Py_ssize_t count);

/** A table of functions whose entries take (module, args, count). */
#define VHAL_METHOD(name) {#name, _PyCFunction_CAST(name), METH_FASTCALL, name##_doc}

/** Guards what is in use: pins, channels, buses, chips. The interpreter lock does where it is. */
extern PyMutex vhal_mutex;

/** Defines name(), for VHAL_METHOD, as name_locked() with that guard. */
#define VHAL_LOCKED(name)                                                                          \
	static PyObject *name(PyObject *module, PyObject *const *args, Py_ssize_t count)           \
	{                                                                                          \
		PyObject *result;                                                                  \
                                                                                                   \
		Py_BEGIN_CRITICAL_SECTION_MUTEX(&vhal_mutex);                                      \
		result = name##_locked(module, args, count);                                       \
		Py_END_CRITICAL_SECTION();                                                         \
		return result;                                                                     \
	}

/**
 * Makes the interrupt source of a part of a device: a pin, a channel. Its name is that of the node,
 * a dot and the number.
 *
 * @return a new reference, or NULL with an exception set.
 */
PyObject *vhal_interrupt_new(const struct vhal_device *device, unsigned int number,
			     struct zpy_interrupt **inside);

/* Each subject adds its functions and constants. 0, or -1 with an exception set. */
int vhal_adc_exec(PyObject *module);
int vhal_bench_exec(PyObject *module);
int vhal_counter_exec(PyObject *module);
int vhal_dac_exec(PyObject *module);
int vhal_eeprom_exec(PyObject *module);
int vhal_emul_exec(PyObject *module);
int vhal_flash_exec(PyObject *module);
int vhal_gpio_exec(PyObject *module);
int vhal_hwinfo_exec(PyObject *module);
int vhal_i2c_exec(PyObject *module);
int vhal_i2c_target_exec(PyObject *module);
int vhal_led_exec(PyObject *module);
int vhal_led_strip_exec(PyObject *module);
int vhal_pci_exec(PyObject *module);
int vhal_power_exec(PyObject *module);
int vhal_pwm_exec(PyObject *module);
int vhal_rtc_exec(PyObject *module);
int vhal_sensor_exec(PyObject *module);
int vhal_spi_exec(PyObject *module);
int vhal_uart_exec(PyObject *module);
int vhal_watchdog_exec(PyObject *module);

/* What an interpreter that has ended has left, and must not reach the next one. */
void vhal_counter_clear(void);
void vhal_emul_clear(void);
void vhal_gpio_clear(void);
void vhal_i2c_target_clear(void);
void vhal_power_clear(void);
void vhal_pwm_clear(void);
void vhal_rtc_clear(void);
void vhal_uart_clear(void);

/* emul.c */

/** Tells who watches the port that outputs may have changed. With the interpreter lock. */
int vhal_emul_gpio_changed(const struct vhal_device *port);

/** Is there a chip in Python at an address of an emulated bus? */
bool vhal_emul_has_chip(const struct device *bus, uint16_t address);

#endif /* ZPY_VHAL_VHAL_H_ */
