/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief picolibc's <math.h> with the log2() of its library instead of its macro. */

#ifndef ZPY_PORT_MATH_H_
#define ZPY_PORT_MATH_H_

#include_next <math.h>

/* log(x) / M_LN2 is not exact for powers of two. */
#undef log2

#endif /* ZPY_PORT_MATH_H_ */
