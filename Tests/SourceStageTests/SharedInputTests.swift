import Dataflow
import Records
import SourceStage
import TestSupport
import Testing

/// Several workers that read one input leave together what one alone leaves: the same rows at the same positions, the same
/// late rows and dead letters, the same cuts.
@Suite struct SharedInputTests {
  static let schema = Schema([
    Field("id", .int64), Field("at", .timestamp), Field("note", .string, nullable: true),
  ])

  static func plan(
    worker: Int = 0,
    of workers: Int = 1,
    batchRows: Int = 2048,
    limit: Int? = nil,
    cut: CutPlan? = nil
  ) -> SourcePlan {
    SourcePlan(
      schema: schema,
      timeColumn: 1,
      source: 0,
      input: .file(path: "in.csv"),
      limit: limit,
      longestLine: 200,
      batchRows: batchRows,
      cut: cut,
      worker: worker,
      workers: workers
    )
  }

  /// Rows of all the kinds that a file may hold, most of them good.
  static func file(lines: Int, _ random: inout SeededRandom) -> [UInt8] {
    let isRough = random.chance(oneIn: 2)
    let odd = isRough ? 4 : 40
    var text = random.chance(oneIn: 4) ? "note,at,more,id\r\n" : "id,at,note\n"
    let isReordered = text.hasPrefix("note")
    var second = 0
    for line in 0..<lines {
      second += Int.random(in: 0...2, using: &random)
      let late = random.chance(oneIn: odd) ? Int.random(in: 0...30, using: &random) : 0
      let moment = max(second - late, 0)
      let clock = String(3600 + moment)
      var id = "\(line)"
      var at = "2018-04-01 \(two(moment / 3600)):\(two(moment / 60 % 60)):\(two(moment % 60))"
      var note = ["", "a", "plain text"].randomElement(using: &random) ?? ""
      if random.chance(oneIn: odd) {
        switch Int.random(in: 0..<14, using: &random) {
        case 0: note = "\"quoted, \"\"twice\"\"\""
        case 1: note = "\"two\nlines\""
        case 2: note = "\"two\r\nlines, and\n\nmore\""
        case 3: id = "x\(clock)"
        case 4: at = "never"
        case 5: at = "\"\(at)\""
        case 6: id += ",,,,"
        case 7: at = " \(at) "
        case 8: note = String(repeating: "long ", count: 60)
        case 9: note = "\"open"
        case 10: text += "\n"
        case 11: note = "\"\(String(repeating: "long\n", count: 60))\""
        case 12: note = "in\"side"
        default: at = "2018-04-01T00:00:00.5Z"
        }
      }
      text += isReordered ? "\(note),\(at),,\(id)" : "\(id),\(at),\(note)"
      text += random.chance(oneIn: odd) ? "\r\n" : "\n"
    }
    if random.chance(oneIn: 3) { text.removeLast() }
    return Array(text.utf8)
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  @Test func anyNumberOfWorkersReadTheSameRows() throws {
    var read: Int64 = 0
    var late: Int64 = 0
    var letters: Int64 = 0
    for seed in Seeds.range(60) {
      var random = SeededRandom(seed: seed)
      let bytes = Self.file(lines: Int.random(in: 0...4000, using: &random), &random)
      let limit = random.chance(oneIn: 3) ? Int.random(in: 0...3000, using: &random) : nil
      let cut = random.chance(oneIn: 2) ? CutPlan.records(Int.random(in: 1...1500, using: &random)) : nil
      let alone = try SourceRun(Self.plan(limit: limit, cut: cut), bytes)
      read += alone.counters.rowsIn
      late += alone.counters.late
      letters += alone.counters.deadLetters
      #expect(
        alone.counters.rowsIn == Int64(alone.rows.count) + alone.counters.deadLetters + alone.counters.late,
        "seed \(seed)"
      )
      for workers in [1, 2, 3, 7] {
        let runs = try (0..<workers).map { worker in
          let rows = [1, 7, 100, 2048].randomElement(using: &random) ?? 1
          let most = [40, 1000, 100_000].randomElement(using: &random) ?? 1
          return try SourceRun(
            Self.plan(worker: worker, of: workers, batchRows: rows, limit: limit, cut: cut),
            bytes
          ) { Int.random(in: 1...most, using: &random) }
        }
        let label: Comment = "seed \(seed), \(workers) workers"
        #expect(runs.flatMap(\.rows).sorted { $0.ordinal < $1.ordinal } == alone.rows, label)
        #expect(runs.flatMap(\.letters).sorted { $0.byteOffset < $1.byteOffset } == alone.letters, label)
        #expect(runs.reduce(0) { $0 + $1.counters.rowsIn } == alone.counters.rowsIn, label)
        #expect(runs.reduce(0) { $0 + $1.counters.late } == alone.counters.late, label)
        #expect(runs.reduce(0) { $0 + $1.counters.deadLetters } == alone.counters.deadLetters, label)
        for run in runs { #expect(run.cuts.count == alone.cuts.count, label) }
        // Before each cut stand the same rows.
        for cut in alone.cuts.indices {
          #expect(runs.reduce(0) { $0 + $1.cuts[cut] } == alone.cuts[cut], label)
          let next = alone.cuts[cut] < alone.rows.count ? alone.rows[alone.cuts[cut]].ordinal : .max
          for run in runs { #expect(run.rows.prefix(run.cuts[cut]).allSatisfy { $0.ordinal < next }, label) }
        }
      }
    }
    // The files hold enough of everything.
    #expect(read > 50_000 && late > 200 && letters > 500, "\(read) rows, \(late) late, \(letters) dead letters")
  }

  /// A source of which every step and every piece of input is in the test's hands.
  private struct Stepped: ~Copyable {
    var source: CSVSource
    let bytes: [UInt8]
    var at = 0
    var effects = StageEffects()
    var rows: [Row] = []
    var arrivals: [Int64] = []

    init(_ plan: SourcePlan, _ bytes: [UInt8]) {
      source = CSVSource(plan)
      self.bytes = bytes
    }

    @discardableResult
    mutating func step(now: Int64 = 0) throws -> SourceStep {
      let step = try source.step(now: now, into: &effects)
      for batch in effects.rows.map({ $0.assembled() }) {
        rows += batch.rows
        if let column = batch.arrivals { for row in 0..<batch.rowCount { arrivals.append(column.int64(row)) } }
      }
      effects.rows.removeAll()
      if step == .needsInput {
        if at == bytes.count {
          source.endInput()
        } else {
          let end = min(at + 5000, bytes.count)
          // Held here as well, so that it can be read while the source changes.
          let bytes = bytes
          source.supply(bytes.span.extracting(at..<end))
          at = end
        }
      }
      return step
    }
  }

  /// Told to stop before one record, wherever they have come to, workers leave together all rows before it and no other.
  @Test func workersStopInOnePlace() throws {
    for seed in Seeds.range(200) {
      var random = SeededRandom(seed: seed)
      let bytes = Self.file(lines: Int.random(in: 0...4000, using: &random), &random)
      let alone = try SourceRun(Self.plan(), bytes)
      let workers = [1, 2, 3, 7].randomElement(using: &random) ?? 1
      let rows = [1, 7, 100, 2048].randomElement(using: &random) ?? 1
      var place: UInt64 = 0
      var stops: [Int] = []
      for worker in 0..<workers {
        var stepped = Stepped(Self.plan(worker: worker, of: workers, batchRows: rows), bytes)
        let steps = Int.random(in: 0...(6000 / rows), using: &random)
        stops.append(steps)
        for _ in 0..<steps { if try stepped.step() == .finished { break } }
        place = max(place, stepped.source.place)
      }
      var together: [Row] = []
      for worker in 0..<workers {
        var stepped = Stepped(Self.plan(worker: worker, of: workers, batchRows: rows), bytes)
        var isWorking = true
        for _ in 0..<stops[worker] where isWorking { isWorking = try stepped.step() != .finished }
        if isWorking { stepped.source.stop(at: place) }
        while isWorking { isWorking = try stepped.step() != .finished }
        together += stepped.rows
        #expect(
          stepped.effects.counters.rowsIn == Int64(stepped.rows.count) + stepped.effects.counters.deadLetters
            + stepped.effects.counters.late,
          "seed \(seed)"
        )
      }
      #expect(
        together.sorted { $0.ordinal < $1.ordinal } == alone.rows.filter { $0.ordinal < place },
        "seed \(seed), \(workers) workers, before record \(place)"
      )
    }
  }

  /// Workers agree on when a row is due: its distance from the first row of the input, whoever reads that.
  @Test func workersKeepOnePace() throws {
    let lines = (0..<1500).map { "\($0),2018-04-01 00:\(Self.two($0 / 60)):\(Self.two($0 % 60)),\n" }.joined()
    let bytes = Array(("id,at,note\n" + lines).utf8)
    for worker in 0..<3 {
      let plan = SourcePlan(
        schema: Self.schema,
        timeColumn: 1,
        source: 0,
        input: .file(path: "in.csv"),
        speed: 1000,
        worker: worker,
        workers: 3
      )
      var stepped = Stepped(plan, bytes)
      var now: Int64 = 5
      while case let step = try stepped.step(now: now), step != .finished {
        if case .waiting(let until) = step { now = until }
      }
      #expect(stepped.rows.map(\.ordinal) == (0..<1500).filter { $0 / 512 % 3 == UInt64(worker) })
      #expect(stepped.arrivals == stepped.rows.map { 5 + Int64($0.ordinal) * 1_000_000 })
    }
  }

  /// Rows that are let go before they are due have arrived when they go.
  @Test func whatAStopLetsGoHasAnArrival() throws {
    let bytes = Array("id,at,note\n1,2018-04-01 00:00:00,\n2,2018-04-01 00:00:10,\n".utf8)
    let plan = SourcePlan(schema: Self.schema, timeColumn: 1, source: 0, input: .file(path: "in.csv"), speed: 1)
    var stepped = Stepped(plan, bytes)
    while stepped.rows.isEmpty { try stepped.step(now: 70) }
    stepped.source.stop(at: 9)
    while try stepped.step(now: 80) != .finished {}
    #expect(stepped.rows.count == 2 && stepped.arrivals == [70, 80])
  }
}
