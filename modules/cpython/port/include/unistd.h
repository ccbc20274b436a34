/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/** @file @brief picolibc's <unistd.h> with what it leaves out for a machine without processes. */

#ifndef ZPY_PORT_UNISTD_H_
#define ZPY_PORT_UNISTD_H_

#include_next <unistd.h>
#include <sys/select.h> /* where CPython's select module expects it */
#include <sys/types.h>

#ifndef R_OK
#define F_OK 0
#define R_OK 4
#define W_OK 2
#define X_OK 1
#endif
#ifndef STDIN_FILENO
#define STDIN_FILENO  0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2
#endif

int dup3(int from, int to, int flags);
int pipe(int fds[2]);
int pipe2(int fds[2], int flags);
ssize_t pread(int fd, void *buf, size_t size, off_t pos);
ssize_t pwrite(int fd, const void *buf, size_t size, off_t pos);
int truncate(const char *path, off_t size);
int ftruncate(int fd, off_t size);
int fsync(int fd);
int fdatasync(int fd);
void sync(void);
int fchdir(int fd);
int getpagesize(void);

#endif /* ZPY_PORT_UNISTD_H_ */
