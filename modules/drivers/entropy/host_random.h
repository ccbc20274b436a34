/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef ZPY_DRIVERS_ENTROPY_HOST_RANDOM_H_
#define ZPY_DRIVERS_ENTROPY_HOST_RANDOM_H_

#include <stdint.h>

/** Fills a buffer of at most 256 bytes with the host's random numbers. @return 0, or -1 */
int zpy_host_random(uint8_t *buffer, uint16_t length);

#endif /* ZPY_DRIVERS_ENTROPY_HOST_RANDOM_H_ */
