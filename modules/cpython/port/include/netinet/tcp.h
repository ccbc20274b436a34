/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

#ifndef ZPY_PORT_NETINET_TCP_H_
#define ZPY_PORT_NETINET_TCP_H_

#define TCP_NODELAY   1
#define TCP_KEEPIDLE  2
#define TCP_KEEPINTVL 3
#define TCP_KEEPCNT   4

#endif /* ZPY_PORT_NETINET_TCP_H_ */
