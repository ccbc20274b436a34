/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef ZPY_PORT_SCHED_H_
#define ZPY_PORT_SCHED_H_

int sched_yield(void);

#endif /* ZPY_PORT_SCHED_H_ */
