/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief The compiler's <limits.h> with POSIX's limits. */

#ifndef ZPY_PORT_LIMITS_H_
#define ZPY_PORT_LIMITS_H_

#include_next <limits.h>

#ifndef SSIZE_MAX
#define SSIZE_MAX __PTRDIFF_MAX__
#endif
#ifndef PATH_MAX
#define PATH_MAX 1024
#endif
#ifndef PIPE_BUF
#define PIPE_BUF 512
#endif
#ifndef IOV_MAX
#define IOV_MAX 1024
#endif

#endif /* ZPY_PORT_LIMITS_H_ */
