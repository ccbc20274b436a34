/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief What picolibc's build for Zephyr leaves out although its own functions call it.
 */

#include <float.h>

double __math_denorm(double x);
float __math_denormf(float x);

/* nextafter() passes its subnormal results through these, to raise the underflow exception. */

double __math_denorm(double x)
{
	volatile double tiny = DBL_MIN;

	tiny *= tiny;
	return x;
}

float __math_denormf(float x)
{
	volatile float tiny = FLT_MIN;

	tiny *= tiny;
	return x;
}
