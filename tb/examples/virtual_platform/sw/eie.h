// SPDX-License-Identifier: Apache-2.0
/* Host driver of EIE in plain C99 (docs/registers.md), and of the DMA engine beside it (docs/models/eie_dma.md).
 *
 * It reaches the bus and waits for interrupts through three functions that the platform provides; it allocates nothing and
 * keeps no global. All functions return 0, or one of enum eie_error. */
#ifndef EIE_DRIVER_H
#define EIE_DRIVER_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum eie_error {
  EIE_ERROR_BUS = -1,   /* an access was refused */
  EIE_ERROR_ID = -2,    /* no EIE (or no DMA engine) at this address */
  EIE_ERROR_WAIT = -3,  /* the interrupt did not come */
  EIE_ERROR_IMAGE = -4, /* STATUS.error: a bad image; the device dropped a write */
  EIE_ERROR_DMA = -5,   /* the DMA engine reports an error */
  EIE_ERROR_ARGUMENT = -6
};

/* What a platform provides. Each function returns 0 when it has succeeded. */
struct eie_bus {
  void *context;                                                                /* handed to the functions */
  int (*write)(void *context, uint64_t address, uint64_t data, unsigned bytes); /* bytes: 4 or 8 */
  int (*read)(void *context, uint64_t address, uint64_t *data, unsigned bytes);
  int (*wait)(void *context, unsigned line); /* until this interrupt line is high */
};

/* Filled by eie_probe from the CAP registers. */
struct eie_device {
  const struct eie_bus *bus;
  uint64_t base;
  unsigned irq;
  unsigned n_pe;
  unsigned queue_depth;
  unsigned look_ahead;
  unsigned registers;
  unsigned data_width;
  unsigned acc_width;
  unsigned code_width;
  unsigned run_width;
  unsigned pointer_width;
  unsigned spmat_width;
  uint32_t spmat_depth;
  uint32_t pointer_depth;
  uint32_t act_depth;
  unsigned lnzd_fan_in;
  unsigned ecc;
  /* Of a PE's window, in bytes; Spmat is at 0. */
  uint64_t ptr_offset;
  uint64_t act_offset;
  uint64_t counter_offset;
  uint64_t stride;
};

/* Finds the device at `base`, whose interrupt is line `irq`; resets it and enables the interrupt. */
int eie_probe(struct eie_device *device, const struct eie_bus *bus, uint64_t base, unsigned irq);

/* Bus address of a region of a PE: offset is device->act_offset and so on. */
uint64_t eie_window(const struct eie_device *device, unsigned pe, uint64_t offset);

/* `rows` rows of `bytes` bytes between memory and device: addresses on the bus, everything a multiple of 8. */
struct eie_copy {
  uint64_t memory;
  uint64_t device;
  uint32_t bytes;
  uint32_t rows;
  uint64_t memory_stride;
  uint64_t device_stride;
};

/* Copies word by word: into the device, and out of it. */
int eie_load(const struct eie_device *device, const struct eie_copy *copy);
int eie_store(const struct eie_device *device, const struct eie_copy *copy);

/* Values of codes 1 to n - 1; values[0] is 0 by definition. */
int eie_write_codebook(const struct eie_device *device, const int32_t *values, unsigned n);

/* The registers of the layer descriptor, as they are (docs/registers.md). */
struct eie_launch {
  uint32_t in_length;
  uint32_t out_length;
  uint32_t pointer_base;
  uint32_t in_address;
  uint32_t out_address;
  uint32_t bias_address;
  uint32_t layer_ctrl;
};

struct eie_counters {
  uint64_t cycles;
  uint64_t broadcasts;
  uint64_t queue_full_cycles;
  uint64_t act_transfer_cycles;
  uint64_t batches;
  unsigned saturated; /* an accumulator was clamped; cleared by eie_run */
};

/* Runs a launch and waits for its end. */
int eie_run(const struct eie_device *device, const struct eie_launch *launch, struct eie_counters *counters);

/* Counters of one PE in the last launch: counters[EIE_PE_ENTRIES] and so on, EIE_PE_COUNTERS of them. */
int eie_pe_counters(const struct eie_device *device, unsigned pe, uint64_t *counters);

/* Reads a vector of `length` activations; word: its first one in each activation SRAM. */
int eie_read_vector(const struct eie_device *device, uint32_t word, uint32_t length, int32_t *values);

/* --- DMA ------------------------------------------------------------------------------------------------ */

struct eie_dma {
  const struct eie_bus *bus;
  uint64_t base;
  unsigned irq;
  unsigned burst_beats;
};

/* Finds the engine and enables its interrupts. */
int eie_dma_probe(struct eie_dma *dma, const struct eie_bus *bus, uint64_t base, unsigned irq);

enum eie_direction { EIE_TO_DEVICE, EIE_FROM_DEVICE };

/* Writes the descriptor of a copy to bus address `at`, a multiple of EIE_DMA_DESC_BYTES. The next one follows behind it,
 * unless this is the last. */
int eie_dma_describe(const struct eie_dma *dma, uint64_t at, const struct eie_copy *copy, enum eie_direction direction, int last);

struct eie_dma_counters {
  uint64_t beats;
  uint64_t busy_cycles;
  uint64_t error_address; /* with EIE_ERROR_DMA */
};

/* Runs the chain at `head` and waits for its end. */
int eie_dma_run(const struct eie_dma *dma, uint64_t head, struct eie_dma_counters *counters);

#ifdef __cplusplus
}
#endif

#endif
