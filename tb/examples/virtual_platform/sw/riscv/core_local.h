// SPDX-License-Identifier: Apache-2.0
/* Registers that the RISC-V core has beside it, for itself alone: time, interrupts, console, end. 64 bits each; an access takes
 * no time on the bus. Read by the firmware too: C. */
#ifndef EIE_CORE_LOCAL_H
#define EIE_CORE_LOCAL_H

#define CORE_LOCAL_BASE 0x02000000
#define CORE_LOCAL_BYTES 0x1000

#define CORE_LOCAL_CYCLES 0x00  /* read: clock cycles since the start of the simulation */
#define CORE_LOCAL_PENDING 0x08 /* read: bit k is the level of interrupt line k */
#define CORE_LOCAL_ENABLE 0x10  /* lines that make a machine external interrupt */
#define CORE_LOCAL_CONSOLE 0x18 /* write: a byte goes to the standard output */
#define CORE_LOCAL_EXIT 0x20    /* write: the program has ended with this status */

#endif
