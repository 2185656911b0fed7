/* SPDX-License-Identifier: Apache-2.0
 * The firmware of the platform: the program of its CPU (../network.h), which is the one that runs natively elsewhere. */
#include <stdint.h>
#ifdef FIRMWARE_PICOLIBC
#include <stdio.h>
#endif

#include "firmware.h"
#include "network.h"
#include "platform_address.h"

/* What the host reads when the program has ended. */
struct network_result firmware_result;

int main(void) {
  static const struct network_platform platform = {.bus = &firmware_bus,
                                                   .cycles = firmware_cycles,
                                                   .eie_base = PLATFORM_EIE,
                                                   .eie_irq = PLATFORM_EIE_IRQ,
                                                   .dma_base = PLATFORM_DMA,
                                                   .dma_irq = PLATFORM_DMA_IRQ,
                                                   .blob = PLATFORM_BLOB,
                                                   .descriptors = PLATFORM_DESCRIPTORS,
                                                   .descriptor_space = PLATFORM_BLOB - PLATFORM_DESCRIPTORS};
  const int error = network_run(&platform, &firmware_result);
#ifdef FIRMWARE_PICOLIBC
  printf("firmware: %u layers, %u samples, status %d\n", firmware_result.layers, firmware_result.samples, error);
#endif
  return error;
}
