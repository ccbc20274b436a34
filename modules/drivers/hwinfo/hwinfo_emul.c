/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief Hardware information of a machine that has none: always a power-on reset. */

#include <errno.h>
#include <string.h>

#include <zephyr/devicetree.h>
#include <zephyr/drivers/hwinfo.h>
#include <zephyr/sys/util.h>

static const uint8_t id[] = DT_PROP(DT_INST(0, zpy_hwinfo_emul), id);

ssize_t z_impl_hwinfo_get_device_id(uint8_t *buffer, size_t length)
{
	size_t size = MIN(length, sizeof(id));

	memcpy(buffer, id, size);
	return (ssize_t)size;
}

int z_impl_hwinfo_get_reset_cause(uint32_t *cause)
{
	*cause = RESET_POR;
	return 0;
}

int z_impl_hwinfo_get_supported_reset_cause(uint32_t *supported)
{
	*supported = RESET_POR;
	return 0;
}
