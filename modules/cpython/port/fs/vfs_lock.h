/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief The one lock that a file system needs: a mutex, on Zephyr and in the host's tests.
 */

#ifndef ZPY_PORT_FS_VFS_LOCK_H_
#define ZPY_PORT_FS_VFS_LOCK_H_

#ifdef __ZEPHYR__

#include <zephyr/kernel.h>

struct vfs_lock {
	struct k_mutex mutex;
};

/** Initialiser of a lock with static storage duration. */
#define VFS_LOCK_INIT(lock) {.mutex = Z_MUTEX_INITIALIZER((lock).mutex)}

static inline void vfs_lock_init(struct vfs_lock *lock)
{
	k_mutex_init(&lock->mutex);
}

static inline void vfs_lock(struct vfs_lock *lock)
{
	k_mutex_lock(&lock->mutex, K_FOREVER);
}

static inline void vfs_unlock(struct vfs_lock *lock)
{
	k_mutex_unlock(&lock->mutex);
}

#else

#include <pthread.h>

struct vfs_lock {
	pthread_mutex_t mutex;
};

#define VFS_LOCK_INIT(lock) {.mutex = PTHREAD_MUTEX_INITIALIZER}

static inline void vfs_lock_init(struct vfs_lock *lock)
{
	pthread_mutex_init(&lock->mutex, NULL);
}

static inline void vfs_lock(struct vfs_lock *lock)
{
	pthread_mutex_lock(&lock->mutex);
}

static inline void vfs_unlock(struct vfs_lock *lock)
{
	pthread_mutex_unlock(&lock->mutex);
}

#endif /* __ZEPHYR__ */

#endif /* ZPY_PORT_FS_VFS_LOCK_H_ */
