/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief How the prompt over TCP is set: CONFIG_ZPY_REPL_… as constants of _vosal.
 *
 * On native_sim, where the port is one of the host's, the environment of the process comes before.
 */

#include "vosal.h"

#include <stdlib.h>

#include <zephyr/toolchain.h>

#include "native_sim/environment.h"

#if defined(CONFIG_ZPY_REPL_PLAIN)
#define MODE "plain"
#elif defined(CONFIG_ZPY_REPL_AUTH)
#define MODE "auth"
#elif defined(CONFIG_ZPY_REPL_TLS)
#define MODE "tls"
#else
#define MODE "off"
#endif

static const char *setting(const char *name, const char *otherwise)
{
#if defined(CONFIG_CPYTHON_HOST_SOCKETS)
	const char *value = zpy_host_environment(name);

	if (value != NULL) {
		return value;
	}
#endif
	(void)name;
	return otherwise;
}

/** The port; -1, which the server refuses with a word, for what is no number. */
static long port(void)
{
	const char *text = setting("ZPY_REPL_PORT", STRINGIFY(CONFIG_ZPY_REPL_PORT));
	char *end;
	long number = strtol(text, &end, 10);

	return end != text && *end == '\0' ? number : -1;
}

int vosal_repl_exec(PyObject *module)
{
	if (PyModule_AddStringConstant(module, "REPL", setting("ZPY_REPL", MODE)) < 0 ||
	    PyModule_AddIntConstant(module, "REPL_PORT", port()) < 0 ||
	    PyModule_AddStringConstant(module, "REPL_BIND", CONFIG_ZPY_REPL_BIND) < 0 ||
	    PyModule_AddStringConstant(module, "REPL_TRUSTED", CONFIG_ZPY_REPL_TRUSTED) < 0 ||
	    PyModule_AddStringConstant(module, "REPL_SECRET",
				       setting("ZPY_REPL_SECRET", CONFIG_ZPY_REPL_SECRET)) < 0 ||
	    PyModule_AddIntConstant(module, "REPL_SESSIONS", CONFIG_ZPY_REPL_SESSIONS) < 0 ||
	    PyModule_AddIntConstant(module, "REPL_IDLE_TIMEOUT", CONFIG_ZPY_REPL_IDLE_TIMEOUT) <
		    0 ||
	    PyModule_AddIntConstant(module, "REPL_WRITE_TIMEOUT", CONFIG_ZPY_REPL_WRITE_TIMEOUT) <
		    0) {
		return -1;
	}
	return 0;
}
