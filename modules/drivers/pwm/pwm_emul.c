/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief A PWM without hardware, which remembers what it was told. */

#define DT_DRV_COMPAT zpy_pwm_emul

#include <errno.h>

#include <zephyr/device.h>
#include <zephyr/drivers/pwm.h>

#include <zpy/emul.h>

struct channel {
	uint32_t period;
	uint32_t pulse;
	bool inverted;
};

struct config {
	uint64_t frequency;
	uint32_t channels;
	struct channel *state;
};

static int set_cycles(const struct device *dev, uint32_t channel, uint32_t period, uint32_t pulse,
		      pwm_flags_t flags)
{
	const struct config *config = dev->config;

	if (channel >= config->channels || pulse > period) {
		return -EINVAL;
	}
	config->state[channel] = (struct channel){
		.period = period,
		.pulse = pulse,
		.inverted = (flags & PWM_POLARITY_MASK) == PWM_POLARITY_INVERTED,
	};
	return 0;
}

static int get_cycles_per_sec(const struct device *dev, uint32_t channel, uint64_t *cycles)
{
	const struct config *config = dev->config;

	if (channel >= config->channels) {
		return -EINVAL;
	}
	*cycles = config->frequency;
	return 0;
}

static uint32_t nanoseconds(const struct config *config, uint64_t cycles)
{
	return (uint32_t)(cycles * NSEC_PER_SEC / config->frequency);
}

int zpy_pwm_emul_get(const struct device *dev, uint32_t channel, uint32_t *period, uint32_t *pulse,
		     bool *inverted)
{
	const struct config *config = dev->config;

	if (channel >= config->channels) {
		return -EINVAL;
	}
	*period = nanoseconds(config, config->state[channel].period);
	*pulse = nanoseconds(config, config->state[channel].pulse);
	*inverted = config->state[channel].inverted;
	return 0;
}

static const struct pwm_driver_api api = {
	.set_cycles = set_cycles,
	.get_cycles_per_sec = get_cycles_per_sec,
};

#define PWM_EMUL(n)                                                                                \
	static struct channel channels_##n[DT_INST_PROP(n, channels)];                             \
	static const struct config config_##n = {                                                  \
		.frequency = DT_INST_PROP(n, clock_frequency),                                     \
		.channels = DT_INST_PROP(n, channels),                                             \
		.state = channels_##n,                                                             \
	};                                                                                         \
	DEVICE_DT_INST_DEFINE(n, NULL, NULL, NULL, &config_##n, POST_KERNEL,                       \
			      CONFIG_PWM_INIT_PRIORITY, &api);

DT_INST_FOREACH_STATUS_OKAY(PWM_EMUL)
