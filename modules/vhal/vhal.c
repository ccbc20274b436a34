/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief The module _vhal: the devicetree, devices, arguments and errors. */

#include "vhal.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <zephyr/pm/device.h>
#include <zephyr/pm/device_runtime.h>

#include "marshal.h"
#include "port.h"

PyDoc_STRVAR(doc, "Zephyr's drivers for Python, and the board's devicetree.\n"
		  "\n"
		  "Programs use machine, kernel.devices and the like. The readable reference is\n"
		  "kernel_py/sim/_vhal, which the sim board uses.");

static const char *const kind_names[VHAL_KINDS] = {
	[VHAL_ADC] = "adc",       [VHAL_COUNTER] = "counter", [VHAL_DAC] = "dac",
	[VHAL_EEPROM] = "eeprom", [VHAL_FLASH] = "flash",     [VHAL_GPIO] = "gpio",
	[VHAL_I2C] = "i2c",       [VHAL_LED] = "led",         [VHAL_LED_STRIP] = "led_strip",
	[VHAL_PWM] = "pwm",       [VHAL_RTC] = "rtc",         [VHAL_SENSOR] = "sensor",
	[VHAL_SPI] = "spi",       [VHAL_UART] = "uart",       [VHAL_WATCHDOG] = "watchdog",
};

PyMutex vhal_mutex;

/* Python's classes; an interpreter's, like the module. */
static PyTypeObject *device_type;

/* --- errors ------------------------------------------------------------------------------ */

static const char *error_class(int number)
{
	switch (number) {
	case EBUSY:
	case EALREADY:
		return "InvalidHardwareStatusError";
	case ENODEV:
		return "HardwareInitializationError";
	case ENOTSUP:
	case ENOSYS:
#if EOPNOTSUPP != ENOTSUP
	case EOPNOTSUPP:
#endif
		return "UnsupportedError";
	default:
		return "PeripheralError";
	}
}

/* A class of kernel.errors, a new reference. */
static PyObject *class_of(const char *name)
{
	/* Interned: CPython's cache of attributes knows a name by its address, and keeps it. */
	PyObject *key = PyUnicode_InternFromString(name);
	PyObject *module = key != NULL ? PyImport_ImportModule("kernel.errors") : NULL;
	PyObject *found = module != NULL ? PyObject_GetAttr(module, key) : NULL;

	Py_XDECREF(module);
	Py_XDECREF(key);
	return found;
}

static PyObject *set_exception(const char *class, int number, PyObject *text)
{
	PyObject *type;
	PyObject *value;

	if (text == NULL) {
		return NULL;
	}
	if (number == ETIMEDOUT || number == EAGAIN) {
		number = ETIMEDOUT;
		type = Py_NewRef(PyExc_TimeoutError);
	} else {
		type = class_of(class);
	}
	if (type == NULL) {
		Py_DECREF(text);
		return NULL;
	}
	/* Made here: a Ctrl-C that comes meanwhile is no failure of what PyErr_SetObject() does. */
	value = PyObject_CallFunction(type, "iN", number, text);
	if (value != NULL) {
		PyErr_SetObject(type, value);
		Py_DECREF(value);
	}
	Py_DECREF(type);
	return NULL;
}

PyObject *vhal_error(const struct vhal_device *device, int ret)
{
	return set_exception(error_class(-ret), -ret,
			     PyUnicode_FromFormat("%s: %s", device->node->path, strerror(-ret)));
}

PyObject *vhal_error_text(int ret, const char *format, ...)
{
	va_list args;
	PyObject *text;

	va_start(args, format);
	text = PyUnicode_FromFormatV(format, args);
	va_end(args);
	return set_exception(error_class(-ret), -ret, text);
}

/* --- arguments --------------------------------------------------------------------------- */

bool vhal_count(const char *function, Py_ssize_t given, Py_ssize_t least, Py_ssize_t most)
{
	if (given >= least && given <= most) {
		return true;
	}
	PyErr_Format(PyExc_TypeError, "%s() takes %zd to %zd arguments, not %zd", function, least,
		     most, given);
	return false;
}

bool vhal_int(PyObject *arg, const char *name, long long least, long long most, long long *value)
{
	int overflow = 0;

	if (PyLong_CheckExact(arg) && PyUnstable_Long_IsCompact((PyLongObject *)arg)) {
		*value = PyUnstable_Long_CompactValue((PyLongObject *)arg);
	} else {
		PyObject *number = PyNumber_Index(arg);

		if (number == NULL) {
			return false;
		}
		*value = PyLong_AsLongLongAndOverflow(number, &overflow);
		Py_DECREF(number);
	}
	if (overflow != 0 || *value < least || *value > most) {
		PyErr_Format(PyExc_ValueError, "%s must be in %lld..%lld", name, least, most);
		return false;
	}
	return true;
}

bool vhal_u32(PyObject *arg, const char *name, uint32_t least, uint32_t most, uint32_t *value)
{
	long long wide;

	if (!vhal_int(arg, name, least, most, &wide)) {
		return false;
	}
	*value = (uint32_t)wide;
	return true;
}

bool vhal_timeout(PyObject *arg, k_timepoint_t *end)
{
	double seconds;

	if (arg == NULL || arg == Py_None) {
		*end = sys_timepoint_calc(K_FOREVER);
		return true;
	}
	seconds = PyFloat_AsDouble(arg);
	if (seconds == -1.0 && PyErr_Occurred()) {
		return false;
	}
	if (!(seconds >= 0)) {
		PyErr_SetString(PyExc_ValueError, "timeout must not be negative");
		return false;
	}
	*end = sys_timepoint_calc(port_timeout_ns((int64_t)(MIN(seconds, 1e9) * 1e9)));
	return true;
}

/* --- devices ----------------------------------------------------------------------------- */

/* Was it sent to sleep, and does not wake up by itself when it is used? */
static bool asleep(const struct device *device)
{
#ifdef CONFIG_PM_DEVICE
	enum pm_device_state state;

	return device->pm_base != NULL && !pm_device_runtime_is_enabled(device) &&
	       pm_device_state_get(device, &state) == 0 && state != PM_DEVICE_STATE_ACTIVE;
#else
	(void)device;
	return false;
#endif
}

struct vhal_device *vhal_device_any(PyObject *arg, enum vhal_kind kind)
{
	struct vhal_device *device = (struct vhal_device *)arg;

	if (Py_TYPE(arg) != device_type) {
		PyErr_Format(PyExc_TypeError, "a Device is needed, not %T", arg);
		return NULL;
	}
	if (device->node->kind != kind) {
		vhal_error_text(-EINVAL, "%s: no %s device", device->node->path, kind_names[kind]);
		return NULL;
	}
	return device;
}

struct vhal_device *vhal_device_arg(PyObject *arg, enum vhal_kind kind)
{
	struct vhal_device *device = vhal_device_any(arg, kind);

	if (device != NULL && asleep(device->device)) {
		vhal_error_text(-EBUSY, "%s: suspended", device->node->path);
		return NULL;
	}
	return device;
}

static K_MUTEX_DEFINE(starting);

/* Starts a driver that the devicetree lets wait for its first use (zephyr,deferred-init). */
static void start(const struct device *device)
{
	Py_BEGIN_ALLOW_THREADS;
	(void)k_mutex_lock(&starting, K_FOREVER);
	if (!device->state->initialized) {
		(void)device_init(device); /* the device keeps the error */
	}
	(void)k_mutex_unlock(&starting);
	Py_END_ALLOW_THREADS;
}

PyDoc_STRVAR(device_doc,
	     "device(index, /)\n"
	     "--\n"
	     "\n"
	     "Return the Device of a node of devicetree(), for the functions of its kind.\n"
	     "\n"
	     "Raises ValueError for an index that no node has, HardwareInitializationError when\n"
	     "the node is not okay, has no driver in the image, or the driver did not start.");

static PyObject *device(PyObject *module, PyObject *arg)
{
	const struct vhal_node *node;
	struct vhal_device *self;
	long long index;

	(void)module;
	if (!vhal_int(arg, "index", 0, (long long)vhal_node_count - 1, &index)) {
		return NULL;
	}
	node = &vhal_nodes[index];
	if (!node->okay) {
		return vhal_error_text(-ENODEV, "%s: not okay in the devicetree", node->path);
	}
	if (node->device == NULL || node->kind == VHAL_NONE) {
		return vhal_error_text(-ENODEV, "%s: okay, but no driver in the image", node->path);
	}
	if (!node->device->state->initialized) {
		start(node->device);
	}
	if (!device_is_ready(node->device)) {
		return vhal_error_text(-ENODEV, "%s: okay, but its driver did not start (error %d)",
				       node->path, -(int)node->device->state->init_res);
	}
	self = PyObject_New(struct vhal_device, device_type);
	if (self == NULL) {
		return NULL;
	}
	self->device = node->device;
	self->node = node;
	self->index = (size_t)index;
	return (PyObject *)self;
}

static void device_dealloc(PyObject *self)
{
	PyTypeObject *type = Py_TYPE(self);

	PyObject_Free(self);
	Py_DECREF(type);
}

static PyObject *device_repr(PyObject *self)
{
	const struct vhal_node *node = ((struct vhal_device *)self)->node;

	return PyUnicode_FromFormat("<Device %s %s>", kind_names[node->kind], node->path);
}

static PyObject *device_path(PyObject *self, void *unused)
{
	(void)unused;
	return PyUnicode_FromString(((struct vhal_device *)self)->node->path);
}

static PyObject *device_kind(PyObject *self, void *unused)
{
	(void)unused;
	return PyUnicode_FromString(kind_names[((struct vhal_device *)self)->node->kind]);
}

static PyGetSetDef device_members[] = {
	{"path", device_path, NULL, "Of its node in the devicetree.", NULL},
	{"kind", device_kind, NULL, "The class of its driver: 'gpio', 'i2c' …", NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot device_slots[] = {
	{Py_tp_doc, "A device of Zephyr's that is ready; device() makes them."},
	{Py_tp_dealloc, device_dealloc},
	{Py_tp_repr, device_repr},
	{Py_tp_getset, device_members},
	{0, NULL},
};

static PyType_Spec device_spec = {
	.name = "_vhal.Device",
	.basicsize = sizeof(struct vhal_device),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = device_slots,
};

/* --- the devicetree ---------------------------------------------------------------------- */

PyDoc_STRVAR(devicetree_doc,
	     "devicetree()\n"
	     "--\n"
	     "\n"
	     "Return (nodes, aliases, chosen): the board's devicetree, made at build time.\n"
	     "\n"
	     "A node is (path, labels, compatible, status, kind, parent, registers, interrupts,\n"
	     "properties, label); nodes are named by their index. kernel.devices makes objects\n"
	     "of them.");

static PyObject *devicetree(PyObject *module, PyObject *unused)
{
	(void)module;
	(void)unused;
	return PyMarshal_ReadObjectFromString((const char *)vhal_tree, (Py_ssize_t)vhal_tree_size);
}

PyDoc_STRVAR(driver_doc, "driver(index, /)\n"
			 "--\n"
			 "\n"
			 "Return the state of a node's driver: 'none', 'failed', 'ready', or\n"
			 "'deferred' when it starts at its first use.");

static PyObject *driver(PyObject *module, PyObject *arg)
{
	long long index;
	const struct device *device;
	const char *state = "none";

	(void)module;
	if (!vhal_int(arg, "index", 0, (long long)vhal_node_count - 1, &index)) {
		return NULL;
	}
	device = vhal_nodes[index].device;
	if (device != NULL) {
		state = !device->state->initialized ? "deferred"
			: device_is_ready(device)   ? "ready"
						    : "failed";
	}
	return PyUnicode_FromString(state);
}

PyObject *vhal_interrupt_new(const struct vhal_device *device, unsigned int number,
			     struct zpy_interrupt **inside)
{
	const char *slash = strrchr(device->node->path, '/');
	char name[64];
	PyObject *source;

	(void)snprintf(name, sizeof(name), "%s.%u", slash != NULL ? slash + 1 : "", number);
	source = zpy_interrupt_new(name);
	if (source != NULL) {
		*inside = zpy_interrupt_of(source);
	}
	return source;
}

/* --- the module -------------------------------------------------------------------------- */

static PyMethodDef methods[] = {
	{"device", device, METH_O, device_doc},
	{"devicetree", devicetree, METH_NOARGS, devicetree_doc},
	{"driver", driver, METH_O, driver_doc},
	{NULL, NULL, 0, NULL},
};

/* The machine went on when the last interpreter ended: its interrupts, lines and chips go now. */
static void clear(void)
{
#ifdef CONFIG_PM_DEVICE
	vhal_power_clear();
#endif
#ifdef CONFIG_GPIO
	vhal_gpio_clear();
#endif
#ifdef CONFIG_COUNTER
	vhal_counter_clear();
#endif
#ifdef CONFIG_I2C_TARGET
	vhal_i2c_target_clear();
#endif
#ifdef CONFIG_PWM
	vhal_pwm_clear();
#endif
#ifdef CONFIG_RTC_ALARM
	vhal_rtc_clear();
#endif
#ifdef CONFIG_SERIAL
	vhal_uart_clear();
#endif
#ifdef CONFIG_ZPY_VHAL_EMUL
	vhal_emul_clear();
#endif
	vhal_worker_clear();
}

static int exec(PyObject *module)
{
	PyObject *type;

	clear();
	type = PyType_FromModuleAndSpec(module, &device_spec, NULL);
	if (type == NULL || PyModule_AddObjectRef(module, "Device", type) < 0) {
		Py_XDECREF(type);
		return -1;
	}
	device_type = (PyTypeObject *)type;
	Py_DECREF(type);
	return 0;
}

static PyModuleDef_Slot slots[] = {
	{Py_mod_exec, exec},
#ifdef CONFIG_ADC
	{Py_mod_exec, vhal_adc_exec},
#endif
#ifdef CONFIG_COUNTER
	{Py_mod_exec, vhal_counter_exec},
#endif
#ifdef CONFIG_DAC
	{Py_mod_exec, vhal_dac_exec},
#endif
#ifdef CONFIG_EEPROM
	{Py_mod_exec, vhal_eeprom_exec},
#endif
#ifdef CONFIG_FLASH
	{Py_mod_exec, vhal_flash_exec},
#endif
#ifdef CONFIG_GPIO
	{Py_mod_exec, vhal_gpio_exec},
#endif
#ifdef CONFIG_HWINFO
	{Py_mod_exec, vhal_hwinfo_exec},
#endif
#ifdef CONFIG_I2C
	{Py_mod_exec, vhal_i2c_exec},
#endif
#ifdef CONFIG_I2C_TARGET
	{Py_mod_exec, vhal_i2c_target_exec},
#endif
#ifdef CONFIG_LED
	{Py_mod_exec, vhal_led_exec},
#endif
#ifdef CONFIG_LED_STRIP
	{Py_mod_exec, vhal_led_strip_exec},
#endif
#ifdef CONFIG_PCIE
	{Py_mod_exec, vhal_pci_exec},
#endif
#ifdef CONFIG_PM_DEVICE
	{Py_mod_exec, vhal_power_exec},
#endif
#ifdef CONFIG_PWM
	{Py_mod_exec, vhal_pwm_exec},
#endif
#ifdef CONFIG_RTC
	{Py_mod_exec, vhal_rtc_exec},
#endif
#ifdef CONFIG_SENSOR
	{Py_mod_exec, vhal_sensor_exec},
#endif
#ifdef CONFIG_SPI
	{Py_mod_exec, vhal_spi_exec},
#endif
#ifdef CONFIG_SERIAL
	{Py_mod_exec, vhal_uart_exec},
#endif
#ifdef CONFIG_WATCHDOG
	{Py_mod_exec, vhal_watchdog_exec},
#endif
#ifdef CONFIG_ZPY_VHAL_EMUL
	{Py_mod_exec, vhal_emul_exec},
#endif
#ifdef VHAL_BENCH
	{Py_mod_exec, vhal_bench_exec},
#endif
	/* There is one set of hardware, and interrupts have one interpreter to go to. */
	{Py_mod_multiple_interpreters, Py_MOD_MULTIPLE_INTERPRETERS_NOT_SUPPORTED},
	{Py_mod_gil, Py_MOD_GIL_NOT_USED},
	{0, NULL},
};

static struct PyModuleDef module = {
	PyModuleDef_HEAD_INIT, .m_name = "_vhal", .m_doc = doc,
	.m_methods = methods,  .m_slots = slots,
};

PyMODINIT_FUNC PyInit__vhal(void)
{
	return PyModuleDef_Init(&module);
}
