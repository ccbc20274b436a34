/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Where the library is: in the image. Takes the place of upstream's Modules/getpath.c.
 *
 * Elsewhere CPython searches the disk for itself; here everything is known at build time.
 */

#include "Python.h"
#include "pycore_initconfig.h"
#include "pycore_pathconfig.h"

#define WIDE_(text) L##text
#define WIDE(text)  WIDE_(text)

#define STDLIB_DIR WIDE(CPYTHON_LIBRARY)

struct setting {
	wchar_t **field;
	const wchar_t *value;
};

PyStatus _PyConfig_InitPathConfig(PyConfig *config, int compute_path_config)
{
	const struct setting settings[] = {
		{&config->executable, L""},        {&config->base_executable, L""},
		{&config->prefix, L"/"},           {&config->base_prefix, L"/"},
		{&config->exec_prefix, L"/"},      {&config->base_exec_prefix, L"/"},
		{&config->stdlib_dir, STDLIB_DIR}, {&config->platlibdir, L"lib"},
	};
	const wchar_t *const search[] = {L"/lib", STDLIB_DIR};
	PyStatus status;

	(void)compute_path_config;
	for (size_t i = 0; i < Py_ARRAY_LENGTH(settings); i++) {
		if (*settings[i].field != NULL) {
			continue;
		}
		status = PyConfig_SetString(config, settings[i].field, settings[i].value);
		if (_PyStatus_EXCEPTION(status)) {
			return status;
		}
	}
	if (!config->module_search_paths_set) {
		config->module_search_paths_set = 1;
		for (size_t i = 0; i < Py_ARRAY_LENGTH(search); i++) {
			status = PyWideStringList_Append(&config->module_search_paths, search[i]);
			if (_PyStatus_EXCEPTION(status)) {
				return status;
			}
		}
	}
	return _PyStatus_OK();
}

#ifdef CONFIG_CPYTHON_TESTS
PyObject *_Py_Get_Getpath_CodeObject(void)
{
	/* Upstream's getpath is a frozen module, which _testinternalcapi asks for. */
	PyErr_SetString(PyExc_NotImplementedError, "the paths are known at build time");
	return NULL;
}
#endif
