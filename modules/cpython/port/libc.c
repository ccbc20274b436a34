/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief What picolibc's build for Zephyr leaves out, or does less well than CPython needs.
 */

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <sys/_tz_structs.h> /* takes time_t for granted */

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

/* picolibc's fma() without the instruction is x * y + z, rounded twice; math.fma(), hypot() and
 * sumprod() count on one rounding. Here both terms are integers of 124 bits times a power of two:
 * the smaller one is shifted to the other's exponent, and what falls off only decides ties.
 */

struct wide {
	uint64_t high;
	uint64_t low;
};

static struct wide multiply(uint64_t a, uint64_t b)
{
	uint64_t a1 = a >> 32;
	uint64_t a0 = (uint32_t)a;
	uint64_t b1 = b >> 32;
	uint64_t b0 = (uint32_t)b;
	uint64_t middle = a1 * b0 + (a0 * b0 >> 32);
	uint64_t other = a0 * b1 + (uint32_t)middle;

	return (struct wide){a1 * b1 + (middle >> 32) + (other >> 32),
			     (other << 32) | (uint32_t)(a0 * b0)};
}

static struct wide shift_left(struct wide x, int count)
{
	if (count >= 64) {
		return (struct wide){x.low << (count - 64), 0};
	}
	return (struct wide){count == 0 ? x.high : x.high << count | x.low >> (64 - count),
			     x.low << count};
}

/** Shifts right; the last bit becomes 1 when any bit that falls off was 1. */
static struct wide shift_right(struct wide x, int count)
{
	struct wide y;
	struct wide back;

	if (count > 127) {
		return (struct wide){0, (x.high | x.low) != 0};
	}
	if (count >= 64) {
		y = (struct wide){0, x.high >> (count - 64)};
	} else {
		y = (struct wide){x.high >> count,
				  count == 0 ? x.low : x.low >> count | x.high << (64 - count)};
	}
	back = shift_left(y, count);
	y.low |= back.high != x.high || back.low != x.low;
	return y;
}

static struct wide add(struct wide x, struct wide y)
{
	uint64_t low = x.low + y.low;

	return (struct wide){x.high + y.high + (low < x.low), low};
}

static struct wide subtract(struct wide x, struct wide y)
{
	return (struct wide){x.high - y.high - (x.low < y.low), x.low - y.low};
}

static bool less(struct wide x, struct wide y)
{
	return x.high != y.high ? x.high < y.high : x.low < y.low;
}

/** |x| as an integer of 53 bits times a power of two. */
static uint64_t mantissa(double x, int *exponent)
{
	uint64_t bits = (uint64_t)ldexp(frexp(fabs(x), exponent), 53);

	*exponent -= 53;
	return bits;
}

double fma(double x, double y, double z)
{
	int x_exp, y_exp, z_exp, exp, top, kept, cut;
	struct wide product, term, sum, rest, half;
	bool negative = signbit(x) != signbit(y);
	uint64_t bits;
	double result;

	if (!isfinite(x) || !isfinite(y) || x == 0.0 || y == 0.0) {
		return x * y + z;
	}
	if (!isfinite(z)) {
		return z;
	}
	if (z == 0.0) {
		return x * y; /* keeps its sign also when it underflows */
	}

	bits = mantissa(x, &x_exp);
	product = shift_left(multiply(bits, mantissa(y, &y_exp)), 18);
	exp = x_exp + y_exp - 18;
	term = shift_left((struct wide){0, mantissa(z, &z_exp)}, 71);
	z_exp -= 71;
	if (z_exp > exp) {
		product = shift_right(product, z_exp - exp);
		exp = z_exp;
	} else {
		term = shift_right(term, exp - z_exp);
	}
	if (negative == signbit(z)) {
		sum = add(product, term);
	} else if (less(product, term)) {
		sum = subtract(term, product);
		negative = !negative;
	} else {
		sum = subtract(product, term);
	}
	if ((sum.high | sum.low) == 0) {
		return 0.0;
	}

	/* Round to the bits that a result of this size has, to even when it is a tie. */
	top = sum.high != 0 ? 127 - __builtin_clzll(sum.high) : 63 - __builtin_clzll(sum.low);
	kept = 53 - (exp + top < -1022 ? -1022 - (exp + top) : 0);
	if (kept < 0) {
		return negative ? -0.0 : 0.0;
	}
	cut = top + 1 - kept;
	if (cut > 0) {
		bits = cut >= 64 ? sum.high >> (cut - 64) : sum.low >> cut | sum.high << (64 - cut);
		rest = subtract(sum, shift_left((struct wide){0, bits}, cut));
		half = shift_left((struct wide){0, 1}, cut - 1);
		if (less(half, rest) || (!less(rest, half) && (bits & 1) != 0)) {
			bits++;
		}
	} else {
		bits = sum.low;
		cut = 0;
	}
	result = ldexp((double)bits, exp + cut);
	return negative ? -result : result;
}

/* picolibc's mktime() takes the second before the epoch, in local time, for an error. */

time_t __wrap_mktime(struct tm *tm);

time_t __wrap_mktime(struct tm *tm)
{
	struct tm utc = *tm;
	time_t local = timegm(&utc);
	time_t standard;
	time_t summer;
	struct tm probe;

	tzset();
	standard = local + _timezone;
	summer = local + (_daylight ? __gettzinfo()->__tzrule[1].offset : _timezone);
	if (tm->tm_isdst < 0) {
		/* Where both readings are right, the clock's first pass is meant. */
		localtime_r(&summer, &probe);
		standard = probe.tm_isdst > 0 ? summer : standard;
	} else if (tm->tm_isdst > 0) {
		standard = summer;
	}
	return localtime_r(&standard, tm) != NULL ? standard : -1;
}

/* At a conversion that it does not know picolibc's strftime() stops without ending the text. */

size_t __real_strftime(char *out, size_t size, const char *format, const struct tm *tm);
size_t __wrap_strftime(char *out, size_t size, const char *format, const struct tm *tm);

size_t __wrap_strftime(char *out, size_t size, const char *format, const struct tm *tm)
{
	size_t length = __real_strftime(out, size, format, tm);

	if (length == 0 && size > 0) {
		out[0] = '\0';
	}
	return length;
}

/* picolibc takes the name of any locale and then behaves as in "C", whatever it was. */

char *__real_setlocale(int category, const char *name);
char *__wrap_setlocale(int category, const char *name);

char *__wrap_setlocale(int category, const char *name)
{
	static const char *const names[] = {"", "C", "POSIX", "C.UTF-8", "C.utf8"};

	for (size_t i = 0; name != NULL && strcmp(name, names[i]) != 0; i++) {
		if (i == sizeof(names) / sizeof(names[0]) - 1) {
			return NULL;
		}
	}
	return __real_setlocale(category, name);
}
