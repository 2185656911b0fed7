// SPDX-License-Identifier: Apache-2.0
/* The driver on a bus with a few registers behind it, enough to be found. */
#include <eie/driver/eie.h>
#include <eie/driver/eie_regs.h>
#include <stdio.h>

static int write_word(void *context, uint64_t address, uint64_t data, unsigned bytes) {
  uint64_t *resets = context;
  if (bytes == 8 && address == 0x80000000u + EIE_CTRL && data == EIE_CTRL_SOFT_RESET) ++*resets;
  return 0;
}

static int read_word(void *context, uint64_t address, uint64_t *data, unsigned bytes) {
  (void)context;
  if (bytes != 8 || address < 0x80000000u) return -1;
  switch (address - 0x80000000u) {
    case EIE_ID:
      *data = 0x31454945u;
      return 0;
    case EIE_VERSION:
      *data = 0x10000;
      return 0;
    case EIE_CAP0: /* 4 PEs, queues of 7, no look-ahead, 64 registers */
      *data = 4 | 7ull << 16 | 64ull << 48;
      return 0;
    case EIE_CAP1: /* 16-bit data and sums, 4 + 4 bits an entry, 16-bit pointers, 64-bit rows */
      *data = 16 | 16ull << 8 | 4ull << 16 | 4ull << 24 | 16ull << 32 | 64ull << 40;
      return 0;
    case EIE_CAP2:
      *data = 16384 | 16384ull << 32;
      return 0;
    case EIE_CAP3: /* 256 words, fan-in 4, windows of 256 KiB */
      *data = 256 | 4ull << 32 | 18ull << 48;
      return 0;
    default:
      return -1;
  }
}

static int wait_line(void *context, unsigned line) {
  (void)context;
  (void)line;
  return -1;
}

int main(void) {
  uint64_t resets = 0;
  struct eie_bus bus;
  struct eie_device device;
  int error;
  bus.context = &resets;
  bus.write = write_word;
  bus.read = read_word;
  bus.wait = wait_line;
  if (eie_probe(&device, &bus, 0, 0) != EIE_ERROR_BUS) return 1; /* nothing there */
  error = eie_probe(&device, &bus, 0x80000000u, 0);
  printf("error %d, %u PEs, %lu reset\n", error, device.n_pe, (unsigned long)resets);
  return error == 0 && device.n_pe == 4 && resets == 1 && device.stride == 256 * 1024 ? 0 : 1;
}
