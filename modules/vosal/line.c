/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Interrupt lines of the processor, for drivers that are written in Python.
 *
 * For kernel.unsafe. A device keeps a level-triggered line active until its driver has served it,
 * and the driver is Python, which cannot run in the interrupt. So the interrupt masks the line and
 * posts; line_enable() unmasks it when the device has been served.
 */

#include "vosal.h"

#include <errno.h>
#include <stdio.h>

#include <zephyr/irq.h>
#include <zephyr/kernel.h>

#include <zpy/vosal.h>

#if defined(CONFIG_X86_64) && defined(CONFIG_DYNAMIC_INTERRUPTS)

#include <zephyr/dt-bindings/interrupt-controller/intel-ioapic.h>

#define LINES    24 /* of the first I/O APIC */
#define PRIORITY 4  /* of the vector; lower is more urgent */

/* Connected once: Zephyr cannot take back the vector of a line. */
struct line {
	bool connected;
	bool edge;
	unsigned int number;
	PyObject *source;
	struct zpy_interrupt *inside;
};

static struct line lines[LINES];

static void on_line(const void *arg)
{
	const struct line *line = arg;

	if (!line->edge) {
		irq_disable(line->number);
	}
	if (line->inside != NULL) {
		(void)zpy_interrupt_post(line->inside, line->number);
	}
}

static struct line *line_of(PyObject *arg)
{
	int number = PyLong_AsInt(arg);

	if (number == -1 && PyErr_Occurred()) {
		return NULL;
	}
	if (number < 0 || number >= LINES) {
		PyErr_Format(PyExc_ValueError, "line must be in 0..%d, not %d", LINES - 1, number);
		return NULL;
	}
	return &lines[number];
}

static PyObject *not_attached(const struct line *line)
{
	PyErr_Format(PyExc_ValueError, "line %d is not attached", (int)(line - lines));
	return NULL;
}

PyDoc_STRVAR(
	attach_doc,
	"line_attach(line, edge=False)\n"
	"--\n"
	"\n"
	"Make an interrupt line a source, an Interrupt; unmask it. The events' value is line.\n"
	"\n"
	"A line that is not edge is active low until its device is served, as PCI's are: the\n"
	"interrupt masks it, and line_enable() unmasks it. Raises OSError(EBUSY) for a line\n"
	"that a driver of Zephyr's uses.");

static PyObject *attach_locked(PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"line", "edge", NULL};
	PyObject *number;
	int edge = 0;
	struct line *line;
	char name[16];

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "O|p:line_attach", names, &number, &edge) ||
	    (line = line_of(number)) == NULL) {
		return NULL;
	}
	if (line->source != NULL ||
	    (!line->connected && Z_IRQ_TO_INTERRUPT_VECTOR(line - lines) != 0)) {
		errno = EBUSY;
		return PyErr_SetFromErrno(PyExc_OSError);
	}
	if (line->connected && line->edge != edge) {
		PyErr_SetString(PyExc_ValueError, "the line was attached otherwise before");
		return NULL;
	}
	(void)snprintf(name, sizeof(name), "line.%d", (int)(line - lines));
	line->source = zpy_interrupt_new(name);
	if (line->source == NULL) {
		return NULL;
	}
	line->inside = zpy_interrupt_of(line->source);
	line->number = line - lines;
	line->edge = edge;
	if (!line->connected) {
		/* One processor is to take it, not all. */
		uint32_t flags = edge ? IRQ_TYPE_LOWEST_EDGE_RISING : IRQ_TYPE_LOWEST_LEVEL_LOW;

		if (irq_connect_dynamic(line->number, PRIORITY, on_line, line, flags) < 0) {
			Py_CLEAR(line->source);
			line->inside = NULL;
			errno = ENOSPC;
			return PyErr_SetFromErrno(PyExc_OSError);
		}
		line->connected = true;
	}
	irq_enable(line->number);
	return Py_NewRef(line->source);
}

static PyObject *attach(PyObject *module, PyObject *args, PyObject *kwargs)
{
	PyObject *source;

	Py_BEGIN_CRITICAL_SECTION(module);
	source = attach_locked(args, kwargs);
	Py_END_CRITICAL_SECTION();
	return source;
}

PyDoc_STRVAR(enable_doc, "line_enable(line, /)\n"
			 "--\n"
			 "\n"
			 "Unmask an attached line: its device has been served.");

static PyObject *enable(PyObject *module, PyObject *arg)
{
	struct line *line = line_of(arg);

	(void)module;
	if (line == NULL) {
		return NULL;
	}
	if (line->source == NULL) {
		return not_attached(line);
	}
	irq_enable(line->number);
	Py_RETURN_NONE;
}

PyDoc_STRVAR(detach_doc, "line_detach(line, /)\n"
			 "--\n"
			 "\n"
			 "Mask a line and give it up.");

static PyObject *detach_locked(PyObject *arg)
{
	struct line *line = line_of(arg);

	if (line == NULL) {
		return NULL;
	}
	if (line->source == NULL) {
		return not_attached(line);
	}
	irq_disable(line->number);
	line->inside = NULL;
	Py_CLEAR(line->source);
	Py_RETURN_NONE;
}

static PyObject *detach(PyObject *module, PyObject *arg)
{
	PyObject *result;

	Py_BEGIN_CRITICAL_SECTION(module);
	result = detach_locked(arg);
	Py_END_CRITICAL_SECTION();
	return result;
}

static PyMethodDef functions[] = {
	{"line_attach", _PyCFunction_CAST(attach), METH_VARARGS | METH_KEYWORDS, attach_doc},
	{"line_enable", enable, METH_O, enable_doc},
	{"line_detach", detach, METH_O, detach_doc},
	{NULL, NULL, 0, NULL},
};

int vosal_line_exec(PyObject *module)
{
	/* What an interpreter that has ended left attached */
	for (unsigned int i = 0; i < LINES; i++) {
		if (lines[i].source != NULL &&
		    PyInterpreterState_Get() == PyInterpreterState_Main()) {
			irq_disable(i);
			lines[i].inside = NULL;
			lines[i].source = NULL;
		}
	}
	return PyModule_AddFunctions(module, functions);
}

#else

int vosal_line_exec(PyObject *module)
{
	(void)module;
	return 0;
}

#endif
