/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief What the files of the port layer offer to each other and to the application.
 *
 * The port layer is POSIX as CPython uses it, on Zephyr's kernel API. Its public face is the
 * standard headers in include/; this one is the inside.
 */

#ifndef ZPY_PORT_PORT_H_
#define ZPY_PORT_PORT_H_

#include <zephyr/kernel.h>
#include <zephyr/sys/dlist.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <time.h>

/* thread.c: one record for each Zephyr thread that has run Python or waited here */

/** How the next thread that a thread creates is to be. */
struct port_thread_attr {
	bool set;
	int priority;
	int cpu;           /* the only one it may run on; -1 for any */
	size_t stack_size; /* 0: what pthread_create() is given */
};

/** What a thread lends that lends nothing: below every priority of Zephyr's. */
#define PORT_PRIORITY_NONE INT_MAX

struct port_lock_waiter;

struct port_thread {
	struct k_thread *kernel; /* the Zephyr thread */
	struct k_sem wake;       /* what interruptible waits sleep on */
	atomic_t interrupted;    /* a signal has come: the next wait returns EINTR */
	const void *waited_for;  /* the condition that it last waited for, if in vain */
	atomic_val_t ticket;     /* its place among those who wait for that */
	sigset_t blocked;        /* pthread_sigmask() */
	sigset_t pending;        /* signals for this thread that came while blocked */
	void *(*start)(void *);
	void *arg;
	void *result;
	void *stack;        /* NULL: not made by pthread_create() */
	sys_snode_t node;   /* in the list of all */
	sys_snode_t zombie; /* in the list of those to be freed */
	bool detached;
	bool finished;
	bool guarded;                 /* an exception from outside waits: see async_exc.c */
	struct port_cleanup *cleanup; /* pthread_cleanup_push() */
	int priority;                 /* its own; what it runs at may be more urgent */
	int lent;                     /* by those who wait for the interpreter lock that it has */
	sys_dlist_t held;             /* mutexes of its that others wait for */
	sys_dlist_t owned;            /* mutexes of its that are passed on when it ends */
	sys_dlist_t asked;            /* its waits for a mutex that it does not sleep for */
	struct port_lock_waiter *waits_for; /* its place in the queue of a mutex */
	bool reschedule;                    /* the next pthread_mutex_unlock() is to do so */
	struct port_thread_attr next;       /* of the thread that it creates next */
	struct port_directory *directory;   /* where it works; NULL: the first one */
	void *specific[16];                 /* pthread_setspecific() */
	void *reserve; /* memory for its beginning, given back when it begins */
	void *pages;   /* without the interpreter lock: for its first objects, as yet unused */
	struct k_thread own; /* the storage behind kernel */
};

/** The calling thread's record. */
struct port_thread *port_thread_self(void);

/** Makes the thread's present or next interruptible wait return EINTR. From any context. */
void port_thread_interrupt(struct port_thread *thread);

/** Frees the record of a thread that was not made by pthread_create(), as the thread ends. */
void port_thread_leave(void);

/** The thread that runs main(), where CPython handles signals. */
extern struct port_thread port_main_thread;

/** Calls fn for each thread that Python knows, in the order of creation; stops at non-zero. */
int port_thread_foreach(int (*fn)(struct port_thread *thread, void *arg), void *arg);

/**
 * Waits on the calling thread's own semaphore.
 *
 * @return 0 when woken (look again at what you wait for), EINTR after a signal, ETIMEDOUT.
 */
int port_wait(k_timepoint_t end);

/** The same, but a signal does not end it. @return 0 or ETIMEDOUT. */
int port_sleep(k_timepoint_t end);

/** Makes the calling thread's next wait return at once, to look again. */
void port_wake_self(void);

/** Sets the priority that a thread has when it inherits none. */
void port_thread_set_priority(struct port_thread *thread, int priority);

/** Is a Zephyr priority one that a thread may have? */
bool port_priority_valid(int priority);

/**
 * Lets who has been woken run, if it is more urgent than the caller.
 *
 * k_sem_give() under a spinlock does not: whoever wakes others and lets go of a lock calls this.
 */
void port_reschedule(void);

/** native_sim: lets simulated time pass for what has been computed. */
void port_pace(void);

/** Something to be done at a time: all zero but for rang, until it is set. */
struct port_alarm {
	sys_dnode_t node;
	k_timepoint_t end;
	bool set;
	/** Called in the timer's interrupt, under the spinlock of all alarms. @return true to ring
	 * again, at the end that it has set.
	 */
	bool (*rang)(struct port_alarm *alarm);
};

/** Sets an alarm, or sets it anew. From any context but rang(). */
void port_alarm_set(struct port_alarm *alarm, k_timepoint_t end);

/** Cancels an alarm. When this returns rang() does not run any more, on no processor. */
void port_alarm_cancel(struct port_alarm *alarm);

/** Nanoseconds (any epoch) to the time-out that ends at the earliest tick not before them. */
k_timeout_t port_timeout_ns(int64_t ns);

/* directory.c: working directories, which threads share */

/** The directory of a thread; without a reference of its own. */
struct port_directory *port_directory_of(const struct port_thread *thread);

/** A copy of the calling thread's, with one reference; NULL: no memory. */
struct port_directory *port_directory_new(void);

struct port_directory *port_directory_ref(struct port_directory *directory);
void port_directory_put(struct port_directory *directory);

/** Copies its absolute path into VFS_PATH_MAX bytes. */
void port_directory_get(struct port_directory *directory, char *path);

/** Changes it for all that share it; the path is absolute and shorter than VFS_PATH_MAX. */
void port_directory_set(struct port_directory *directory, const char *path);

/** Does anybody work in a directory (absolute, not "/") or below it? */
bool port_directory_in_use(const char *top);

/* lock.c: a mutex whose owner inherits the priority of who waits for it */

struct port_lock;

/** Who waits for a mutex: a thread that sleeps, or (told is set) one that is told. */
struct port_lock_waiter {
	sys_dnode_t node;
	sys_dnode_t asked;          /* in the thread's list, where it is told */
	struct port_thread *thread; /* NULL: it has ended, and its wait with it */
	struct port_lock *lock;
	bool granted;
	void (*told)(struct port_lock_waiter *waiter); /* with a spinlock held */
};

struct port_lock {
	sys_dlist_t waiters; /* the most urgent first */
	struct port_thread *owner;
	unsigned int depth; /* how often the owner has locked it */
	bool robust;        /* who ends as its owner passes it on */
	sys_dnode_t owned;  /* then: in the owner's list */
	sys_dnode_t node;   /* in the owner's other list, while somebody waits */
};

void port_lock_init(struct port_lock *lock, bool robust);

/** Forgets a lock that nobody waits for. It may be locked. */
void port_lock_end(struct port_lock *lock);

/**
 * Locks, or locks once more. signals: one ends the wait.
 *
 * @return 0, ETIMEDOUT, EINTR.
 */
int port_lock_take(struct port_lock *lock, k_timepoint_t end, bool signals);

/**
 * Begins to wait without sleeping; told is called when the calling thread has become the owner.
 * Never locks once more.
 *
 * @return true when it has become the owner at once.
 */
bool port_lock_begin(struct port_lock *lock, struct port_lock_waiter *waiter,
		     void (*told)(struct port_lock_waiter *waiter));

bool port_lock_granted(const struct port_lock_waiter *waiter);

/** Ends a wait that was begun. @return false when it was granted before. */
bool port_lock_cancel(struct port_lock_waiter *waiter);

/** Is the calling thread the owner? How often has it locked? 0: it is not. */
unsigned int port_lock_depth(const struct port_lock *lock);

/** @return 0, or EPERM for who is not the owner. */
int port_lock_give(struct port_lock *lock);

/**
 * Passes on what a thread owns that ends, and ends its waits that it does not sleep for.
 *
 * @return the robust mutexes that it owned
 */
size_t port_lock_thread_ends(struct port_thread *thread);

/** Wakes the first that waits for a condition. The caller reschedules. @return was there one? */
bool port_cond_signal(pthread_cond_t *cond);

/**
 * Waits for a condition, for a time that runs only while nobody is before the caller.
 *
 * Hundreds may wait for the interpreter lock: were each to wake every few milliseconds, to ask for
 * it, nobody would come to do anything else.
 *
 * @return 0 or ETIMEDOUT
 */
int port_cond_wait_turn(pthread_cond_t *cond, pthread_mutex_t *mutex, k_timeout_t timeout);

/** Lends the thread a priority until it is taken back; see gil.c. */
void port_thread_lend(struct port_thread *thread, int priority);

/** Takes back what the calling thread was lent. */
void port_thread_unlend(void);

/* time.c */

/** The hardware counter, extended to 64 bits where it has fewer. */
uint64_t port_cycles(void);

/** Nanoseconds of the clock, or a negative errno. */
int64_t port_clock_ns(clockid_t clock);

/* signal.c */

/** Runs the handler of a signal as an interrupt would: from any context, also an ISR. */
void port_signal_raise(int sig);

/* fault.c */

/** Set once the machine reports a crash: nothing that happens then may start another report. */
extern bool port_dying;

/* reset.c: what the machine says to itself over a reset */

enum port_reset {
	PORT_RESET_POWER_ON = 0, /* or nothing is known */
	PORT_RESET_SOFTWARE,
	PORT_RESET_CRASH,
	PORT_RESET_WATCHDOG,
	PORT_RESET_DEEP_SLEEP,
};

#define PORT_RESET_TEXT 24

/** Leaves a reason for the machine that starts next. From any context. */
void port_reset_leave(enum port_reset reason, const char *text);

/** What was left: the reason, its text and how many resets in a row left one. */
enum port_reset port_reset_reason(const char **text, unsigned int *count);

/* console.c */

ssize_t port_console_write(const void *buf, size_t size);

/** Waits for input. @return bytes read, 0 after the time-out, or a negative errno (-EINTR). */
ssize_t port_console_read(void *buf, size_t size, k_timeout_t timeout);

/** Woken by input. */
extern struct port_waiters port_console_waiters;

/** Called when bytes have come, from the UART's interrupt if it has one. NULL: nobody asks. */
extern void (*port_console_on_input)(void *arg, uint32_t bytes);
extern void *port_console_on_input_arg;

/** Bytes that port_console_read() would give at once. */
size_t port_console_available(void);

/** The byte that raises SIGINT instead of being delivered; -1 for none. @return the last one. */
int port_console_set_interrupt(int code);

/* poll.c */

/** Who wants to know when something changes. */
struct port_waiters {
	sys_dlist_t list;
};

/** One of them; all zero until it is added. */
struct port_waiter {
	sys_dnode_t node;
	struct port_thread *thread;
};

void port_waiters_init(struct port_waiters *waiters);

/** Enters the calling thread, once: from now on it wakes from port_wait() when there is news. */
void port_waiter_add(struct port_waiters *waiters, struct port_waiter *waiter);

void port_waiter_remove(struct port_waiter *waiter);

/** Wakes all that wait. From any context. */
void port_waiters_wake(struct port_waiters *waiters);

/* fd.c: open files, which duplicated descriptors share */

struct open_file;

struct open_ops {
	ssize_t (*read)(struct open_file *of, void *buf, size_t size);
	ssize_t (*write)(struct open_file *of, const void *buf, size_t size);
	void (*close)(struct open_file *of);
	int (*stat)(struct open_file *of, struct stat *st);
	/** Adds up to two waiters for the events, then tells what is ready as poll() does, at least
	 * of the events. NULL: always ready.
	 */
	int (*poll)(struct open_file *of, int events, struct port_waiter waiters[2]);
};

struct open_file {
	const struct open_ops *ops;
	atomic_t refs;
	int flags;           /* O_ACCMODE, O_APPEND, O_NONBLOCK */
	struct k_mutex lock; /* guards pos, and reads and writes that depend on it */
	int64_t pos;
	void *data; /* what the ops work on: a vfs_file, a pipe */
	char *path; /* absolute; NULL for what has no name */
};

/** A new open file with one reference, or NULL with errno set. */
struct open_file *port_file_new(const struct open_ops *ops, int flags, void *data);

/** Gives an open file the lowest free descriptor, which takes over the reference. */
int port_fd_install(struct open_file *of);

/** Gives two open files a descriptor each, or both back. @return 0, or -1 with errno set. */
int port_fd_install_pair(struct open_file *first, struct open_file *second, int fds[2]);

/** The open file of a descriptor with a reference of its own, or NULL with errno EBADF. */
struct open_file *port_fd_get(int fd);

void port_file_put(struct open_file *of);

/** Sets errno from a negative one and returns -1, or returns a result that is not negative. */
static inline ssize_t port_result(ssize_t ret)
{
	if (ret < 0) {
		errno = (int)-ret;
		return -1;
	}
	return ret;
}

/* socket.c */

/** ioctl() of an open file that may be a socket. @return 0 or a negative errno (-ENOTTY). */
int port_socket_ioctl(struct open_file *of, unsigned long request, int *value);

/* pipe.c: a ring of bytes with two ends */

struct port_pipe;

struct port_pipe *port_pipe_new(void);

/** Reads at least one byte. @return 0 at the end, -EAGAIN, -EINTR. peek: leaves it there. */
ssize_t port_pipe_read(struct port_pipe *pipe, void *buf, size_t size, bool wait, bool peek);

/** Writes all if it may wait, what fits if not. @return -EAGAIN, -EINTR or -EPIPE for nothing. */
ssize_t port_pipe_write(struct port_pipe *pipe, const void *buf, size_t size, bool wait);

/** What poll() says of one end. */
int port_pipe_poll(struct port_pipe *pipe, bool writing, struct port_waiter *waiter);

/** Tells the other end that this one will not read or write any more. */
void port_pipe_shutdown(struct port_pipe *pipe, bool writing);

/** Gives up one end; the pipe goes with the second. */
void port_pipe_close(struct port_pipe *pipe, bool writing);

/* eventfd.c: a counter that an interrupt may raise, with a descriptor to wait for it */

/** A new event counter with one reference, or NULL with errno set. */
struct open_file *port_event_new(int flags);

/** Adds to the counter, which wakes who waits for the descriptor. From any context. */
void port_event_add(struct open_file *of, uint64_t value);

/* file.c: descriptors of files and directories */

extern const struct open_ops port_file_ops;

struct vfs_fs;
struct vfs_stat;

void port_stat_from_vfs(struct stat *st, const struct vfs_stat *from, const struct vfs_fs *fs);

/* heap.c */

struct port_heap {
	size_t total;
	size_t used;
	size_t peak;
};

void port_heap_info(struct port_heap *heap);

/** Where the heap begins. */
uintptr_t port_heap_start(void);

/** The size of the heap in bytes. */
size_t port_heap_size(void);

/** The bytes that a block of the heap has room for. */
size_t port_heap_usable_size(void *block);

/** The bytes of freed blocks that heap_quick.c keeps; the heap takes them to be in use. */
size_t port_heap_held(void);

/* path.c */

/** Mounts the root file system and what the image ships. Once, before the interpreter. */
int port_fs_init(void);

/** The absolute, normalised form of a path, to be freed; NULL with errno set. */
char *port_path_absolute(const char *path);

/* mount.c: file systems made, mounted and taken away at run time */

#define PORT_MOUNT_READ_ONLY 1

/** Mounts a file system; docs/files.md lists the types and what a source is. 0 or -errno. */
int port_mount(const char *type, const char *source, const char *target, unsigned int flags);

struct vfs_fs;

/** A type of file system that is not the port layer's own. */
struct port_fs_type {
	const char *name;
	/** Fills in fs; source lives as long as the mount. 0 or -errno. */
	int (*make)(struct vfs_fs *fs, const char *source);
	struct port_fs_type *next;
};

/** Makes a type known to port_mount(); a second time it does nothing. */
void port_mount_register(struct port_fs_type *type);

/** Takes it away again, and what it took of memory. 0 or -errno. */
int port_umount(const char *target);

struct port_mount_info {
	const char *target;
	const char *type;
	const char *source;
	bool read_only;
};

/** Calls fn for each mount in the order of mounting; stops at non-zero. */
int port_mounts(int (*fn)(const struct port_mount_info *info, void *arg), void *arg);

/** Makes an empty file system of a type on a storage; what is there is lost. 0 or -errno. */
int port_format(const char *type, const char *source);

struct port_storage {
	const char *name;
	const char *kind; /* "disk" or "flash" */
	uint64_t size;    /* bytes */
};

/** Calls fn for each storage that a file system can be on; stops at non-zero. */
int port_storages(int (*fn)(const struct port_storage *storage, void *arg), void *arg);

/** Is the first part of a storage without any data? 1, 0 or -errno. */
int port_storage_is_blank(const char *name);

#endif /* ZPY_PORT_PORT_H_ */
