/* SPDX-License-Identifier: Apache-2.0 */
#include "firmware.h"

#include "core_local.h"
#ifdef FIRMWARE_PICOLIBC
#include <stdio.h>
#endif

static volatile uint64_t *local(unsigned offset) { return (volatile uint64_t *)(uintptr_t)(CORE_LOCAL_BASE + offset); }

static volatile uint64_t lines_seen; /* interrupt lines that the trap has seen high */
static volatile int refused;         /* an access of a device was refused */

enum { CAUSE_LOAD_FAULT = 5, CAUSE_STORE_FAULT = 7 };

void firmware_exit(int status) {
  *local(CORE_LOCAL_EXIT) = (uint64_t)(int64_t)status;
  for (;;) {
  }
}

/* Lines are levels, and it is the driver that quiets its device: a line that was seen is masked until the next wait. */
void firmware_trap(uint64_t cause, uint64_t value) {
  (void)value;
  if (cause >> 63) {
    const uint64_t lines = *local(CORE_LOCAL_PENDING) & *local(CORE_LOCAL_ENABLE);
    *local(CORE_LOCAL_ENABLE) &= ~lines;
    lines_seen |= lines;
  } else if (cause == CAUSE_LOAD_FAULT || cause == CAUSE_STORE_FAULT) {
    refused = 1;
  } else {
    firmware_exit(FIRMWARE_TRAP);
  }
}

static int bus_write(void *context, uint64_t address, uint64_t data, unsigned bytes) {
  (void)context;
  refused = 0;
  if (bytes == 8) {
    device_store64(address, data);
  } else {
    device_store32(address, (uint32_t)data);
  }
  return refused ? -1 : 0;
}

static int bus_read(void *context, uint64_t address, uint64_t *data, unsigned bytes) {
  (void)context;
  refused = 0;
  *data = bytes == 8 ? device_load64(address) : device_load32(address);
  return refused ? -1 : 0;
}

static void interrupts(int on) {
  if (on) {
    __asm__ volatile("csrsi mstatus, 8" ::: "memory");
  } else {
    __asm__ volatile("csrci mstatus, 8" ::: "memory");
  }
}

/* The line may rise between a look and wfi: interrupts are off there, and wfi wakes up all the same. */
static int wait_line(void *context, unsigned line) {
  const uint64_t bit = UINT64_C(1) << line;
  (void)context;
  interrupts(0);
  lines_seen &= ~bit;
  *local(CORE_LOCAL_ENABLE) |= bit;
  while (!(lines_seen & bit)) {
    __asm__ volatile("wfi" ::: "memory");
    interrupts(1);
    interrupts(0);
  }
  interrupts(1);
  return 0;
}

uint64_t firmware_cycles(void *context) {
  (void)context;
  return *local(CORE_LOCAL_CYCLES);
}

const struct eie_bus firmware_bus = {0, bus_write, bus_read, wait_line};

#ifdef FIRMWARE_PICOLIBC
/* picolibc's console: one character at a time. */
static int put_character(char c, FILE *file) {
  (void)file;
  *local(CORE_LOCAL_CONSOLE) = (unsigned char)c;
  return (unsigned char)c;
}
static FILE console = FDEV_SETUP_STREAM(put_character, NULL, NULL, _FDEV_SETUP_WRITE);
FILE *const stdout = &console;
#endif

void firmware_start(void) {
  __asm__ volatile("csrs mie, %0" ::"r"(UINT64_C(1) << 11)); /* machine external interrupts, once they are on */
  firmware_exit(main());
}
