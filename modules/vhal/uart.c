/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief UARTs as file descriptors: os.read(), os.write() and poll() work on them, and asyncio.
 *
 * Between the interrupt and the descriptor are two rings. A UART without interrupts is asked
 * every millisecond while it is open.
 */

#include "vhal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include <zephyr/drivers/uart.h>
#include <zephyr/sys/ring_buffer.h>

#include "port.h"

#define OUT_SIZE 256

struct uart {
	sys_snode_t node;
	const struct device *device;
	struct k_spinlock lock;
	struct ring_buf in;
	struct ring_buf out;
	struct port_waiters waiters; /* who sleeps until something changes */
	struct k_timer poller;
	bool polled;
	struct open_file *file; /* that is open; NULL: none, whoever still has the last one */
	int fd;                 /* that Python got */
	uint32_t lost;          /* bytes that found the ring full */
	uint8_t in_bytes[CONFIG_ZPY_VHAL_UART_BUFFER];
	uint8_t out_bytes[OUT_SIZE];
};

static sys_slist_t uarts = SYS_SLIST_STATIC_INIT(&uarts);

static void received(struct uart *uart, const uint8_t *bytes, uint32_t size)
{
	k_spinlock_key_t key = k_spin_lock(&uart->lock);

	uart->lost += size - ring_buf_put(&uart->in, bytes, size);
	k_spin_unlock(&uart->lock, key);
}

#ifdef CONFIG_UART_INTERRUPT_DRIVEN
static void on_interrupt(const struct device *device, void *data)
{
	struct uart *uart = data;
	bool changed = false;

	while (uart_irq_update(device) > 0 && uart_irq_is_pending(device) > 0) {
		uint8_t chunk[16];
		int got = 0;

		if (uart_irq_rx_ready(device) > 0) {
			got = uart_fifo_read(device, chunk, sizeof(chunk));
			if (got > 0) {
				received(uart, chunk, (uint32_t)got);
				changed = true;
			}
		}
		if (uart_irq_tx_ready(device) > 0) {
			k_spinlock_key_t key = k_spin_lock(&uart->lock);
			uint32_t size = ring_buf_peek(&uart->out, chunk, sizeof(chunk));

			k_spin_unlock(&uart->lock, key);
			if (size == 0) {
				uart_irq_tx_disable(device);
			} else {
				int sent = uart_fifo_fill(device, chunk, (int)size);

				key = k_spin_lock(&uart->lock);
				(void)ring_buf_get(&uart->out, NULL, (uint32_t)MAX(sent, 0));
				k_spin_unlock(&uart->lock, key);
				changed = true;
			}
		} else if (got <= 0) {
			break;
		}
	}
	if (changed) {
		port_waiters_wake(&uart->waiters);
	}
}
#endif

static void ask(struct k_timer *timer)
{
	struct uart *uart = CONTAINER_OF(timer, struct uart, poller);
	uint8_t byte;
	bool changed = false;

	for (int i = 0; i < OUT_SIZE && uart_poll_in(uart->device, &byte) == 0; i++) {
		received(uart, &byte, 1);
		changed = true;
	}
	if (changed) {
		port_waiters_wake(&uart->waiters);
	}
}

static void start(struct uart *uart)
{
	uint8_t stale;

	/* What has come while nobody listened. Where there is no UART, something comes for ever. */
	for (int i = 0; i < CONFIG_ZPY_VHAL_UART_BUFFER; i++) {
		if (uart_poll_in(uart->device, &stale) != 0) {
			break;
		}
	}
	uart->polled = true;
#ifdef CONFIG_UART_INTERRUPT_DRIVEN
	if (uart_irq_callback_user_data_set(uart->device, on_interrupt, uart) == 0) {
		uart->polled = false;
		uart_irq_rx_enable(uart->device);
		return;
	}
#endif
	k_timer_start(&uart->poller, K_MSEC(1), K_MSEC(1));
}

static void stop(struct uart *uart)
{
	if (uart->polled) {
		k_timer_stop(&uart->poller);
		return;
	}
#ifdef CONFIG_UART_INTERRUPT_DRIVEN
	uart_irq_rx_disable(uart->device);
	uart_irq_tx_disable(uart->device);
#endif
}

/* --- as a file --------------------------------------------------------------------------- */

static int wait_for_change(struct open_file *of, bool (*ready)(struct uart *uart))
{
	struct uart *uart = of->data;
	struct port_waiter waiter = {0};
	int ret = 0;

	port_waiter_add(&uart->waiters, &waiter);
	if (uart->file == of && !ready(uart)) {
		ret = port_wait(sys_timepoint_calc(K_FOREVER));
	}
	port_waiter_remove(&waiter);
	return ret == EINTR ? -EINTR : 0;
}

static bool has_input(struct uart *uart)
{
	return !ring_buf_is_empty(&uart->in);
}

static bool has_room(struct uart *uart)
{
	return ring_buf_space_get(&uart->out) > 0;
}

static ssize_t uart_read(struct open_file *of, void *buf, size_t size)
{
	struct uart *uart = of->data;
	ssize_t ret = 0;

	while (size > 0 && ret == 0) {
		k_spinlock_key_t key = k_spin_lock(&uart->lock);
		bool open = uart->file == of;

		if (open) {
			ret = ring_buf_get(&uart->in, buf, (uint32_t)MIN(size, UINT32_MAX));
		}
		k_spin_unlock(&uart->lock, key);
		if (!open) {
			break;
		}
		if (ret == 0) {
			ret = (of->flags & O_NONBLOCK) != 0 ? -EAGAIN
							    : wait_for_change(of, has_input);
		}
	}
	return ret;
}

static ssize_t uart_write(struct open_file *of, const void *buf, size_t size)
{
	struct uart *uart = of->data;
	const uint8_t *data = buf;
	size_t done = 0;
	int ret = 0;

	if (uart->polled && uart->file == of) {
		for (; done < size; done++) {
			uart_poll_out(uart->device, data[done]);
		}
		return (ssize_t)done;
	}
	while (done < size && ret == 0) {
		k_spinlock_key_t key = k_spin_lock(&uart->lock);
		bool open = uart->file == of;
		uint32_t put = 0;

		if (open) {
			put = ring_buf_put(&uart->out, data + done,
					   (uint32_t)MIN(size - done, OUT_SIZE));
		}
		k_spin_unlock(&uart->lock, key);
		if (!open) {
			ret = -EPIPE;
			break;
		}
		done += put;
#ifdef CONFIG_UART_INTERRUPT_DRIVEN
		if (put > 0) {
			uart_irq_tx_enable(uart->device);
		}
#endif
		if (done < size && put == 0) {
			ret = (of->flags & O_NONBLOCK) != 0 ? -EAGAIN
							    : wait_for_change(of, has_room);
		}
	}
	return done > 0 ? (ssize_t)done : ret;
}

static int uart_file_poll(struct open_file *of, int events, struct port_waiter waiters[2])
{
	struct uart *uart = of->data;

	(void)events;
	port_waiter_add(&uart->waiters, &waiters[0]);
	if (uart->file != of) {
		return POLLIN | POLLOUT | POLLHUP;
	}
	return (has_input(uart) ? POLLIN : 0) | (has_room(uart) || uart->polled ? POLLOUT : 0);
}

/** Closes the UART, whoever still has the descriptor; they wake. */
static void uart_close(struct open_file *of)
{
	struct uart *uart = of->data;
	k_spinlock_key_t key;

	if (uart->file != of) {
		return;
	}
	stop(uart);
	key = k_spin_lock(&uart->lock);
	uart->file = NULL;
	k_spin_unlock(&uart->lock, key);
	port_waiters_wake(&uart->waiters);
}

static int uart_stat(struct open_file *of, struct stat *st)
{
	*st = (struct stat){
		.st_mode = S_IFCHR | 0600,
		.st_ino = (uintptr_t)of->data,
		.st_nlink = 1,
		.st_blksize = OUT_SIZE,
	};
	return 0;
}

static const struct open_ops ops = {
	.read = uart_read,
	.write = uart_write,
	.poll = uart_file_poll,
	.close = uart_close,
	.stat = uart_stat,
};

/* --- for Python -------------------------------------------------------------------------- */

static struct uart *find(const struct device *device)
{
	struct uart *uart;

	SYS_SLIST_FOR_EACH_CONTAINER(&uarts, uart, node) {
		if (uart->device == device) {
			return uart;
		}
	}
	return NULL;
}

PyDoc_STRVAR(uart_open_doc,
	     "uart_open(device, /)\n"
	     "--\n"
	     "\n"
	     "Return a file descriptor for a UART: bytes in and out, to be polled and closed.\n"
	     "\n"
	     "Raises OSError(EBUSY) when it is open or is the console.");

static PyObject *uart_open_locked(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	struct open_file *file;
	struct uart *uart;
	int fd;

	(void)module;
	if (!vhal_count("uart_open", count, 1, 1) ||
	    (device = vhal_device_arg(args[0], VHAL_UART)) == NULL) {
		return NULL;
	}
#if DT_HAS_CHOSEN(zephyr_console)
	if (device->device == DEVICE_DT_GET(DT_CHOSEN(zephyr_console))) {
		return vhal_error_text(-EBUSY, "%s: the console", device->node->path);
	}
#endif
	uart = find(device->device);
	if (uart == NULL) {
		/* For the run of the machine: an interrupt may still be under way. */
		uart = PyMem_RawCalloc(1, sizeof(*uart));
		if (uart == NULL) {
			return PyErr_NoMemory();
		}
		uart->device = device->device;
		port_waiters_init(&uart->waiters);
		k_timer_init(&uart->poller, ask, NULL);
		sys_slist_append(&uarts, &uart->node);
	}
	if (uart->file != NULL) {
		return vhal_error_text(-EBUSY, "%s: open already", device->node->path);
	}
	file = port_file_new(&ops, O_RDWR, uart);
	if (file == NULL) {
		return PyErr_SetFromErrno(PyExc_OSError);
	}
	ring_buf_init(&uart->in, sizeof(uart->in_bytes), uart->in_bytes);
	ring_buf_init(&uart->out, sizeof(uart->out_bytes), uart->out_bytes);
	uart->lost = 0;
	uart->file = file;
	start(uart);
	fd = port_fd_install(file);
	if (fd < 0) {
		return PyErr_SetFromErrno(PyExc_OSError);
	}
	uart->fd = fd;
	return PyLong_FromLong(fd);
}

VHAL_LOCKED(uart_open)

PyDoc_STRVAR(uart_hangup_doc,
	     "uart_hangup(fd, /)\n"
	     "--\n"
	     "\n"
	     "Close a UART whose descriptor may be in use: who reads there comes to the end of\n"
	     "the file, who writes gets BrokenPipeError. The descriptor is still to be closed.\n"
	     "\n"
	     "Raises OSError(EBADF) when it is no UART's.");

static PyObject *uart_hangup_locked(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct open_file *file;
	long long fd;

	(void)module;
	if (!vhal_count("uart_hangup", count, 1, 1) ||
	    !vhal_int(args[0], "fd", INT_MIN, INT_MAX, &fd)) {
		return NULL;
	}
	file = port_fd_get((int)fd);
	if (file == NULL || file->ops != &ops) {
		if (file != NULL) {
			port_file_put(file);
		}
		errno = EBADF;
		return PyErr_SetFromErrno(PyExc_OSError);
	}
	uart_close(file);
	port_file_put(file);
	Py_RETURN_NONE;
}

VHAL_LOCKED(uart_hangup)

PyDoc_STRVAR(uart_state_doc, "uart_state(device, /)\n"
			     "--\n"
			     "\n"
			     "Return (received, unsent, lost) in bytes, of a UART that is open.");

static PyObject *uart_state_locked(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	struct uart *uart;
	k_spinlock_key_t key;
	uint32_t in;
	uint32_t out;

	(void)module;
	if (!vhal_count("uart_state", count, 1, 1) ||
	    (device = vhal_device_arg(args[0], VHAL_UART)) == NULL) {
		return NULL;
	}
	uart = find(device->device);
	if (uart == NULL || uart->file == NULL) {
		return vhal_error_text(-EBUSY, "%s: not open", device->node->path);
	}
	key = k_spin_lock(&uart->lock);
	in = ring_buf_size_get(&uart->in);
	out = ring_buf_size_get(&uart->out);
	k_spin_unlock(&uart->lock, key);
	return Py_BuildValue("(III)", in, out, uart->lost);
}

VHAL_LOCKED(uart_state)

PyDoc_STRVAR(uart_configure_doc,
	     "uart_configure(device, baudrate, bits, parity, stop, flow, /)\n"
	     "--\n"
	     "\n"
	     "Set the line: bits 5..9, parity None, 0 (even) or 1 (odd), stop bits 1 or 2, flow\n"
	     "control by RTS and CTS or not. A driver without it raises UnsupportedError.");

static PyObject *uart_configure_(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
	struct vhal_device *device;
	struct uart_config config = {.parity = UART_CFG_PARITY_NONE};
	uint32_t bits;
	uint32_t parity;
	uint32_t stop_bits;
	int flow;
	int ret = -ENOSYS;

	(void)module;
	if (!vhal_count("uart_configure", count, 6, 6) ||
	    (device = vhal_device_arg(args[0], VHAL_UART)) == NULL ||
	    !vhal_u32(args[1], "baudrate", 1, 100000000, &config.baudrate) ||
	    !vhal_u32(args[2], "bits", 5, 9, &bits) ||
	    (args[3] != Py_None && !vhal_u32(args[3], "parity", 0, 1, &parity)) ||
	    !vhal_u32(args[4], "stop", 1, 2, &stop_bits) || (flow = PyObject_IsTrue(args[5])) < 0) {
		return NULL;
	}
	if (args[3] != Py_None) {
		config.parity = parity == 0 ? UART_CFG_PARITY_EVEN : UART_CFG_PARITY_ODD;
	}
	config.data_bits = (uint8_t)(UART_CFG_DATA_BITS_5 + bits - 5);
	config.stop_bits = stop_bits == 1 ? UART_CFG_STOP_BITS_1 : UART_CFG_STOP_BITS_2;
	config.flow_ctrl = flow ? UART_CFG_FLOW_CTRL_RTS_CTS : UART_CFG_FLOW_CTRL_NONE;
#ifdef CONFIG_UART_USE_RUNTIME_CONFIGURE
	Py_BEGIN_ALLOW_THREADS ret = uart_configure(device->device, &config);
	Py_END_ALLOW_THREADS
#endif
		return vhal_result(device, ret);
}

static PyMethodDef methods[] = {
	VHAL_METHOD(uart_open),
	VHAL_METHOD(uart_hangup),
	VHAL_METHOD(uart_state),
	{"uart_configure", _PyCFunction_CAST(uart_configure_), METH_FASTCALL, uart_configure_doc},
	{NULL, NULL, 0, NULL},
};

void vhal_uart_clear(void)
{
	struct uart *uart;

	SYS_SLIST_FOR_EACH_CONTAINER(&uarts, uart, node) {
		struct open_file *open = uart->file;
		struct open_file *file;

		if (open == NULL) {
			continue;
		}
		/* Free, even if a thread of what has ended still waits for it. */
		uart_close(open);
		/* The number may have gone to another file, if the UART's was duplicated. */
		file = port_fd_get(uart->fd);
		if (file != NULL) {
			port_file_put(file);
			if (file == open) {
				(void)close(uart->fd);
			}
		}
	}
}

int vhal_uart_exec(PyObject *module)
{
	return PyModule_AddFunctions(module, methods);
}
