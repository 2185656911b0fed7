// SPDX-License-Identifier: Apache-2.0
// Properties of PtrRead with skipped padding, for any stream of columns, any pointers, any column_ready, any resets.
//
// The banks are those of pointers.sv. One column is followed: when its pointers arrive, a moment chosen freely, its first entry,
// its length and its activation are remembered, with the number of columns in front of it. As the moment is free, what holds for
// this column holds for each.
module ptr_columns_properties #(parameter LOOK_AHEAD = 8) (
  input wire clk,
  input wire reset_now,
  input wire drain,
  input wire head_valid,
  input wire [13:0] head_column,
  input wire [15:0] head_value,
  input wire column_ready,
  input wire [15:0] any_even,
  input wire [15:0] any_odd,
  input wire follow
);
  reg started = 0;
  always @(posedge clk) started <= 1;
  wire rst_n = started && !reset_now;

  wire head_ready, out_valid, out_first, drained, error, even_enable, odd_enable, write;
  wire [15:0] out_address, out_length, out_value;
  wire [12:0] even_address, odd_address;
  wire at_outputs, odd_at_outputs;
  wire [15:0] value_at_outputs, first_0, length_0, value_0;
  wire [2:0] count, put, get;
  localparam SLOTS = LOOK_AHEAD - 1;
  wire [16*SLOTS-1:0] begins, lengths, values;
  wire [15:0] even_q, odd_q, value, first_entry, end_entry;
  wire arriving, arrives, odd, backwards, was_backwards;

  PtrRead dut (.clk(clk), .rst_n(rst_n), .pe(2'd0), .busy(1'b1), .drain(drain), .head_valid(head_valid),
    .head_column(head_column), .head_value(head_value), .head_ready(head_ready), .entry_address_valid(out_valid),
    .entry_address_first(out_first), .entry_address_address(out_address), .entry_address_length(out_length),
    .entry_address_value(out_value), .column_ready(column_ready), .drained(drained), .error(error), .host_valid(1'b0),
    .host_write(1'b0), .host_region(3'd0), .host_pe(2'd0), .host_word(14'd0), .host_strobe(8'd0), .host_data(64'd0),
    .even_enable_(even_enable), .odd_enable_(odd_enable), .bank_write_(write), .even_address_(even_address),
    .odd_address_(odd_address), .even_q_(even_q), .odd_q_(odd_q), .even_error_(1'b0), .odd_error_(1'b0),
    .probe_fresh_(at_outputs), .probe_odd_column_(odd_at_outputs), .probe_fresh_value_(value_at_outputs), .probe_left_(length_0),
    .probe_address_(first_0), .probe_value_(value_0), .probe_count_(count), .probe_put_(put), .probe_get_(get),
    .probe_begins_(begins), .probe_lengths_(lengths), .probe_values_(values));

  // The queue lets its head go when either is set.
  wire accept = head_valid && (head_ready || column_ready);

  pointers banks (.clk(clk), .rst_n(rst_n), .even_read(even_enable && !write), .odd_read(odd_enable && !write),
    .any_even(any_even), .any_odd(any_odd), .accept(accept), .head_odd(head_column[0]), .head_value(head_value),
    .even_q(even_q), .odd_q(odd_q), .arriving(arriving), .odd(odd), .value(value), .first_entry(first_entry),
    .end_entry(end_entry), .arrives(arrives), .backwards(backwards), .was_backwards(was_backwards));

  reg [7:0] waiting = 0;  // columns with entries that arrived before and were not taken
  wire [7:0] columns = waiting + arrives;
  wire taken = out_valid && column_ready;

  reg followed = 0;
  reg [7:0] before = 0;
  reg [47:0] item = 0;
  wire starts = !followed && arrives && follow;
  wire at_work = followed || starts;
  wire [7:0] in_front = followed ? before : waiting;
  wire [15:0] column_length = end_entry - first_entry;
  wire [47:0] wanted = followed ? item : {first_entry, column_length, value};

  wire [7:0] stored = waiting > LOOK_AHEAD ? LOOK_AHEAD : waiting;

  reg was_drained = 0;
  reg delivered = 0;
  always @(posedge clk) begin
    if (!rst_n) begin
      waiting <= 0;
      followed <= 0;
      was_drained <= 0;
      delivered <= 0;
    end else begin
      waiting <= columns - taken;
      was_drained <= drain && !head_valid && columns == 0 && column_ready;
      if (at_work) begin
        item <= wanted;
        before <= in_front - taken;
        followed <= !(taken && in_front == 0);
        delivered <= delivered || (taken && in_front == 0 && followed);
      end
    end
  end

  always @* if (started) begin
    reads_a_column: assert (even_enable == accept && odd_enable == accept);
    reads_its_pointers: assert (!accept || (even_address == ((head_column + 1) >> 1) % 8192 && odd_address == head_column >> 1));
    reads_only: assert (!write);
    never_overflows: assert (columns <= LOOK_AHEAD + 1);
    ready_is_exact: assert (head_ready == (columns <= LOOK_AHEAD));
    valid_is_exact: assert (out_valid == (columns != 0));  // none lost, none duplicated, none without entries
    whole_columns: assert (!out_valid || (out_first && out_length != 0));
    error_is_exact: assert (error == was_backwards);
    drained_is_exact: assert (drained == was_drained);
    // What the proof leans on: LOOK_AHEAD descriptors, the first in registers of its own; one column more stays at the outputs.
    lean_waiting: assert (waiting <= LOOK_AHEAD + 1 && !(arriving && waiting > LOOK_AHEAD));
    lean_outputs: assert (at_outputs == (arriving || waiting > LOOK_AHEAD));
    lean_stays: assert (waiting <= LOOK_AHEAD || end_entry > first_entry);
    lean_fresh: assert (!at_outputs || (odd_at_outputs == odd && value_at_outputs == value));
    lean_first: assert ((length_0 != 0) == (waiting != 0));
    lean_count: assert (count == (stored == 0 ? 0 : stored - 1));
    lean_ring: assert (get < SLOTS && put == (get + count) % SLOTS);
    lean_before: assert (!followed || before < waiting);
    lean_item_first: assert (!(followed && before == 0) || item == {first_0, length_0, value_0});
    lean_item_stays: assert (!(followed && before == LOOK_AHEAD) || item == {first_entry, column_length, value});
  end
  genvar slot;
  generate for (slot = 0; slot < SLOTS; slot = slot + 1) begin : ring
    wire [3:0] place = slot >= get ? slot - get : slot + SLOTS - get;  // behind so many other descriptors of the ring
    wire [47:0] held = {begins[16*slot +: 16], lengths[16*slot +: 16], values[16*slot +: 16]};
    always @* if (started) begin
      assert (!(place < count) || held[31:16] != 0);  // lean_slot
      assert (!(followed && before != 0 && before != LOOK_AHEAD && before - 1 == place) || item == held);  // lean_item
    end
  end endgenerate
  genvar bit_;
  generate for (bit_ = 0; bit_ < 48; bit_ = bit_ + 1) begin : each
    wire [47:0] out = {out_address, out_length, out_value};
    always @* if (started) begin
      assert (!(at_work && in_front == 0) || out[bit_] == wanted[bit_]);  // in order, with its entries and activation
    end
  end endgenerate
  always @* begin
    reach_full: cover (columns == LOOK_AHEAD + 1);
    reach_accept_when_full: cover (columns == LOOK_AHEAD + 1 && accept);
    reach_follow_through_full: cover (followed && before == LOOK_AHEAD);
    reach_delivered: cover (delivered);
    reach_backwards: cover (was_backwards);
    reach_drained: cover (drained && delivered);
  end
endmodule
