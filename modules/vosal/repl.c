/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief How the prompt over TCP is set: CONFIG_ZPY_REPL_… as constants of _vosal. */

#include "vosal.h"

#if defined(CONFIG_ZPY_REPL_PLAIN)
#define MODE "plain"
#elif defined(CONFIG_ZPY_REPL_AUTH)
#define MODE "auth"
#elif defined(CONFIG_ZPY_REPL_TLS)
#define MODE "tls"
#else
#define MODE "off"
#endif

int vosal_repl_exec(PyObject *module)
{
	if (PyModule_AddStringConstant(module, "REPL", MODE) < 0 ||
	    PyModule_AddIntConstant(module, "REPL_PORT", CONFIG_ZPY_REPL_PORT) < 0 ||
	    PyModule_AddStringConstant(module, "REPL_BIND", CONFIG_ZPY_REPL_BIND) < 0 ||
	    PyModule_AddStringConstant(module, "REPL_TRUSTED", CONFIG_ZPY_REPL_TRUSTED) < 0 ||
	    PyModule_AddStringConstant(module, "REPL_SECRET", CONFIG_ZPY_REPL_SECRET) < 0 ||
	    PyModule_AddIntConstant(module, "REPL_SESSIONS", CONFIG_ZPY_REPL_SESSIONS) < 0 ||
	    PyModule_AddIntConstant(module, "REPL_IDLE_TIMEOUT", CONFIG_ZPY_REPL_IDLE_TIMEOUT) <
		    0 ||
	    PyModule_AddIntConstant(module, "REPL_WRITE_TIMEOUT", CONFIG_ZPY_REPL_WRITE_TIMEOUT) <
		    0) {
		return -1;
	}
	return 0;
}
