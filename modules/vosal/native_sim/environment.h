/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef ZPY_VOSAL_NATIVE_SIM_ENVIRONMENT_H_
#define ZPY_VOSAL_NATIVE_SIM_ENVIRONMENT_H_

/** A variable of the environment that native_sim's process was started with, or NULL. */
const char *zpy_host_environment(const char *name);

#endif /* ZPY_VOSAL_NATIVE_SIM_ENVIRONMENT_H_ */
