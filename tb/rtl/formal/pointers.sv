// SPDX-License-Identifier: Apache-2.0
// What is around PtrRead in ptr_columns.sv and ptr_entries.sv: the outputs of the two banks, which give any pointers at a read and
// keep them until the next one, and the column whose pointers are new there.
module pointers (
  input wire clk,
  input wire rst_n,
  input wire even_read,
  input wire odd_read,
  input wire [15:0] any_even,
  input wire [15:0] any_odd,
  input wire accept,  // the head leaves the queue,
  input wire head_odd,
  input wire [15:0] head_value,
  output reg [15:0] even_q,
  output reg [15:0] odd_q,
  output reg arriving,  // its pointers are at the outputs since this cycle
  output reg odd,
  output reg [15:0] value,
  output wire [15:0] first_entry,
  output wire [15:0] end_entry,
  output wire arrives,  // with entries
  output wire backwards,
  output reg was_backwards
);
  initial begin
    {even_q, odd_q, value} = 0;
    {arriving, odd, was_backwards} = 0;
  end
  assign first_entry = odd ? odd_q : even_q;
  assign end_entry = odd ? even_q : odd_q;
  assign backwards = arriving && end_entry < first_entry;
  assign arrives = arriving && end_entry > first_entry;
  always @(posedge clk) begin
    if (even_read) even_q <= any_even;
    if (odd_read) odd_q <= any_odd;
    arriving <= rst_n && accept;
    was_backwards <= rst_n && backwards;
    if (rst_n && accept) begin
      odd <= head_odd;
      value <= head_value;
    end
  end
endmodule
