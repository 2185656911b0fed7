# Timing constraints of the RTL in this folder (module Eie), for synthesis and static timing analysis.
#
# One clock, 800 MHz as in the paper (configs/*.yaml, clock_mhz). Reset is synchronous and comes from a flip-flop of the
# same clock. The AXI4-Lite port has a third of the period outside the device in each direction; change it to what the
# interconnect needs. SRAM macros bring their own arcs in their library.
set period 1.25

create_clock -name clk -period $period [get_ports clk]
set_clock_uncertainty -setup [expr {0.05 * $period}] [get_clocks clk]

set inputs [list]
foreach port [all_inputs] {
  if {[get_property $port full_name] != "clk"} { lappend inputs $port }
}
set_input_delay [expr {$period / 3}] -clock clk $inputs
set_output_delay [expr {$period / 3}] -clock clk [all_outputs]

# No false paths and no multicycle paths: every register is written in each cycle from registers of the cycle before.
# Layer descriptor, shift and PE numbers are constant while a launch runs, but nothing depends on that for timing.
