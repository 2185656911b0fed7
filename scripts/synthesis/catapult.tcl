# SPDX-License-Identifier: Apache-2.0
# A start for Siemens Catapult: NOT RUN, no licence was at hand. Commands and options are those that public projects use; what
# Catapult would trip over in hw/ is listed in docs/synthesis.md, "A start for Catapult and Stratus".
#
#   catapult -shell -file scripts/synthesis/catapult.tcl        (environment: common.tcl; EIE_LIBRARY, EIE_MEMORIES, EIE_RAM below)
source [file join [file dirname [info script]] common.tcl]

set library [setting EIE_LIBRARY nangate-45nm_beh]
set memories [setting EIE_MEMORIES ccs_sample_mem]
set ram [setting EIE_RAM ccs_ram_sync_singleport] ;# a module of it: one port, a write mask of a bit a byte is needed

solution new -state initial
solution options defaults
solution options set /Input/CppStandard c++17
solution options set /Input/CompilerFlags {-D__SYNTHESIS__ -DEIE_SYNTHESIS_VIEW=1}
foreach folder $folders { solution options set /Input/SearchPath $folder -append }
solution options set /Output/OutputVHDL false
solution file add $source -type C++
go analyze

# Blocks stay modules: SC_CTHREADs and SC_METHODs keep their cycles, there is nothing to schedule.
directive set -DESIGN_HIERARCHY $top
go compile

solution library add $library -- -rtlsyntool DesignCompiler -vendor Nangate -technology 045nm
solution library add $memories
go libraries

# Reset: synchronous, active low, the port rst_n. Registers behind the host port have core_rst_n, which is made in hardware.
set half [expr {$period / 2}]
directive set -CLOCKS [list clk [list -CLOCK_PERIOD $period -CLOCK_EDGE rising -CLOCK_HIGH_TIME $half \
  -RESET_KIND sync -RESET_SYNC_NAME rst_n -RESET_SYNC_ACTIVE low]]
go assembly

# Member arrays are registers (codebook, register files, queues); only the words of an SRAM are a memory: synchronous, one port,
# with a write mask. Needs the words as a member array (the list in docs/synthesis.md).
directive set -MEM_MAP_THRESHOLD 1000000
foreach sram $srams {
  lassign $sram instance words bits part
  directive set /$top/Pe/$instance/words_:rsc -MAP_TO_MODULE $memories.$ram
}
go architect
go extract
