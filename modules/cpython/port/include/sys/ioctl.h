/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef ZPY_PORT_SYS_IOCTL_H_
#define ZPY_PORT_SYS_IOCTL_H_

#define FIONREAD 0x541b /* bytes that can be read from a socket */

int ioctl(int fd, unsigned long request, ...);

#endif /* ZPY_PORT_SYS_IOCTL_H_ */
