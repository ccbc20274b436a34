/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief The console: a ring behind the UART's interrupt, and Ctrl-C.
 *
 * Bytes are taken from the UART in its interrupt, so that a paste is not lost while Python is
 * busy and Ctrl-C is seen even by a program that never reads. When the ring is full and someone
 * edits (no interrupt character is set), reception pauses and the sender waits; when a program
 * runs, what does not fit is dropped, because only then Ctrl-C can still be found.
 */

#include <errno.h>
#include <signal.h>
#include <string.h>

#include <zephyr/device.h>
#include <zephyr/drivers/uart.h>
#include <zephyr/init.h>
#include <zephyr/kernel.h>
#include <zephyr/sys/ring_buffer.h>

#include "port.h"

static const struct device *const uart = DEVICE_DT_GET(DT_CHOSEN(zephyr_console));

/* What is taken from the UART at a time, and how much room the ring must have for it. */
#define CHUNK 16

RING_BUF_DECLARE(rx, CONFIG_CPYTHON_CONSOLE_BUFFER);
static struct k_spinlock rx_lock;
struct port_waiters port_console_waiters = {
	.list = SYS_DLIST_STATIC_INIT(&port_console_waiters.list),
};
static int interrupt_code = -1;
static bool rx_paused;
static K_MUTEX_DEFINE(tx_lock);

/* CPython's handler may write to a descriptor (signal.set_wakeup_fd), which an interrupt may not:
 * the system work queue, more urgent than any Python thread, calls it.
 */
static void raise_interrupt(struct k_work *work)
{
	ARG_UNUSED(work);
	port_signal_raise(SIGINT);
}

static K_WORK_DEFINE(interrupt_work, raise_interrupt);

/* Reception is held and resumed under rx_lock, so that rx_paused always tells the truth. */
#ifdef CONFIG_UART_INTERRUPT_DRIVEN

static void hold_reception(void)
{
	uart_irq_rx_disable(uart);
}

static void resume_reception(void)
{
	uart_irq_rx_enable(uart);
}

#else /* the thread that asks looks at rx_paused itself */

static void hold_reception(void)
{
}

static void resume_reception(void)
{
}

#endif

/** Lets the sender go on if it was held. rx_lock is held. */
static void make_room(void)
{
	if (rx_paused) {
		rx_paused = false;
		resume_reception();
	}
}

/** Takes what the UART has. @return false when the ring is full and reception must pause. */
static bool receive(const uint8_t *data, size_t size)
{
	bool interrupt = false;
	bool room = true;
	k_spinlock_key_t key = k_spin_lock(&rx_lock);

	for (size_t i = 0; i < size; i++) {
		if (data[i] == interrupt_code) {
			/* What was typed before belongs to what is now interrupted. */
			ring_buf_reset(&rx);
			interrupt = true;
		} else {
			(void)ring_buf_put(&rx, &data[i], 1);
		}
	}
	room = ring_buf_space_get(&rx) >= CHUNK || interrupt_code >= 0;
	if (!room && !rx_paused) {
		rx_paused = true;
		hold_reception();
	}
	port_waiters_wake(&port_console_waiters);
	k_spin_unlock(&rx_lock, key);

	if (interrupt) {
		k_work_submit(&interrupt_work);
	}
	return room;
}

void (*port_console_on_input)(void *arg, uint32_t bytes);
void *port_console_on_input_arg;

/** Tells who wants to know that bytes have come. From the interrupt, where the UART has one. */
static void tell(uint32_t bytes)
{
	void (*on_input)(void *arg, uint32_t bytes) = port_console_on_input;

	if (on_input != NULL && bytes > 0) {
		on_input(port_console_on_input_arg, bytes);
	}
}

#ifdef CONFIG_UART_INTERRUPT_DRIVEN

static void on_uart(const struct device *dev, void *arg)
{
	uint8_t data[CHUNK];
	uint32_t bytes = 0;

	ARG_UNUSED(arg);
	while (uart_irq_update(dev) > 0 && uart_irq_rx_ready(dev) > 0) {
		int got = uart_fifo_read(dev, data, sizeof(data));

		if (got <= 0) {
			break;
		}
		bytes += got;
		if (!receive(data, got)) {
			break;
		}
	}
	tell(bytes);
}

static int start(void)
{
	int ret = uart_irq_callback_user_data_set(uart, on_uart, NULL);

	if (ret == 0) {
		uart_irq_rx_enable(uart);
	}
	return ret;
}

#else /* a UART that can only be asked */

/* In the timer's interrupt, not in a thread: one that is more urgent than the others and runs every
 * millisecond would begin their time slices anew, which then would never end.
 */
static void poll_uart(struct k_timer *timer)
{
	uint8_t data[CHUNK];
	size_t got;

	ARG_UNUSED(timer);
	do {
		got = 0;
		while (!rx_paused && got < sizeof(data) && uart_poll_in(uart, &data[got]) == 0) {
			got++;
		}
		if (got > 0) {
			(void)receive(data, got);
			tell(got);
		}
	} while (got == sizeof(data));
}

static K_TIMER_DEFINE(poll_timer, poll_uart, NULL);

static int start(void)
{
	k_timer_start(&poll_timer, K_MSEC(1), K_MSEC(1));
	return 0;
}

#endif /* CONFIG_UART_INTERRUPT_DRIVEN */

static int console_init(void)
{
	return device_is_ready(uart) ? start() : -ENODEV;
}

SYS_INIT(console_init, APPLICATION, 2);

ssize_t port_console_write(const void *buf, size_t size)
{
	const uint8_t *data = buf;

	/* The report of a crash must not wait for a thread that will never go on. */
	bool locked = !port_dying && k_mutex_lock(&tx_lock, K_FOREVER) == 0;

	for (size_t i = 0; i < size; i++) {
		uart_poll_out(uart, data[i]);
	}
	if (locked) {
		k_mutex_unlock(&tx_lock);
	}
	return size;
}

size_t port_console_available(void)
{
	return ring_buf_size_get(&rx);
}

ssize_t port_console_read(void *buf, size_t size, k_timeout_t timeout)
{
	k_timepoint_t end = sys_timepoint_calc(timeout);
	struct port_waiter waiter = {0};
	ssize_t ret;

	while (true) {
		k_spinlock_key_t key;
		int woken;

		port_waiter_add(&port_console_waiters, &waiter);
		key = k_spin_lock(&rx_lock);
		ret = ring_buf_get(&rx, buf, size);
		if (ret > 0) {
			make_room();
		}
		k_spin_unlock(&rx_lock, key);
		if (ret > 0) {
			break;
		}
		woken = port_wait(end);
		if (woken != 0) {
			ret = woken == ETIMEDOUT ? 0 : -woken;
			break;
		}
	}
	port_waiter_remove(&waiter);
	return ret;
}

int port_console_set_interrupt(int code)
{
	k_spinlock_key_t key = k_spin_lock(&rx_lock);
	int last = interrupt_code;

	interrupt_code = code;
	if (code >= 0) {
		make_room();
	}
	k_spin_unlock(&rx_lock, key);
	return last;
}
