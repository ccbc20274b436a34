/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief The random number generator inside x86 processors.
 *
 * Source: Intel, Digital Random Number Generator (DRNG) Software Implementation Guide.
 */

#define DT_DRV_COMPAT intel_rdrand

#include <cpuid.h>
#include <string.h>

#include <zephyr/device.h>
#include <zephyr/drivers/entropy.h>
#include <zephyr/kernel.h>

#define TRIES 1000 /* an instruction may find the generator empty for a moment */

#define CPUID_1_ECX_RDRAND BIT(30)
#define CPUID_7_EBX_RDSEED BIT(18)

static bool has_seed;

static bool rdrand(unsigned long *value)
{
	bool ok;

	__asm__ volatile("rdrand %0" : "=r"(*value), "=@ccc"(ok) : : "cc");
	return ok;
}

static bool rdseed(unsigned long *value)
{
	bool ok;

	__asm__ volatile("rdseed %0" : "=r"(*value), "=@ccc"(ok) : : "cc");
	return ok;
}

static bool draw(unsigned long *value)
{
	for (int i = 0; has_seed && i < TRIES; i++) {
		if (rdseed(value)) {
			return true;
		}
		__asm__ volatile("pause");
	}
	for (int i = 0; i < TRIES; i++) {
		if (rdrand(value)) {
			return true;
		}
	}
	return false;
}

static int get_entropy(const struct device *dev, uint8_t *buffer, uint16_t length)
{
	ARG_UNUSED(dev);
	while (length > 0) {
		unsigned long value;
		uint16_t part = MIN(length, sizeof(value));

		if (!draw(&value)) {
			return -EIO;
		}
		memcpy(buffer, &value, part);
		buffer += part;
		length -= part;
	}
	return 0;
}

static int get_entropy_isr(const struct device *dev, uint8_t *buffer, uint16_t length,
			   uint32_t flags)
{
	int ret = get_entropy(dev, buffer, length);

	ARG_UNUSED(flags); /* an instruction never waits */
	return ret != 0 ? ret : length;
}

static int init(const struct device *dev)
{
	unsigned int eax;
	unsigned int ebx;
	unsigned int ecx;
	unsigned int edx;

	ARG_UNUSED(dev);
	if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx & CPUID_1_ECX_RDRAND)) {
		return -ENODEV;
	}
	has_seed = __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) && (ebx & CPUID_7_EBX_RDSEED);
	return 0;
}

static const struct entropy_driver_api api = {
	.get_entropy = get_entropy,
	.get_entropy_isr = get_entropy_isr,
};

DEVICE_DT_INST_DEFINE(0, init, NULL, NULL, NULL, PRE_KERNEL_1, CONFIG_ENTROPY_INIT_PRIORITY, &api);
