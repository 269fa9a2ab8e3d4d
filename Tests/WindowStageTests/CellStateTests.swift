import Dataflow
import Records
import TestSupport
import Testing
import WindowStage

/// What windows of cells keep, and how far from the truth their estimates are.
@Suite struct CellStateTests {
  static let schema = Schema([Field("key", .int64), Field("value", .int64)])

  static func plan(_ function: WindowAggregate.Function, cells: Int64, others: [Int64] = []) throws -> WindowPlan {
    try WindowPlan(
      input: schema,
      key: 0,
      inputs: WindowPlan.columns(of: schema),
      aggregates: ([cells] + others).enumerated().map { number, cells in
        WindowAggregate(
          name: "w\(number)",
          function: function,
          inputs: [1],
          older: .age(cells * 1_000_000),
          resolution: 1_000_000
        )
      },
      retention: 1
    )
  }

  /// One worker, and the last results that it gave.
  struct Run: ~Copyable {
    private let schema: Schema
    private var effects = StageEffects()
    private var ordinal: UInt64 = 0
    var logic: CellLogic
    private(set) var results: [Value] = []

    init(_ plan: WindowPlan) throws {
      schema = plan.inputSchema
      logic = CellLogic(plan, resolution: try #require(plan.resolution))
    }

    /// - Parameter row: the time, the key and the value of row number so many.
    mutating func feed(_ count: Int, _ row: (Int) -> (Int64, Int64, Int64)) throws {
      var number = 0
      while number < count {
        let rows = (number..<min(number + 10_000, count)).map { number in
          let (time, key, value) = row(number)
          return Row(time: time, ordinal: ordinal + UInt64(number), values: [.int(key), .int(value)])
        }
        try logic.process(.of(schema, rows), into: &effects)
        for rows in effects.rows {
          if let last = rows.assembled().rows.last { results = Array(last.values.dropFirst(2)) }
        }
        effects.rows.removeAll()
        number += rows.count
      }
      ordinal += UInt64(count)
    }
  }

  /// The error that is stated is that of the mean of squares; one in some hundred thousand is more than four times as far off.
  @Test func estimatesAreWithinTheirStatedError() throws {
    var squares = 0.0
    var cases = 0
    for seed in Seeds.range(24) {
      var random = SeededRandom(seed: seed)
      let most = seed == 0 ? 1_000_000 : 30_000
      let start = Int64.random(in: .min ... .max, using: &random)
      var run = try Run(Self.plan(.distinctUpTo(exact: 100), cells: 1000))
      var count = 0
      for next in [100, 101, 300, 1000, 3000, 4096, 10_000, 30_000, 100_000, 300_000, 1_000_000] where next <= most {
        // All values are new; the cells go on with them.
        try run.feed(next - count) { number in
          (Int64(count + number) * 900, 1, start &+ Int64(count + number) &* 7)
        }
        count = next
        guard case .int(let estimate) = run.results[0] else { throw StageFailure("no estimate") }
        if count == 100 {
          #expect(estimate == 100)
          continue
        }
        #expect(estimate > 100)
        let error = Double(estimate) / Double(count) - 1
        #expect(abs(error) <= 5 * 0.01625, "seed \(seed): \(estimate) for \(count)")
        squares += error * error
        cases += 1
      }
    }
    let error = (squares / Double(cases)).squareRoot()
    #expect(error <= 0.01625 * 1.15, "the standard error is \(error)")
  }

  /// A window that slides sees the values of its cells, exactly again once they are few.
  @Test func whatLeavesAWindowIsForgotten() throws {
    var run = try Run(Self.plan(.distinctUpTo(exact: 50), cells: 20, others: [5, 1]))
    for round in 0..<4 {
      let time = Int64(round) * 1_000_000_000
      // 10,000 values a second for 30 s, of which windows of 20, 5 and 1 hold those of 21, 6 and 2.
      try run.feed(300_000) { number in (time + Int64(number) * 100, 1, Int64(number)) }
      for (result, seconds) in zip(run.results, [21, 6, 2]) {
        guard case .int(let estimate) = result else { throw StageFailure("no estimate") }
        let error = Double(estimate) / Double(seconds * 10_000) - 1
        #expect(abs(error) <= 5 * 0.01625, "\(estimate) for \(seconds) s")
      }
      let full = run.logic.memoryBytes
      try run.feed(40) { number in (time + 500_000_000 + Int64(number), 1, Int64(number)) }
      #expect(run.results == [.int(40), .int(40), .int(40)])
      // Registers are those of the round before.
      if round > 0 { #expect(run.logic.memoryBytes <= full) }
      #expect(full < 1_500_000, "\(full) bytes")
    }
  }

  @Test func memoryGrowsWithTheWindowAndNotWithItsRows() throws {
    var run = try Run(Self.plan(.mean, cells: 100))
    try run.feed(20_000) { number in (Int64(number) * 10_000, Int64(number % 5), 1) }
    let after200Seconds = run.logic.memoryBytes
    // Ten times as many rows a cell, for ten times as long.
    try run.feed(2_000_000) { number in (200_000_000 + Int64(number) * 1000, Int64(number % 5), 1) }
    #expect(run.logic.memoryBytes == after200Seconds)
    #expect(run.logic.keyCount == 5)
  }

  @Test func keysAreForgottenWithTheirCells() throws {
    var run = try Run(Self.plan(.distinctUpTo(exact: 2), cells: 10))
    var most = 0
    for part in 0..<200 {
      // A new key each 10 ms, with three values: of two windows and a cell there are 1,100 at a time.
      try run.feed(300) { number in
        let key = Int64(part * 100 + number / 3)
        return (key * 10_000, key, Int64(number % 3))
      }
      most = max(most, run.logic.keyCount)
    }
    #expect(most < 4000, "\(most) keys of 20,000")
    let before = run.logic.memoryBytes
    try run.feed(60_000) { number in (200_000_000 + Int64(number / 3) * 10_000, Int64(20_000 + number / 3), 0) }
    #expect(run.logic.memoryBytes <= before)
  }
}
