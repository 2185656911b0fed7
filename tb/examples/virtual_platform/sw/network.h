// SPDX-License-Identifier: Apache-2.0
/* The program of the platform's CPU: runs a network on EIE twice, with all data moved by the CPU and by the DMA engine. */
#ifndef EIE_NETWORK_H
#define EIE_NETWORK_H

#include "eie.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { NETWORK_MAX_LAYERS = 8, NETWORK_MAX_CODES = 256 };
enum network_mode { NETWORK_CPU, NETWORK_DMA, NETWORK_MODES };

struct network_platform {
  const struct eie_bus *bus;
  uint64_t (*cycles)(void *context); /* time in clock cycles of the device */
  uint64_t eie_base;
  unsigned eie_irq;
  uint64_t dma_base;
  unsigned dma_irq;
  uint64_t blob;             /* address */
  uint64_t descriptors;      /* address of space for DMA descriptors */
  uint64_t descriptor_space; /* bytes */
};

/* Cycles as the CPU sees them, with the accesses that program the engines. */
struct network_times {
  uint64_t image[NETWORK_MAX_LAYERS];             /* loading weights and biases, once */
  uint64_t image_descriptors[NETWORK_MAX_LAYERS]; /* writing the DMA descriptors for it, not in `image` */
  uint64_t inputs;                                /* over all samples */
  uint64_t outputs;
  uint64_t total;
};

struct network_layer {
  uint64_t cycles[NETWORK_MODES];      /* the device's own count, over all samples */
  uint64_t host_cycles[NETWORK_MODES]; /* from the first access to the last: codebook, descriptor, wait, counters */
  uint64_t image_beats;                /* 64-bit words of weights and biases */
};

struct network_result {
  struct eie_device device;
  unsigned layers;
  unsigned samples;
  unsigned saturated; /* launches */
  struct network_layer layer[NETWORK_MAX_LAYERS];
  struct network_times times[NETWORK_MODES];
};

/* Runs all samples in both modes. The outputs go into the blob's space for them, first those of NETWORK_CPU. */
int network_run(const struct network_platform *platform, struct network_result *result);

#ifdef __cplusplus
}
#endif

#endif
