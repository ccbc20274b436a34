/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief The random numbers of the host that native_sim runs on. */

#define DT_DRV_COMPAT zpy_host_rng

#include <errno.h>

#include <zephyr/device.h>
#include <zephyr/drivers/entropy.h>
#include <zephyr/kernel.h>

#include "host_random.h"

#define MOST 256 /* bytes at a time */

static int get_entropy(const struct device *dev, uint8_t *buffer, uint16_t length)
{
	ARG_UNUSED(dev);
	while (length > 0) {
		uint16_t part = MIN(length, MOST);

		if (zpy_host_random(buffer, part) != 0) {
			return -EIO;
		}
		buffer += part;
		length -= part;
	}
	return 0;
}

static int get_entropy_isr(const struct device *dev, uint8_t *buffer, uint16_t length,
			   uint32_t flags)
{
	int ret = get_entropy(dev, buffer, length);

	ARG_UNUSED(flags); /* the host does not make the machine wait */
	return ret != 0 ? ret : length;
}

static const struct entropy_driver_api api = {
	.get_entropy = get_entropy,
	.get_entropy_isr = get_entropy_isr,
};

DEVICE_DT_INST_DEFINE(0, NULL, NULL, NULL, NULL, PRE_KERNEL_1, CONFIG_ENTROPY_INIT_PRIORITY, &api);
