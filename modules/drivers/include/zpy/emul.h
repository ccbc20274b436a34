/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief What can be asked of ZPy's emulated devices beyond their driver API. */

#ifndef ZPY_EMUL_H_
#define ZPY_EMUL_H_

#include <stdbool.h>
#include <stdint.h>

#include <zephyr/device.h>

/** What a channel of a zpy,pwm-emul puts out, in ns. @return 0 or -EINVAL. */
int zpy_pwm_emul_get(const struct device *dev, uint32_t channel, uint32_t *period, uint32_t *pulse,
		     bool *inverted);

/** How many pulses of a channel have begun since its output was inactive. @return 0 or -EINVAL. */
int zpy_pwm_emul_count(const struct device *dev, uint32_t channel, uint64_t *pulses);

/** What a channel of a zpy,dac-emul puts out; resolution 0: not set up. @return 0 or -EINVAL. */
int zpy_dac_emul_get(const struct device *dev, uint8_t channel, uint32_t *value,
		     uint8_t *resolution);

#endif /* ZPY_EMUL_H_ */
