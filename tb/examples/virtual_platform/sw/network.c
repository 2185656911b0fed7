// SPDX-License-Identifier: Apache-2.0
#include "network.h"

#include "eie_regs.h"
#include "network_blob.h"

/* What the program keeps while it runs. */
struct network {
  const struct network_platform *platform;
  struct network_result *result;
  struct eie_dma dma;
  uint64_t header[BLOB_H_WORDS];
  uint64_t launch[BLOB_L_WORDS];
};

static int read_words(const struct network_platform *platform, uint64_t address, uint64_t *words, unsigned n) {
  unsigned k;
  for (k = 0; k < n; ++k) {
    if (platform->bus->read(platform->bus->context, address + 8 * k, &words[k], 8) != 0) return EIE_ERROR_BUS;
  }
  return 0;
}

static uint64_t now(const struct network *net) { return net->platform->cycles(net->platform->bus->context); }

static int read_launch(struct network *net, uint64_t number) {
  const uint64_t at = net->platform->blob + net->header[BLOB_H_LAUNCH_RECORDS] + 8 * BLOB_L_WORDS * number;
  const int error = read_words(net->platform, at, net->launch, BLOB_L_WORDS);
  return !error && net->launch[BLOB_L_LAYER] >= net->result->layers ? EIE_ERROR_ARGUMENT : error;
}

/* Copy number `k` of the present launch. */
static int read_copy(const struct network *net, uint64_t k, struct eie_copy *copy) {
  const uint64_t blob = net->platform->blob;
  uint64_t words[BLOB_C_WORDS];
  const int error = read_words(net->platform, blob + net->launch[BLOB_L_COPIES] + 8 * BLOB_C_WORDS * k, words, BLOB_C_WORDS);
  if (error) return error;
  copy->memory = blob + words[BLOB_C_OFFSET];
  copy->device = net->platform->eie_base + words[BLOB_C_DEVICE];
  copy->bytes = (uint32_t)words[BLOB_C_BYTES];
  copy->rows = (uint32_t)words[BLOB_C_ROWS];
  copy->memory_stride = words[BLOB_C_STRIDE];
  copy->device_stride = words[BLOB_C_DEVICE_STRIDE];
  return 0;
}

static int load_image_by_cpu(struct network *net, uint64_t number) {
  struct network_result *result = net->result;
  const uint64_t begin = now(net);
  uint64_t k, beats = 0;
  int error = read_launch(net, number);
  for (k = 0; !error && k < net->launch[BLOB_L_COPY_COUNT]; ++k) {
    struct eie_copy copy;
    error = read_copy(net, k, &copy);
    if (!error) error = eie_load(&result->device, &copy);
    if (!error) beats += (uint64_t)copy.bytes / 8 * copy.rows;
  }
  if (error) return error;
  result->times[NETWORK_CPU].image[net->launch[BLOB_L_LAYER]] += now(net) - begin;
  result->layer[net->launch[BLOB_L_LAYER]].image_beats += beats;
  return 0;
}

static int load_image_by_dma(struct network *net, uint64_t number) {
  const struct network_platform *platform = net->platform;
  struct network_times *times = &net->result->times[NETWORK_DMA];
  struct eie_dma_counters counters;
  const uint64_t begin = now(net);
  uint64_t described, k, count;
  int error = read_launch(net, number);
  if (error) return error;
  count = net->launch[BLOB_L_COPY_COUNT];
  if (count > platform->descriptor_space / EIE_DMA_DESC_BYTES) return EIE_ERROR_ARGUMENT;
  for (k = 0; !error && k < count; ++k) {
    struct eie_copy copy;
    error = read_copy(net, k, &copy);
    if (!error) {
      error = eie_dma_describe(&net->dma, platform->descriptors + k * EIE_DMA_DESC_BYTES, &copy, EIE_TO_DEVICE, k + 1 == count);
    }
  }
  described = now(net);
  if (!error && count != 0) error = eie_dma_run(&net->dma, platform->descriptors, &counters);
  if (error) return error;
  times->image_descriptors[net->launch[BLOB_L_LAYER]] += described - begin;
  times->image[net->launch[BLOB_L_LAYER]] += now(net) - described;
  return 0;
}

/* Moves the vector at `word` of every activation SRAM: `bytes` in a PE, PE after PE at `memory`. */
static int move_vector(struct network *net, enum network_mode mode, enum eie_direction direction, uint64_t memory, uint64_t word,
                       uint64_t bytes) {
  const struct network_platform *platform = net->platform;
  const struct eie_device *device = &net->result->device;
  struct eie_dma_counters counters;
  struct eie_copy copy;
  int error;
  copy.memory = memory;
  copy.device = eie_window(device, 0, device->act_offset + 8 * word);
  copy.bytes = (uint32_t)bytes;
  copy.rows = device->n_pe;
  copy.memory_stride = bytes;
  copy.device_stride = device->stride;
  if (mode == NETWORK_CPU) {
    return direction == EIE_TO_DEVICE ? eie_load(device, &copy) : eie_store(device, &copy);
  }
  error = eie_dma_describe(&net->dma, platform->descriptors, &copy, direction, 1);
  return error ? error : eie_dma_run(&net->dma, platform->descriptors, &counters);
}

static int write_codebook(struct network *net) {
  int32_t values[NETWORK_MAX_CODES];
  uint64_t k, word;
  if (net->launch[BLOB_L_CODES] > NETWORK_MAX_CODES) return EIE_ERROR_ARGUMENT;
  for (k = 0; k < net->launch[BLOB_L_CODES]; ++k) {
    const int error = read_words(net->platform, net->platform->blob + net->launch[BLOB_L_CODEBOOK] + 8 * k, &word, 1);
    if (error) return error;
    values[k] = (int32_t)(uint32_t)word;
  }
  return eie_write_codebook(&net->result->device, values, (unsigned)net->launch[BLOB_L_CODES]);
}

/* `layer`: whose codebook is in the device; the number of the layer that has run last. */
static int run_launch(struct network *net, enum network_mode mode, uint64_t number, uint64_t *layer) {
  struct network_result *result = net->result;
  const uint64_t begin = now(net);
  struct eie_counters counters;
  struct eie_launch launch;
  int error = read_launch(net, number);
  if (!error && net->launch[BLOB_L_LAYER] != *layer) error = write_codebook(net);
  if (error) return error;
  *layer = net->launch[BLOB_L_LAYER];
  launch.in_length = (uint32_t)net->launch[BLOB_L_IN_LENGTH];
  launch.out_length = (uint32_t)net->launch[BLOB_L_OUT_LENGTH];
  launch.pointer_base = (uint32_t)net->launch[BLOB_L_POINTER_BASE];
  launch.in_address = (uint32_t)net->launch[BLOB_L_IN_ADDRESS];
  launch.out_address = (uint32_t)net->launch[BLOB_L_OUT_ADDRESS];
  launch.bias_address = (uint32_t)net->launch[BLOB_L_BIAS_ADDRESS];
  launch.layer_ctrl = (uint32_t)net->launch[BLOB_L_LAYER_CTRL];
  error = eie_run(&result->device, &launch, &counters);
  if (error) return error;
  result->layer[*layer].cycles[mode] += counters.cycles;
  result->saturated += counters.saturated;
  result->layer[*layer].host_cycles[mode] += now(net) - begin;
  return 0;
}

static int run_sample(struct network *net, enum network_mode mode, uint64_t sample, uint64_t *layer) {
  const uint64_t *header = net->header;
  const uint64_t pes = net->result->device.n_pe;
  const uint64_t blob = net->platform->blob;
  const uint64_t place = mode * header[BLOB_H_SAMPLES] + sample;
  struct network_times *times = &net->result->times[mode];
  uint64_t begin = now(net), n;
  int error = move_vector(net, mode, EIE_TO_DEVICE, blob + header[BLOB_H_INPUTS] + sample * pes * header[BLOB_H_IN_BYTES],
                          header[BLOB_H_IN_WORD], header[BLOB_H_IN_BYTES]);
  times->inputs += now(net) - begin;
  for (n = 0; n < header[BLOB_H_LAUNCHES] && !error; ++n) error = run_launch(net, mode, n, layer);
  begin = now(net);
  if (!error) {
    error = move_vector(net, mode, EIE_FROM_DEVICE, blob + header[BLOB_H_OUTPUTS] + place * pes * header[BLOB_H_OUT_BYTES],
                        header[BLOB_H_OUT_WORD], header[BLOB_H_OUT_BYTES]);
  }
  times->outputs += now(net) - begin;
  return error;
}

int network_run(const struct network_platform *platform, struct network_result *result) {
  struct network net;
  unsigned mode;
  uint64_t n, layer;
  int error;
  net.platform = platform;
  net.result = result;
  error = read_words(platform, platform->blob, net.header, BLOB_H_WORDS);
  if (!error && (net.header[BLOB_H_MAGIC] != BLOB_MAGIC || net.header[BLOB_H_LAYERS] > NETWORK_MAX_LAYERS)) {
    error = EIE_ERROR_ARGUMENT;
  }
  if (error) return error;
  result->layers = (unsigned)net.header[BLOB_H_LAYERS];
  result->samples = (unsigned)net.header[BLOB_H_SAMPLES];
  error = eie_dma_probe(&net.dma, platform->bus, platform->dma_base, platform->dma_irq);
  for (mode = 0; mode < NETWORK_MODES && !error; ++mode) {
    const uint64_t begin = now(&net);
    error = eie_probe(&result->device, platform->bus, platform->eie_base, platform->eie_irq);
    for (n = 0; n < net.header[BLOB_H_LAUNCHES] && !error; ++n) {
      error = mode == NETWORK_CPU ? load_image_by_cpu(&net, n) : load_image_by_dma(&net, n);
    }
    layer = UINT64_MAX;
    for (n = 0; n < net.header[BLOB_H_SAMPLES] && !error; ++n) {
      error = run_sample(&net, (enum network_mode)mode, n, &layer);
    }
    result->times[mode].total = now(&net) - begin;
  }
  return error;
}
