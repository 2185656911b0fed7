// SPDX-License-Identifier: Apache-2.0
// Properties of the write-back of an SRAM wrapper with ECC, two words of four bits, for any accesses, any resets and bits that
// flip at any time, one at a time in a word. The array is here: a word is `mem`, what was last written to it is `want`.
module scrub_properties (
  input wire clk,
  input wire reset_now,
  input wire enable,
  input wire write,
  input wire address,
  input wire mask,
  input wire [3:0] data,
  input wire flip,
  input wire flip_word,
  input wire [2:0] flip_bit
);
  reg started = 0;
  always @(posedge clk) started <= 1;
  wire rst_n = started && !reset_now;

  reg [7:0] mem0 = 0, mem1 = 0;    // check bits above the data; those of 0 are 0
  reg [3:0] want0 = 0, want1 = 0;
  reg [7:0] out = 0;
  wire [3:0] q, checks0, checks1, row_word, row_checks;
  wire corrected, error, write_now, row, row_mask;
  dut sram (.clk(clk), .rst_n(rst_n), .enable(enable), .write(write), .address(address), .mask(mask), .data(data), .q(q),
            .corrected(corrected), .error(error), .word_out(out[3:0]), .checks_out(out[7:4]), .write_now(write_now), .row(row),
            .row_mask(row_mask), .row_word(row_word), .row_checks(row_checks));
  dut encoder0 (.data(want0), .in_checks(checks0));
  dut encoder1 (.data(want1), .in_checks(checks1));
  wire [7:0] off0 = mem0 ^ {checks0, want0};
  wire [7:0] off1 = mem1 ^ {checks1, want1};
  wire flip0 = flip && !flip_word && off0 == 0;
  wire flip1 = flip && flip_word && off1 == 0;
  wire [7:0] now0 = mem0 ^ (flip0 ? 8'd1 << flip_bit : 8'd0);
  wire [7:0] now1 = mem1 ^ (flip1 ? 8'd1 << flip_bit : 8'd0);

  reg was_read = 0, was_off = 0, was_due = 0, due = 0, due_word = 0, newer = 0;
  reg [3:0] was_want = 0;
  always @(posedge clk) begin
    mem0 <= write_now && row_mask && !row ? {row_checks, row_word} : now0;
    mem1 <= write_now && row_mask && row ? {row_checks, row_word} : now1;
    if (!write_now && enable) out <= row ? now1 : now0;
    if (enable && write && mask && !address) want0 <= data;
    if (enable && write && mask && address) want1 <= data;
    was_read <= rst_n && enable && !write;
    was_off <= address ? (now1 ^ {checks1, want1}) != 0 : (now0 ^ {checks0, want0}) != 0;
    was_want <= address ? want1 : want0;
    // A corrected word, no access in the two cycles from the correction on, and nothing flips: it is written back.
    due <= rst_n && corrected && !flip && !enable;
    due_word <= was_address;
    was_due <= due && rst_n && !flip && !enable;
    was_due_word <= due_word;
  end
  reg was_address = 0, was_due_word = 0;
  always @(posedge clk) was_address <= address;

  function one_at_most(input [7:0] bits);
    one_at_most = (bits & (bits - 8'd1)) == 0;
  endfunction
  always @* if (started) begin
    a_word_is_never_two_bits_off: assert (one_at_most(off0) && one_at_most(off1));  // and no newer write is undone
    what_is_read_is_what_was_written: assert (!was_read || q == was_want);
    corrected_says_when: assert (corrected == (was_read && was_off));
    never_detected: assert (!error);
    is_written_back: assert (!was_due || (was_due_word ? off1 : off0) == 0);
  end
  always @* begin
    reach_correction: cover (corrected && q == 4'd9);
    reach_write_back: cover (was_due);
    reach_both_words_off: cover (off0 != 0 && off1 != 0 && corrected);
  end
endmodule
