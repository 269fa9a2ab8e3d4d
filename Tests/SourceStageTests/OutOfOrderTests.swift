import Dataflow
import Records
import SourceStage
import TestSupport
import Testing

/// Rows that come out of order leave in the order of their positions, and none that came within the bound is late: judged by
/// sorting what the definition keeps.
@Suite struct OutOfOrderTests {
  /// An input and what is to come of it.
  private struct Stream {
    /// Seconds, in the order in which the records come.
    private(set) var times: [Int64] = []
    private(set) var isBad: [Bool] = []
    let bound: Int64

    init(_ random: inout SeededRandom) {
      bound = [1, 3, 20, 1000].randomElement(using: &random) ?? 1
      let most = Int64([0, 1, 3, 25, 1500].randomElement(using: &random) ?? 0)
      let step = [0, 1, 2, 30].randomElement(using: &random) ?? 1
      let odd = [3, 30, 100_000].randomElement(using: &random) ?? 3
      var second: Int64 = 0
      let count = random.chance(oneIn: 4) ? 0...20 : 0...2500
      for _ in 0..<Int.random(in: count, using: &random) {
        second += .random(in: 0...Int64(step), using: &random)
        times.append(max(second - .random(in: 0...most, using: &random), 0))
        isBad.append(random.chance(oneIn: odd))
      }
    }

    /// Whether the time of a record counts that is none of the schema's: only CSV shows it to whoever does not read the record.
    private func counts(_ record: Int, _ format: SourceFormat) -> Bool { !isBad[record] || format == .csv }

    /// The greatest time of the first so many records, less the bound.
    func floor(_ records: Int, _ format: SourceFormat) -> Int64 {
      (times.indices.prefix(records).filter { counts($0, format) }.map { times[$0] }.max() ?? .min / 2) - bound
    }

    /// The ordinals of the rows, in their order.
    func rows(_ format: SourceFormat, limit: Int?) -> [Int] {
      let all = 0..<min(times.count, limit ?? .max)
      var greatest = Int64.min / 2
      var rows: [Int] = []
      for record in all {
        if !isBad[record], times[record] >= greatest - bound { rows.append(record) }
        if counts(record, format) { greatest = max(greatest, times[record]) }
      }
      return rows.sorted { (times[$0], $0) < (times[$1], $1) }
    }

    func note(_ index: Int) -> String { "row \(index)\(index % 3 == 0 ? " of three" : "")" }

    /// A record's text, without its end.
    func record(_ index: Int, _ format: SourceFormat) -> String {
      let moment = times[index]
      let at = "2018-04-0\(1 + moment / 86400) \(two(moment / 3600 % 24)):\(two(moment / 60 % 60)):\(two(moment % 60))"
      let id = isBad[index] ? "x" : "\(index)"
      let note = note(index)
      return format == .csv ? "\(id),\(at),\(note)" : "{\"id\":\"\(id)\",\"at\":\"\(at)\",\"note\":\"\(note)\"}"
    }

    private func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
  }

  /// How the stream is read.
  private struct Way {
    let format: SourceFormat
    let isInMessages: Bool
    let limit: Int?
    let cut: Int?
    let speed: Double?

    init(_ random: inout SeededRandom) {
      format = random.chance(oneIn: 2) ? .csv : .jsonl
      isInMessages = random.chance(oneIn: 4)
      limit = random.chance(oneIn: 5) ? Int.random(in: 0...2500, using: &random) : nil
      cut = random.chance(oneIn: 2) ? Int.random(in: 1...700, using: &random) : nil
      speed = random.chance(oneIn: 3) ? [1, 1000, 1e9].randomElement(using: &random) : nil
    }

    func plan(_ bound: Int64, batchRows: Int = 2048, worker: Int = 0, of workers: Int = 1) -> SourcePlan {
      let plan = SourcePlan(
        schema: SharedInputTests.schema,
        timeColumn: 1,
        source: 0,
        input: isInMessages ? .messages(endpoint: "ipc://x") : .file(path: "in"),
        format: format,
        speed: speed,
        limit: limit,
        outOfOrder: bound * 1_000_000,
        longestLine: 200,
        batchRows: batchRows,
        cut: cut.map { .records($0) },
        worker: worker,
        workers: workers,
        blockRecords: 50
      )
      return plan.resumable
    }

    func input(_ stream: Stream, _ random: inout SeededRandom) -> InputPieces {
      let records = stream.times.indices.map { stream.record($0, format) }
      guard isInMessages else {
        let header = format == .csv ? "id,at,note\n" : ""
        return .bytes(Array((header + records.map { $0 + "\n" }.joined()).utf8))
      }
      var messages: [[UInt8]] = []
      var rest = records[...]
      while !rest.isEmpty {
        let count = Int.random(in: 1...4, using: &random)
        messages.append(Array(rest.prefix(count).joined(separator: "\n").utf8))
        rest = rest.dropFirst(count)
      }
      return .messages(messages)
    }
  }

  private struct Totals {
    var rows = 0
    var moved = 0
    var late: Int64 = 0
    var letters = 0
    var restores = 0
    var cuts = 0
  }

  @Test func rowsLeaveInOrderHoweverTheyAreReadAndGoneOnWith() throws {
    var total = Totals()
    for seed in Seeds.range(400) {
      var random = SeededRandom(seed: seed)
      let stream = Stream(&random)
      let way = Way(&random)
      if way.format == .csv {
        try Self.check(stream, way, seed, &random, &total) { CSVSource($0) }
      } else {
        try Self.check(stream, way, seed, &random, &total) { JSONSource($0, clockOffset: 0) }
      }
    }
    #expect(total.rows > 100_000 && total.moved > 10_000 && total.late > 1000 && total.letters > 3000, "\(total)")
    #expect(total.restores > 200 && total.cuts > 200, "\(total)")
  }

  private static func check<Source: SourceLogic & ~Copyable>(
    _ stream: Stream,
    _ way: Way,
    _ seed: UInt64,
    _ random: inout SeededRandom,
    _ total: inout Totals,
    _ make: (SourcePlan) -> Source
  ) throws {
    let input = way.input(stream, &random)
    let expected = stream.rows(way.format, limit: way.limit)
    var rows: [Row] = []
    var letters: [DeadLetterLine] = []
    var counters = RowCounters()
    var cuts: [UInt64: Int] = [:]
    var state: [UInt8]?
    var label = "seed \(seed)"
    repeat {
      let workers = way.isInMessages ? 1 : [1, 2, 3, 5].randomElement(using: &random) ?? 1
      label += state == nil ? ", \(workers) workers" : ", then \(workers)"
      let sources = try (0..<workers).map { worker in
        let batchRows = [1, 7, 100, 2048].randomElement(using: &random) ?? 1
        let source = make(way.plan(stream.bound, batchRows: batchRows, worker: worker, of: workers))
        if let state { return try SteppedSource(source, input, from: state) }
        return SteppedSource(source, input)
      }
      state = try run(sources, way, label, &random)
      if state != nil { total.restores += 1 }
      let comment = Comment(rawValue: label)
      for cut in Set(sources.flatMap { $0.cuts.map(\.number) }) {
        let before = sources.map { source in source.cuts.last { $0.number == cut }?.rows }
        #expect(!before.contains(nil) && cuts[cut] == nil, comment)
        cuts[cut] = before.reduce(rows.count) { $0 + ($1 ?? 0) }
      }
      for source in sources {
        #expect(zip(source.rows, source.rows.dropFirst()).allSatisfy { ($0.time, $0.ordinal) < ($1.time, $1.ordinal) })
        counters.rowsIn += source.counters.rowsIn
        counters.late += source.counters.late
        counters.deadLetters += source.counters.deadLetters
      }
      rows += sources.flatMap(\.rows).sorted { ($0.time, $0.ordinal) < ($1.time, $1.ordinal) }
      letters += sources.flatMap(\.letters)
      // What stands before a place where somebody may go on is all that comes before it.
      #expect(rows.map { Int($0.ordinal) } == Array(expected.prefix(rows.count)), comment)
    } while state != nil
    let comment = Comment(rawValue: label)
    let read = min(stream.times.count, way.limit ?? .max)
    let bad = stream.isBad.prefix(read).count { $0 }
    #expect(rows.map { Int($0.ordinal) } == expected, comment)
    #expect(
      rows.allSatisfy {
        $0.values[0] == .int(Int64($0.ordinal)) && $0.values[2] == .text(stream.note(Int($0.ordinal)))
      },
      comment
    )
    #expect(counters.rowsIn == Int64(read) && counters.deadLetters == Int64(bad), comment)
    #expect(counters.late == Int64(read - bad - expected.count), comment)
    #expect(letters.count == read - expected.count, comment)
    if let every = way.cut {
      let left = stride(from: every, through: read, by: every).map { place in
        expected.count { $0 < place && stream.times[$0] <= stream.floor(place, way.format) }
      }
      #expect(cuts == Dictionary(uniqueKeysWithValues: left.enumerated().map { (UInt64($0 + 1), $1) }), comment)
      total.cuts += cuts.count
    }
    total.rows += rows.count
    total.moved += zip(expected, expected.dropFirst()).count { $0 > $1 }
    total.late += counters.late
    total.letters += letters.count
  }

  /// Runs workers that share an input past any number of checkpoints.
  ///
  /// - Returns: the state to go on from; nil at the end of the input.
  private static func run<Source: SourceLogic & ~Copyable>(
    _ sources: [SteppedSource<Source>],
    _ way: Way,
    _ label: String,
    _ random: inout SeededRandom
  ) throws -> [UInt8]? {
    var now: Int64 = 1000
    let most = [1, 40, 1000, 100_000].randomElement(using: &random) ?? 1
    for number in (1 as UInt64)... {
      var steps = [0, 3, 30, 1000].randomElement(using: &random) ?? 0
      while steps > 0, let source = sources.filter({ !$0.isFinished }).randomElement(using: &random) {
        steps -= 1
        let supplied = Int.random(in: 0...most, using: &random)
        if case .waiting(let until) = try source.step(now: now, supplying: supplied), random.chance(oneIn: 2) {
          now = max(now, until)
        }
      }
      let running = sources.filter { !$0.isFinished }
      if running.isEmpty { return nil }
      let isStop = random.chance(oneIn: 4)
      // A live source that is stopped at a time says that it has come there.
      let isByTime = random.chance(oneIn: 2) && !way.isInMessages
      if isByTime {
        let furthest = sources.map { $0.source.time }.max() ?? .min
        let time = furthest == .min ? .min : furthest + Int64.random(in: 0...20, using: &random) * 1_000_000
        for source in running {
          if isStop { source.source.stop(behind: time) } else { source.source.cut(number, behind: time) }
        }
      } else {
        let asked = sources.map { $0.isFinished ? .max : $0.source.place }.max() ?? 0
        let more = random.chance(oneIn: 3) && asked < .max ? UInt64.random(in: 0...900, using: &random) : 0
        for source in running {
          if isStop { source.source.stop(at: asked + more) } else { source.source.cut(number, at: asked + more) }
        }
      }
      func isThere(_ source: SteppedSource<Source>) -> Bool {
        source.isFinished || source.checkpoints.last == number
      }
      while let source = running.filter({ !isThere($0) }).randomElement(using: &random) {
        if case .waiting(let until) = try source.step(now: now, supplying: Int.random(in: 0...most, using: &random)) {
          now = max(now, until)
        }
      }
      let standing = running.filter { isStop || $0.checkpoints.last == number }
      #expect(standing.isEmpty || standing.count == running.count)
      guard let state = standing.first?.source.state else { return nil }
      // When a pace began depends on who looks at the clock, and not all may have read the header.
      let isSame = way.speed == nil && standing.contains { $0.source.place > 0 }
      #expect(!isSame || standing.allSatisfy { $0.source.state == state }, "\(label)")
      if isStop || random.chance(oneIn: 2) { return state }
    }
    return nil
  }
}
