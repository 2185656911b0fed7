// SPDX-License-Identifier: Apache-2.0
// Self-checking testbench of the device: plays what `eie export` wrote down of one layer and compares every answer. It knows
// no register and no configuration: addresses, data and expected values are in the two files (docs/synthesis.md).
//
//   +stimulus=FILE +expected=FILE   the files; default: stimulus.txt and expected.txt in the current directory
//   +stalls=PERCENT                 in a cycle each channel stalls with this probability, 0 (default) to 90
//   +seed=N                         of the stalls; default 1
//   +vcd=FILE                       waves; default: none (with Verilator: build with --trace)
//   +launch=N +from=C +to=C         waves of this launch alone, from 1, and of these cycles of it, from 0 (the first one with
//                                   STATUS.busy set); default: 0, all that happens, loads too. Verilator knows no $dumpoff: there
//                                   what comes behind the window is in the file
//
// Checked are: all read data under their masks, also for X; OKAY on every access; BVALID and RVALID with their payload held until
// READY, no response without a request; the interrupt in time, and low again when cleared; the cycles from start to interrupt.
// The last line is `PASS: ...`, or `FAIL: ...` and $fatal.
//
// Pins change at the rising edge. At the falling edge everything in a cycle is settled; then the handshakes of the coming rising
// edge are seen, and the pins after it decided. Nothing depends on the order of processes.
`timescale 1ns / 1ps

module eie_tb;
  localparam [31:0] Depth = 16;          // operations read ahead, a power of two
  localparam [31:0] HangLimit = 10000;   // cycles without a handshake
  localparam [31:0] MaxReports = 20;     // mismatches printed
  localparam [31:0] MaxLine = 512;       // characters of a line
  localparam [31:0] StartToIrq = 2;      // cycles from start to interrupt that the counter of the device does not count

  logic clk = 1'b0;
  logic rst_n = 1'b0;
  logic s_axi_awvalid = 1'b0;
  logic s_axi_awready;
  logic [31:0] s_axi_awaddr = '0;
  logic s_axi_wvalid = 1'b0;
  logic s_axi_wready;
  logic [63:0] s_axi_wdata = '0;
  logic [7:0] s_axi_wstrb = '0;
  logic s_axi_bvalid;
  logic s_axi_bready = 1'b0;
  logic [1:0] s_axi_bresp;
  logic s_axi_arvalid = 1'b0;
  logic s_axi_arready;
  logic [31:0] s_axi_araddr = '0;
  logic s_axi_rvalid;
  logic s_axi_rready = 1'b0;
  logic [63:0] s_axi_rdata;
  logic [1:0] s_axi_rresp;
  logic irq;

  Eie dut (
      .clk(clk), .rst_n(rst_n),
      .s_axi_awvalid(s_axi_awvalid), .s_axi_awready(s_axi_awready), .s_axi_awaddr(s_axi_awaddr),
      .s_axi_wvalid(s_axi_wvalid), .s_axi_wready(s_axi_wready), .s_axi_wdata(s_axi_wdata), .s_axi_wstrb(s_axi_wstrb),
      .s_axi_bvalid(s_axi_bvalid), .s_axi_bready(s_axi_bready), .s_axi_bresp(s_axi_bresp),
      .s_axi_arvalid(s_axi_arvalid), .s_axi_arready(s_axi_arready), .s_axi_araddr(s_axi_araddr),
      .s_axi_rvalid(s_axi_rvalid), .s_axi_rready(s_axi_rready), .s_axi_rdata(s_axi_rdata), .s_axi_rresp(s_axi_rresp),
      .irq(irq)
  );

  initial forever #5 clk = ~clk;

  // --- Pins, one cycle after they were decided -----------------------------------------------------------------
  logic next_rst_n = 1'b0;
  logic next_awvalid = 1'b0;
  logic [31:0] next_awaddr = '0;
  logic next_wvalid = 1'b0;
  logic [63:0] next_wdata = '0;
  logic [7:0] next_wstrb = '0;
  logic next_bready = 1'b0;
  logic next_arvalid = 1'b0;
  logic [31:0] next_araddr = '0;
  logic next_rready = 1'b0;

  always @(posedge clk) begin
    rst_n <= next_rst_n;
    s_axi_awvalid <= next_awvalid;
    s_axi_awaddr <= next_awaddr;
    s_axi_wvalid <= next_wvalid;
    s_axi_wdata <= next_wdata;
    s_axi_wstrb <= next_wstrb;
    s_axi_bready <= next_bready;
    s_axi_arvalid <= next_arvalid;
    s_axi_araddr <= next_araddr;
    s_axi_rready <= next_rready;
  end

  // --- Options and random stalls ---------------------------------------------------------------------------------
  string stimulus_name;
  string expected_name;
  string vcd_name = "";
  int unsigned dump_launch;
  longint unsigned dump_from, dump_to;
  int unsigned stalls;
  int unsigned seed;
  logic [31:0] random_state = 32'd1;

  // xorshift: the same stalls in every simulator.
  function automatic logic [31:0] stirred(input logic [31:0] state);
    logic [31:0] next;
    next = state ^ (state << 13);
    next = next ^ (next >> 17);
    return next ^ (next << 5);
  endfunction
  function automatic logic stall();
    random_state = stirred(random_state);
    return (random_state % 32'd100) < stalls;
  endfunction

  longint unsigned cycle = 0;  // after reset

  // --- What went wrong -------------------------------------------------------------------------------------------
  int unsigned failures = 0;

  function automatic void mismatch(input string text);
    failures = failures + 1;
    if (failures <= MaxReports) $display("cycle %0d: %s", cycle, text);
    if (failures == MaxReports + 1) $display("(further mismatches are only counted)");
  endfunction

  // Nothing sensible can follow.
  task automatic give_up(input string text);
    $display("FAIL: %s", text);
    $fatal(1, "testbench failed");
  endtask

  // --- Files -----------------------------------------------------------------------------------------------------
  int stimulus_file;
  int expected_file;
  int unsigned stimulus_line = 0;
  int unsigned expected_line = 0;

  // The next operation of the stimulus, not yet begun.
  string op_kind = "";
  logic [31:0] op_address = '0;
  logic [63:0] op_data = '0;
  logic [7:0] op_strobe = '0;
  int unsigned op_number = 0;  // operations before it

  // A line as it was read, and its first word: Icarus 11 reads into no string, and writes none that is local to a task.
  logic [8*MaxLine-1:0] text = '0, word = '0;
  string line = "", head = "", name = "";
  int got = 0;  // characters of it; 0: the file has no more

  // The next line. Of one longer than MaxLine, a comment, the rest is passed over.
  task automatic next_line(input logic of_expected);
    int more;
    if (of_expected) got = $fgets(text, expected_file);
    else got = $fgets(text, stimulus_file);
    line = $sformatf("%0s", text);
    more = got;
    while (more != 0 && text[7:0] != 8'h0A) begin
      if (of_expected) more = $fgets(text, expected_file);
      else more = $fgets(text, stimulus_file);
    end
  endtask

  task automatic read_operation();
    logic [63:0] first;
    logic [63:0] second;
    logic [7:0] third;
    int fields;
    int wanted;
    wanted = 0;
    head = "";
    while (wanted == 0) begin
      next_line(1'b0);
      if (got == 0) begin
        give_up($sformatf("%s: ends after line %0d without an end operation: cut short?", stimulus_name, stimulus_line));
        wanted = -1;
      end else begin
        stimulus_line = stimulus_line + 1;
        first = '0;
        second = '0;
        third = '0;
        word = '0;
        fields = $sscanf(line, "%s %h %h %h", word, first, second, third);
        head = $sformatf("%0s", word);
        if (fields >= 1 && head != "//") begin
          if (head == "w") wanted = 4;
          else if (head == "q") wanted = 1;
          else if (head == "r" || head == "i" || head == "t" || head == "e") wanted = 2;
          else wanted = 99;
          if (fields < wanted) begin
            give_up($sformatf("%s:%0d: no operation of format 1: %s", stimulus_name, stimulus_line, line));
          end
        end
      end
    end
    if (op_kind != "") op_number = op_number + 1;
    op_kind = head;
    op_address = first[31:0];
    op_data = head == "w" ? second : first;
    op_strobe = third;
  endtask

  // Compares the answer to a read with the next line of the expected values.
  task automatic check_read(input logic [31:0] address, input logic [63:0] data, input int unsigned number);
    logic [31:0] at;
    logic [63:0] value;
    logic [63:0] mask;
    int fields;
    logic found;
    found = 1'b0;
    while (!found) begin
      next_line(1'b1);
      if (got == 0) begin
        give_up($sformatf("%s: ends after line %0d, before the read at %h (operation %0d)", expected_name, expected_line,
                          address, number));
        found = 1'b1;
      end else begin
        expected_line = expected_line + 1;
        fields = $sscanf(line, "%s", word);
        head = $sformatf("%0s", word);
        if (fields == 1 && head != "//") begin
          found = 1'b1;
          fields = $sscanf(line, "%h %h %h", at, value, mask);
          if (fields != 3 || at !== address) begin
            give_up($sformatf("%s:%0d: expected the read at %h (operation %0d), found: %s", expected_name, expected_line,
                              address, number, line));
          end
        end
      end
    end
    if ((data & mask) !== (value & mask)) begin
      name = "";
      if (line.len() > 46) name = line.substr(46, line.len() - 2);
      mismatch($sformatf("operation %0d, read at %h: got %h, expected %h, mask %h (%s:%0d: %s)", number, address, data,
                         value, mask, expected_name, expected_line, name));
    end
  endtask

  // No value may be left when the stimulus ends.
  task automatic check_expected_end();
    int fields;
    next_line(1'b1);
    while (got != 0) begin
      expected_line = expected_line + 1;
      fields = $sscanf(line, "%s", word);
      head = $sformatf("%0s", word);
      if (fields == 1 && head != "//") begin
        give_up($sformatf("%s:%0d: a value that no read asked for: %s", expected_name, expected_line, line));
      end
      next_line(1'b1);
    end
  endtask

  // --- Operations in flight: writes, or reads, or the wait for the interrupt ------------------------------------------
  string kind = "";
  logic [31:0] address[Depth];
  logic [63:0] data[Depth];
  logic [7:0] strobe[Depth];
  int unsigned number[Depth];
  int unsigned fetched = 0;  // of this kind, since the last change of kind; position modulo Depth
  int unsigned aw_sent = 0;
  int unsigned w_sent = 0;
  int unsigned ar_sent = 0;
  int unsigned answered = 0;

  longint unsigned last_handshake = 0;
  longint unsigned last_write = 0;       // cycle in which the newest write was complete
  longint unsigned irq_rise = 0;         // cycle in which the interrupt was last seen to rise
  longint unsigned wait_begin = 0;
  longint unsigned wait_limit = 0;
  longint unsigned launch_cycles = 0;    // measured, of the last launch
  longint unsigned all_cycles = 0;       // of all launches
  longint unsigned writes = 0;
  longint unsigned reads = 0;
  longint unsigned interrupts = 0;
  logic irq_before = 1'b0;
  logic held_b = 1'b0;
  logic held_r = 1'b0;
  logic [1:0] held_bresp = '0;
  logic [1:0] held_rresp = '0;
  logic [63:0] held_rdata = '0;
  logic ended = 1'b0;

  // A response stays until it is taken.
  task automatic check_held();
    if (held_b && (s_axi_bvalid !== 1'b1 || s_axi_bresp !== held_bresp)) begin
      mismatch("BVALID or BRESP changed before BREADY");
    end
    if (held_r && (s_axi_rvalid !== 1'b1 || s_axi_rresp !== held_rresp || s_axi_rdata !== held_rdata)) begin
      mismatch("RVALID, RRESP or RDATA changed before RREADY");
    end
    held_b = s_axi_bvalid === 1'b1 && !s_axi_bready;
    held_r = s_axi_rvalid === 1'b1 && !s_axi_rready;
    held_bresp = s_axi_bresp;
    held_rresp = s_axi_rresp;
    held_rdata = s_axi_rdata;
    if ((^{s_axi_awready, s_axi_wready, s_axi_bvalid, s_axi_arready, s_axi_rvalid, irq}) === 1'bx) begin
      mismatch("a handshake signal or the interrupt is X or Z");
    end
  endtask

  // The handshakes of the coming edge.
  task automatic take_handshakes();
    logic [$clog2(Depth)-1:0] place;
    place = answered[$clog2(Depth)-1:0];
    if (s_axi_bvalid === 1'b1 && (kind != "w" || answered >= aw_sent || answered >= w_sent)) begin
      give_up($sformatf("cycle %0d: a write response without a write", cycle));
    end
    if (s_axi_rvalid === 1'b1 && (kind != "r" || answered >= ar_sent)) begin
      give_up($sformatf("cycle %0d: read data without a read", cycle));
    end
    if (s_axi_bvalid === 1'b1 && s_axi_bready) begin
      if (s_axi_bresp !== 2'b00) begin
        mismatch($sformatf("operation %0d, write of %h at %h: response %b, expected 00 (OKAY)", number[place], data[place],
                           address[place], s_axi_bresp));
      end
      answered = answered + 1;
      writes = writes + 1;
      last_handshake = cycle;
    end
    if (s_axi_rvalid === 1'b1 && s_axi_rready) begin
      if (s_axi_rresp !== 2'b00) begin
        mismatch($sformatf("operation %0d, read at %h: response %b, expected 00 (OKAY)", number[place], address[place],
                           s_axi_rresp));
      end
      check_read(address[place], s_axi_rdata, number[place]);
      answered = answered + 1;
      reads = reads + 1;
      last_handshake = cycle;
    end
    if (s_axi_awvalid && s_axi_awready === 1'b1) begin
      aw_sent = aw_sent + 1;
      last_write = cycle;
      last_handshake = cycle;
    end
    if (s_axi_wvalid && s_axi_wready === 1'b1) begin
      w_sent = w_sent + 1;
      last_write = cycle;
      last_handshake = cycle;
    end
    if (s_axi_arvalid && s_axi_arready === 1'b1) begin
      ar_sent = ar_sent + 1;
      last_handshake = cycle;
    end
    if (kind != "i" && answered != fetched && cycle - last_handshake > 64'(HangLimit)) begin
      give_up($sformatf("operation %0d, %s at %h: no handshake for %0d cycles", number[place],
                        kind == "w" ? "write" : "read", address[place], HangLimit));
    end
  endtask

  // The wait for the interrupt, until it is there. It may rise before the answer to the start is taken.
  task automatic watch_interrupt();
    if (irq === 1'b1 && !irq_before) irq_rise = cycle;
    irq_before = irq === 1'b1;
    if (kind == "i") begin
      if (irq === 1'b1) begin
        kind = "";
        interrupts = interrupts + 1;
        launch_cycles = irq_rise - last_write;
        all_cycles = all_cycles + launch_cycles;
        last_handshake = cycle;
      end else if (cycle - wait_begin > wait_limit) begin
        give_up($sformatf("operation %0d: no interrupt within %0d cycles", op_number - 1, wait_limit));
      end
    end
  endtask

  // --- A window of the waves -----------------------------------------------------------------------------------------
  logic dumping = 1'b0;
  logic dumped = 1'b0;
  longint unsigned dump_last = 0;  // the last cycle of it so far

  // The write before a wait for the interrupt starts a launch: cycle 0 comes StartToIrq cycles behind it.
  task automatic dump();
    logic started;
    longint unsigned first;
    started = kind == "i" || (kind == "w" && op_kind == "i" && aw_sent == fetched && w_sent == fetched);
    first = last_write + 64'(StartToIrq);
    if (dump_launch != 0 && vcd_name != "" && !dumped) begin
      if (started && irq !== 1'b1 && interrupts + 1 == 64'(dump_launch) && cycle >= first + dump_from && cycle <= first + dump_to) begin
        if (!dumping) begin
          $dumpfile(vcd_name);
          $dumpvars(0, eie_tb);
        end
        dumping = 1'b1;
        dump_last = cycle - first;
      end else if (dumping) begin
        $dumpoff;
        dumping = 1'b0;
        dumped = 1'b1;
        $display("waves: launch %0d, cycles %0d to %0d", dump_launch, dump_from, dump_last);
      end
    end
  endtask

  // Begins operations, as many as fit.
  task automatic fetch();
    logic more;
    more = 1'b1;
    while (more && !ended) begin
      if (kind == "i") begin
        more = 1'b0;
      end else if (op_kind == kind && (kind == "w" || kind == "r")) begin
        more = fetched - answered < Depth;
        if (more) begin
          address[fetched % Depth] = op_address;
          data[fetched % Depth] = op_data;
          strobe[fetched % Depth] = op_strobe;
          number[fetched % Depth] = op_number;
          fetched = fetched + 1;
          read_operation();
        end
      end else if (answered != fetched) begin
        more = 1'b0;  // another kind begins when all are answered
      end else begin
        fetched = 0;
        aw_sent = 0;
        w_sent = 0;
        ar_sent = 0;
        answered = 0;
        last_handshake = cycle;
        kind = op_kind;
        if (op_kind == "i") begin
          wait_begin = cycle;
          wait_limit = op_data;
          read_operation();
        end else if (op_kind == "q") begin
          if (irq !== 1'b0) mismatch($sformatf("operation %0d: the interrupt is %b, expected 0", op_number, irq));
          read_operation();
        end else if (op_kind == "t") begin
          if (launch_cycles != op_data + 64'(StartToIrq)) begin
            mismatch($sformatf("operation %0d: %0d cycles from start to interrupt, expected %0d", op_number,
                               launch_cycles, op_data + 64'(StartToIrq)));
          end
          read_operation();
        end else if (op_kind != "w" && op_kind != "r") begin
          ended = 1'b1;
          if (op_data != 64'(op_number)) begin
            give_up($sformatf("%s:%0d: %0d operations, the file says %0d", stimulus_name, stimulus_line, op_number,
                              op_data));
          end
        end
      end
    end
  endtask

  // The pins after the coming edge. A VALID that is not taken stays.
  task automatic decide();
    next_awvalid = kind == "w" && aw_sent != fetched && ((s_axi_awvalid && s_axi_awready !== 1'b1) || !stall());
    next_wvalid = kind == "w" && w_sent != fetched && ((s_axi_wvalid && s_axi_wready !== 1'b1) || !stall());
    next_arvalid = kind == "r" && ar_sent != fetched && ((s_axi_arvalid && s_axi_arready !== 1'b1) || !stall());
    next_bready = kind == "w" && !stall();
    next_rready = kind == "r" && !stall();
    if (next_awvalid) next_awaddr = address[aw_sent % Depth];
    if (next_wvalid) next_wdata = data[w_sent % Depth];
    if (next_wvalid) next_wstrb = strobe[w_sent % Depth];
    if (next_arvalid) next_araddr = address[ar_sent % Depth];
  endtask

  initial begin
    if (!$value$plusargs("stimulus=%s", stimulus_name)) stimulus_name = "stimulus.txt";
    if (!$value$plusargs("expected=%s", expected_name)) expected_name = "expected.txt";
    if (!$value$plusargs("stalls=%d", stalls)) stalls = 0;
    if (!$value$plusargs("seed=%d", seed)) seed = 1;
    if ($value$plusargs("vcd=%s", vcd_name)) begin
      if (!$value$plusargs("launch=%d", dump_launch)) dump_launch = 0;
      if (!$value$plusargs("from=%d", dump_from)) dump_from = 0;
      if (!$value$plusargs("to=%d", dump_to)) dump_to = 64'h7FFF_FFFF_FFFF_FFFF;
      if (dump_launch == 0) begin
        $dumpfile(vcd_name);
        $dumpvars(0, eie_tb);
      end
    end
    if (stalls > 90) give_up($sformatf("+stalls=%0d: expected 0 to 90", stalls));
    random_state = seed * 32'd2654435769;  // an odd factor: no two seeds are the same
    if (random_state == 32'd0) random_state = 32'd1;
    repeat (8) random_state = stirred(random_state);
    stimulus_file = $fopen(stimulus_name, "r");
    if (stimulus_file == 0) give_up($sformatf("+stimulus=%s: cannot be read", stimulus_name));
    expected_file = $fopen(expected_name, "r");
    if (expected_file == 0) give_up($sformatf("+expected=%s: cannot be read", expected_name));
    read_operation();
    repeat (4) @(negedge clk);
    next_rst_n = 1'b1;
    repeat (2) @(negedge clk);
    while (!ended) begin
      @(negedge clk);
      cycle = cycle + 1;
      check_held();
      take_handshakes();
      watch_interrupt();
      dump();
      fetch();
      decide();
    end
    check_expected_end();
    $fclose(stimulus_file);
    $fclose(expected_file);
    if (failures != 0) begin
      give_up($sformatf("%0d mismatches; %0d writes, %0d reads, %0d interrupts in %0d cycles", failures, writes, reads,
                        interrupts, cycle));
    end
    $display("PASS: %0d writes, %0d reads, %0d interrupts in %0d cycles, %0d of them from start to interrupt; stalls %0d %%, seed %0d",
             writes, reads, interrupts, cycle, all_cycles, stalls, seed);
    $finish;
  end
endmodule
