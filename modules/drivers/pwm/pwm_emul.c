/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief A PWM without hardware, which remembers what it was told, and counts its pulses. */

#define DT_DRV_COMPAT zpy_pwm_emul

#include <errno.h>

#include <zephyr/device.h>
#include <zephyr/drivers/pwm.h>
#include <zephyr/kernel.h>
#include <zephyr/pm/device.h>

#include <zpy/emul.h>

struct channel {
	uint32_t period;
	uint32_t pulse;
	bool inverted;
	int64_t since;   /* ticks: when it was set */
	uint64_t pulses; /* until then, since the output was inactive */
};

struct data {
	struct k_spinlock lock;
	bool suspended;
};

struct config {
	uint64_t frequency;
	uint32_t channels;
	struct channel *state;
};

/** How many pulses have begun since the output was inactive. */
static uint64_t begun(const struct config *config, const struct channel *channel)
{
	uint64_t cycles;

	if (channel->pulse == 0) {
		return channel->pulses;
	}
	cycles = k_ticks_to_ns_floor64(k_uptime_ticks() - channel->since) * config->frequency /
		 NSEC_PER_SEC;
	return channel->pulses + cycles / channel->period + 1;
}

static int set_cycles(const struct device *dev, uint32_t channel, uint32_t period, uint32_t pulse,
		      pwm_flags_t flags)
{
	const struct config *config = dev->config;
	struct data *data = dev->data;
	struct channel *state;

	if (channel >= config->channels || pulse > period || period == 0) {
		return -EINVAL;
	}
	state = &config->state[channel];
	K_SPINLOCK(&data->lock) {
		*state = (struct channel){
			.period = period,
			.pulse = pulse,
			.inverted = (flags & PWM_POLARITY_MASK) == PWM_POLARITY_INVERTED,
			.since = k_uptime_ticks(),
			.pulses = pulse != 0 && state->pulse == 0 ? 0 : begun(config, state),
		};
	}
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
	struct data *data = dev->data;
	struct channel *state;

	if (channel >= config->channels) {
		return -EINVAL;
	}
	state = &config->state[channel];
	K_SPINLOCK(&data->lock) {
		*period = nanoseconds(config, state->period);
		*pulse = data->suspended ? 0 : nanoseconds(config, state->pulse);
		*inverted = state->inverted;
	}
	return 0;
}

int zpy_pwm_emul_count(const struct device *dev, uint32_t channel, uint64_t *pulses)
{
	const struct config *config = dev->config;
	struct data *data = dev->data;

	if (channel >= config->channels) {
		return -EINVAL;
	}
	K_SPINLOCK(&data->lock) {
		*pulses = begun(config, &config->state[channel]);
	}
	return 0;
}

#ifdef CONFIG_PM_DEVICE
/* Suspended, its outputs are inactive; they go on with what they were told. */
static int pm_action(const struct device *dev, enum pm_device_action action)
{
	struct data *data = dev->data;

	if (action != PM_DEVICE_ACTION_SUSPEND && action != PM_DEVICE_ACTION_RESUME) {
		return -ENOTSUP;
	}
	data->suspended = action == PM_DEVICE_ACTION_SUSPEND;
	return 0;
}
#endif

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
	static struct data data_##n;                                                               \
	PM_DEVICE_DT_INST_DEFINE(n, pm_action);                                                    \
	DEVICE_DT_INST_DEFINE(n, NULL, PM_DEVICE_DT_INST_GET(n), &data_##n, &config_##n,           \
			      POST_KERNEL, CONFIG_PWM_INIT_PRIORITY, &api);

DT_INST_FOREACH_STATUS_OKAY(PWM_EMUL)
