/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Waiting for children, of which this machine has none: every wait fails with ECHILD.
 */

#ifndef ZPY_PORT_SYS_WAIT_H_
#define ZPY_PORT_SYS_WAIT_H_

#include <sys/types.h>
#include_next <sys/wait.h>

#ifndef WNOHANG
#define WNOHANG   1
#define WUNTRACED 2
#endif

pid_t waitpid(pid_t pid, int *status, int options);

#endif /* ZPY_PORT_SYS_WAIT_H_ */
