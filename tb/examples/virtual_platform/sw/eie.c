// SPDX-License-Identifier: Apache-2.0
#include "eie.h"

#include "eie_regs.h"

static int put(const struct eie_bus *bus, uint64_t address, uint64_t data) {
  return bus->write(bus->context, address, data, 8) == 0 ? 0 : EIE_ERROR_BUS;
}

static int get(const struct eie_bus *bus, uint64_t address, uint64_t *data) {
  return bus->read(bus->context, address, data, 8) == 0 ? 0 : EIE_ERROR_BUS;
}

static uint64_t field(uint64_t value, uint64_t lsb, uint64_t mask) { return (value >> lsb) & mask; }

static uint64_t next_pow2(uint64_t n) {
  uint64_t p = 1;
  while (p < n) p <<= 1;
  return p;
}

static uint64_t align(uint64_t at, uint64_t size) { return (at + size - 1) / size * size; }

/* --- The device ----------------------------------------------------------------------------------------- */

/* As in hw/register_map.h, window_layout. The stride is also in CAP3, so that a mistake here does not go unnoticed. */
static int lay_out_window(struct eie_device *device, unsigned log2_stride) {
  const uint64_t spmat = next_pow2((uint64_t)device->spmat_depth * device->spmat_width / 8);
  const uint64_t ptr = next_pow2((uint64_t)device->pointer_depth * 4);
  const uint64_t act = next_pow2((uint64_t)device->act_depth * 8);
  device->ptr_offset = align(spmat, ptr);
  device->act_offset = align(device->ptr_offset + ptr, act);
  device->counter_offset = align(device->act_offset + act, EIE_COUNTER_BYTES);
  device->stride = next_pow2(device->counter_offset + EIE_COUNTER_BYTES);
  return log2_stride < 64 && device->stride == UINT64_C(1) << log2_stride ? 0 : EIE_ERROR_ID;
}

int eie_probe(struct eie_device *device, const struct eie_bus *bus, uint64_t base, unsigned irq) {
  uint64_t id = 0, version = 0, cap[4] = {0, 0, 0, 0};
  unsigned k;
  int error = get(bus, base + EIE_ID, &id);
  if (!error) error = get(bus, base + EIE_VERSION, &version);
  if (!error && (id != EIE_ID_VALUE || version >> EIE_VERSION_MAJOR_LSB != EIE_VERSION_VALUE >> EIE_VERSION_MAJOR_LSB))
    error = EIE_ERROR_ID;
  for (k = 0; k < 4 && !error; ++k) error = get(bus, base + EIE_CAP0 + 8 * k, &cap[k]);
  if (error) return error;

  device->bus = bus;
  device->base = base;
  device->irq = irq;
  device->n_pe = (unsigned)field(cap[0], EIE_CAP_N_PE_LSB, EIE_CAP_N_PE_MASK);
  device->queue_depth = (unsigned)field(cap[0], EIE_CAP_QUEUE_DEPTH_LSB, EIE_CAP_QUEUE_DEPTH_MASK);
  device->look_ahead = (unsigned)field(cap[0], EIE_CAP_LOOK_AHEAD_LSB, EIE_CAP_LOOK_AHEAD_MASK);
  device->registers = (unsigned)field(cap[0], EIE_CAP_REGISTERS_LSB, EIE_CAP_REGISTERS_MASK);
  device->data_width = (unsigned)field(cap[1], EIE_CAP_DATA_WIDTH_LSB, EIE_CAP_DATA_WIDTH_MASK);
  device->acc_width = (unsigned)field(cap[1], EIE_CAP_ACC_WIDTH_LSB, EIE_CAP_ACC_WIDTH_MASK);
  device->code_width = (unsigned)field(cap[1], EIE_CAP_CODE_WIDTH_LSB, EIE_CAP_CODE_WIDTH_MASK);
  device->run_width = (unsigned)field(cap[1], EIE_CAP_RUN_WIDTH_LSB, EIE_CAP_RUN_WIDTH_MASK);
  device->pointer_width = (unsigned)field(cap[1], EIE_CAP_POINTER_WIDTH_LSB, EIE_CAP_POINTER_WIDTH_MASK);
  device->spmat_width = (unsigned)field(cap[1], EIE_CAP_SPMAT_WIDTH_LSB, EIE_CAP_SPMAT_WIDTH_MASK);
  device->spmat_depth = (uint32_t)field(cap[2], EIE_CAP_SPMAT_DEPTH_LSB, EIE_CAP_SPMAT_DEPTH_MASK);
  device->pointer_depth = (uint32_t)field(cap[2], EIE_CAP_POINTER_DEPTH_LSB, EIE_CAP_POINTER_DEPTH_MASK);
  device->act_depth = (uint32_t)field(cap[3], EIE_CAP_ACT_DEPTH_LSB, EIE_CAP_ACT_DEPTH_MASK);
  device->lnzd_fan_in = (unsigned)field(cap[3], EIE_CAP_LNZD_FAN_IN_LSB, EIE_CAP_LNZD_FAN_IN_MASK);
  device->ecc = (cap[3] & EIE_CAP_ECC) != 0;
  error = lay_out_window(device, (unsigned)field(cap[3], EIE_CAP_LOG2_STRIDE_LSB, EIE_CAP_LOG2_STRIDE_MASK));

  if (!error) error = put(bus, base + EIE_CTRL, EIE_CTRL_SOFT_RESET);
  if (!error) error = put(bus, base + EIE_IRQ_STATUS, EIE_IRQ_DONE);
  if (!error) error = put(bus, base + EIE_IRQ_ENABLE, EIE_IRQ_DONE);
  return error;
}

uint64_t eie_window(const struct eie_device *device, unsigned pe, uint64_t offset) {
  return device->base + EIE_WINDOW_BASE + pe * device->stride + offset;
}

static int copy_words(const struct eie_bus *bus, const struct eie_copy *copy, int into_device) {
  uint32_t row, at;
  int error = 0;
  for (row = 0; row < copy->rows && !error; ++row) {
    for (at = 0; at < copy->bytes && !error; at += 8) {
      const uint64_t memory = copy->memory + row * copy->memory_stride + at;
      const uint64_t device = copy->device + row * copy->device_stride + at;
      uint64_t word = 0;
      error = get(bus, into_device ? memory : device, &word);
      if (!error) error = put(bus, into_device ? device : memory, word);
    }
  }
  return error;
}

int eie_load(const struct eie_device *device, const struct eie_copy *copy) { return copy_words(device->bus, copy, 1); }

int eie_store(const struct eie_device *device, const struct eie_copy *copy) { return copy_words(device->bus, copy, 0); }

int eie_write_codebook(const struct eie_device *device, const int32_t *values, unsigned n) {
  unsigned code;
  int error = n > 1u << device->code_width ? EIE_ERROR_ARGUMENT : 0;
  for (code = 1; code < n && !error; ++code) {
    error = put(device->bus, device->base + EIE_CODEBOOK + 8 * code, (uint64_t)(int64_t)values[code]);
  }
  return error;
}

int eie_run(const struct eie_device *device, const struct eie_launch *launch, struct eie_counters *counters) {
  const struct eie_bus *bus = device->bus;
  const uint64_t base = device->base;
  uint64_t status = 0;
  int error = put(bus, base + EIE_STATUS, EIE_STATUS_ERROR | EIE_STATUS_SATURATED);
  if (!error) error = put(bus, base + EIE_IN_LENGTH, launch->in_length);
  if (!error) error = put(bus, base + EIE_OUT_LENGTH, launch->out_length);
  if (!error) error = put(bus, base + EIE_POINTER_BASE, launch->pointer_base);
  if (!error) error = put(bus, base + EIE_IN_ADDRESS, launch->in_address);
  if (!error) error = put(bus, base + EIE_OUT_ADDRESS, launch->out_address);
  if (!error) error = put(bus, base + EIE_BIAS_ADDRESS, launch->bias_address);
  if (!error) error = put(bus, base + EIE_LAYER_CTRL, launch->layer_ctrl);
  if (!error) error = put(bus, base + EIE_CTRL, EIE_CTRL_START);
  if (!error && bus->wait(bus->context, device->irq) != 0) error = EIE_ERROR_WAIT;
  if (!error) error = put(bus, base + EIE_IRQ_STATUS, EIE_IRQ_DONE);
  if (!error) error = get(bus, base + EIE_STATUS, &status);
  if (!error) error = get(bus, base + EIE_CYCLES, &counters->cycles);
  if (!error) error = get(bus, base + EIE_BROADCASTS, &counters->broadcasts);
  if (!error) error = get(bus, base + EIE_QUEUE_FULL_CYCLES, &counters->queue_full_cycles);
  if (!error) error = get(bus, base + EIE_ACT_TRANSFER_CYCLES, &counters->act_transfer_cycles);
  if (!error) error = get(bus, base + EIE_BATCHES, &counters->batches);
  if (error) return error;
  counters->saturated = (status & EIE_STATUS_SATURATED) != 0;
  return (status & EIE_STATUS_ERROR) != 0 ? EIE_ERROR_IMAGE : 0;
}

int eie_pe_counters(const struct eie_device *device, unsigned pe, uint64_t *counters) {
  unsigned k;
  int error = 0;
  for (k = 0; k < EIE_PE_COUNTERS && !error; ++k) {
    error = get(device->bus, eie_window(device, pe, device->counter_offset) + 8 * k, &counters[k]);
  }
  return error;
}

/* Element i lives in PE i mod n_pe at local index i / n_pe; a word holds 64 / data_width of them. */
int eie_read_vector(const struct eie_device *device, uint32_t word, uint32_t length, int32_t *values) {
  const unsigned width = device->data_width;
  const unsigned lanes = 64 / width;
  const uint64_t sign = UINT64_C(1) << (width - 1);
  uint32_t pe, i;
  for (pe = 0; pe < device->n_pe && pe < length; ++pe) {
    uint64_t packed = 0;
    uint32_t local = 0;
    for (i = pe; i < length; i += device->n_pe, ++local) {
      uint64_t value;
      if (local % lanes == 0) {
        const uint64_t at = device->act_offset + 8 * (uint64_t)(word + local / lanes);
        const int error = get(device->bus, eie_window(device, pe, at), &packed);
        if (error) return error;
      }
      value = field(packed, local % lanes * width, (UINT64_C(1) << width) - 1);
      values[i] = (int32_t)((int64_t)(value ^ sign) - (int64_t)sign);
    }
  }
  return 0;
}

/* --- DMA ------------------------------------------------------------------------------------------------ */

int eie_dma_probe(struct eie_dma *dma, const struct eie_bus *bus, uint64_t base, unsigned irq) {
  uint64_t id = 0, version = 0, cap = 0;
  int error = get(bus, base + EIE_DMA_ID, &id);
  if (!error) error = get(bus, base + EIE_DMA_VERSION, &version);
  if (!error) error = get(bus, base + EIE_DMA_CAP, &cap);
  if (!error && (id != EIE_DMA_ID_VALUE || version >> 16 != EIE_DMA_VERSION_VALUE >> 16)) error = EIE_ERROR_ID;
  if (!error) error = put(bus, base + EIE_DMA_IRQ_STATUS, EIE_DMA_IRQ_DONE | EIE_DMA_IRQ_ERROR | EIE_DMA_IRQ_DESCRIPTOR);
  if (!error) error = put(bus, base + EIE_DMA_IRQ_ENABLE, EIE_DMA_IRQ_DONE | EIE_DMA_IRQ_ERROR);
  dma->bus = bus;
  dma->base = base;
  dma->irq = irq;
  dma->burst_beats = (unsigned)field(cap, 0, 0xFFFF);
  return error;
}

int eie_dma_describe(const struct eie_dma *dma, uint64_t at, const struct eie_copy *copy, enum eie_direction direction,
                     int last) {
  const int to_device = direction == EIE_TO_DEVICE;
  uint64_t words[8];
  unsigned k;
  int error = at % EIE_DMA_DESC_BYTES != 0 ? EIE_ERROR_ARGUMENT : 0;
  for (k = 0; k < 8; ++k) words[k] = 0;
  words[EIE_DMA_DESC_SOURCE] = to_device ? copy->memory : copy->device;
  words[EIE_DMA_DESC_DESTINATION] = to_device ? copy->device : copy->memory;
  words[EIE_DMA_DESC_SIZE] = copy->bytes | (uint64_t)copy->rows << 32;
  words[EIE_DMA_DESC_FLAGS] = last ? EIE_DMA_FLAG_LAST : 0;
  words[EIE_DMA_DESC_NEXT] = last ? 0 : at + EIE_DMA_DESC_BYTES;
  words[EIE_DMA_DESC_SOURCE_STRIDE] = to_device ? copy->memory_stride : copy->device_stride;
  words[EIE_DMA_DESC_DESTINATION_STRIDE] = to_device ? copy->device_stride : copy->memory_stride;
  for (k = 0; k < EIE_DMA_DESC_WORDS && !error; ++k) error = put(dma->bus, at + 8 * k, words[k]);
  return error;
}

int eie_dma_run(const struct eie_dma *dma, uint64_t head, struct eie_dma_counters *counters) {
  const struct eie_bus *bus = dma->bus;
  uint64_t status = 0;
  int error = put(bus, dma->base + EIE_DMA_HEAD, head);
  if (!error) error = put(bus, dma->base + EIE_DMA_CTRL, EIE_DMA_CTRL_START);
  if (!error && bus->wait(bus->context, dma->irq) != 0) error = EIE_ERROR_WAIT;
  if (!error) error = put(bus, dma->base + EIE_DMA_IRQ_STATUS, EIE_DMA_IRQ_DONE | EIE_DMA_IRQ_ERROR);
  if (!error) error = get(bus, dma->base + EIE_DMA_STATUS, &status);
  if (!error) error = get(bus, dma->base + EIE_DMA_BEATS, &counters->beats);
  if (!error) error = get(bus, dma->base + EIE_DMA_BUSY_CYCLES, &counters->busy_cycles);
  if (!error) error = get(bus, dma->base + EIE_DMA_ERROR_ADDRESS, &counters->error_address);
  if (!error && (status & EIE_DMA_STATUS_ERROR) != 0) error = EIE_ERROR_DMA;
  return error;
}
