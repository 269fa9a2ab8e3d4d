import Dataflow
import Records
import SourceStage
import TestSupport
import Testing

/// What sources that stop at checkpoints and go on from their states leave together is what an undisturbed one leaves.
@Suite struct SourceStateTests {
  /// An input with the plan that reads it.
  private struct Subject {
    let input: InputPieces
    let plan: SourcePlan

    /// The same, read with no pauses.
    func alone() throws -> SourceRun {
      var plain = plan
      plain = SourceStateTests.plan(plan.input, plan.format, limit: plan.limit, cut: plan.cut)
      switch input {
      case .bytes(let bytes):
        return plan.format == .csv ? try SourceRun(plain, bytes) : try SourceRun(json: plain, bytes)
      case .messages(let messages):
        return try SourceRun(messages: messages.map { String(decoding: $0, as: UTF8.self) }, plain)
      }
    }
  }

  private static func plan(
    _ input: SourceInput,
    _ format: SourceFormat,
    speed: Double? = nil,
    limit: Int? = nil,
    batchRows: Int = 2048,
    cut: CutPlan? = nil,
    worker: Int = 0,
    of workers: Int = 1
  ) -> SourcePlan {
    SourcePlan(
      schema: SharedInputTests.schema,
      timeColumn: 1,
      source: 0,
      input: input,
      format: format,
      speed: speed,
      limit: limit,
      longestLine: 200,
      batchRows: batchRows,
      cut: cut,
      worker: worker,
      workers: workers
    )
  }

  private static let endpoint = SourceInput.messages(endpoint: "ipc://x")

  /// Objects of all the kinds that an input may hold.
  private static func objects(_ count: Int, _ random: inout SeededRandom) -> [String] {
    let odd = random.chance(oneIn: 2) ? 4 : 40
    var second = 0
    return (0..<count).map { id in
      second += Int.random(in: 0...2, using: &random)
      let moment = random.chance(oneIn: odd) ? max(second - Int.random(in: 0...30, using: &random), 0) : second
      let at = "2018-04-01 \(two(moment / 3600)):\(two(moment / 60 % 60)):\(two(moment % 60))"
      let plain = "{\"id\":\(id),\"at\":\"\(at)\",\"note\":\"a\"}"
      guard random.chance(oneIn: odd) else { return plain }
      return [
        "", "\r", "nonsense", "{\"id\":", "{\"id\":\(id),\"at\":\"\(at)\"}\r", "{\"id\":\(id),\"at\":\"never\"}",
        "{\"id\":\"x\",\"at\":\"\(at)\",\"note\":null}", "{\"note\":\"\(String(repeating: "long ", count: 60))\"}",
      ].randomElement(using: &random) ?? plain
    }
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  private static func subject(_ random: inout SeededRandom) -> Subject {
    let records =
      random.chance(oneIn: 4) ? Int.random(in: 0...20, using: &random) : .random(in: 0...3000, using: &random)
    let limit = random.chance(oneIn: 4) ? Int.random(in: 0...3000, using: &random) : nil
    let cut = random.chance(oneIn: 2) ? CutPlan.records(Int.random(in: 1...700, using: &random)) : nil
    let speed = random.chance(oneIn: 2) ? [1, 1000, 1e9].randomElement(using: &random) : nil
    func plan(_ input: SourceInput, _ format: SourceFormat) -> SourcePlan {
      Self.plan(input, format, speed: speed, limit: limit, cut: cut)
    }
    switch Int.random(in: 0..<7, using: &random) {
    case 0...3:
      let mark: [UInt8] = random.chance(oneIn: 3) ? [0xEF, 0xBB, 0xBF] : []
      let file = SharedInputTests.file(lines: records, &random)
      return Subject(input: .bytes(mark + file), plan: plan(.file(path: "in.csv"), .csv))
    case 4:
      let text = objects(records, &random).joined(separator: "\n") + (random.chance(oneIn: 2) ? "\n" : "")
      return Subject(input: .bytes(Array(text.utf8)), plan: plan(.file(path: "in.jsonl"), .jsonl))
    case 5:
      let messages = objects(records, &random).map { Array($0.replacing(",", with: ",\n").utf8) }
      return Subject(input: .messages(messages), plan: plan(endpoint, .json))
    default:
      var lines: [String]
      let format: SourceFormat = random.chance(oneIn: 2) ? .csv : .jsonl
      if format == .csv {
        let file = SharedInputTests.file(lines: records, &random)
        lines = String(decoding: file, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
          .dropFirst().map(String.init)
      } else {
        lines = objects(records, &random)
      }
      var messages: [[UInt8]] = []
      while !lines.isEmpty {
        let count = Int.random(in: 0...5, using: &random)
        messages.append(Array(lines.prefix(count).joined(separator: "\n").utf8))
        lines.removeFirst(min(count, lines.count))
      }
      return Subject(input: .messages(messages), plan: plan(endpoint, format))
    }
  }

  @Test func goesOnFromEveryCheckpointWithAnyNumberOfWorkers() throws {
    var total = Totals()
    for seed in Seeds.range(400) {
      var random = SeededRandom(seed: seed)
      let subject = Self.subject(&random)
      if subject.plan.format == .csv {
        try Self.check(subject, seed, &random, &total) { CSVSource($0) }
      } else {
        try Self.check(subject, seed, &random, &total) { JSONSource($0, clockOffset: 0) }
      }
    }
    // There is enough of everything.
    #expect(total.rows > 100_000 && total.letters > 1000 && total.cuts > 500, "\(total)")
    #expect(total.checkpoints > 400 && total.restores > 300 && total.stops > 50, "\(total)")
  }

  private struct Totals {
    var rows = 0
    var letters = 0
    var cuts = 0
    var checkpoints = 0
    var restores = 0
    var stops = 0
  }

  private static func check<Source: SourceLogic & ~Copyable>(
    _ subject: Subject,
    _ seed: UInt64,
    _ random: inout SeededRandom,
    _ total: inout Totals,
    _ make: (SourcePlan) -> Source
  ) throws {
    let alone = try subject.alone()
    let isShared = if case .bytes = subject.input { true } else { false }
    var (rows, letters, counters): ([Row], [DeadLetterLine], RowCounters) = ([], [], RowCounters())
    var cuts: [UInt64: Int] = [:]
    var state: [UInt8]?
    var label = "seed \(seed)"
    repeat {
      let workers = isShared ? [1, 2, 3, 7].randomElement(using: &random) ?? 1 : 1
      label += state == nil ? ", \(workers) workers" : ", then \(workers)"
      let sources = try (0..<workers).map { worker in
        let plan = plan(
          subject.plan.input,
          subject.plan.format,
          speed: subject.plan.speed,
          limit: subject.plan.limit,
          batchRows: [1, 7, 100, 2048].randomElement(using: &random) ?? 1,
          cut: subject.plan.cut,
          worker: worker,
          of: workers
        )
        if let state { return try SteppedSource(make(plan), subject.input, from: state) }
        return SteppedSource(make(plan), subject.input)
      }
      let outcome = try run(sources, &random, &total)
      state = outcome
      if state != nil { total.restores += 1 }
      for cut in Set(sources.flatMap { $0.cuts.map(\.number) }) {
        let before = sources.map { source in source.cuts.last { $0.number == cut }?.rows }
        guard !before.contains(nil), cuts[cut] == nil else {
          Issue.record("a cut that not all make, or twice: \(cut), \(label)")
          continue
        }
        cuts[cut] = before.reduce(rows.count) { $0 + ($1 ?? 0) }
      }
      rows += sources.flatMap(\.rows)
      letters += sources.flatMap(\.letters)
      for source in sources {
        counters.rowsIn += source.counters.rowsIn
        counters.late += source.counters.late
        counters.deadLetters += source.counters.deadLetters
      }
    } while state != nil
    total.rows += rows.count
    total.letters += letters.count
    total.cuts += cuts.count
    let comment = Comment(rawValue: label)
    #expect(rows.sorted { $0.ordinal < $1.ordinal } == alone.rows, comment)
    #expect(letters.sorted { $0.byteOffset < $1.byteOffset } == alone.letters, comment)
    #expect(counters == alone.counters, comment)
    let expected = Dictionary(uniqueKeysWithValues: alone.cuts.enumerated().map { (UInt64($0 + 1), $1) })
    #expect(cuts == expected, comment)
  }

  /// Runs workers that share an input past any number of checkpoints.
  ///
  /// - Returns: the state to go on from; nil at the end of the input.
  private static func run<Source: SourceLogic & ~Copyable>(
    _ sources: [SteppedSource<Source>],
    _ random: inout SeededRandom,
    _ total: inout Totals
  ) throws -> [UInt8]? {
    var now: Int64 = 1000
    let most = [1, 40, 1000, 100_000].randomElement(using: &random) ?? 1
    for number in 1... {
      // Somewhere on the way...
      var steps = [0, 3, 30, 1000].randomElement(using: &random) ?? 0
      while steps > 0, let source = sources.filter({ !$0.isFinished }).randomElement(using: &random) {
        steps -= 1
        let supplied = Int.random(in: 0...most, using: &random)
        if case .waiting(let until) = try source.step(now: now, supplying: supplied), random.chance(oneIn: 2) {
          now = max(now, until)
        }
      }
      // ...all are paused.
      let running = sources.filter { !$0.isFinished }
      if running.isEmpty { return nil }
      let asked = sources.map { $0.source.place }.max() ?? 0
      let isStop = random.chance(oneIn: 5)
      let place = random.chance(oneIn: 3) ? asked + UInt64.random(in: 0...1500, using: &random) : asked
      for source in running {
        if isStop { source.source.stop(at: place) } else { source.source.cut(UInt64(number), at: place) }
      }
      // Each goes on until it has left the barrier.
      func isThere(_ source: SteppedSource<Source>) -> Bool {
        source.isFinished || source.checkpoints.last == UInt64(number)
      }
      while let source = running.filter({ !isThere($0) }).randomElement(using: &random) {
        if case .waiting(let until) = try source.step(now: now, supplying: Int.random(in: 0...most, using: &random)) {
          now = max(now, until)
        }
      }
      let standing = running.filter { isStop || $0.checkpoints.last == UInt64(number) }
      // None of those that share an input passes a barrier that another one leaves.
      #expect(standing.isEmpty || standing.count == running.count)
      guard let state = standing.randomElement(using: &random)?.source.state else { return nil }
      if isStop {
        total.stops += 1
        return state
      }
      total.checkpoints += 1
      if random.chance(oneIn: 2) { return state }
    }
    return nil
  }

  /// A live source for which nothing comes has no reason to wait, whatever it said last.
  @Test func anIdleSourceLeavesTheBarrierAtOnce() throws {
    let row = Array("{\"id\":1,\"at\":\"2018-04-01 00:00:00\"}".utf8)
    for messages in [[], [row], [row, row]] {
      let source = SteppedSource(
        JSONSource(Self.plan(Self.endpoint, .json), clockOffset: 0),
        .messages(messages)
      )
      while source.rows.count < messages.count { try source.step(supplying: 1) }
      #expect(try source.step(supplying: 0) == .needsInput)
      source.source.cut(3, at: source.source.place)
      #expect(try source.step(supplying: 0) == .working)
      #expect(source.checkpoints == [3])
      #expect(try source.step(supplying: 0) == .needsInput)
      #expect(source.checkpoints == [3])
      let state = source.source.state
      var next = JSONSource(Self.plan(Self.endpoint, .json), clockOffset: 0)
      #expect(try next.restore(state, keepsSchedule: false) == UInt64(messages.count))
    }
    let waiting = SteppedSource(
      CSVSource(Self.plan(.file(path: "in.csv"), .csv, speed: 1)),
      .bytes(Array("id,at,note\n1,2018-04-01 00:00:00,\n2,2018-04-02 00:00:00,\n".utf8))
    )
    while case let step = try waiting.step(supplying: 1000), step == .working || step == .needsInput {}
    #expect(waiting.rows.count == 1 && waiting.source.place == 1)
    waiting.source.cut(1, at: 1)
    try waiting.step(supplying: 0)
    #expect(waiting.checkpoints == [1] && waiting.rows.count == 1)
  }

  /// A barrier may stand between the rows of a message, which is needed again and must not be gone.
  @Test func aStateTellsWhichMessagesItCountsOn() throws {
    let row = "{\"id\":1,\"at\":\"2018-04-01 00:00:00\"}\n"
    for (rows, first, end) in [(1, 0, 1), (2, 1, 1), (3, 1, 2), (5, 2, 2)] as [(Int, UInt64, UInt64)] {
      let source = SteppedSource(
        JSONSource(Self.plan(Self.endpoint, .jsonl, batchRows: 1), clockOffset: 0),
        .messages([Array((row + row).utf8), Array((row + row + row).utf8)])
      )
      while source.rows.count < rows { try source.step(supplying: 1) }
      source.source.cut(1, at: source.source.place)
      while source.checkpoints.isEmpty { try source.step(supplying: 0) }
      let place = try #require(MessagePlace(state: source.source.state))
      #expect(place.first == first && place.end == end)
    }
    #expect(MessagePlace(state: []) == nil)
  }

  /// A replay goes on with the next row, not after the time that had passed before.
  @Test func thePaceBeginsAnewWithTheFirstRow() throws {
    let lines = (0..<1500).map { "\($0),2018-04-01 00:\(Self.two($0 / 60)):\(Self.two($0 % 60)),\n" }.joined()
    let input = InputPieces.bytes(Array(("id,at,note\n" + lines).utf8))
    func plan(_ worker: Int, of workers: Int) -> SourcePlan {
      Self.plan(.file(path: "in.csv"), .csv, speed: 1000, worker: worker, of: workers)
    }
    let first = SteppedSource(CSVSource(plan(0, of: 1)), input)
    first.source.cut(1, at: 700)
    var now: Int64 = 5
    while first.checkpoints.isEmpty {
      if case .waiting(let until) = try first.step(now: now, supplying: 5000) { now = until }
    }
    #expect(first.rows.count == 700)
    let state = first.source.state
    for worker in 0..<2 {
      let source = try SteppedSource(CSVSource(plan(worker, of: 2)), input, from: state)
      var now: Int64 = 70
      while !source.isFinished {
        if case .waiting(let until) = try source.step(now: now, supplying: 5000) { now = until }
      }
      #expect(source.arrivals == source.rows.map { 70 + (Int64($0.ordinal) - 700) * 1_000_000 })
    }
  }

  @Test func whatIsNoStateIsRefusedOrDoesNoHarm() throws {
    var refused = 0
    for seed in Seeds.range(3000) {
      var random = SeededRandom(seed: seed)
      let isCSV = random.chance(oneIn: 2)
      let bytes =
        isCSV
        ? SharedInputTests.file(lines: 30, &random) : Array(Self.objects(30, &random).joined(separator: "\n").utf8)
      let input = isCSV || random.chance(oneIn: 2) ? InputPieces.bytes(bytes) : .messages([bytes])
      let kind = if case .messages = input { Self.endpoint } else { SourceInput.file(path: "in") }
      let plan = Self.plan(
        kind,
        isCSV ? .csv : .jsonl,
        speed: random.chance(oneIn: 2) ? 1000 : nil,
        cut: random.chance(oneIn: 2) ? .records(7) : nil
      )
      if isCSV {
        refused += try Self.damage(input, &random) { CSVSource(plan) }
      } else {
        refused += try Self.damage(input, &random) { JSONSource(plan, clockOffset: 0) }
      }
    }
    #expect(refused > 100)
    var source = CSVSource(Self.plan(.file(path: "in.csv"), .csv))
    let failure = #expect(throws: StageFailure.self) { try source.restore([2, 0, 0], keepsSchedule: false) }
    #expect(failure?.description.contains("the checkpoint's state of 'in.csv' is damaged") == true)
  }

  /// - Returns: 1 where the damaged state was refused.
  private static func damage<Source: SourceLogic & ~Copyable>(
    _ input: InputPieces,
    _ random: inout SeededRandom,
    _ make: () -> Source
  ) throws -> Int {
    let source = SteppedSource(make(), input)
    source.source.cut(1, at: UInt64.random(in: 0...30, using: &random))
    var now: Int64 = 0
    while !source.isFinished, source.checkpoints.isEmpty {
      if case .waiting(let until) = try source.step(now: now, supplying: 500) { now = until }
    }
    var state = source.source.state
    for _ in 0..<Int.random(in: 1...4, using: &random) where !state.isEmpty {
      switch Int.random(in: 0..<4, using: &random) {
      case 0: state.removeLast(Int.random(in: 1...state.count, using: &random))
      case 1: state.append(.random(in: 0...255, using: &random))
      default:
        state[Int.random(in: state.indices, using: &random)] =
          [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &random) ?? 0
      }
    }
    guard let next = try? SteppedSource(make(), input, from: state) else { return 1 }
    for _ in 0..<300 where !next.isFinished {
      do {
        if case .waiting(let until) = try next.step(now: now, supplying: 500) { now = until }
      } catch is StageFailure {
        break
      }
    }
    _ = next.source.state
    return 0
  }
}
