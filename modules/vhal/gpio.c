/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief GPIO: levels are electrical; what is active-low is known to who asks. */

#include "vhal.h"

#include <zephyr/drivers/gpio.h>

#include "port.h"

/* One pin whose interrupts Python wants. */
struct gpio_irq {
	struct gpio_callback callback;
	sys_snode_t node;
	const struct device *port;
	gpio_pin_t pin;
	gpio_flags_t trigger;
	PyObject *source; /* an Interrupt of _vosal, */
	struct zpy_interrupt *inside;
};

static sys_slist_t irqs = SYS_SLIST_STATIC_INIT(&irqs);

static bool has_pin(const struct device *port, unsigned long pin)
{
	const struct gpio_driver_config *config = port->config;

	return pin < GPIO_MAX_PINS_PER_PORT && (config->port_pin_mask & BIT(pin)) != 0;
}

/* The two arguments that most functions begin with. */
static struct vhal_device *pin_args(PyObject *const *args, gpio_pin_t *pin)
{
	struct vhal_device *port = vhal_device_arg(args[0], VHAL_GPIO);
	long number;

	if (port == NULL) {
		return NULL;
	}
	number = PyLong_AsLong(args[1]);
	if (number == -1 && PyErr_Occurred()) {
		if (!PyErr_ExceptionMatches(PyExc_OverflowError)) {
			return NULL;
		}
		PyErr_Clear();
	}
	if (number < 0 || !has_pin(port->device, (unsigned long)number)) {
		PyObject *class =
			PyImport_ImportModuleAttrString("kernel.errors", "InvalidPinError");

		if (class != NULL) {
			PyErr_Format(class, "%s has no pin %S", port->node->path, args[1]);
			Py_DECREF(class);
		}
		return NULL;
	}
	*pin = (gpio_pin_t)number;
	return port;
}

PyDoc_STRVAR(gpio_pins_doc, "gpio_pins(port, /)\n"
			    "--\n"
			    "\n"
			    "Return the mask of the pins that the port has.");

static PyObject *gpio_pins(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *port;
	const struct gpio_driver_config *config;

	(void)module;
	if (!vhal_count("gpio_pins", count, 1, 1) ||
	    (port = vhal_device_arg(args[0], VHAL_GPIO)) == NULL) {
		return NULL;
	}
	config = port->device->config;
	return PyLong_FromUnsignedLong(config->port_pin_mask);
}

PyDoc_STRVAR(gpio_configure_doc,
	     "gpio_configure(port, pin, flags, /)\n"
	     "--\n"
	     "\n"
	     "Set direction, pull, drive and the output's first level: GPIO_* flags.");

static PyObject *gpio_configure(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *port;
	gpio_pin_t pin;
	uint32_t flags;
	int ret;

	(void)module;
	if (!vhal_count("gpio_configure", count, 3, 3) || (port = pin_args(args, &pin)) == NULL ||
	    !vhal_u32(args[2], "flags", 0, UINT32_MAX, &flags)) {
		return NULL;
	}
	flags &= ~(GPIO_INT_MASK | GPIO_OUTPUT_INIT_LOGICAL);
	/* What the driver's checks take for granted. */
	if ((flags & (GPIO_PULL_UP | GPIO_PULL_DOWN)) == (GPIO_PULL_UP | GPIO_PULL_DOWN) ||
	    (flags & (GPIO_OUTPUT_INIT_LOW | GPIO_OUTPUT_INIT_HIGH)) ==
		    (GPIO_OUTPUT_INIT_LOW | GPIO_OUTPUT_INIT_HIGH) ||
	    ((flags & (GPIO_OUTPUT_INIT_LOW | GPIO_OUTPUT_INIT_HIGH)) != 0 &&
	     (flags & GPIO_OUTPUT) == 0) ||
	    ((flags & GPIO_LINE_OPEN_DRAIN) != 0 && (flags & GPIO_OUTPUT) == 0) ||
	    ((flags & GPIO_LINE_OPEN_DRAIN) != 0 && (flags & GPIO_SINGLE_ENDED) == 0)) {
		PyErr_SetString(PyExc_ValueError, "flags contradict each other");
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS ret = gpio_pin_configure(port->device, pin, flags);
	Py_END_ALLOW_THREADS
#ifdef CONFIG_ZPY_VHAL_EMUL
		if (ret == 0 && vhal_emul_gpio_changed(port) < 0)
	{
		return NULL;
	}
#endif
	return vhal_result(port, ret);
}

PyDoc_STRVAR(gpio_get_doc, "gpio_get(port, pin, /)\n"
			   "--\n"
			   "\n"
			   "Return the level of a pin that is an input, 0 or 1.");

static PyObject *gpio_get(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *port;
	gpio_pin_t pin;
	int ret;

	(void)module;
	if (!vhal_count("gpio_get", count, 2, 2) || (port = pin_args(args, &pin)) == NULL) {
		return NULL;
	}
	if (port->node->on_bus) {
		Py_BEGIN_ALLOW_THREADS ret = gpio_pin_get_raw(port->device, pin);
		Py_END_ALLOW_THREADS
	} else {
		ret = gpio_pin_get_raw(port->device, pin);
	}
	return vhal_result_int(port, ret);
}

PyDoc_STRVAR(gpio_set_doc, "gpio_set(port, pin, level, /)\n"
			   "--\n"
			   "\n"
			   "Set the level of an output: low if false, else high.");

static PyObject *gpio_set(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *port;
	gpio_pin_t pin;
	int level;
	int ret;

	(void)module;
	if (!vhal_count("gpio_set", count, 3, 3) || (port = pin_args(args, &pin)) == NULL ||
	    (level = PyObject_IsTrue(args[2])) < 0) {
		return NULL;
	}
	if (port->node->on_bus) {
		Py_BEGIN_ALLOW_THREADS ret = gpio_pin_set_raw(port->device, pin, level);
		Py_END_ALLOW_THREADS
	} else {
		ret = gpio_pin_set_raw(port->device, pin, level);
	}
#ifdef CONFIG_ZPY_VHAL_EMUL
	if (ret == 0 && vhal_emul_gpio_changed(port) < 0) {
		return NULL;
	}
#endif
	return vhal_result(port, ret);
}

/* --- interrupts -------------------------------------------------------------------------- */

static bool is_level(gpio_flags_t trigger)
{
	return (trigger & GPIO_INT_EDGE) == 0;
}

/*
 * In the interrupt, or in the thread that changes an emulated input. (The emulator also calls when
 * an output that is no input changes, or a pin is configured; machine.Pin sees to it that a pin
 * with interrupts is an input, and takes them off while it configures.)
 */
static void on_interrupt(const struct device *port, struct gpio_callback *callback,
			 gpio_port_pins_t pins)
{
	struct gpio_irq *irq = CONTAINER_OF(callback, struct gpio_irq, callback);
	int level;

	(void)pins;
	if (is_level(irq->trigger)) {
		/* It would come again at once: Python arms it again when it has looked. */
		(void)gpio_pin_interrupt_configure(port, irq->pin, GPIO_INT_DISABLE);
		level = (irq->trigger & GPIO_INT_HIGH_1) != 0;
	} else if ((irq->trigger & (GPIO_INT_LOW_0 | GPIO_INT_HIGH_1)) == GPIO_INT_LOW_0) {
		level = 0;
	} else if ((irq->trigger & (GPIO_INT_LOW_0 | GPIO_INT_HIGH_1)) == GPIO_INT_HIGH_1) {
		level = 1;
	} else {
		level = gpio_pin_get_raw(port, irq->pin);
	}
	(void)zpy_interrupt_post(irq->inside, level);
}

/** The pin's interrupt that has this source, or NULL. */
static struct gpio_irq *find_irq(PyObject *source)
{
	struct gpio_irq *irq;

	SYS_SLIST_FOR_EACH_CONTAINER(&irqs, irq, node) {
		if (irq->source == source) {
			return irq;
		}
	}
	return NULL;
}

static void remove_irq(struct gpio_irq *irq)
{
	(void)gpio_pin_interrupt_configure(irq->port, irq->pin, GPIO_INT_DISABLE);
	(void)gpio_remove_callback(irq->port, &irq->callback);
	(void)sys_slist_find_and_remove(&irqs, &irq->node);
	Py_CLEAR(irq->source);
	PyMem_RawFree(irq);
}

PyDoc_STRVAR(
	gpio_irq_doc,
	"gpio_irq(port, pin, trigger, /)\n"
	"--\n"
	"\n"
	"Make interrupts of an input events; return their source, an Interrupt of _vosal.\n"
	"\n"
	"trigger is one of GPIO_INT_*. The events' value is the level. A level interrupt comes\n"
	"once; gpio_irq_again() arms it anew. Raises OSError(EBUSY) when the pin has one.");

static PyObject *gpio_irq_locked(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *port;
	gpio_pin_t pin;
	uint32_t trigger;
	struct gpio_irq *irq;
	int ret;

	(void)module;
	if (!vhal_count("gpio_irq", count, 3, 3) || (port = pin_args(args, &pin)) == NULL ||
	    !vhal_u32(args[2], "trigger", 0, UINT32_MAX, &trigger)) {
		return NULL;
	}
	if (trigger != GPIO_INT_EDGE_RISING && trigger != GPIO_INT_EDGE_FALLING &&
	    trigger != GPIO_INT_EDGE_BOTH && trigger != GPIO_INT_LEVEL_LOW &&
	    trigger != GPIO_INT_LEVEL_HIGH) {
		PyErr_SetString(PyExc_ValueError, "trigger must be one of GPIO_INT_*");
		return NULL;
	}
	SYS_SLIST_FOR_EACH_CONTAINER(&irqs, irq, node) {
		if (irq->port == port->device && irq->pin == pin) {
			return vhal_error_text(-EBUSY, "%s: pin %d has an interrupt already",
					       port->node->path, pin);
		}
	}
	irq = PyMem_RawCalloc(1, sizeof(*irq));
	if (irq == NULL) {
		return PyErr_NoMemory();
	}
	irq->port = port->device;
	irq->pin = pin;
	irq->trigger = trigger;
	irq->source = vhal_interrupt_new(port, pin, &irq->inside);
	if (irq->source == NULL) {
		PyMem_RawFree(irq);
		return NULL;
	}
	gpio_init_callback(&irq->callback, on_interrupt, BIT(pin));
	ret = gpio_add_callback(port->device, &irq->callback);
	if (ret != 0) {
		Py_DECREF(irq->source);
		PyMem_RawFree(irq);
		return vhal_error(port, ret);
	}
	sys_slist_append(&irqs, &irq->node);
	ret = gpio_pin_interrupt_configure(port->device, pin, trigger);
	if (ret != 0) {
		remove_irq(irq);
		return vhal_error(port, ret);
	}
	return Py_NewRef(irq->source);
}

VHAL_LOCKED(gpio_irq)

PyDoc_STRVAR(gpio_irq_again_doc, "gpio_irq_again(source, /)\n"
				 "--\n"
				 "\n"
				 "Arm a level interrupt that has come. Others are always armed.");

static PyObject *gpio_irq_again_locked(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct gpio_irq *irq;
	int ret;

	(void)module;
	if (!vhal_count("gpio_irq_again", count, 1, 1) || zpy_interrupt_of(args[0]) == NULL) {
		return NULL;
	}
	irq = find_irq(args[0]);
	if (irq != NULL && is_level(irq->trigger)) {
		ret = gpio_pin_interrupt_configure(irq->port, irq->pin, irq->trigger);
		if (ret != 0) {
			return vhal_error_text(ret, "pin %d: error %d", irq->pin, -ret);
		}
		/* Hardware looks by itself; the emulator only when an input changes. */
		if (IS_ENABLED(CONFIG_GPIO_EMUL) &&
		    gpio_pin_get_raw(irq->port, irq->pin) ==
			    ((irq->trigger & GPIO_INT_HIGH_1) != 0)) {
			on_interrupt(irq->port, &irq->callback, BIT(irq->pin));
		}
	}
	Py_RETURN_NONE;
}

VHAL_LOCKED(gpio_irq_again)

PyDoc_STRVAR(gpio_irq_off_doc, "gpio_irq_off(source, /)\n"
			       "--\n"
			       "\n"
			       "End the interrupts of a source. One that is unknown is ignored.");

static PyObject *gpio_irq_off_locked(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct gpio_irq *irq;

	(void)module;
	if (!vhal_count("gpio_irq_off", count, 1, 1) || zpy_interrupt_of(args[0]) == NULL) {
		return NULL;
	}
	irq = find_irq(args[0]);
	if (irq != NULL) {
		remove_irq(irq);
	}
	Py_RETURN_NONE;
}

VHAL_LOCKED(gpio_irq_off)

void vhal_gpio_clear(void)
{
	struct gpio_irq *irq;
	struct gpio_irq *next;

	SYS_SLIST_FOR_EACH_CONTAINER_SAFE(&irqs, irq, next, node) {
		irq->source = NULL; /* it was an object of an interpreter that has ended */
		remove_irq(irq);
	}
}

static PyMethodDef methods[] = {
	VHAL_METHOD(gpio_pins),    VHAL_METHOD(gpio_configure), VHAL_METHOD(gpio_get),
	VHAL_METHOD(gpio_set),     VHAL_METHOD(gpio_irq),       VHAL_METHOD(gpio_irq_again),
	VHAL_METHOD(gpio_irq_off), {NULL, NULL, 0, NULL},
};

static const struct {
	const char *name;
	uint32_t value;
} constants[] = {
	{"GPIO_INPUT", GPIO_INPUT},
	{"GPIO_OUTPUT", GPIO_OUTPUT},
	{"GPIO_OUTPUT_LOW", GPIO_OUTPUT_LOW},
	{"GPIO_OUTPUT_HIGH", GPIO_OUTPUT_HIGH},
	{"GPIO_DISCONNECTED", GPIO_DISCONNECTED},
	{"GPIO_OPEN_DRAIN", GPIO_OPEN_DRAIN},
	{"GPIO_OPEN_SOURCE", GPIO_OPEN_SOURCE},
	{"GPIO_PULL_UP", GPIO_PULL_UP},
	{"GPIO_PULL_DOWN", GPIO_PULL_DOWN},
	{"GPIO_ACTIVE_LOW", GPIO_ACTIVE_LOW},
	{"GPIO_INT_EDGE_RISING", GPIO_INT_EDGE_RISING},
	{"GPIO_INT_EDGE_FALLING", GPIO_INT_EDGE_FALLING},
	{"GPIO_INT_EDGE_BOTH", GPIO_INT_EDGE_BOTH},
	{"GPIO_INT_LEVEL_LOW", GPIO_INT_LEVEL_LOW},
	{"GPIO_INT_LEVEL_HIGH", GPIO_INT_LEVEL_HIGH},
};

int vhal_gpio_exec(PyObject *module)
{
	for (size_t i = 0; i < ARRAY_SIZE(constants); i++) {
		if (PyModule_AddIntConstant(module, constants[i].name, constants[i].value) < 0) {
			return -1;
		}
	}
	return PyModule_AddFunctions(module, methods);
}
