/* SPDX-License-Identifier: Apache-2.0
 * A program that checks its core (riscv/riscv_core.h): the test riscv_core_test runs it. The status says which check failed. */
#include <stdint.h>

#include "core_local.h"
#include "eie_regs.h"
#include "firmware.h"
#include "platform_address.h"

enum { HOLE = 0x50000000 }; /* an address without a target */

/* Zero at the start, by start.S; and what has a value has it from the file. */
static uint64_t in_bss[37];
static uint64_t in_data = UINT64_C(0x0123456789ABCDEF);

/* Cycles of a loop of two instructions, `n` times. */
static __attribute__((noinline)) uint64_t loop_cycles(uint64_t n) {
  const uint64_t begin = firmware_cycles(0);
  __asm__ volatile("1: addi %0, %0, -1\n bnez %0, 1b" : "+r"(n));
  return firmware_cycles(0) - begin;
}

static int check_memory(void) {
  unsigned k;
  for (k = 0; k < sizeof(in_bss) / sizeof(in_bss[0]); ++k) {
    if (in_bss[k] != 0) return 10;
    in_bss[k] = k;
  }
  if (in_data != UINT64_C(0x0123456789ABCDEF)) return 11;
  if (((volatile uint8_t *)&in_data)[0] != 0xEF || ((volatile uint16_t *)&in_data)[3] != 0x0123) return 12;
  return 0;
}

/* A period an instruction; a quantum later, too. */
static int check_time(void) {
  const uint64_t few = loop_cycles(1000);
  const uint64_t many = loop_cycles(101000);
  if (many - few != 200000) return 20;
  if (few < 2000 || few > 2100) return 21;
  return 0;
}

static int check_accesses(void) {
  uint64_t whole = 0, low = 0, high = 0;
  if (firmware_bus.read(0, PLATFORM_EIE + EIE_ID, &whole, 8) != 0 || whole != EIE_ID_VALUE) return 30;
  if (firmware_bus.read(0, PLATFORM_EIE + EIE_ID, &low, 4) != 0 || firmware_bus.read(0, PLATFORM_EIE + EIE_ID + 4, &high, 4) != 0)
    return 31;
  if ((high << 32 | low) != whole) return 32;
  if (firmware_bus.read(0, HOLE, &whole, 8) != -1) return 33;
  if (firmware_bus.write(0, HOLE, 1, 8) != -1 || firmware_bus.write(0, HOLE + 4, 1, 4) != -1) return 34;
  if (firmware_bus.write(0, PLATFORM_EIE + EIE_ID, 1, 8) != -1) return 35; /* read only */
  if (firmware_bus.read(0, PLATFORM_EIE + EIE_ID, &whole, 8) != 0 || whole != EIE_ID_VALUE) return 36;
  return 0;
}

/* A launch of nothing ends with an interrupt; a second wait for the same level returns at once. */
static int check_interrupt(void) {
  struct eie_device device;
  uint64_t begin;
  if (eie_probe(&device, &firmware_bus, PLATFORM_EIE, PLATFORM_EIE_IRQ) != 0) return 40;
  if (*(volatile uint64_t *)(CORE_LOCAL_BASE + CORE_LOCAL_PENDING) != 0) return 41;
  if (firmware_bus.write(0, device.base + EIE_IN_LENGTH, 1, 8) != 0 ||
      firmware_bus.write(0, device.base + EIE_OUT_LENGTH, 1, 8) != 0) {
    return 42;
  }
  if (firmware_bus.write(0, device.base + EIE_CTRL, EIE_CTRL_START, 8) != 0) return 43;
  if (firmware_bus.wait(0, PLATFORM_EIE_IRQ) != 0) return 44;
  if (*(volatile uint64_t *)(CORE_LOCAL_BASE + CORE_LOCAL_PENDING) != UINT64_C(1) << PLATFORM_EIE_IRQ) return 45;
  begin = firmware_cycles(0);
  if (firmware_bus.wait(0, PLATFORM_EIE_IRQ) != 0) return 46;
  return firmware_cycles(0) - begin < 500 ? 0 : 47;
}

int main(void) {
  int failed = check_memory();
  if (!failed) failed = check_time();
  if (!failed) failed = check_accesses();
  if (!failed) failed = check_interrupt();
  return failed;
}
