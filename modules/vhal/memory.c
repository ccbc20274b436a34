/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief What EEPROMs and flash memories share: transfers that stay inside. */

#include "vhal.h"

bool vhal_area(PyObject *arg, long long length, long long size, long long *offset)
{
	if (!vhal_int(arg, "offset", 0, size, offset)) {
		return false;
	}
	if (length > size - *offset) {
		PyErr_Format(PyExc_ValueError, "%lld bytes at %lld reach beyond the end at %lld",
			     length, *offset, size);
		return false;
	}
	return true;
}

PyObject *vhal_memory_transfer(const struct vhal_memory *memory, PyObject *const *args,
			       Py_ssize_t count)
{
	struct vhal_device *device;
	long long offset;
	Py_buffer view;
	int ret;

	if (!vhal_count(memory->function, count, 3, 3) ||
	    (device = vhal_device_arg(args[0], memory->kind)) == NULL ||
	    PyObject_GetBuffer(args[2], &view, memory->buffer) < 0) {
		return NULL;
	}
	if (!vhal_area(args[1], view.len, memory->size(device->device), &offset)) {
		PyBuffer_Release(&view);
		return NULL;
	}
	Py_BEGIN_ALLOW_THREADS;
	ret = memory->transfer(device->device, (off_t)offset, view.buf, (size_t)view.len);
	Py_END_ALLOW_THREADS;
	PyBuffer_Release(&view);
	return vhal_result(device, ret);
}
