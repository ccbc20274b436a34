/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief The other side of emulated hardware: what would be at the ends of the wires.
 *
 * Inputs are set and outputs are read here; and Python can play the chips on an emulated bus.
 * Such a chip is an object with a method that gets what the controller sends and returns what it
 * answers; OSError from it is what the driver answers.
 */

#include "vhal.h"

#include <errno.h>

#include <zephyr/drivers/adc/adc_emul.h>
#include <zephyr/drivers/emul.h>
#include <zephyr/drivers/gpio.h>
#include <zephyr/drivers/gpio/gpio_emul.h>
#include <zephyr/drivers/i2c.h>
#include <zephyr/drivers/i2c_emul.h>
#include <zephyr/drivers/serial/uart_emul.h>
#include <zephyr/drivers/spi.h>
#include <zephyr/drivers/spi_emul.h>
#include <zephyr/sys/ring_buffer.h>

#include <zpy/emul.h>

#include "port.h"

/* The argument as an emulated device: any other would not know these calls. */
static struct vhal_device *emulated(PyObject *arg, enum vhal_kind kind, const char *compatible)
{
	struct vhal_device *device = vhal_device_any(arg, kind);

	if (device != NULL && strcmp(device->node->compatible, compatible) != 0) {
		vhal_error_text(-ENOTSUP, "%s is real hardware", device->node->path);
		return NULL;
	}
	return device;
}

/* What a call of Python's came to, as a driver would say it. The exception is used up. */
static int failure(void)
{
	PyObject *exception = PyErr_GetRaisedException();
	int ret = -EIO;

	if (PyErr_GivenExceptionMatches(exception, PyExc_OSError)) {
		PyObject *number = PyObject_GetAttrString(exception, "errno");

		if (number != NULL && PyLong_Check(number)) {
			int value = PyLong_AsInt(number);

			ret = value > 0 ? -value : -EIO;
		}
		Py_XDECREF(number);
		PyErr_Clear();
	} else {
		/* A mistake in the chip: its author wants to see it. */
		PyErr_SetRaisedException(Py_NewRef(exception));
		PyErr_WriteUnraisable(NULL);
	}
	Py_DECREF(exception);
	return ret;
}

/* --- GPIO -------------------------------------------------------------------------------- */

#ifdef CONFIG_GPIO_EMUL

struct watcher {
	const struct device *port;
	PyObject *call;
};

static struct watcher watchers[4];
static size_t watcher_count;

/** A new reference to who watches a port, or NULL. */
static PyObject *watcher_of(const struct device *port)
{
	PyObject *call = NULL;

	Py_BEGIN_CRITICAL_SECTION_MUTEX(&vhal_mutex);
	for (size_t i = 0; i < watcher_count; i++) {
		if (watchers[i].port == port) {
			call = Py_XNewRef(watchers[i].call);
			break;
		}
	}
	Py_END_CRITICAL_SECTION();
	return call;
}

int vhal_emul_gpio_changed(const struct vhal_device *port)
{
	PyObject *call = watcher_of(port->device);
	PyObject *result;

	if (call == NULL) {
		return 0;
	}
	result = PyObject_CallNoArgs(call);
	Py_DECREF(call);
	if (result == NULL) {
		return -1;
	}
	Py_DECREF(result);
	return 0;
}

PyDoc_STRVAR(emul_gpio_watch_doc,
	     "emul_gpio_watch(port, call, /)\n"
	     "--\n"
	     "\n"
	     "Have call() called after each change of an output or of a pin's mode; None: nobody.");

static PyObject *emul_gpio_watch_locked(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *port;
	size_t i;

	(void)module;
	if (!vhal_count("emul_gpio_watch", count, 2, 2) ||
	    (port = emulated(args[0], VHAL_GPIO, "zephyr,gpio-emul")) == NULL) {
		return NULL;
	}
	for (i = 0; i < watcher_count && watchers[i].port != port->device; i++) {
	}
	if (i == ARRAY_SIZE(watchers)) {
		return PyErr_Format(PyExc_ValueError, "%zu ports can be watched", i);
	}
	watchers[i].port = port->device;
	watcher_count = MAX(watcher_count, i + 1);
	Py_XSETREF(watchers[i].call, args[1] != Py_None ? Py_NewRef(args[1]) : NULL);
	Py_RETURN_NONE;
}

VHAL_LOCKED(emul_gpio_watch)

PyDoc_STRVAR(emul_gpio_input_doc,
	     "emul_gpio_input(port, pin, level, /)\n"
	     "--\n"
	     "\n"
	     "Set the level at a pin from outside. Raises OSError(EINVAL) when it is no input.");

static PyObject *emul_gpio_input(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *port;
	uint32_t pin;
	int level;
	int ret;

	(void)module;
	if (!vhal_count("emul_gpio_input", count, 3, 3) ||
	    (port = emulated(args[0], VHAL_GPIO, "zephyr,gpio-emul")) == NULL ||
	    !vhal_u32(args[1], "pin", 0, 31, &pin) || (level = PyObject_IsTrue(args[2])) < 0) {
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS ret = gpio_emul_input_set(port->device, (gpio_pin_t)pin, level);
	Py_END_ALLOW_THREADS return vhal_result(port, ret);
}

PyDoc_STRVAR(emul_gpio_state_doc, "emul_gpio_state(port, pin, /)\n"
				  "--\n"
				  "\n"
				  "Return (flags, level that the pin puts out).");

static PyObject *emul_gpio_state(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *port;
	uint32_t pin;
	gpio_flags_t flags;
	int level;
	int ret;

	(void)module;
	if (!vhal_count("emul_gpio_state", count, 2, 2) ||
	    (port = emulated(args[0], VHAL_GPIO, "zephyr,gpio-emul")) == NULL ||
	    !vhal_u32(args[1], "pin", 0, 31, &pin)) {
		return NULL;
	}
	ret = gpio_emul_flags_get(port->device, (gpio_pin_t)pin, &flags);
	level = ret == 0 ? gpio_emul_output_get(port->device, (gpio_pin_t)pin) : ret;
	if (level < 0) {
		return vhal_error(port, level);
	}
	return Py_BuildValue("(Ii)", flags & ~GPIO_INT_MASK, level);
}

#else

int vhal_emul_gpio_changed(const struct vhal_device *port)
{
	(void)port;
	return 0;
}

#endif /* CONFIG_GPIO_EMUL */

/* --- ADC, DAC, PWM ----------------------------------------------------------------------- */

#ifdef CONFIG_ADC_EMUL
PyDoc_STRVAR(emul_adc_set_doc, "emul_adc_set(device, channel, millivolts, /)\n"
			       "--\n"
			       "\n"
			       "Set the voltage at an input.");

static PyObject *emul_adc_set(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	uint32_t channel;
	uint32_t value;

	(void)module;
	if (!vhal_count("emul_adc_set", count, 3, 3) ||
	    (device = emulated(args[0], VHAL_ADC, "zephyr,adc-emul")) == NULL ||
	    !vhal_u32(args[1], "channel", 0, 31, &channel) ||
	    !vhal_u32(args[2], "millivolts", 0, 100000, &value)) {
		return NULL;
	}
	return vhal_result(device, adc_emul_const_value_set(device->device, channel, value));
}
#endif

#ifdef CONFIG_ZPY_DAC_EMUL
PyDoc_STRVAR(emul_dac_get_doc,
	     "emul_dac_get(device, channel, /)\n"
	     "--\n"
	     "\n"
	     "Return (value, resolution) of an output; resolution 0: not set up.");

static PyObject *emul_dac_get(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	uint32_t channel;
	uint32_t value;
	uint8_t resolution;
	int ret;

	(void)module;
	if (!vhal_count("emul_dac_get", count, 2, 2) ||
	    (device = emulated(args[0], VHAL_DAC, "zpy,dac-emul")) == NULL ||
	    !vhal_u32(args[1], "channel", 0, 255, &channel)) {
		return NULL;
	}
	ret = zpy_dac_emul_get(device->device, (uint8_t)channel, &value, &resolution);
	return ret < 0 ? vhal_error(device, ret) : Py_BuildValue("(Ii)", value, resolution);
}
#endif

#ifdef CONFIG_ZPY_PWM_EMUL
PyDoc_STRVAR(emul_pwm_get_doc, "emul_pwm_get(device, channel, /)\n"
			       "--\n"
			       "\n"
			       "Return (period_ns, pulse_ns, inverted) of an output.");

static PyObject *emul_pwm_get(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	uint32_t channel;
	uint32_t period;
	uint32_t pulse;
	bool inverted;
	int ret;

	(void)module;
	if (!vhal_count("emul_pwm_get", count, 2, 2) ||
	    (device = emulated(args[0], VHAL_PWM, "zpy,pwm-emul")) == NULL ||
	    !vhal_u32(args[1], "channel", 0, 255, &channel)) {
		return NULL;
	}
	ret = zpy_pwm_emul_get(device->device, channel, &period, &pulse, &inverted);
	return ret < 0 ? vhal_error(device, ret)
		       : Py_BuildValue("(IIO)", period, pulse, inverted ? Py_True : Py_False);
}

PyDoc_STRVAR(emul_pwm_count_doc,
	     "emul_pwm_count(device, channel, /)\n"
	     "--\n"
	     "\n"
	     "Return how many pulses have begun since the output was inactive; of one that is\n"
	     "inactive, how many there were before.");

static PyObject *emul_pwm_count(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	uint32_t channel;
	uint64_t pulses;
	int ret;

	(void)module;
	if (!vhal_count("emul_pwm_count", count, 2, 2) ||
	    (device = emulated(args[0], VHAL_PWM, "zpy,pwm-emul")) == NULL ||
	    !vhal_u32(args[1], "channel", 0, 255, &channel)) {
		return NULL;
	}
	ret = zpy_pwm_emul_count(device->device, channel, &pulses);
	return ret < 0 ? vhal_error(device, ret) : PyLong_FromUnsignedLongLong(pulses);
}
#endif

/* --- I2C and SPI: chips in Python -------------------------------------------------------- */

/* A place on a bus. It stays there for the run of the machine; the chip comes and goes. */
struct chip {
	sys_snode_t node;
	struct emul emul;
#ifdef CONFIG_I2C_EMUL
	struct i2c_emul i2c;
#endif
#ifdef CONFIG_SPI_EMUL
	struct spi_emul spi;
#endif
	PyObject *call; /* NULL: nobody there */
};

static sys_slist_t chips = SYS_SLIST_STATIC_INIT(&chips);

static struct chip *find_chip(const struct device *bus, bool spi, uint16_t address)
{
	struct chip *chip;

	SYS_SLIST_FOR_EACH_CONTAINER(&chips, chip, node) {
		if (chip->emul.dev != bus) {
			continue;
		}
#ifdef CONFIG_SPI_EMUL
		if (spi && chip->spi.target != NULL && chip->spi.chipsel == address) {
			return chip;
		}
#endif
#ifdef CONFIG_I2C_EMUL
		if (!spi && chip->i2c.target != NULL && chip->i2c.addr == address) {
			return chip;
		}
#endif
	}
	return NULL;
}

bool vhal_emul_has_chip(const struct device *bus, uint16_t address)
{
	struct chip *chip;
	bool there;

	Py_BEGIN_CRITICAL_SECTION_MUTEX(&vhal_mutex);
	chip = find_chip(bus, false, address);
	there = chip != NULL && chip->call != NULL;
	Py_END_CRITICAL_SECTION();
	return there;
}

/** A new reference to what answers for a chip, or NULL: it may be taken off meanwhile. */
static PyObject *call_of(struct chip *chip)
{
	PyObject *call;

	Py_BEGIN_CRITICAL_SECTION_MUTEX(&vhal_mutex);
	call = Py_XNewRef(chip->call);
	Py_END_CRITICAL_SECTION();
	return call;
}

/* What the controllers call: see below. */
#ifdef CONFIG_I2C_EMUL
static int i2c_chip_transfer(const struct emul *target, struct i2c_msg *messages, int count,
			     int address);

static const struct i2c_emul_api i2c_chip_api = {.transfer = i2c_chip_transfer};
#endif
#ifdef CONFIG_SPI_EMUL
static int spi_chip_io(const struct emul *target, const struct spi_config *config,
		       const struct spi_buf_set *out, const struct spi_buf_set *into);

static const struct spi_emul_api spi_chip_api = {.io = spi_chip_io};
#endif

/* Puts a chip at an address of a bus, or at a chip select; None takes it off. */
static PyObject *attach(const struct device *bus, bool spi, uint16_t address, PyObject *call)
{
	struct chip *chip = find_chip(bus, spi, address);

	if (chip == NULL) {
		if (call == Py_None) {
			Py_RETURN_NONE;
		}
		chip = PyMem_RawCalloc(1, sizeof(*chip));
		if (chip == NULL) {
			return PyErr_NoMemory();
		}
		/* All that the controllers look at is the name. */
		*(const struct device **)&chip->emul.dev = bus;
		sys_slist_append(&chips, &chip->node);
#ifdef CONFIG_SPI_EMUL
		if (spi) {
			chip->spi = (struct spi_emul){
				.target = &chip->emul, .api = &spi_chip_api, .chipsel = address};
			(void)spi_emul_register(bus, &chip->spi);
		}
#endif
#ifdef CONFIG_I2C_EMUL
		if (!spi) {
			chip->i2c = (struct i2c_emul){
				.target = &chip->emul, .api = &i2c_chip_api, .addr = address};
			(void)i2c_emul_register(bus, &chip->i2c);
		}
#endif
	}
	Py_XSETREF(chip->call, call != Py_None ? Py_NewRef(call) : NULL);
	Py_RETURN_NONE;
}

#ifdef CONFIG_I2C_EMUL
static int i2c_call(struct chip *chip, struct i2c_msg *messages, int count)
{
	PyObject *list;
	PyObject *answers;
	PyObject *sequence;
	PyObject *call = call_of(chip);
	Py_ssize_t next = 0;

	if (call == NULL) {
		return -EIO;
	}
	list = PyList_New(count);
	for (int i = 0; list != NULL && i < count; i++) {
		PyObject *item = (messages[i].flags & I2C_MSG_READ) != 0
					 ? PyLong_FromUnsignedLong(messages[i].len)
					 : PyBytes_FromStringAndSize((const char *)messages[i].buf,
								     messages[i].len);

		if (item == NULL) {
			Py_CLEAR(list);
		} else {
			PyList_SET_ITEM(list, i, item);
		}
	}
	answers = list != NULL ? PyObject_CallOneArg(call, list) : NULL;
	Py_XDECREF(list);
	Py_DECREF(call);
	sequence = answers != NULL ? PySequence_Fast(answers, "a chip returns a list") : NULL;
	Py_XDECREF(answers);
	if (sequence == NULL) {
		return failure();
	}
	for (int i = 0; i < count; i++) {
		Py_buffer view;
		PyObject *answer;

		if ((messages[i].flags & I2C_MSG_READ) == 0) {
			continue;
		}
		if (next >= PySequence_Fast_GET_SIZE(sequence)) {
			PyErr_SetString(PyExc_ValueError, "a chip answers each read");
			Py_DECREF(sequence);
			return failure();
		}
		answer = PySequence_Fast_GET_ITEM(sequence, next++);
		if (PyObject_GetBuffer(answer, &view, PyBUF_SIMPLE) < 0) {
			Py_DECREF(sequence);
			return failure();
		}
		/* What a chip does not drive is pulled up. */
		memset(messages[i].buf, 0xff, messages[i].len);
		memcpy(messages[i].buf, view.buf, MIN((size_t)view.len, messages[i].len));
		PyBuffer_Release(&view);
	}
	Py_DECREF(sequence);
	return 0;
}

static int i2c_chip_transfer(const struct emul *target, struct i2c_msg *messages, int count,
			     int address)
{
	struct chip *chip = CONTAINER_OF(target, struct chip, emul);
	PyGILState_STATE state;
	int ret;

	(void)address;
	if (!Py_IsInitialized()) {
		return -EIO;
	}
	state = PyGILState_Ensure();
	ret = i2c_call(chip, messages, count);
	PyGILState_Release(state);
	return ret;
}

PyDoc_STRVAR(
	emul_i2c_attach_doc,
	"emul_i2c_attach(bus, address, call, /)\n"
	"--\n"
	"\n"
	"Put a chip at an address; None takes it off.\n"
	"\n"
	"call(messages) is called for each transfer: a message is the bytes that the\n"
	"controller writes, or the number that it reads. It returns a list with the bytes for\n"
	"each read, or raises OSError. Raises OSError(EBUSY) where the devicetree has a chip.");

/* Does Zephyr emulate a chip of the devicetree at the address of a bus? */
static bool is_taken(const struct device *bus, uint16_t address)
{
	/* Where all controllers of emulated buses have it: see emul_init_for_bus(). */
	const struct emul_list_for_bus *list = bus->config;

	for (unsigned int i = 0; i < list->num_children; i++) {
		const struct emul *emul = emul_get_binding(list->children[i].dev->name);

		if (emul != NULL && emul->bus_type == EMUL_BUS_TYPE_I2C &&
		    emul->bus.i2c->addr == address) {
			return true;
		}
	}
	return false;
}

static PyObject *emul_i2c_attach_locked(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *bus;
	uint32_t address;

	(void)module;
	if (!vhal_count("emul_i2c_attach", count, 3, 3) ||
	    (bus = emulated(args[0], VHAL_I2C, "zephyr,i2c-emul-controller")) == NULL ||
	    !vhal_u32(args[1], "address", 0, 0x3ff, &address)) {
		return NULL;
	}
	if (args[2] != Py_None && is_taken(bus->device, (uint16_t)address)) {
		return vhal_error_text(-EBUSY, "%s: the devicetree has a chip at 0x%02x",
				       bus->node->path, (unsigned int)address);
	}
	return attach(bus->device, false, (uint16_t)address, args[2]);
}

VHAL_LOCKED(emul_i2c_attach)
#endif /* CONFIG_I2C_EMUL */

#ifdef CONFIG_SPI_EMUL
static size_t total(const struct spi_buf_set *set)
{
	size_t size = 0;

	for (size_t i = 0; set != NULL && i < set->count; i++) {
		size += set->buffers[i].len;
	}
	return size;
}

static int spi_call(struct chip *chip, const struct spi_buf_set *out,
		    const struct spi_buf_set *into)
{
	size_t size = MAX(total(out), total(into));
	PyObject *sent;
	PyObject *answer;
	Py_buffer view;
	PyObject *call = call_of(chip);
	size_t at = 0;

	if (call == NULL) {
		return -EIO;
	}
	sent = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size);
	if (sent == NULL) {
		Py_DECREF(call);
		return failure();
	}
	memset(PyBytes_AS_STRING(sent), 0, size);
	for (size_t i = 0; out != NULL && i < out->count; i++) {
		if (out->buffers[i].buf != NULL) {
			memcpy(PyBytes_AS_STRING(sent) + at, out->buffers[i].buf,
			       out->buffers[i].len);
		}
		at += out->buffers[i].len;
	}
	answer = PyObject_CallOneArg(call, sent);
	Py_DECREF(sent);
	Py_DECREF(call);
	if (answer == NULL) {
		return failure();
	}
	if (PyObject_GetBuffer(answer, &view, PyBUF_SIMPLE) < 0) {
		Py_DECREF(answer);
		return failure();
	}
	at = 0;
	for (size_t i = 0; into != NULL && i < into->count; i++) {
		size_t length = into->buffers[i].len;

		if (into->buffers[i].buf != NULL) {
			size_t there = at < (size_t)view.len ? (size_t)view.len - at : 0;

			memset(into->buffers[i].buf, 0xff, length);
			memcpy(into->buffers[i].buf, (const uint8_t *)view.buf + at,
			       MIN(there, length));
		}
		at += length;
	}
	PyBuffer_Release(&view);
	Py_DECREF(answer);
	return 0;
}

static int spi_chip_io(const struct emul *target, const struct spi_config *config,
		       const struct spi_buf_set *out, const struct spi_buf_set *into)
{
	struct chip *chip = CONTAINER_OF(target, struct chip, emul);
	PyGILState_STATE state;
	int ret;

	(void)config;
	if (!Py_IsInitialized()) {
		return -EIO;
	}
	state = PyGILState_Ensure();
	ret = spi_call(chip, out, into);
	PyGILState_Release(state);
	return ret;
}

PyDoc_STRVAR(emul_spi_attach_doc,
	     "emul_spi_attach(bus, target, call, /)\n"
	     "--\n"
	     "\n"
	     "Put a chip at a chip select of the controller; None takes it off.\n"
	     "\n"
	     "call(sent) is called for each transfer with the bytes that the controller sends\n"
	     "(zeros where it only reads) and returns what the chip sends meanwhile.");

static PyObject *emul_spi_attach_locked(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *bus;
	uint32_t target;

	(void)module;
	if (!vhal_count("emul_spi_attach", count, 3, 3) ||
	    (bus = emulated(args[0], VHAL_SPI, "zephyr,spi-emul-controller")) == NULL ||
	    !vhal_u32(args[1], "target", 0, UINT16_MAX, &target)) {
		return NULL;
	}
	return attach(bus->device, true, (uint16_t)target, args[2]);
}

VHAL_LOCKED(emul_spi_attach)
#endif /* CONFIG_SPI_EMUL */

/* --- UART -------------------------------------------------------------------------------- */

#ifdef CONFIG_UART_EMUL

struct line {
	const struct device *device;
	const struct device *peer; /* who hears what is sent: it may be the device itself */
	struct ring_buf sent;      /* without a peer: what emul_uart_take() takes */
	struct k_spinlock lock;
	uint8_t bytes[1024];
};

static struct line lines[4];

/* In uart_emul's own thread, or in the one that sends. */
static void on_sent(const struct device *device, size_t size, void *data)
{
	struct line *line = data;
	uint8_t chunk[64];
	uint32_t got;

	(void)size;
	while ((got = uart_emul_get_tx_data(device, chunk, sizeof(chunk))) > 0) {
		if (line->peer != NULL) {
			(void)uart_emul_put_rx_data(line->peer, chunk, got);
		} else {
			k_spinlock_key_t key = k_spin_lock(&line->lock);

			(void)ring_buf_put(&line->sent, chunk, got);
			k_spin_unlock(&line->lock, key);
		}
	}
}

static struct line *find_line(const struct device *device)
{
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		if (lines[i].device == device) {
			return &lines[i];
		}
		if (lines[i].device == NULL) {
			lines[i].device = device;
			ring_buf_init(&lines[i].sent, sizeof(lines[i].bytes), lines[i].bytes);
			uart_emul_callback_tx_data_ready_set(device, on_sent, &lines[i]);
			return &lines[i];
		}
	}
	PyErr_Format(PyExc_ValueError, "%zu emulated UARTs can be wired", ARRAY_SIZE(lines));
	return NULL;
}

PyDoc_STRVAR(emul_uart_wire_doc, "emul_uart_wire(device, peer, /)\n"
				 "--\n"
				 "\n"
				 "Have peer receive what device sends (itself: a loop), or None.");

static PyObject *emul_uart_wire_locked(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	struct vhal_device *peer = NULL;
	struct line *line;

	(void)module;
	if (!vhal_count("emul_uart_wire", count, 2, 2) ||
	    (device = emulated(args[0], VHAL_UART, "zephyr,uart-emul")) == NULL ||
	    (args[1] != Py_None &&
	     (peer = emulated(args[1], VHAL_UART, "zephyr,uart-emul")) == NULL) ||
	    (line = find_line(device->device)) == NULL) {
		return NULL;
	}
	line->peer = peer != NULL ? peer->device : NULL;
	Py_RETURN_NONE;
}

VHAL_LOCKED(emul_uart_wire)

PyDoc_STRVAR(emul_uart_put_doc, "emul_uart_put(device, data, /)\n"
				"--\n"
				"\n"
				"Send bytes to the UART; return how many it had room for.");

static PyObject *emul_uart_put(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	Py_buffer view;
	uint32_t put;

	(void)module;
	if (!vhal_count("emul_uart_put", count, 2, 2) ||
	    (device = emulated(args[0], VHAL_UART, "zephyr,uart-emul")) == NULL ||
	    PyObject_GetBuffer(args[1], &view, PyBUF_SIMPLE) < 0) {
		return NULL;
	}
	put = uart_emul_put_rx_data(device->device, view.buf, (size_t)view.len);
	PyBuffer_Release(&view);
	return PyLong_FromUnsignedLong(put);
}

PyDoc_STRVAR(emul_uart_take_doc, "emul_uart_take(device, /)\n"
				 "--\n"
				 "\n"
				 "Return what the UART has sent to nobody, at most 1024 bytes.");

static PyObject *emul_uart_take_locked(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	struct line *line;
	PyObject *bytes;
	k_spinlock_key_t key;
	uint32_t got;

	(void)module;
	if (!vhal_count("emul_uart_take", count, 1, 1) ||
	    (device = emulated(args[0], VHAL_UART, "zephyr,uart-emul")) == NULL ||
	    (line = find_line(device->device)) == NULL) {
		return NULL;
	}
	bytes = PyBytes_FromStringAndSize(NULL, sizeof(line->bytes));
	if (bytes == NULL) {
		return NULL;
	}
	key = k_spin_lock(&line->lock);
	got = ring_buf_get(&line->sent, (uint8_t *)PyBytes_AS_STRING(bytes), sizeof(line->bytes));
	k_spin_unlock(&line->lock, key);
	(void)_PyBytes_Resize(&bytes, got);
	return bytes;
}

VHAL_LOCKED(emul_uart_take)

#endif /* CONFIG_UART_EMUL */

/* --- transfers that were given up -------------------------------------------------------- */

PyDoc_STRVAR(emul_hanging_doc, "emul_hanging()\n"
			       "--\n"
			       "\n"
			       "Return how many transfers were given up and have not ended.");

static PyObject *emul_hanging(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	(void)module;
	(void)args;
	return vhal_count("emul_hanging", count, 0, 0) ? PyLong_FromLong(vhal_hanging()) : NULL;
}

/* --- all --------------------------------------------------------------------------------- */

static PyMethodDef methods[] = {
#ifdef CONFIG_GPIO_EMUL
	VHAL_METHOD(emul_gpio_watch), VHAL_METHOD(emul_gpio_input), VHAL_METHOD(emul_gpio_state),
#endif
#ifdef CONFIG_ADC_EMUL
	VHAL_METHOD(emul_adc_set),
#endif
#ifdef CONFIG_ZPY_DAC_EMUL
	VHAL_METHOD(emul_dac_get),
#endif
#ifdef CONFIG_ZPY_PWM_EMUL
	VHAL_METHOD(emul_pwm_get),    VHAL_METHOD(emul_pwm_count),
#endif
#ifdef CONFIG_I2C_EMUL
	VHAL_METHOD(emul_i2c_attach),
#endif
#ifdef CONFIG_SPI_EMUL
	VHAL_METHOD(emul_spi_attach),
#endif
#ifdef CONFIG_UART_EMUL
	VHAL_METHOD(emul_uart_wire),  VHAL_METHOD(emul_uart_put),   VHAL_METHOD(emul_uart_take),
#endif
	VHAL_METHOD(emul_hanging),    {NULL, NULL, 0, NULL},
};

void vhal_emul_clear(void)
{
	struct chip *chip;

	/* What is there belonged to an interpreter that has ended: it is forgotten, not freed. */
	SYS_SLIST_FOR_EACH_CONTAINER(&chips, chip, node) {
		chip->call = NULL;
	}
#ifdef CONFIG_GPIO_EMUL
	for (size_t i = 0; i < watcher_count; i++) {
		watchers[i].call = NULL;
	}
#endif
}

int vhal_emul_exec(PyObject *module)
{
	return PyModule_AddFunctions(module, methods);
}
