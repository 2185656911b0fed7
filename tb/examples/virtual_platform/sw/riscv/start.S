/* SPDX-License-Identifier: Apache-2.0 */
/* Where the core begins, and where it comes on a trap. */
  .section .text.start, "ax"
  .globl _start
_start:
  la sp, stack_top
  la t0, trap_entry
  csrw mtvec, t0
  la t0, bss_start
  la t1, bss_end
1:
  bgeu t0, t1, 2f
  sd zero, 0(t0)
  addi t0, t0, 8
  j 1b
2:
  call firmware_start

/* Registers that a C function may change, kept around firmware_trap(cause, value). */
  .balign 4
trap_entry:
  addi sp, sp, -128
  sd ra, 0(sp)
  sd t0, 8(sp)
  sd t1, 16(sp)
  sd t2, 24(sp)
  sd t3, 32(sp)
  sd t4, 40(sp)
  sd t5, 48(sp)
  sd t6, 56(sp)
  sd a0, 64(sp)
  sd a1, 72(sp)
  sd a2, 80(sp)
  sd a3, 88(sp)
  sd a4, 96(sp)
  sd a5, 104(sp)
  sd a6, 112(sp)
  sd a7, 120(sp)
  csrr a0, mcause
  csrr a1, mtval
  call firmware_trap
  ld ra, 0(sp)
  ld t0, 8(sp)
  ld t1, 16(sp)
  ld t2, 24(sp)
  ld t3, 32(sp)
  ld t4, 40(sp)
  ld t5, 48(sp)
  ld t6, 56(sp)
  ld a0, 64(sp)
  ld a1, 72(sp)
  ld a2, 80(sp)
  ld a3, 88(sp)
  ld a4, 96(sp)
  ld a5, 104(sp)
  ld a6, 112(sp)
  ld a7, 120(sp)
  addi sp, sp, 128
  mret

/* Loads and stores of a device. Each ends with a jump: what the bus refuses comes as a trap before the next instruction of C. */
  .text
  .globl device_load32
device_load32:
  lwu a0, 0(a0)
  ret
  .globl device_load64
device_load64:
  ld a0, 0(a0)
  ret
  .globl device_store32
device_store32:
  sw a1, 0(a0)
  ret
  .globl device_store64
device_store64:
  sd a1, 0(a0)
  ret
