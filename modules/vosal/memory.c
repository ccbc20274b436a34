/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief The heap in numbers, what lies where, and the processors. */

#include "vosal.h"

#include <zephyr/linker/linker-defs.h>

#include "port.h"

PyDoc_STRVAR(heap_info_doc,
	     "heap_info()\n"
	     "--\n"
	     "\n"
	     "Return (total, used, peak): bytes of the heap that all allocations share.");

static PyObject *heap_info(PyObject *module, PyObject *unused)
{
	struct port_heap heap;

	(void)module;
	(void)unused;
	port_heap_info(&heap);
	return Py_BuildValue("(nnn)", heap.total, heap.used, heap.peak);
}

PyDoc_STRVAR(map_doc,
	     "memory_map()\n"
	     "--\n"
	     "\n"
	     "Return a list of (name, start, size): what lies where, in virtual addresses.\n"
	     "\n"
	     "The parts of the image, the heap, and the stacks of all threads, 'stack NAME'.");

struct region {
	char name[CONFIG_THREAD_MAX_NAME_LEN + 8];
	uintptr_t start;
	size_t size;
};

struct regions {
	struct region *rows;
	size_t size;
	size_t used;
};

static void add_region(struct regions *regions, const char *name, uintptr_t start, size_t size)
{
	if (regions->used < regions->size) {
		struct region *row = &regions->rows[regions->used];

		strncpy(row->name, name, sizeof(row->name) - 1);
		row->name[sizeof(row->name) - 1] = '\0';
		row->start = start;
		row->size = size;
	}
	regions->used++;
}

static void add_stack(const struct k_thread *thread, void *arg)
{
	char name[CONFIG_THREAD_MAX_NAME_LEN + 8] = "stack ";
	const char *own = k_thread_name_get((struct k_thread *)thread);

	strncat(name, own != NULL ? own : "", sizeof(name) - sizeof("stack "));
	add_region(arg, name, thread->stack_info.start, thread->stack_info.size);
}

static int add_stacks(struct port_thread *first, void *regions)
{
	ARG_UNUSED(first);
	k_thread_foreach_unlocked(add_stack, regions);
	return 1;
}

static PyObject *memory_map(PyObject *module, PyObject *unused)
{
	struct regions regions = {.size = 32};
	PyObject *list;

	(void)module;
	(void)unused;
	while (true) {
		regions.rows = PyMem_Malloc(regions.size * sizeof(*regions.rows));
		if (regions.rows == NULL) {
			return PyErr_NoMemory();
		}
		regions.used = 0;
#ifndef CONFIG_ARCH_POSIX
		add_region(&regions, "text", (uintptr_t)__text_region_start,
			   (uintptr_t)__text_region_end - (uintptr_t)__text_region_start);
		add_region(&regions, "rodata", (uintptr_t)__rodata_region_start,
			   (uintptr_t)__rodata_region_end - (uintptr_t)__rodata_region_start);
		add_region(&regions, "image RAM", (uintptr_t)_image_ram_start,
			   (uintptr_t)_image_ram_end - (uintptr_t)_image_ram_start);
		add_region(&regions, "bss", (uintptr_t)__bss_start,
			   (uintptr_t)__bss_end - (uintptr_t)__bss_start);
#endif
		add_region(&regions, "heap", port_heap_start(), port_heap_size());
		(void)port_thread_foreach(add_stacks, &regions);
		if (regions.used <= regions.size) {
			break;
		}
		regions.size = regions.used + 8;
		PyMem_Free(regions.rows);
	}
	list = PyList_New(regions.used);
	for (size_t i = 0; list != NULL && i < regions.used; i++) {
		struct region *row = &regions.rows[i];
		PyObject *item =
			Py_BuildValue("(NKn)", vosal_name(row->name),
				      (unsigned long long)row->start, (Py_ssize_t)row->size);

		if (item == NULL) {
			Py_CLEAR(list);
			break;
		}
		PyList_SET_ITEM(list, i, item);
	}
	PyMem_Free(regions.rows);
	return list;
}

PyDoc_STRVAR(cpus_doc, "cpus()\n"
		       "--\n"
		       "\n"
		       "Return a list of (number, thread, busy_cycles), one for each processor.\n"
		       "\n"
		       "thread is the name of what runs there, busy_cycles what was not idle.");

/** Zephyr adds a thread's cycles up when it is switched away from: here with those that it runs. */
static uint64_t busy_cycles(const volatile struct _cpu *cpu)
{
	uint64_t busy = cpu->usage->total;
	uint32_t since = cpu->usage0; /* 0 while it changes threads */

	if (since != 0 && cpu->current != cpu->idle_thread) {
		busy += k_cycle_get_32() - since;
	}
	return busy;
}

static PyObject *cpus(PyObject *module, PyObject *unused)
{
	PyObject *list = PyList_New(0);

	(void)module;
	(void)unused;
	for (unsigned int i = 0; list != NULL && i < arch_num_cpus(); i++) {
		struct k_thread *thread = _kernel.cpus[i].current;
		const char *name = thread != NULL ? k_thread_name_get(thread) : NULL;
		PyObject *item = Py_BuildValue("(IsK)", i, name != NULL ? name : "",
					       (unsigned long long)busy_cycles(&_kernel.cpus[i]));

		if (item == NULL || PyList_Append(list, item) < 0) {
			Py_CLEAR(list);
		}
		Py_XDECREF(item);
	}
	return list;
}

static PyMethodDef methods[] = {
	{"memory_map", memory_map, METH_NOARGS, map_doc},
	{"cpus", cpus, METH_NOARGS, cpus_doc},
	{"heap_info", heap_info, METH_NOARGS, heap_info_doc},
	{NULL, NULL, 0, NULL},
};

int vosal_memory_exec(PyObject *module)
{
	return PyModule_AddFunctions(module, methods);
}
