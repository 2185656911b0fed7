// SPDX-License-Identifier: Apache-2.0
/* A network in memory, as blob.cpp writes it and network.c reads it: 64-bit words; offsets in bytes from its start. */
#ifndef EIE_NETWORK_BLOB_H
#define EIE_NETWORK_BLOB_H

#include <stdint.h>

#define BLOB_MAGIC UINT64_C(0x003154454E454945) /* "EIENET1", least significant byte first */

/* Words of the header, at offset 0. */
enum {
  BLOB_H_MAGIC,
  BLOB_H_LAYERS,
  BLOB_H_LAUNCHES,       /* of all layers */
  BLOB_H_LAUNCH_RECORDS, /* offset; in the order in which they run */
  BLOB_H_SAMPLES,
  BLOB_H_INPUTS,   /* offset; samples one after another, packed as the device wants them, PE after PE */
  BLOB_H_IN_WORD,  /* first word of the inputs in each activation SRAM */
  BLOB_H_IN_BYTES, /* of a sample in a PE */
  BLOB_H_OUTPUTS,  /* offset of space for the outputs of all samples, twice */
  BLOB_H_OUT_WORD,
  BLOB_H_OUT_BYTES,
  BLOB_H_ROWS, /* outputs of the network */
  BLOB_H_WORDS
};

/* Words of a launch record. */
enum {
  BLOB_L_LAYER, /* number of its layer */
  BLOB_L_IN_LENGTH,
  BLOB_L_OUT_LENGTH,
  BLOB_L_POINTER_BASE,
  BLOB_L_IN_ADDRESS,
  BLOB_L_OUT_ADDRESS,
  BLOB_L_BIAS_ADDRESS,
  BLOB_L_LAYER_CTRL,
  BLOB_L_CODEBOOK, /* offset of its values */
  BLOB_L_CODES,
  BLOB_L_COPIES, /* offset of the copy records that load its image and its biases */
  BLOB_L_COPY_COUNT,
  BLOB_L_WORDS
};

/* Words of a copy record: rows of bytes from the blob into the device. */
enum {
  BLOB_C_OFFSET, /* in the blob */
  BLOB_C_DEVICE, /* address, from the device's base */
  BLOB_C_BYTES,
  BLOB_C_ROWS,
  BLOB_C_STRIDE,
  BLOB_C_DEVICE_STRIDE,
  BLOB_C_WORDS
};

#endif
