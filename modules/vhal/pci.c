/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief What is on the PCI bus. */

#include "vhal.h"

#include <zephyr/drivers/pcie/pcie.h>

struct found {
	PyObject *list;
	bool failed;
};

/* The base address registers as the firmware, or Zephyr, has set them. */
static PyObject *bars(pcie_bdf_t bdf)
{
	PyObject *list = PyList_New(0);

	for (unsigned int i = 0; list != NULL && i < 6; i++) {
		uint32_t low = pcie_conf_read(bdf, PCIE_CONF_BAR0 + i);
		uint64_t address;
		PyObject *row;

		if (low == PCIE_CONF_BAR_NONE || low == 0) {
			continue;
		}
		if (PCIE_CONF_BAR_IO(low)) {
			row = Py_BuildValue("(IsK)", i, "io",
					    (unsigned long long)PCIE_CONF_BAR_IO_ADDR(low));
		} else {
			bool wide = PCIE_CONF_BAR_64(low);
			unsigned int number = i;

			address = PCIE_CONF_BAR_ADDR(low);
			if (wide && i < 5) {
				address |= (uint64_t)pcie_conf_read(bdf, PCIE_CONF_BAR0 + ++i)
					   << 32;
			}
			row = Py_BuildValue("(IsK)", number, "memory", (unsigned long long)address);
		}
		if (row == NULL || PyList_Append(list, row) < 0) {
			Py_XDECREF(row);
			Py_CLEAR(list);
			break;
		}
		Py_DECREF(row);
	}
	return list;
}

static bool add(pcie_bdf_t bdf, pcie_id_t id, void *data)
{
	struct found *found = data;
	uint32_t class_rev = pcie_conf_read(bdf, PCIE_CONF_CLASSREV);
	uint32_t header = pcie_conf_read(bdf, PCIE_CONF_TYPE);
	unsigned int irq = pcie_conf_read(bdf, PCIE_CONF_INTR) & 0xff;
	PyObject *list = PCIE_CONF_TYPE_BRIDGE(header) ? PyList_New(0) : bars(bdf);
	PyObject *row;

	if (list == NULL) {
		found->failed = true;
		return false;
	}
	row = Py_BuildValue("(iiiIIIIIN)", (int)PCIE_BDF_TO_BUS(bdf), (int)PCIE_BDF_TO_DEV(bdf),
			    (int)PCIE_BDF_TO_FUNC(bdf), (unsigned int)PCIE_ID_TO_VEND(id),
			    (unsigned int)PCIE_ID_TO_DEV(id), (unsigned int)(class_rev >> 16),
			    (unsigned int)(class_rev >> 8) & 0xff, irq, list);
	if (row == NULL || PyList_Append(found->list, row) < 0) {
		Py_XDECREF(row);
		found->failed = true;
		return false;
	}
	Py_DECREF(row);
	return true;
}

PyDoc_STRVAR(pci_doc,
	     "pci()\n"
	     "--\n"
	     "\n"
	     "Scan the bus; return a list of (bus, device, function, vendor id, device id,\n"
	     "class, interface, irq, [(bar, 'io' or 'memory', address), …]). class is\n"
	     "base class << 8 | subclass; irq 255 is none.");

static PyObject *pci(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct found found = {0};
	struct pcie_scan_opt options = {
		.cb = add,
		.cb_data = &found,
		.flags = PCIE_SCAN_RECURSIVE,
	};
	int ret;

	(void)module;
	(void)args;
	if (!vhal_count("pci", count, 0, 0)) {
		return NULL;
	}
	found.list = PyList_New(0);
	if (found.list == NULL) {
		return NULL;
	}
	ret = pcie_scan(&options);
	if (found.failed || ret < 0) {
		Py_DECREF(found.list);
		return found.failed ? NULL : vhal_error_text(ret, "the PCI scan: error %d", -ret);
	}
	return found.list;
}

static PyMethodDef methods[] = {
	VHAL_METHOD(pci),
	{NULL, NULL, 0, NULL},
};

int vhal_pci_exec(PyObject *module)
{
	return PyModule_AddFunctions(module, methods);
}
