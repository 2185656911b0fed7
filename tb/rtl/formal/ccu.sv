// SPDX-License-Identifier: Apache-2.0
// Properties of Ccu: the sequence of a launch, for any descriptor, any answers of the tree and the PEs, any resets, and launch
// after launch. Four PEs with 64 registers: a batch has at most 256 columns; four lanes a word.
//
// The machine beside the block goes through the sequence of hw/ccu.h by what the block gives out: `step` is what has to come, `done`
// how many words of a transfer came, `left` how many columns are in no batch before this one.
module ccu_properties (
  input wire clk,
  input wire reset_now,
  input wire start,
  input wire [12:0] any_in_length,
  input wire [8:0] any_out_length,
  input wire [13:0] any_pointer_base,
  input wire [7:0] any_in_address,
  input wire [9:0] any_out_address,
  input wire [7:0] any_bias_address,
  input wire any_relu,
  input wire any_bias,
  input wire any_first,
  input wire any_last,
  input wire any_resident,
  input wire root_valid,
  input wire [7:0] root_column,
  input wire [15:0] root_value,
  input wire root_exhausted,
  input wire any_full,
  input wire all_drained
);
  localparam IDLE = 0, CLEAR = 1, BIAS = 2, LOAD = 3, ARM = 4, COMPUTE = 5, DRAIN = 6, STORE = 7, FINISH = 8;
  localparam OP_NONE = 0, OP_CLEAR = 1, OP_BIAS = 2, OP_LOAD = 3, OP_ARM = 4, OP_STORE = 5;

  reg started = 0;
  always @(posedge clk) started <= 1;
  wire rst_n = started && !reset_now;

  // The host: a descriptor that stays while busy is set.
  reg busy = 0;
  reg [12:0] in_length = 1;
  reg [8:0] out_length = 1;
  reg [13:0] pointer_base = 0;
  reg [7:0] in_address = 0, bias_address = 0;
  reg [9:0] out_address = 0;
  reg relu = 0, bias = 0, first = 0, last = 0, resident = 0;
  wire finish;
  always @(posedge clk) begin
    if (!rst_n) begin
      busy <= 0;
    end else if (busy) begin
      busy <= !finish;
    end else if (start) begin
      busy <= 1;
      in_length <= any_in_length == 0 ? 1 : any_in_length;
      out_length <= any_out_length == 0 || any_out_length > 256 ? 256 : any_out_length;
      pointer_base <= any_pointer_base;
      in_address <= any_in_address;
      out_address <= any_out_address;
      bias_address <= any_bias_address;
      relu <= any_relu;
      bias <= any_bias;
      first <= any_first;
      last <= any_last;
      resident <= any_resident;
    end
  end

  wire root_pop, broadcast_valid, relu_out, drain;
  wire [13:0] broadcast_column;
  wire [15:0] broadcast_value;
  wire [2:0] op;
  wire [7:0] address;
  wire [8:0] base, length;
  wire [1:0] offset;
  wire [39:0] cycles, broadcasts, fulls, transfers, batches;
  wire [3:0] state;
  wire [7:0] words_left, batch_address;
  wire [12:0] columns_left;
  wire [2:0] tail_left;
  wire [13:0] column_base;
  wire [7:0] next_address;
  wire [8:0] next_base;
  wire [39:0] counted_cycles, counted_broadcasts, counted_fulls, counted_transfers, counted_batches;

  Ccu dut (.clk(clk), .rst_n(rst_n), .busy(busy), .layer_in_length(in_length), .layer_out_length(out_length),
    .layer_pointer_base(pointer_base), .layer_in_address(in_address), .layer_out_address(out_address),
    .layer_bias_address(bias_address), .layer_shift(6'd0), .layer_relu(relu), .layer_bias(bias), .layer_first(first),
    .layer_last(last), .layer_src_resident(resident), .finish(finish), .cycles(cycles), .broadcasts(broadcasts),
    .queue_full_cycles(fulls), .act_transfer_cycles(transfers), .batches(batches), .root_valid(root_valid),
    .root_column(root_column), .root_value(root_value), .root_exhausted(root_exhausted), .root_pop(root_pop),
    .any_full(any_full), .all_drained(all_drained), .broadcast_valid(broadcast_valid), .broadcast_column(broadcast_column),
    .broadcast_value(broadcast_value), .control_op(op), .control_relu(relu_out),
    .control_address(address), .control_base(base), .control_offset(offset), .control_length(length), .drain(drain),
    .probe_state_(state), .probe_words_left_(words_left), .probe_columns_left_(columns_left), .probe_in_address_(batch_address),
    .probe_tail_(tail_left), .probe_column_base_(column_base), .probe_address_(next_address),
    .probe_base_(next_base), .probe_count_cycles_(counted_cycles), .probe_count_broadcasts_(counted_broadcasts),
    .probe_count_full_(counted_fulls), .probe_count_transfer_(counted_transfers), .probe_count_batches_(counted_batches));

  // The sequence.
  reg [3:0] step = IDLE;
  reg [7:0] done = 0;
  reg [12:0] left = 0;
  reg [13:0] before = 0;    // pointer of column 0 of the batch
  reg [7:0] from = 0;       // first word of the batch's activations
  reg [1:0] drained = 0;
  reg [39:0] n_cycles = 0, n_broadcasts = 0, n_fulls = 0, n_transfers = 0, n_batches = 0;
  wire [12:0] batch = left > 256 ? 13'd256 : left;
  wire [10:0] batch_words = (((batch + 3) >> 2) + 3) >> 2;
  wire [10:0] bias_words = (((out_length + 3) >> 2) + 3) >> 2;
  wire [10:0] store_words = (((out_length + 3) >> 2) + out_address[1:0] + 3) >> 2;
  wire [10:0] words = step == BIAS ? bias_words : step == LOAD ? batch_words : store_words;
  wire moves = step == BIAS || step == LOAD || step == STORE;
  wire more = done < words;
  wire ends = step == DRAIN && all_drained && drained == 2;
  wire [12:0] left_after = step == IDLE ? in_length : ends ? left - batch : left;
  wire [3:0] to_batch = resident ? ARM : LOAD;
  always @(posedge clk) begin
    if (!rst_n) begin
      step <= IDLE;
      done <= 0;
      drained <= 0;
      left <= 0;
      before <= 0;
      from <= 0;
    end else begin
      done <= moves && more ? done + 1 : 0;
      case (step)
        IDLE: if (busy) begin
          step <= first ? (bias ? BIAS : CLEAR) : to_batch;
          left <= in_length;
          before <= pointer_base;
          from <= in_address;
        end
        CLEAR: step <= to_batch;
        BIAS: if (!more) step <= to_batch;
        LOAD: if (!more) step <= ARM;
        ARM: step <= COMPUTE;
        COMPUTE: if (root_exhausted) begin
          step <= DRAIN;
          drained <= 0;
        end
        DRAIN: if (ends) begin
          step <= left_after != 0 ? to_batch : last ? STORE : FINISH;
          left <= left_after;
          before <= before + batch;
          from <= from + batch_words;
        end else if (all_drained) begin
          drained <= drained + 1;
        end
        STORE: if (!more) begin
          step <= FINISH;
        end
        default: step <= IDLE;
      endcase
    end
    // What the counters of the launch have to say.
    if (rst_n && busy) begin
      n_cycles <= step == IDLE ? 1 : n_cycles + 1;
      n_broadcasts <= step == IDLE ? 0 : n_broadcasts + broadcast_valid;
      n_fulls <= step == IDLE ? 0 : n_fulls + (step == COMPUTE && root_valid && any_full);
      n_transfers <= step == IDLE ? 0 : n_transfers + moves;
      n_batches <= step == IDLE ? 0 : n_batches + (step == ARM);
    end
  end
  reg finished = 0;
  reg [39:0] m_cycles = 0, m_broadcasts = 0, m_fulls = 0, m_transfers = 0, m_batches = 0;
  reg several = 0;
  always @(posedge clk) begin
    finished <= rst_n && finish;
    m_cycles <= n_cycles + 1;
    m_broadcasts <= n_broadcasts;
    m_fulls <= n_fulls;
    m_transfers <= n_transfers;
    m_batches <= n_batches;
    several <= rst_n && (several || (finish && n_batches == 2 && last && n_broadcasts == 3));
  end

  wire [2:0] expected = step == CLEAR ? OP_CLEAR : step == BIAS && more ? OP_BIAS : step == LOAD && more ? OP_LOAD
                      : step == STORE && more ? OP_STORE : step == ARM ? OP_ARM : OP_NONE;
  wire [7:0] first_word = step == BIAS ? bias_address : step == LOAD ? from : out_address >> 2;
  always @* if (started) begin
    one_thing_at_a_time: assert (op == expected);
    words_in_order: assert (!(moves && more) || (address == ((first_word + done) & 8'hFF) && base == 4 * done));
    lengths: assert (!(step == STORE && more) || (length == out_length && offset == out_address[1:0]));
    batches_in_order: assert (!(step == ARM || (step == LOAD && more)) || (length == batch && offset == 0));
    relu_is_the_layers: assert (!(step == STORE && more) || relu_out == relu);
    broadcasts_when_there_is_room: assert (broadcast_valid == (step == COMPUTE && root_valid && !any_full));
    broadcasts_the_root: assert (!broadcast_valid || (broadcast_column == ((before + root_column) & 14'h3FFF) &&
                                                      broadcast_value == root_value));
    takes_what_it_sends: assert (root_pop == broadcast_valid);
    drains_a_batch: assert (drain == (step == DRAIN));
    finishes_once: assert (finish == (step == FINISH));
    all_columns: assert (!(step == STORE || step == FINISH) || left == 0);
    a_batch_has_columns: assert (!(step == LOAD || step == ARM || step == COMPUTE || step == DRAIN) || left != 0);
    counters: assert (!finished || (cycles == m_cycles && broadcasts == m_broadcasts && fulls == m_fulls &&
                                    transfers == m_transfers && batches == m_batches));
    // What the proof leans on.
    lean_step: assert (state == step);
    lean_busy: assert (step == IDLE || busy);
    lean_words: assert (moves ? words_left == words - done && done <= words : words_left == 0 && done == 0);
    lean_place: assert (!moves || (next_address == ((first_word + done) & 8'hFF) && next_base == 4 * done));
    lean_outputs: assert (!moves || (address == next_address && base == next_base));
    lean_left: assert (step == IDLE || (columns_left == left && column_base == before && batch_address == from));
    lean_first: assert (!(step == CLEAR || step == BIAS) || left == in_length);
    lean_tail: assert (step != DRAIN || (drained <= 2 && tail_left == 2 - drained));
    lean_host: assert (in_length != 0 && out_length != 0 && out_length <= 256);
    lean_counts: assert (step == IDLE || (counted_cycles == n_cycles && counted_broadcasts == n_broadcasts && counted_fulls == n_fulls &&
                                          counted_transfers == n_transfers && counted_batches == n_batches));
  end
  always @* begin
    reach_two_batches: cover (step == STORE && n_batches == 2 && op == OP_STORE);
    reach_bias: cover (step == COMPUTE && bias && first && broadcast_valid);
    reach_sums_go_on: cover (finish && !first && !last);
    reach_offset: cover (op == OP_STORE && offset == 3 && done == 1);
    reach_full: cover (step == COMPUTE && root_valid && any_full && n_broadcasts == 2);
    reach_next_launch: cover (several && step == COMPUTE);
  end
endmodule
