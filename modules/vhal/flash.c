/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief Flash memories, as bytes and pages. */

#include "vhal.h"

#include <errno.h>

#include <zephyr/drivers/flash.h>
#ifdef CONFIG_XIP
#include <zephyr/linker/linker-defs.h>
#endif

struct geometry {
	size_t size;
	size_t page; /* the largest */
};

static bool add_page(const struct flash_pages_info *info, void *data)
{
	struct geometry *geometry = data;

	geometry->size = (size_t)info->start_offset + info->size;
	geometry->page = MAX(geometry->page, info->size);
	return true;
}

static struct geometry measure(const struct device *device)
{
	struct geometry geometry = {0};

#ifdef CONFIG_FLASH_PAGE_LAYOUT
	flash_page_foreach(device, add_page, &geometry);
#else
	(void)add_page;
	(void)device;
#endif
	return geometry;
}

PyDoc_STRVAR(flash_info_doc,
	     "flash_info(device, /)\n"
	     "--\n"
	     "\n"
	     "Return (size, largest erase page, write block, byte of what is erased).");

static PyObject *flash_info(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	const struct flash_parameters *parameters;
	struct geometry geometry;

	(void)module;
	if (!vhal_count("flash_info", count, 1, 1) ||
	    (device = vhal_device_arg(args[0], VHAL_FLASH)) == NULL) {
		return NULL;
	}
	parameters = flash_get_parameters(device->device);
	geometry = measure(device->device);
	return Py_BuildValue("(nnni)", (Py_ssize_t)geometry.size, (Py_ssize_t)geometry.page,
			     (Py_ssize_t)parameters->write_block_size,
			     (int)parameters->erase_value);
}

/* Drivers leave it to their callers to stay inside. */
static long long size_of(const struct device *device)
{
	size_t size = measure(device).size;

	return size > 0 ? (long long)size : LONG_MAX;
}

/* Does the processor run what is there? It would run into nothing while that is erased. */
static bool holds_program(const struct device *device, off_t offset)
{
#ifdef CONFIG_XIP
	/* The memory, or the controller that it is behind. */
	if (strcmp(device->name, DEVICE_DT_NAME(DT_CHOSEN(zephyr_flash))) == 0 ||
	    strcmp(device->name, DEVICE_DT_NAME(DT_PARENT(DT_CHOSEN(zephyr_flash)))) == 0) {
		return (uintptr_t)offset < CONFIG_FLASH_LOAD_OFFSET + (uintptr_t)_flash_used;
	}
#endif
#if DT_HAS_CHOSEN(zpy_code)
	/* It is mapped as a whole, or not at all. */
	if (strcmp(device->name, DEVICE_DT_NAME(DT_CHOSEN(zpy_code))) == 0) {
		return true;
	}
#endif
	(void)device;
	(void)offset;
	return false;
}

static int write_to(const struct device *device, off_t offset, void *data, size_t size)
{
	return holds_program(device, offset) ? -EROFS : flash_write(device, offset, data, size);
}

PyDoc_STRVAR(flash_read_doc, "flash_read(device, offset, into, /)\n"
			     "--\n"
			     "\n"
			     "Fill a writable buffer.");

static PyObject *py_flash_read(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	static const struct vhal_memory memory = {
		"flash_read", VHAL_FLASH, PyBUF_WRITABLE, size_of, flash_read,
	};

	(void)module;
	return vhal_memory_transfer(&memory, args, count);
}

PyDoc_STRVAR(flash_write_doc, "flash_write(device, offset, data, /)\n"
			      "--\n"
			      "\n"
			      "Write to what is erased; offset and length in whole write blocks.\n"
			      "\n"
			      "Raises OSError(EROFS) where the running program is.");

static PyObject *py_flash_write(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	static const struct vhal_memory memory = {
		"flash_write", VHAL_FLASH, PyBUF_SIMPLE, size_of, write_to,
	};

	(void)module;
	return vhal_memory_transfer(&memory, args, count);
}

PyDoc_STRVAR(flash_erase_doc, "flash_erase(device, offset, size, /)\n"
			      "--\n"
			      "\n"
			      "Erase whole pages. Raises OSError(EROFS) where the\n"
			      "running program is.");

static PyObject *py_flash_erase(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	long long offset;
	long long size;
	int ret;

	(void)module;
	if (!vhal_count("flash_erase", count, 3, 3) ||
	    (device = vhal_device_arg(args[0], VHAL_FLASH)) == NULL ||
	    !vhal_int(args[2], "size", 0, LONG_MAX, &size) ||
	    !vhal_area(args[1], size, size_of(device->device), &offset)) {
		return NULL;
	}
	if (holds_program(device->device, (off_t)offset)) {
		return vhal_error(device, -EROFS);
	}
	Py_BEGIN_ALLOW_THREADS ret = flash_erase(device->device, (off_t)offset, (size_t)size);
	Py_END_ALLOW_THREADS return vhal_result(device, ret);
}

static PyMethodDef methods[] = {
	VHAL_METHOD(flash_info),
	{"flash_read", _PyCFunction_CAST(py_flash_read), METH_FASTCALL, flash_read_doc},
	{"flash_write", _PyCFunction_CAST(py_flash_write), METH_FASTCALL, flash_write_doc},
	{"flash_erase", _PyCFunction_CAST(py_flash_erase), METH_FASTCALL, flash_erase_doc},
	{NULL, NULL, 0, NULL},
};

int vhal_flash_exec(PyObject *module)
{
	return PyModule_AddFunctions(module, methods);
}
