/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief Atomic operations on 64 bits, for processors that have none.
 *
 * The compiler calls functions for them, which its library for Linux has (libatomic) and that for
 * bare machines has not. A short lock of interrupts, and of the other processors where there are
 * any, is what atomic means here.
 */

#include <stdbool.h>
#include <stdint.h>

#include <zephyr/kernel.h>
#include <zephyr/spinlock.h>

static struct k_spinlock lock;

/* The names are the compiler's; a C function that is called so would be taken for its own. */
uint64_t port_atomic_load_8(const volatile void *place, int order) __asm__("__atomic_load_8");
void port_atomic_store_8(volatile void *place, uint64_t value,
			 int order) __asm__("__atomic_store_8");
uint64_t port_atomic_exchange_8(volatile void *place, uint64_t value,
				int order) __asm__("__atomic_exchange_8");
bool port_atomic_compare_exchange_8(volatile void *place, void *expected, uint64_t value, bool weak,
				    int success,
				    int failure) __asm__("__atomic_compare_exchange_8");
uint64_t port_atomic_fetch_add_8(volatile void *place, uint64_t value,
				 int order) __asm__("__atomic_fetch_add_8");
uint64_t port_atomic_fetch_and_8(volatile void *place, uint64_t value,
				 int order) __asm__("__atomic_fetch_and_8");
uint64_t port_atomic_fetch_or_8(volatile void *place, uint64_t value,
				int order) __asm__("__atomic_fetch_or_8");

uint64_t port_atomic_load_8(const volatile void *place, int order)
{
	k_spinlock_key_t key = k_spin_lock(&lock);
	uint64_t value = *(const volatile uint64_t *)place;

	(void)order;
	k_spin_unlock(&lock, key);
	return value;
}

void port_atomic_store_8(volatile void *place, uint64_t value, int order)
{
	(void)port_atomic_exchange_8(place, value, order);
}

/* A function that puts the value of an expression in the place of `old`, and returns `old`. */
#define FETCH(name, expression)                                                                    \
	uint64_t name(volatile void *place, uint64_t value, int order)                             \
	{                                                                                          \
		k_spinlock_key_t key = k_spin_lock(&lock);                                         \
		uint64_t old = *(volatile uint64_t *)place;                                        \
                                                                                                   \
		(void)order;                                                                       \
		*(volatile uint64_t *)place = (expression);                                        \
		k_spin_unlock(&lock, key);                                                         \
		return old;                                                                        \
	}

FETCH(port_atomic_exchange_8, value)
FETCH(port_atomic_fetch_add_8, old + value)
FETCH(port_atomic_fetch_and_8, old &value)
FETCH(port_atomic_fetch_or_8, old | value)

bool port_atomic_compare_exchange_8(volatile void *place, void *expected, uint64_t value, bool weak,
				    int success, int failure)
{
	k_spinlock_key_t key = k_spin_lock(&lock);
	uint64_t old = *(volatile uint64_t *)place;
	bool same = old == *(uint64_t *)expected;

	(void)weak;
	(void)success;
	(void)failure;
	if (same) {
		*(volatile uint64_t *)place = value;
	} else {
		*(uint64_t *)expected = old;
	}
	k_spin_unlock(&lock, key);
	return same;
}
