/*
 * Copyright (c) 2026 The ZPy authors
 * SPDX-License-Identifier: Apache-2.0
 */

/**
 * @file
 * @brief mimalloc includes it on every Unix that it does not know. There are no system calls.
 */
