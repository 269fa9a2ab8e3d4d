import Dataflow
import Expressions
import Records
import TestSupport
import Testing
import WindowStage

/// Windows that leave a row when they close, against their definition: in batches of any size, by any number of workers, and
/// restored.
@Suite struct EmittingTests {
  static let functions: [WindowAggregate.Function] = [
    .count, .sum, .mean, .stddev, .min, .max, .first, .last, .distinct, .top, .topShare, .entropy, .quantile(0.5),
  ]

  static func extent(_ random: inout SeededRandom) -> WindowEmission.Extent {
    let length = Int64.random(in: 1...30, using: &random)
    switch Int.random(in: 0..<3, using: &random) {
    case 0: return .hopping(length: length, step: length, offset: .random(in: 0..<length, using: &random))
    case 1:
      let step = Int64.random(in: 1...length, using: &random)
      return .hopping(length: length, step: step, offset: .random(in: 0..<step, using: &random))
    default: return .session(gap: .random(in: 1...length, using: &random), longest: length)
    }
  }

  static func plan(_ random: inout SeededRandom) throws -> WindowPlan {
    let schema = AnyWindowTests.schema
    let inputs = try AnyWindowTests.expressions.map { try Expression.compile($0, schema: schema) }
    let extent = extent(&random)
    let key = random.chance(oneIn: 2) ? 0 : 2
    func plan(_ aggregates: [WindowAggregate]) throws -> WindowPlan {
      try WindowPlan(
        input: schema,
        key: key,
        inputs: inputs,
        aggregates: aggregates,
        retention: extent.length,
        emission: WindowEmission(extent)
      )
    }
    // Counts and sums alone take another path.
    let plain: [WindowAggregate.Function] = [.count, .sum, .mean]
    let functions = random.chance(oneIn: 3) ? plain : functions
    var aggregates: [WindowAggregate] = []
    while aggregates.count < 4 {
      let function = functions.randomElement(using: &random) ?? .count
      let older: WindowAggregate.Older =
        if case .hopping(let length, _, _) = extent { .age(length) } else { .unbounded }
      let aggregate = WindowAggregate(
        name: "a\(aggregates.count)",
        function: function,
        inputs: function == .count && random.chance(oneIn: 2)
          ? [] : [Int.random(in: 0..<AnyWindowTests.expressions.count, using: &random)],
        older: older
      )
      if (try? plan([aggregate])) != nil { aggregates.append(aggregate) }
    }
    return try plan(aggregates)
  }

  // MARK: The definition

  /// The windows of one key: the rows of each, and where it starts and ends.
  static func windows(_ rows: [Row], _ extent: WindowEmission.Extent) -> [(start: Int64, end: Int64, rows: [Row])] {
    switch extent {
    case .hopping(let length, let step, let offset):
      var found: [(start: Int64, end: Int64, rows: [Row])] = []
      guard let first = rows.first, let last = rows.last else { return [] }
      for end in first.time...last.time + length where (end - offset) % step == 0 {
        let held = rows.filter { end - length <= $0.time && $0.time < end }
        if !held.isEmpty { found.append((end - length, end, held)) }
      }
      return found
    case .session(let gap, let longest):
      var found: [[Row]] = []
      for row in rows {
        if let session = found.last, row.time - session[session.count - 1].time < gap,
          row.time - session[0].time < longest
        {
          found[found.count - 1].append(row)
        } else {
          found.append([row])
        }
      }
      return found.map { rows in (rows[0].time, min(rows[rows.count - 1].time + gap, rows[0].time + longest), rows) }
    }
  }

  /// What the windows leave of rows of all keys, in order, without positions.
  static func expected(_ plan: WindowPlan, _ emission: WindowEmission, _ rows: [Row]) throws -> [Row] {
    let perRow = try WindowPlan(
      input: plan.inputSchema,
      key: plan.key,
      inputs: plan.inputs,
      aggregates: plan.aggregates,
      retention: plan.retention
    )
    var left: [(end: Int64, group: Int, hash: UInt64, row: Row)] = []
    for (key, rows) in Dictionary(grouping: rows, by: { $0.values[plan.key] }) {
      for window in windows(rows, emission.extent) {
        var model = RecomputedWindows(perRow, AnyWindowTests.inputs)
        let values = window.rows.map { model.process($0) }.last ?? []
        let row = Row(
          time: window.end - 1,
          ordinal: 0,
          values: [key, .int(window.start), .int(window.end)] + values
        )
        left.append((window.end, key.keyGroup, key.stableHash, row))
      }
    }
    return left.sorted { ($0.end, $0.group, $0.hash >> 8) < ($1.end, $1.group, $1.hash >> 8) }.map(\.row)
  }

  static func check(_ actual: [Row], _ rows: [Row], _ plan: WindowPlan, seed: UInt64) throws {
    let emission = try #require(plan.emission)
    let expected = try expected(plan, emission, rows)
    #expect(actual.count == expected.count, "seed \(seed)")
    for (one, other) in zip(actual, expected) {
      let isSame = zip(one.values, other.values).enumerated()
        .allSatisfy { index, pair in
          if index > 2, case .quantile = plan.aggregates[index - 3].function,
            case (.float(let left), .float(let right)) = pair
          {
            return abs(left - right) <= 0.01 * abs(right)
          }
          return pair.0 == pair.1
        }
      guard isSame, one.time == other.time else {
        Issue.record("seed \(seed): \(one) is not \(other) with \(plan.aggregates), \(emission)")
        return
      }
    }
    for (one, other) in zip(actual, actual.dropFirst()) {
      #expect((one.time, one.ordinal) < (other.time, other.ordinal), "seed \(seed): positions do not rise")
    }
  }

  // MARK: The stage

  /// Workers of the stage that run side by side, each with the rows of its key groups.
  final class Workers {
    private final class Worker {
      var logic: EmittingLogic
      init(_ logic: consuming EmittingLogic) { self.logic = logic }
    }

    private let plan: WindowPlan
    private var workers: [Worker] = []
    /// Blocks of each, after `save`.
    private(set) var saved: [[StateBlock: [UInt8]]] = []
    private(set) var counters = RowCounters()

    init(_ plan: WindowPlan, _ count: Int, from old: [[StateBlock: [UInt8]]], _ random: inout SeededRandom) throws {
      self.plan = plan
      let emission = try #require(plan.emission)
      for index in 0..<count {
        let worker = Worker(EmittingLogic(plan, emission))
        for (origin, blocks) in old.enumerated() {
          for (block, bytes) in blocks.shuffled(using: &random)
          where KeyGroups.worker(ofGroup: Int(block.group), workers: count) == index {
            try worker.logic.restore(block, from: origin, bytes.span)
          }
        }
        try worker.logic.endRestore()
        workers.append(worker)
      }
    }

    /// - Parameter end: up to where all of them are told that rows have come.
    func run(_ rows: [Row], to end: Position, _ random: inout SeededRandom) throws -> [Row] {
      var left: [Row] = []
      for (index, worker) in workers.enumerated() {
        let own = rows.filter {
          KeyGroups.worker(ofGroup: $0.values[plan.key].keyGroup, workers: workers.count) == index
        }
        var rest = own[...]
        var effects = StageEffects()
        while !rest.isEmpty {
          let batch = Array(rest.prefix(random.chance(oneIn: 3) ? 1 : Int.random(in: 1...100, using: &random)))
          rest = rest.dropFirst(batch.count)
          try worker.logic.process(.of(plan.inputSchema, batch), into: &effects)
          let last = Position(time: batch[batch.count - 1].time, source: 0, ordinal: batch[batch.count - 1].ordinal)
          let next = rest.first.map { Position(time: $0.time, source: 0, ordinal: $0.ordinal).predecessor }
          let goal = random.chance(oneIn: 2) ? last : next.map { max($0, last) } ?? last
          left += try advance(worker, to: goal, &effects)
        }
        left += try advance(worker, to: end, &effects)
        counters.add(effects.counters)
      }
      return left.sorted { ($0.time, $0.ordinal) < ($1.time, $1.ordinal) }
    }

    private func advance(_ worker: Worker, to goal: Position, _ effects: inout StageEffects) throws -> [Row] {
      var left: [Row] = []
      var reached = Position.first
      repeat {
        reached = try worker.logic.advance(to: goal, into: &effects)
        for rows in effects.rows {
          #expect(rows.lastPosition <= reached)
          left += rows.assembled().rows
        }
        effects.rows.removeAll()
      } while reached < goal
      return left
    }

    func save() throws {
      saved = try workers.map { worker in
        let blocks = SavedBlocks()
        try worker.logic.snapshot(isFull: true)?.write(to: blocks)
        return blocks.bytes
      }
    }

    var keyCount: Int { workers.reduce(0) { $0 + $1.logic.keyCount } }
  }

  @Test func agreeWithTheDefinition() throws {
    for seed in Seeds.range(80) {
      var random = SeededRandom(seed: seed)
      let plan = try Self.plan(&random)
      let rows = AnyWindowTests.stream(rows: 250, &random)
      var first: [Row]?
      for count in [1, 2, 7] {
        let workers = try Workers(plan, count, from: [], &random)
        let left = try workers.run(rows, to: .last, &random)
        try Self.check(left, rows, plan, seed: seed)
        #expect(workers.keyCount == 0, "seed \(seed): every window has closed")
        #expect(workers.counters.gathered == Int64(rows.count))
        #expect(workers.counters.emitted == Int64(left.count))
        if let first { #expect(left == first, "seed \(seed): \(count) workers leave something else") }
        first = left
      }
    }
  }

  @Test func goOnAsIfUndisturbed() throws {
    for seed in Seeds.range(60) {
      var random = SeededRandom(seed: seed)
      let plan = try Self.plan(&random)
      let rows = AnyWindowTests.stream(rows: 300, &random)
      let left = try Epochs.run(rows, &random) { part, next, count, saved, random in
        let workers = try Workers(plan, count, from: saved, &random)
        let end = next.map { Position(time: $0.time, source: 0, ordinal: $0.ordinal).predecessor }
        let left = try workers.run(part, to: end ?? .last, &random)
        try workers.save()
        return (left, workers.saved)
      }
      try Self.check(left, rows, plan, seed: seed)
    }
  }

  /// More windows than fit in a batch close at once, at the edges of time too.
  @Test func manyKeysAndTheEndsOfTime() throws {
    var random = SeededRandom(seed: 1)
    for time in [Int64.min, 0, Int64.max - 1] {
      for extent in [
        WindowEmission.Extent.hopping(length: 10, step: 5, offset: 3), .session(gap: 7, longest: 9),
      ] {
        let older: WindowAggregate.Older =
          if case .hopping(let length, _, _) = extent { .age(length) } else { .unbounded }
        let plan = try WindowPlan(
          input: Schema([Field("key", .int64)]),
          key: 0,
          inputs: [],
          aggregates: [WindowAggregate(name: "rows", function: .count, older: older)],
          retention: extent.length,
          emission: WindowEmission(extent)
        )
        let rows = (0..<5000).map { Row(time: time, ordinal: UInt64($0), values: [.int(Int64($0))]) }
        let workers = try Workers(plan, 2, from: [], &random)
        let left = try workers.run(rows, to: .last, &random)
        #expect(Set(left.map { $0.values[0] }).count == 5000)
        #expect(left.allSatisfy { $0.values[3] == .int(1) })
        #expect(workers.keyCount == 0)
      }
    }
  }

  @Test func planSurvivesItsEncodingAndDamage() throws {
    for seed in Seeds.range(20) {
      var random = SeededRandom(seed: seed)
      let plan = try Self.plan(&random).emitting(as: 3, pathBits: 2)
      var writer = ByteWriter()
      plan.encode(into: &writer)
      var reader = ByteReader(writer.bytes)
      #expect(try WindowPlan(from: &reader) == plan)
      for _ in 0..<300 {
        var damaged = writer.bytes
        damaged[Int.random(in: damaged.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
        var reader = ByteReader(damaged)
        if let plan = try? WindowPlan(from: &reader), let emission = plan.emission {
          _ = EmittingLogic(plan, emission)
        }
      }
    }
  }
}

extension Value {
  /// Of a key.
  fileprivate var stableHash: UInt64 {
    switch self {
    case .int(let value): StableHash.of(value)
    case .text(let text): StableHash.of(Array(text.utf8).span)
    default: 0
    }
  }
}
