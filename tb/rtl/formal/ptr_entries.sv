// SPDX-License-Identifier: Apache-2.0
// Properties of PtrRead with look-ahead, for any stream of columns, any pointers, any resets.
//
// The banks are those of pointers.sv. One column is followed: when its pointers arrive, a moment chosen freely, its first entry,
// its length and its activation are remembered, with the number of columns in front of it. As the moment is free, what holds for
// this column holds for each; so the block's own word that a column's last entry is out, by which those in front are counted, is
// judged as well.
module ptr_entries_properties #(parameter LOOK_AHEAD = 8) (
  input wire clk,
  input wire reset_now,
  input wire drain,
  input wire head_valid,
  input wire [13:0] head_column,
  input wire [15:0] head_value,
  input wire [15:0] any_even,
  input wire [15:0] any_odd,
  input wire follow
);
  reg started = 0;
  always @(posedge clk) started <= 1;
  wire rst_n = started && !reset_now;

  wire head_ready, out_valid, out_first, drained, error, even_enable, odd_enable, write;
  wire [15:0] out_address, out_value, remaining;
  wire [12:0] even_address, odd_address;
  wire at_outputs, odd_at_outputs, first_0;
  wire [15:0] value_at_outputs, next_0, left_0, value_0;
  wire [3:0] count;
  wire [2:0] put, get;
  localparam SLOTS = LOOK_AHEAD;
  wire [16*SLOTS-1:0] begins, lengths, values;
  wire [15:0] even_q, odd_q, value, first_entry, end_entry;
  wire arriving, arrives, odd, backwards, was_backwards;

  PtrRead dut (.clk(clk), .rst_n(rst_n), .pe(6'd0), .busy(1'b1), .drain(drain), .head_valid(head_valid),
    .head_column(head_column), .head_value(head_value), .head_ready(head_ready), .entry_address_valid(out_valid),
    .entry_address_first(out_first), .entry_address_address(out_address), .entry_address_value(out_value),
    .drained(drained), .error(error), .host_valid(1'b0), .host_write(1'b0), .host_region(3'd0), .host_pe(6'd0),
    .host_word(14'd0), .host_strobe(8'd0), .host_data(64'd0), .even_enable_(even_enable), .odd_enable_(odd_enable),
    .bank_write_(write), .even_address_(even_address), .odd_address_(odd_address), .even_q_(even_q), .odd_q_(odd_q),
    .even_error_(1'b0), .odd_error_(1'b0), .probe_remaining_(remaining), .probe_fresh_(at_outputs),
    .probe_odd_column_(odd_at_outputs), .probe_fresh_value_(value_at_outputs), .probe_left_(left_0), .probe_address_(next_0),
    .probe_value_(value_0), .probe_first_(first_0), .probe_count_(count), .probe_put_(put), .probe_get_(get),
    .probe_begins_(begins), .probe_lengths_(lengths), .probe_values_(values));

  wire accept = head_valid && head_ready;

  pointers banks (.clk(clk), .rst_n(rst_n), .even_read(even_enable && !write), .odd_read(odd_enable && !write),
    .any_even(any_even), .any_odd(any_odd), .accept(accept), .head_odd(head_column[0]), .head_value(head_value),
    .even_q(even_q), .odd_q(odd_q), .arriving(arriving), .odd(odd), .value(value), .first_entry(first_entry),
    .end_entry(end_entry), .arrives(arrives), .backwards(backwards), .was_backwards(was_backwards));

  reg [7:0] waiting = 0;  // columns with entries that arrived before and whose last entry was not out
  wire [7:0] columns = waiting + arrives;
  wire last = out_valid && remaining == 1;

  reg followed = 0;
  reg [7:0] before = 0;
  reg [15:0] next_entry = 0;
  reg [15:0] left = 0;
  reg [15:0] activation = 0;
  reg fresh = 0;  // its first entry was not out yet
  wire starts = !followed && arrives && follow;
  wire at_work = followed || starts;
  wire [7:0] in_front = followed ? before : waiting;
  wire [15:0] column_length = end_entry - first_entry;
  wire [15:0] wanted_entry = followed ? next_entry : first_entry;
  wire [15:0] wanted_left = followed ? left : column_length;
  wire [15:0] wanted_value = followed ? activation : value;
  wire wanted_first = !followed || fresh;
  wire out_now = at_work && in_front == 0;

  reg was_drained = 0;
  reg delivered = 0;
  always @(posedge clk) begin
    if (!rst_n) begin
      waiting <= 0;
      followed <= 0;
      was_drained <= 0;
      delivered <= 0;
    end else begin
      waiting <= columns - last;
      was_drained <= drain && !head_valid && columns == 0;
      if (at_work) begin
        activation <= wanted_value;
        next_entry <= out_now ? wanted_entry + 1 : wanted_entry;
        left <= out_now ? wanted_left - 1 : wanted_left;
        fresh <= !out_now && wanted_first;
        before <= in_front - (last && in_front != 0);
        followed <= !(out_now && wanted_left == 1);
        delivered <= delivered || (out_now && wanted_left == 1 && followed);
      end
    end
  end

  always @* if (started) begin
    reads_a_column: assert (even_enable == accept && odd_enable == accept);
    reads_its_pointers: assert (!accept || (even_address == ((head_column + 1) >> 1) % 8192 && odd_address == head_column >> 1));
    reads_only: assert (!write);
    never_overflows: assert (columns <= LOOK_AHEAD + 1);
    ready_is_exact: assert (head_ready == (columns - (last && columns > 1) <= LOOK_AHEAD));
    valid_is_exact: assert (out_valid == (columns != 0));  // an entry in each cycle while columns with entries are there
    first_is_exact: assert (!out_now || out_first == wanted_first);
    error_is_exact: assert (error == was_backwards);
    drained_is_exact: assert (drained == was_drained);
    // What the proof leans on: the column that goes out in registers of its own, behind it LOOK_AHEAD descriptors.
    lean_waiting: assert (waiting == count + (left_0 != 0) && !(count != 0 && left_0 == 0));
    lean_room: assert (count + arriving <= LOOK_AHEAD);
    lean_fresh: assert (at_outputs == arriving && (!arriving || (odd_at_outputs == odd && value_at_outputs == value)));
    lean_ring: assert (put == (get + count) % SLOTS);
    lean_before: assert (!followed || before < waiting);
    lean_item: assert (!(followed && before == 0) || (next_0 == next_entry && left_0 == left && value_0 == activation && first_0 == fresh));
    lean_left: assert (!followed || (left != 0 && (before == 0 || fresh)));
  end
  genvar slot;
  generate for (slot = 0; slot < SLOTS; slot = slot + 1) begin : ring
    wire [2:0] place = slot - get;  // behind so many other descriptors of the ring
    wire [47:0] held = {begins[16*slot +: 16], lengths[16*slot +: 16], values[16*slot +: 16]};
    always @* if (started) begin
      assert (!(place < count) || held[31:16] != 0);  // lean_slot
      assert (!(followed && before != 0 && before - 1 == place) || {next_entry, left, activation} == held);  // lean_item_stored
    end
  end endgenerate
  genvar bit_;
  generate for (bit_ = 0; bit_ < 16; bit_ = bit_ + 1) begin : each
    always @* if (started) begin
      assert (!out_now || out_address[bit_] == wanted_entry[bit_]);  // each entry once, in order
      assert (!out_now || remaining[bit_] == wanted_left[bit_]);  // to the column's end and not beyond
      assert (!out_now || out_value[bit_] == wanted_value[bit_]);  // with its activation
    end
  end endgenerate
  always @* begin
    reach_full: cover (columns == LOOK_AHEAD + 1);
    reach_follow_through_full: cover (followed && before == LOOK_AHEAD);
    reach_delivered: cover (delivered);
    reach_empty_between: cover (delivered && arriving && !arrives && !backwards && waiting != 0);
    reach_backwards: cover (was_backwards);
    reach_drained: cover (drained && delivered);
  end
endmodule
