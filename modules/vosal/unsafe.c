/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief The machine without a net: registers of devices, ports, control registers, DMA memory.
 *
 * For kernel.unsafe. A wrong address here is a crash, or worse.
 */

#include "vosal.h"

#include <stdlib.h>

#include <zephyr/cache.h>
#include <zephyr/kernel/mm.h>
#include <zephyr/sys/device_mmio.h>
#ifdef CONFIG_X86
#include <zephyr/sys/sys_io.h>
#endif

#include "port.h"

#ifdef CONFIG_MMU
/* Zephyr's memory management offers no more than this, between its architectures and itself. */
int arch_page_phys_get(void *virt, uintptr_t *phys);
#endif

static int check_width(int width, uint64_t address)
{
	if (width != 8 && width != 16 && width != 32 && width != 64) {
		PyErr_SetString(PyExc_ValueError, "width must be 8, 16, 32 or 64 bits");
		return -1;
	}
	if (address % (width / 8) != 0) {
		PyErr_Format(PyExc_ValueError, "address %#llx is not a multiple of %d bytes",
			     (unsigned long long)address, width / 8);
		return -1;
	}
	return 0;
}

/* Device registers: what map() gives */

struct registers {
	PyObject_HEAD uintptr_t base;
	uint64_t physical;
	size_t size;
	bool mapped;
};

PyDoc_STRVAR(registers_doc, "Registers(physical, size)\n"
			    "--\n"
			    "\n"
			    "Registers of a device: size bytes at a physical address, not cached.");

static PyObject *registers_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"physical", "size", NULL};
	unsigned long long physical;
	Py_ssize_t size;
	struct registers *self;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "Kn:Registers", names, &physical, &size)) {
		return NULL;
	}
	if (size < 1 || size > (64 << 20)) {
		PyErr_SetString(PyExc_ValueError, "size must be in 1..67108864 bytes");
		return NULL;
	}
	self = (struct registers *)type->tp_alloc(type, 0);
	if (self == NULL) {
		return NULL;
	}
	self->physical = physical;
	self->size = size;
#ifdef CONFIG_MMU
	device_map((mm_reg_t *)&self->base, physical, size, K_MEM_CACHE_NONE);
	self->mapped = true;
#else
	self->base = physical;
#endif
	return (PyObject *)self;
}

static int parse_place(PyObject *object, unsigned long long offset, int width)
{
	struct registers *self = (struct registers *)object;

	if (check_width(width, self->base + offset) < 0) {
		return -1;
	}
	if (offset > self->size || self->size - offset < (size_t)width / 8) {
		PyErr_Format(PyExc_IndexError, "%d bits at offset %llu are outside of %zu bytes",
			     width, offset, self->size);
		return -1;
	}
	return 0;
}

PyDoc_STRVAR(read_doc, "read($self, offset, width=32, /)\n"
		       "--\n"
		       "\n"
		       "Read 8, 16, 32 or 64 bits.");

static PyObject *registers_read(PyObject *object, PyObject *args)
{
	struct registers *self = (struct registers *)object;
	unsigned long long offset;
	int width = 32;

	if (!PyArg_ParseTuple(args, "K|i:read", &offset, &width) ||
	    parse_place(object, offset, width) < 0) {
		return NULL;
	}
	switch (width) {
	case 8:
		return PyLong_FromUnsignedLong(
			*(volatile uint8_t *)(uintptr_t)(self->base + offset));
	case 16:
		return PyLong_FromUnsignedLong(
			*(volatile uint16_t *)(uintptr_t)(self->base + offset));
	case 32:
		return PyLong_FromUnsignedLong(
			*(volatile uint32_t *)(uintptr_t)(self->base + offset));
	default:
#ifdef CONFIG_64BIT
		return PyLong_FromUnsignedLongLong(
			*(volatile uint64_t *)(uintptr_t)(self->base + offset));
#else
		PyErr_SetString(PyExc_ValueError, "this processor has no 64-bit access");
		return NULL;
#endif
	}
}

PyDoc_STRVAR(write_doc, "write($self, offset, value, width=32, /)\n"
			"--\n"
			"\n"
			"Write 8, 16, 32 or 64 bits.");

static PyObject *registers_write(PyObject *object, PyObject *args)
{
	struct registers *self = (struct registers *)object;
	unsigned long long offset;
	unsigned long long value;
	int width = 32;

	if (!PyArg_ParseTuple(args, "KK|i:write", &offset, &value, &width) ||
	    parse_place(object, offset, width) < 0) {
		return NULL;
	}
	switch (width) {
	case 8:
		*(volatile uint8_t *)(uintptr_t)(self->base + offset) = value;
		break;
	case 16:
		*(volatile uint16_t *)(uintptr_t)(self->base + offset) = value;
		break;
	case 32:
		*(volatile uint32_t *)(uintptr_t)(self->base + offset) = value;
		break;
	default:
#ifdef CONFIG_64BIT
		*(volatile uint64_t *)(uintptr_t)(self->base + offset) = value;
		break;
#else
		PyErr_SetString(PyExc_ValueError, "this processor has no 64-bit access");
		return NULL;
#endif
	}
	Py_RETURN_NONE;
}

static PyObject *registers_physical(PyObject *object, void *unused)
{
	(void)unused;
	return PyLong_FromUnsignedLongLong(((struct registers *)object)->physical);
}

static Py_ssize_t registers_length(PyObject *object)
{
	return ((struct registers *)object)->size;
}

static void registers_dealloc(PyObject *object)
{
	PyTypeObject *type = Py_TYPE(object);
#ifdef CONFIG_MMU
	struct registers *self = (struct registers *)object;

	if (self->mapped) {
		uintptr_t page = ROUND_DOWN(self->base, CONFIG_MMU_PAGE_SIZE);

		k_mem_unmap_phys_bare((uint8_t *)page, ROUND_UP(self->base - page + self->size,
								CONFIG_MMU_PAGE_SIZE));
	}
#endif
	type->tp_free(object);
	Py_DECREF(type);
}

static PyMethodDef registers_methods[] = {
	{"read", registers_read, METH_VARARGS, read_doc},
	{"write", registers_write, METH_VARARGS, write_doc},
	{NULL, NULL, 0, NULL},
};

static PyGetSetDef registers_getset[] = {
	{"physical", registers_physical, NULL, "the physical address", NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot registers_slots[] = {
	{Py_tp_doc, (void *)registers_doc},
	{Py_tp_new, registers_new},
	{Py_tp_dealloc, registers_dealloc},
	{Py_tp_methods, registers_methods},
	{Py_tp_getset, registers_getset},
	{Py_sq_length, registers_length},
	{0, NULL},
};

static PyType_Spec registers_spec = {
	.name = "_vosal.Registers",
	.basicsize = sizeof(struct registers),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = registers_slots,
};

/* Memory for devices */

struct dma {
	PyObject_HEAD void *data;
	Py_ssize_t size;
	Py_ssize_t exports;
};

PyDoc_STRVAR(dma_doc, "DMABuffer(size, align=4096)\n"
		      "--\n"
		      "\n"
		      "Memory at one physical address, outside the garbage collector; a buffer.");

static PyObject *dma_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
	static char *names[] = {"size", "align", NULL};
	Py_ssize_t size;
	Py_ssize_t align = 4096;
	struct dma *self;

	if (!PyArg_ParseTupleAndKeywords(args, kwargs, "n|n:DMABuffer", names, &size, &align)) {
		return NULL;
	}
	if (size < 1) {
		PyErr_SetString(PyExc_ValueError, "size must be at least 1 byte");
		return NULL;
	}
	if (align < 16 || align > (1 << 20) || (align & (align - 1)) != 0) {
		PyErr_SetString(PyExc_ValueError, "align must be a power of two in 16..1048576");
		return NULL;
	}
	self = (struct dma *)type->tp_alloc(type, 0);
	if (self == NULL) {
		return NULL;
	}
	/* The heap is one block of physical memory, see kernel.unsafe. */
	self->data = aligned_alloc(align, ROUND_UP(size, align));
	if (self->data == NULL) {
		Py_DECREF(self);
		return PyErr_NoMemory();
	}
	self->size = size;
	memset(self->data, 0, size);
	return (PyObject *)self;
}

static PyObject *dma_physical(PyObject *object, void *unused)
{
	struct dma *self = (struct dma *)object;

	(void)unused;
#ifdef CONFIG_MMU
	uintptr_t physical;
	uintptr_t page = ROUND_DOWN((uintptr_t)self->data, CONFIG_MMU_PAGE_SIZE);

	if (arch_page_phys_get((void *)page, &physical) != 0) {
		PyErr_SetString(PyExc_OSError, "the memory is not mapped");
		return NULL;
	}
	return PyLong_FromUnsignedLongLong(physical + ((uintptr_t)self->data - page));
#else
	return PyLong_FromVoidPtr(self->data);
#endif
}

PyDoc_STRVAR(flush_doc, "flush($self, /)\n"
			"--\n"
			"\n"
			"Write the cache to memory, before a device reads.");

static PyObject *dma_flush(PyObject *object, PyObject *unused)
{
	struct dma *self = (struct dma *)object;

	(void)unused;
	(void)sys_cache_data_flush_range(self->data, self->size);
	Py_RETURN_NONE;
}

PyDoc_STRVAR(invalidate_doc, "invalidate($self, /)\n"
			     "--\n"
			     "\n"
			     "Forget the cache, after a device has written.");

static PyObject *dma_invalidate(PyObject *object, PyObject *unused)
{
	struct dma *self = (struct dma *)object;

	(void)unused;
	(void)sys_cache_data_invd_range(self->data, self->size);
	Py_RETURN_NONE;
}

static int dma_getbuffer(PyObject *object, Py_buffer *view, int flags)
{
	struct dma *self = (struct dma *)object;

	return PyBuffer_FillInfo(view, object, self->data, self->size, 0, flags);
}

static Py_ssize_t dma_length(PyObject *object)
{
	return ((struct dma *)object)->size;
}

static void dma_dealloc(PyObject *object)
{
	PyTypeObject *type = Py_TYPE(object);

	free(((struct dma *)object)->data);
	type->tp_free(object);
	Py_DECREF(type);
}

static PyMethodDef dma_methods[] = {
	{"flush", dma_flush, METH_NOARGS, flush_doc},
	{"invalidate", dma_invalidate, METH_NOARGS, invalidate_doc},
	{NULL, NULL, 0, NULL},
};

static PyGetSetDef dma_getset[] = {
	{"physical", dma_physical, NULL, "the physical address", NULL},
	{NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot dma_slots[] = {
	{Py_tp_doc, (void *)dma_doc},     {Py_tp_new, dma_new},
	{Py_tp_dealloc, dma_dealloc},     {Py_tp_methods, dma_methods},
	{Py_tp_getset, dma_getset},       {Py_sq_length, dma_length},
	{Py_bf_getbuffer, dma_getbuffer}, {0, NULL},
};

static PyType_Spec dma_spec = {
	.name = "_vosal.DMABuffer",
	.basicsize = sizeof(struct dma),
	.flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
	.slots = dma_slots,
};

#ifdef CONFIG_X86

PyDoc_STRVAR(port_read_doc, "port_read(port, width=8, /)\n"
			    "--\n"
			    "\n"
			    "Read 8, 16 or 32 bits from an I/O port.");

static PyObject *port_read(PyObject *module, PyObject *args)
{
	int port;
	int width = 8;

	(void)module;
	if (!PyArg_ParseTuple(args, "i|i:port_read", &port, &width)) {
		return NULL;
	}
	if (port < 0 || port > 0xffff || (width != 8 && width != 16 && width != 32)) {
		PyErr_SetString(PyExc_ValueError,
				"port must be in 0..0xffff, width 8, 16 or 32 bits");
		return NULL;
	}
	return PyLong_FromUnsignedLong(width == 8    ? sys_in8(port)
				       : width == 16 ? sys_in16(port)
						     : sys_in32(port));
}

PyDoc_STRVAR(port_write_doc, "port_write(port, value, width=8, /)\n"
			     "--\n"
			     "\n"
			     "Write 8, 16 or 32 bits to an I/O port.");

static PyObject *port_write(PyObject *module, PyObject *args)
{
	int port;
	int width = 8;
	unsigned long value;

	(void)module;
	if (!PyArg_ParseTuple(args, "ik|i:port_write", &port, &value, &width)) {
		return NULL;
	}
	if (port < 0 || port > 0xffff || (width != 8 && width != 16 && width != 32)) {
		PyErr_SetString(PyExc_ValueError,
				"port must be in 0..0xffff, width 8, 16 or 32 bits");
		return NULL;
	}
	if (width == 8) {
		sys_out8(value, port);
	} else if (width == 16) {
		sys_out16(value, port);
	} else {
		sys_out32(value, port);
	}
	Py_RETURN_NONE;
}

#endif /* CONFIG_X86 */

#define CONTROL_REGISTER(name, instruction)                                                        \
	{                                                                                          \
		unsigned long value;                                                               \
                                                                                                   \
		__asm__ volatile(instruction : "=r"(value));                                       \
		if (add(dict, name, value) < 0) {                                                  \
			Py_DECREF(dict);                                                           \
			return NULL;                                                               \
		}                                                                                  \
	}

#if defined(CONFIG_X86_64) || defined(CONFIG_ARM64)
static int add(PyObject *dict, const char *name, unsigned long value)
{
	PyObject *number = PyLong_FromUnsignedLong(value);
	int ret = number != NULL ? PyDict_SetItemString(dict, name, number) : -1;

	Py_XDECREF(number);
	return ret;
}
#endif

PyDoc_STRVAR(control_doc, "control_registers()\n"
			  "--\n"
			  "\n"
			  "Return the control registers of the processor that runs this, by name.");

static PyObject *control_registers(PyObject *module, PyObject *unused)
{
	PyObject *dict = PyDict_New();

	(void)module;
	(void)unused;
	if (dict == NULL) {
		return NULL;
	}
#if defined(CONFIG_X86_64)
	CONTROL_REGISTER("cr0", "mov %%cr0, %0");
	CONTROL_REGISTER("cr2", "mov %%cr2, %0");
	CONTROL_REGISTER("cr3", "mov %%cr3, %0");
	CONTROL_REGISTER("cr4", "mov %%cr4, %0");
#elif defined(CONFIG_ARM64)
	CONTROL_REGISTER("currentel", "mrs %0, currentel");
	CONTROL_REGISTER("sctlr_el1", "mrs %0, sctlr_el1");
	CONTROL_REGISTER("tcr_el1", "mrs %0, tcr_el1");
	CONTROL_REGISTER("ttbr0_el1", "mrs %0, ttbr0_el1");
	CONTROL_REGISTER("mpidr_el1", "mrs %0, mpidr_el1");
#endif
	return dict;
}

static PyMethodDef methods[] = {
#ifdef CONFIG_X86
	{"port_read", port_read, METH_VARARGS, port_read_doc},
	{"port_write", port_write, METH_VARARGS, port_write_doc},
#endif
	{"control_registers", control_registers, METH_NOARGS, control_doc},
	{NULL, NULL, 0, NULL},
};

int vosal_unsafe_exec(PyObject *module)
{
	struct vosal_types *types = PyModule_GetState(module);

	if (PyModule_AddFunctions(module, methods) < 0 ||
	    vosal_add_type(module, &types->registers, &registers_spec) < 0) {
		return -1;
	}
	return vosal_add_type(module, &types->dma, &dma_spec);
}
