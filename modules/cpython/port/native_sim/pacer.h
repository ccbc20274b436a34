/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef ZPY_PORT_NATIVE_SIM_PACER_H_
#define ZPY_PORT_NATIVE_SIM_PACER_H_

/** Calls a function every few milliseconds from a thread of the host. */
void zpy_pacer_start(void (*call)(void));

#endif /* ZPY_PORT_NATIVE_SIM_PACER_H_ */
