// SPDX-License-Identifier: Apache-2.0
// Properties of ActRw: the two register files and the scan for candidates, for any transfers, sums and pops, and batch after batch.
//
// One register of both files is followed, chosen freely: what holds for it holds for each. `act` and `acc` are what the source and
// the destination have to hold there: each write takes effect at the end of its cycle, and what is read in that cycle is read
// before. Reset comes in the first cycle. The
// environment keeps the rules of hw/act_rw.h: one writer a cycle; a scan begins two cycles after the last load, ends with a drain
// once it is exhausted, and meanwhile only sums are written.
module act_files_properties (
  input wire clk,
  input wire [1:0] any_pe,
  input wire [5:0] any_register,
  input wire [2:0] want,
  input wire relu,
  input wire [7:0] address,
  input wire [8:0] base,
  input wire [1:0] offset,
  input wire [8:0] length,
  input wire [5:0] read_row,
  input wire want_write,
  input wire [5:0] write_row,
  input wire [15:0] sum,
  input wire [63:0] word,
  input wire want_pop,
  input wire want_drain
);
  localparam OP_NONE = 0, OP_CLEAR = 1, OP_BIAS = 2, OP_LOAD = 3, OP_ARM = 4, OP_STORE = 5;
  reg started = 0;
  reg [1:0] pe = 0;
  reg [5:0] r = 0;   // the register that is followed
  wire rst_n = started;

  wire [15:0] accumulated, candidate_value;
  wire candidate_valid, exhausted, storing;
  wire [7:0] candidate_column, store_address, store_mask;
  wire [63:0] store_word;
  wire [1023:0] source, destination;
  wire [63:0] pending;
  wire scanning, has_candidate;
  wire [2:0] loading;
  wire [8:0] load_base;

  // The environment.
  reg armed = 0;            // from kArm to the end of the drain
  reg [2:0] before = 0;     // the operation of the cycle before, whatever it was
  wire loaded = before == OP_LOAD || before == OP_BIAS;
  wire [8:0] first = base[8:2] > 16 ? 9'd64 : {base[8:2], 2'd0};  // kStore with an offset goes one word beyond the registers
  wire [2:0] op = armed ? OP_NONE : want == OP_ARM ? (!loaded ? OP_ARM : OP_NONE)
                : want == OP_LOAD || want == OP_BIAS ? (first < 64 ? want : OP_NONE)
                : (want == OP_CLEAR || want == OP_STORE) && !loaded ? want : OP_NONE;
  wire write = want_write && !loaded && (op == OP_NONE || op == OP_ARM);
  wire pop = want_pop && candidate_valid;
  wire drain = want_drain && armed && exhausted;
  wire [8:0] whole = length > 256 ? 9'd256 : length;

  ActRw dut (.clk(clk), .rst_n(rst_n), .pe(pe), .busy(1'b1), .drain(drain), .control_op(op), .control_relu(relu),
    .control_address(address), .control_base(first), .control_offset(offset), .control_length(whole),
    .access_read_row(read_row), .access_write(write), .access_write_row(write_row), .access_sum(sum),
    .accumulated(accumulated), .candidate_valid(candidate_valid), .candidate_column(candidate_column),
    .candidate_value(candidate_value), .exhausted(exhausted), .pop(pop), .host_valid(1'b0), .host_write(1'b0),
    .host_region(3'd0), .host_pe(2'd0), .host_word(14'd0), .host_strobe(8'd0), .host_data(64'd0), .q_(word), .error_(1'b0),
    .probe_storing_(storing), .probe_store_address_(store_address), .probe_store_mask_(store_mask),
    .probe_store_word_(store_word), .probe_source_(source), .probe_destination_(destination), .probe_pending_(pending), .probe_scanning_(scanning),
    .probe_has_candidate_(has_candidate), .probe_loading_(loading), .probe_load_base_(load_base));

  // Where the register is.
  wire [9:0] rounded = whole + 3 - pe;
  wire [8:0] local_length = rounded >> 2;  // registers of this PE in the layer
  wire inside = r < local_length;
  wire [7:0] column = {r, pe};
  wire [1:0] lane = r[1:0] + offset;       // of a stored word
  wire [8:0] stored_at = first + r[1:0] - (r[1:0] + {1'b0, offset} >= 3'd4 ? 9'd4 : 9'd0);
  wire stored = op == OP_STORE && stored_at == r && inside;
  wire held = loaded && loaded_base[8:2] == r[5:2];

  reg [8:0] loaded_base = 0;
  reg [15:0] act = 0, acc = 0;
  reg waits = 0;             // it is among the candidates to come
  wire [15:0] lane_word = word >> {r[1:0], 4'd0};
  wire [15:0] final_value = relu && acc[15] ? 16'd0 : acc;
  wire [15:0] read_value = write && write_row == read_row ? sum : acc;
  wire gives = armed && !exhausted && (!candidate_valid || pop);  // the next candidate comes, or there is none

  // What was before the edge.
  reg was_read = 0, was_stored = 0, was_store = 0, gave = 0, waited = 0, kept = 0;
  reg [15:0] past_read = 0, past_final = 0, past_act = 0, past_acc = 0;
  reg [1:0] past_lane = 0;
  reg [7:0] past_address = 0;
  reg [23:0] past_candidate = 0;
  reg [7:0] last_column = 0;  // of the candidates of this scan
  reg some = 0;
  reg delivered = 0, second = 0;
  wire mine = gave && candidate_valid && candidate_column == column;
  always @(posedge clk) begin
    started <= 1;
    if (!started) begin
      pe <= any_pe;
      r <= any_register;
      {armed, before, act, acc, waits, was_read, was_store, was_stored, gave, kept, some, delivered, second} <= 0;
    end else begin
      before <= op;
      loaded_base <= first;
      if (op == OP_ARM) armed <= 1;
      if (drain) armed <= 0;
      if (held && before == OP_LOAD) act <= lane_word;
      else if (stored) act <= final_value;
      if (held && before == OP_BIAS) acc <= lane_word;
      else if (op == OP_CLEAR) acc <= 0;
      else if (write && write_row == r) acc <= sum;
      if (op == OP_ARM) waits <= act != 0 && inside;
      else if (mine) waits <= 0;
      was_read <= read_row == r && op != OP_STORE;
      past_read <= read_value;
      was_store <= op == OP_STORE;
      was_stored <= stored;
      past_final <= final_value;
      past_lane <= lane;
      past_address <= address;
      gave <= gives;
      kept <= candidate_valid && !pop;
      past_candidate <= {candidate_column, candidate_value};
      past_act <= act;
      past_acc <= acc;
      if (op == OP_ARM) some <= 0;
      else if (candidate_valid) some <= 1;
      if (candidate_valid) last_column <= candidate_column;
      delivered <= delivered || mine;
      second <= second || (delivered && op == OP_ARM);
    end
  end

  always @* if (started) begin
    reads_before_writes: assert (!was_read || accumulated == past_read);
    stores_before_writes: assert (!was_stored || (store_word >> {past_lane, 4'd0} & 64'hFFFF) == past_final);
    stores_what_is_in_the_layer: assert (storing == was_store && (!was_stored || store_mask[2*past_lane +: 2] == 3));
    stores_where_it_is_told: assert (!was_store || store_address == past_address);
    candidate_is_due: assert (!mine || waits);  // once, non-zero and in the layer
    candidate_is_read_before: assert (!mine || candidate_value == past_act);
    candidates_ascend: assert (!(gave && candidate_valid && some) || candidate_column > last_column);
    candidate_is_of_this_pe: assert (!candidate_valid || candidate_column[1:0] == pe);
    candidate_stays: assert (!kept || (candidate_valid && {candidate_column, candidate_value} == past_candidate));
    none_is_left_out: assert (!exhausted || !waits);
    exhausted_means_it: assert (!exhausted || (armed && !candidate_valid));
    // What the proof leans on.
    lean_source: assert (source[{r, 4'd0} +: 16] == act);
    lean_destination: assert (destination[{r, 4'd0} +: 16] == acc);
    lean_waits: assert (!armed || (waits && !mine) == pending[r]);
    lean_scan: assert (scanning == (armed && !exhausted));
    lean_candidate: assert (has_candidate == candidate_valid && (armed || !candidate_valid));
    lean_loading: assert (loading == before && (!loaded || load_base == loaded_base));
    lean_gave: assert (!gave || armed);
    lean_some: assert (armed || !gave);
    lean_delivered: assert (!candidate_valid || gave || kept);
    lean_none: assert (!(armed && !candidate_valid && !exhausted) || !some);
  end
  genvar k;
  generate for (k = 0; k < 64; k = k + 1) begin : each
    always @* if (started) begin
      assert (!(armed && pending[k] && candidate_valid) || {k[5:0], pe} > candidate_column);  // lean_order
      assert (!(exhausted && pending[k]));  // lean_left
    end
  end endgenerate
  always @* begin
    reach_candidate: cover (mine && r == 5 && some);
    reach_exhausted: cover (exhausted && delivered);
    reach_bypass: cover (was_read && delivered && past_read == 7);
    reach_store: cover (was_stored && past_lane == 1 && r[1:0] == 3 && past_final == 9);
    reach_relu: cover (was_stored && past_acc[15] && past_final == 0);
    reach_second_scan: cover (second && mine);
  end
endmodule
