/* SPDX-License-Identifier: Apache-2.0
 * What the driver (../eie.h) needs of a platform, on a RISC-V core without an operating system. */
#ifndef EIE_FIRMWARE_H
#define EIE_FIRMWARE_H

#include <stdint.h>

#include "eie.h"

/* Status of a program that ended in a trap which is neither an interrupt nor a refused access. */
enum { FIRMWARE_TRAP = 127 };

/* Loads and stores, and wfi; accesses that the bus refuses return -1. */
extern const struct eie_bus firmware_bus;

/* Clock cycles since the start of the simulation. */
uint64_t firmware_cycles(void *context);

void firmware_exit(int status) __attribute__((noreturn));

/* Called by start.S: main(), and the end with what it returns; and on a trap. */
void firmware_start(void) __attribute__((noreturn));
void firmware_trap(uint64_t cause, uint64_t value);
int main(void);

/* start.S */
uint32_t device_load32(uint64_t address);
uint64_t device_load64(uint64_t address);
void device_store32(uint64_t address, uint32_t data);
void device_store64(uint64_t address, uint64_t data);

#endif
