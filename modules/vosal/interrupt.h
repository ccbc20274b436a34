/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief Interrupt sources, as the other files of _vosal use them. */

#ifndef ZPY_VOSAL_INTERRUPT_H_
#define ZPY_VOSAL_INTERRUPT_H_

#include <zpy/vosal.h>

/** zpy_interrupt_post() with the time at which it happened, in cycles of port_cycles(). */
bool vosal_interrupt_post_at(struct zpy_interrupt *source, uint32_t value, uint64_t cycles);

#endif /* ZPY_VOSAL_INTERRUPT_H_ */
