/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef ZPY_PORT_SYS_UTSNAME_H_
#define ZPY_PORT_SYS_UTSNAME_H_

struct utsname {
	char sysname[16];
	char nodename[64];
	char release[32];
	char version[64];
	char machine[16];
};

int uname(struct utsname *name);

#endif /* ZPY_PORT_SYS_UTSNAME_H_ */
