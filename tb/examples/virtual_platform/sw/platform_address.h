/* SPDX-License-Identifier: Apache-2.0
 * Addresses and interrupt lines of the platform, for its models (platform_map.h) and its firmware. */
#ifndef EIE_PLATFORM_ADDRESS_H
#define EIE_PLATFORM_ADDRESS_H

#define PLATFORM_DMA 0x40000000
#define PLATFORM_EIE 0x80000000
#define PLATFORM_DESCRIPTORS 0x00000000
#define PLATFORM_BLOB 0x00100000
#define PLATFORM_FIRMWARE 0x03E00000
#define PLATFORM_EIE_IRQ 0
#define PLATFORM_DMA_IRQ 1

#endif
