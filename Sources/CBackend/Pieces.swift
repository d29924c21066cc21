import CSyntax
import Planning

/// The processing of a block and the update as a row of pieces, any number of which can be done at a time.
extension Emitter {
  /// One kind of piece: a call, or one for every tile of some neurons.
  struct Piece {
    /// What is done, which also names it.
    var name: String
    var lines: [String]
    /// The number of neurons that are gone through in tiles, where this is the last piece of a tile, and the name of the
    /// first.
    var loop: (total: Int, first: String)?
  }

  /// The number of the block's first step: that of a trial of one block is 0.
  var firstStep: String { plan.hasBlocks ? "net->first" : "0" }

  mutating func emitPieces() {
    let (block, rest) = (blockPieces(), endPieces())
    emitWork(block, rest)
    if plan.hasBlocks {
      text.function(
        "Does what is left of the processing of a full record.", "static void finish_block(\(net) *net)",
        """
        if (net->piece == DO_nothing) {
            net->piece = \(pieceName(block[0]));
        }
        while (is_working(net)) {
            work(net);
        }
        """)
    }
  }

  private func pieceName(_ piece: Piece) -> String { "DO_\(piece.name)" }

  mutating func emitPieceNames() {
    let pieces = blockPieces() + endPieces()
    text.gap()
    text.comment(
      "The pieces of an update in their order, each a backward sweep, a replay or the columns of one projection for one tile of neurons, or something "
        + "that takes no longer. net->piece is the next one, net->tile its first neuron.")
    let names = ["DO_nothing = 0"] + pieces.map(pieceName) + (plan.hasBlocks ? ["DONE_with_block"] : [])
    text.add("enum {\n\(names.map { "    \($0)" }.joined(separator: ",\n"))\n};")
    let isDone = plan.hasBlocks ? " && net->piece != DONE_with_block" : ""
    text.function(
      "Whether pieces are left.", "static int is_working(const \(net) *net)",
      "return net->piece != DO_nothing\(isDone);")
  }

  private mutating func emitWork(_ block: [Piece], _ rest: [Piece]) {
    var cases = ""
    for piece in block + rest {
      cases += "case \(pieceName(piece)):\n\(indented(piece.lines.joined(separator: "\n"), by: 4))\n"
      if let loop = piece.loop {
        cases += """
              if (has_next_tile(net, \(count(loop.total)))) {
                  net->piece = DO_\(loop.first);
                  return;
              }

          """
      }
      if piece.lines.last != "return;" { cases += "    break;\n" }
    }
    let usesTiles = (block + rest).contains { $0.loop != nil }
    let readsTile = (block + rest).contains { $0.lines.contains { $0.contains("j0") } }
    if usesTiles {
      text.function(
        "Goes on to the next tile of `total` neurons, or back to the first where there is none.",
        "static EPROP_APART int has_next_tile(\(net) *net, uint16_t total)",
        """
        if ((uint16_t)(total - net->tile) > \(P)_TILE) {
            net->tile = (uint16_t)(net->tile + \(P)_TILE);
            return 1;
        }
        net->tile = 0;
        return 0;
        """)
    }
    text.function(
      "Does the next piece.", "static void work(\(net) *net)",
      """
      const uint16_t n = net->recorded;
      \(readsTile ? "const uint16_t j0 = net->tile;\n" : "")
      switch (net->piece) {
      \(cases)default:
          break;
      }
      net->piece++;
      """)
  }

  /// The pieces of a block.
  private func blockPieces() -> [Piece] {
    let perBlock = !plan.accumulates
    var pieces = [
      Piece(
        name: "filter_errors",
        lines: (perBlock ? ["begin_update(net);"] : []) + ["filter_errors(net, \(firstStep), n);"]
          + plan.projections.filter(hasNext).map(rewind))
    ]
    pieces += sortingPieces()
    for (index, population) in plan.populations.enumerated() where learnsInto(index) {
      pieces += tilePieces(population, index: index)
    }
    pieces += readoutPieces()
    pieces.append(Piece(name: "end_block", lines: endOfBlock(plan.accumulates ? "collect" : "learn")))
    return pieces
  }

  /// What brings the record into the order of its sources.
  private func sortingPieces() -> [Piece] {
    if plan.scattersGradients {
      return plan.countsScattered ? [Piece(name: "count_spikes", lines: ["count_spikes(net, n);"])] : []
    }
    var pieces: [Piece] = []
    if plan.sortsInputs {
      let call =
        "\(inputSort)(net->input_events, net->input_end, n, net->input_start, (uint16_t)\(P)_INPUTS, net->input_times);"
      pieces.append(Piece(name: "sort_inputs", lines: [call]))
    }
    let call =
      "sort_by_source(net->record, net->record_end, (uint16_t)(n + 1U), net->record_start, (uint16_t)\(P)_NEURONS,\n"
      + "               net->record_times);"
    return pieces + [Piece(name: "sort_spikes", lines: [call])]
  }

  /// What is done for one tile of the readouts.
  private func readoutPieces() -> [Piece] {
    let readouts = plastic.filter { $0.target == .readout }
    guard !readouts.isEmpty else { return [] }
    var pieces: [Piece] = []
    if !plan.isCarried && !packs {
      pieces.append(Piece(name: "error_tile", lines: ["error_tile(net, j0, tile_width(j0, \(P)_OUTPUTS), n);"]))
    }
    if plan.scattersGradients {
      pieces.append(
        Piece(name: "scatter", lines: ["scatter_gradients(net, (uint16_t)(n + 1U), 0);"]))
    }
    pieces += readouts.map { learnPiece($0, of: outputs) }
    pieces[pieces.count - 1].loop = (outputs, pieces[0].name)
    return pieces
  }

  /// Learns a projection's synapses onto the tile at j0 of `total` neurons, or adds up their gradients.
  private func learnPiece(_ projection: ProjectionPlan, of total: Int) -> Piece {
    let name = "\(plan.accumulates ? "collect" : "learn")_\(projection.name)"
    let isReadout = projection.target == .readout
    let width = "tile_width(j0, \(count(total)))"
    if plan.accumulates {
      return Piece(name: name, lines: ["\(name)(net, j0, \(width)\(isReadout ? "" : ", n"));"])
    }
    if packs {
      let learn = stepsRows && !isReadout ? "learn_tile_either" : "learn_tile"
      let call = "\(learn)(net, \(number(projection))U);"
      return Piece(name: name, lines: isReadout && plan.hasSweeps ? ["net->sums = \(errorSums);", call] : [call])
    }
    if projection.isCompressed { return Piece(name: name, lines: [learnColumns(projection, width)]) }
    // Spikes of the last step have arrived at the readout.
    let arrived = isReadout && !plan.isCarried ? "(uint16_t)(n + 1U)" : "n"
    return Piece(name: name, lines: ["learn_tile(net, \(number(projection))U, j0, \(width), \(arrived));"])
  }

  /// What is done for one tile of a population, piece by piece, and after the last of its tiles.
  private func tilePieces(_ population: PopulationPlan, index: Int) -> [Piece] {
    let adaptive = population.adaptation != nil
    let needsStep = sweepsWithDither(population)
    let n = population.name
    let learnt = plastic.filter { $0.target == .population(index) }
    let width = "tile_width(j0, \(count(population.count)))"
    var pieces: [Piece] = []
    func add(_ name: String, _ arguments: String) {
      pieces.append(Piece(name: name, lines: ["\(name)(net, j0, \(width), n\(arguments));"]))
    }
    if replays { add("replay_\(n)", "") }
    add("sweep_\(n)", needsStep ? ", \(firstStep)" : "")
    if packs {
      pieces[pieces.count - 1].lines.append(
        "net->sums = (uint8_t)\(plan.addsRows ? "deltas_of_a_half" : "deltas_are_small")(net, n);")
    }
    if plan.scattersGradients {
      pieces.append(Piece(name: "scatter_\(n)", lines: ["scatter_gradients(net, n, n);"]))
    }
    if plan.sumsFrames && learnt.contains(where: { $0.source == .inputs }) {
      pieces.append(Piece(name: "sum_frames_\(n)", lines: ["sum_frames(net, n);"]))
    }
    pieces += learnt.map { learnPiece($0, of: population.count) }
    for projection in plan.projections where projection.target == .population(index) && passesTiles(projection) {
      pieces.append(Piece(name: "pass_\(projection.name)", lines: ["pass_\(projection.name)(net, j0, \(width));"]))
    }
    if plan.isCarried {
      add("sweep_trace_\(n)", ", \(firstStep)")
      for projection in learnt { add("carry_trace_\(projection.name)", ", \(firstStep)") }
      if adaptive {
        add("sweep_adaptation_\(n)", ", \(firstStep)")
        for projection in learnt { add("carry_adaptation_\(projection.name)", ", \(firstStep)") }
      }
    }
    pieces[pieces.count - 1].loop = (population.count, pieces[0].name)
    if plan.isCarried {
      for projection in learnt {
        pieces.append(
          Piece(
            name: "carry_sources_\(projection.name)",
            lines: ["carry_sources_\(projection.name)(net, n, \(firstStep));"]))
      }
    }
    return pieces
  }

  private func endOfBlock(_ verb: String) -> [String] {
    var lines: [String] = []
    if plan.readout.biasIsPlastic {
      lines.append("\(verb)_bias(net, n);")
      if plan.isCarried {
        lines.append(
          """
          for (uint16_t step = 0; step < n; step++) {
              net->bias_trace = \(decay(plan.readout.decay[0], "net->bias_trace", "eprop_dither(net->first + step)")) + 256;
          }
          """)
      }
    }
    if memory.ram.contains(where: { $0.name == "readout_trace" }) { lines.append("carry_readout(net, n, net->first);") }
    if !plan.accumulates && plan.isFactored { lines.append("finish_update(net);") }
    if plan.isStream {
      if plan.countsSpikes {
        lines.append(
          """
          if (net->period > \(P)_STEPS - \(P)_BLOCK) {
              note_counts(net);
              begin_period(net);
          }
          """)
      }
      return lines + ["net->piece = DONE_with_block;", "return;"]
    }
    if plan.hasBlocks {
      if blocksPerUpdate != nil { lines.append("net->pending++;") }
      let waits = blocksPerUpdate.map { " && net->pending != \(count($0))" } ?? ""
      return lines + [
        """
        if (net->recording != 0U\(waits)) {
            net->piece = DONE_with_block;
            return;
        }
        """
      ]
    }
    return lines + ["net->recorded = 0;", "net->piece = DO_nothing;", "return;"]
  }

  /// After how many blocks of a trial there is an update, where that is neither every one nor the last.
  private var blocksPerUpdate: Int? {
    guard plan.accumulates, case .blocks(let blocks)? = plan.learning?.updateTime else { return nil }
    return blocks
  }

  /// What an update does besides, where a trial has several blocks.
  private func endPieces() -> [Piece] {
    guard plan.hasBlocks, !plan.isStream else { return [] }
    var pieces: [Piece] = []
    if plan.accumulates {
      pieces.append(Piece(name: "begin_update", lines: ["begin_update(net);"]))
      for projection in plastic {
        let name = "learn_\(projection.name)"
        let width = "tile_width(j0, \(count(projection.postCount)))"
        pieces.append(
          Piece(
            name: name, lines: ["learn_tile(net, \(number(projection))U, j0, \(width));"],
            loop: (projection.postCount, name)))
      }
    }
    var lines: [String] = []
    if plan.accumulates && plan.readout.biasIsPlastic { lines.append("learn_bias(net);") }
    if plan.accumulates && plan.isFactored { lines.append("finish_update(net);") }
    if blocksPerUpdate != nil {
      lines.append(
        """
        net->pending = 0;
        if (net->recording != 0U) {
            net->piece = DONE_with_block;
            return;
        }
        """)
      pieces.append(Piece(name: "end_sums", lines: lines))
      lines = []
    }
    if plan.countsSpikes { lines.append("note_counts(net);") }
    pieces.append(
      Piece(name: "end_update", lines: lines + ["net->recorded = 0;", "net->piece = DO_nothing;", "return;"]))
    return pieces
  }

  mutating func emitTileHelper() {
    guard !plastic.isEmpty else { return }
    text.function(
      "How many of `total` neurons the tile at j0 has.", "static uint16_t tile_width(uint16_t j0, uint16_t total)",
      "uint16_t left = (uint16_t)(total - j0);\nreturn left < \(P)_TILE ? left : (uint16_t)\(P)_TILE;")
  }

  mutating func emitUpdateFunctions() {
    emitUpdateBegin()
    let waiting =
      plan.hasBlocks
      ? """
      if (net->piece == DO_nothing && net->recording != 0U && block_is_full(net)) {
          net->piece = DO_filter_errors;
      }

      """ : ""
    text.function(
      "", "\(p)_status \(p)_update_slice(\(net) *net, uint16_t budget)",
      """
      \(waiting)while (budget > 0U && is_working(net)) {
          work(net);
          budget--;
      }
      return is_working(net) ? \(P)_MORE : \(P)_OK;
      """)
    text.function(
      "", "\(p)_status \(p)_update(\(net) *net)",
      """
      \(p)_status status = \(p)_update_begin(net);

      while (is_working(net)) {
          work(net);
      }
      return status;
      """)
  }

  private mutating func emitUpdateBegin() {
    if plan.isStream {
      text.function(
        "", "\(p)_status \(p)_update_begin(\(net) *net)",
        """
        if (net->spoilt != 0U) {
            drop_block(net);
            return \(P)_SPOILT;
        }
        if (net->recorded == \(recordedBefore)) {
            return \(P)_NOTHING_RECORDED;
        }
        if (net->piece == DO_nothing) {
            net->piece = DO_filter_errors;
        }
        return \(P)_OK;
        """)
      return
    }
    let start =
      plan.hasBlocks
      ? """
      if (net->piece == DO_nothing) {
          net->piece = DO_filter_errors;
      } else if (net->piece == DONE_with_block) {
          net->piece = \(blocksPerUpdate == nil ? "DO_end_block + 1" : "net->pending == 0U ? DO_end_update : DO_end_block + 1");
      }
      """ : "net->piece = DO_filter_errors;"
    text.function(
      "", "\(p)_status \(p)_update_begin(\(net) *net)",
      """
      if (net->spoilt != 0U) {
          net->spoilt = 0;
          net->skipped++;
          return \(P)_SPOILT;
      }
      if (net->recording == 0U && is_working(net)) {
          return \(P)_OK;
      }
      if (net->recording == 0U || net->recorded == 0U) {
          return \(P)_NOTHING_RECORDED;
      }
      net->recording = 0;
      \(start)
      return \(P)_OK;
      """)
  }
}
