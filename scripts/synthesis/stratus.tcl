# SPDX-License-Identifier: Apache-2.0
# A start for Cadence Stratus: NOT RUN, no licence was at hand. Commands and attributes are those that public projects use; what
# Stratus would trip over in hw/ is listed in docs/synthesis.md, "A start for Catapult and Stratus".
#
#   cp scripts/synthesis/stratus.tcl project.tcl && bdw_makegen project.tcl    (or: stratus_ide; environment: common.tcl)
#   EIE_SCRIPTS is the folder of this script, where project.tcl is a copy; EIE_TECH_LIB a Liberty file; EIE_MEMLIB a folder that
#   bdw_memgen has filled with the memories listed at the end.
set here [file dirname [info script]]
if {[info exists ::env(EIE_SCRIPTS)]} { set here $::env(EIE_SCRIPTS) }
source [file join $here common.tcl]

use_tech_lib [setting EIE_TECH_LIB "[get_install_path]/share/stratus/techlibs/GPDK045/gsclib045_svt_v4.4/gsclib045/timing/slow_vdd1v2_basicCells.lib"]
if {[setting EIE_MEMLIB ""] ne ""} { use_hls_lib [setting EIE_MEMLIB ""] }

set includes ""
foreach folder $folders { append includes " -I$folder" }
set_attr cc_options "-std=c++17 -DEIE_SYNTHESIS_VIEW=1$includes"
set_attr hls_cc_options "-std=c++17 -DSTRATUS_HLS -DEIE_SYNTHESIS_VIEW=1$includes"
set_attr clock_period $period

# A thread's registers are written in the cycle in which hw/ writes them: every cycle is a protocol.
set_attr default_protocol true
# Member arrays are registers; the words of an SRAM are a memory.
set_attr flatten_arrays all
set_attr verilog_dialect systemverilog
# Reset needs no attribute: synchronous and active low, as the threads say (reset_signal_is(rst_n, false)).

define_hls_module $top $source
define_hls_config $top BASIC

foreach sram $srams {
  lassign $sram instance words bits part
  puts "memory $instance: $words words of $bits bits, a write mask of $part bits a part, one port, read in a cycle"
}
