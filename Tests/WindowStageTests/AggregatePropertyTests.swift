import Dataflow
import Records
import TestSupport
import Testing
import WindowStage

/// Every aggregate with every kind of edge against its definition, on seeded random streams: in batches of random sizes,
/// and by workers that save, end, and go on as others in another number.
@Suite struct AggregatePropertyTests {
  @Test(arguments: NaiveStream.shapes)
  func agreesWithTheDefinition(shape: NaiveStream.Shape) throws {
    for seed in Seeds.range(16) {
      var random = SeededRandom(seed: seed)
      let plan = try NaivePlan(shape, functions: NaivePlan.functions, &random)
      let rows = NaiveStream.rows(shape, count: 350, &random)
      try Self.judge(WindowPropertyTests.run(plan.plan, rows, &random), plan, rows, seed)
    }
  }

  /// One function at a time, so that nothing else keeps its rows or values.
  @Test(arguments: NaivePlan.functions)
  func eachAloneAgreesWithTheDefinition(function: NaiveFeature.Function) throws {
    for seed in Seeds.range(16) {
      var random = SeededRandom(seed: seed)
      let shape = NaiveStream.shapes[Int(seed) % NaiveStream.shapes.count]
      let plan = try NaivePlan(shape, functions: [function], aggregates: 1...2, &random)
      let rows = NaiveStream.rows(shape, count: 350, &random)
      try Self.judge(WindowPropertyTests.run(plan.plan, rows, &random), plan, rows, seed)
    }
  }

  /// Epochs that begin from what the one before saved give the same bits as none, and the definition's values.
  @Test(arguments: NaiveStream.shapes)
  func goesOnAsIfUndisturbed(shape: NaiveStream.Shape) throws {
    for seed in Seeds.range(12) {
      var random = SeededRandom(seed: seed)
      let plan = try NaivePlan(shape, functions: NaivePlan.functions, &random)
      let rows = NaiveStream.rows(shape, count: 450, &random)
      let undisturbed = try WindowPropertyTests.run(plan.plan, rows, &random)
      try Self.judge(undisturbed, plan, rows, seed)

      let actual = try Epochs.results(plan.plan, rows, most: 220, &random)
      #expect(actual.count == undisturbed.count, "seed \(seed)")
      let wrong = zip(actual, undisturbed).first { !$0.hasBits(of: $1) }
      #expect(wrong == nil, "seed \(seed): \(wrong.map { "\($0) is not \($1)" } ?? "") with \(plan.plan.aggregates)")
    }
  }

  /// Compares what the stage gave with the definition.
  static func judge(_ actual: [Row], _ plan: NaivePlan, _ rows: [Row], _ seed: UInt64) throws {
    #expect(actual.count == rows.count, "seed \(seed)")
    var naive = NaiveFeatures(plan.features) { $0.values[0] }
    for (row, result) in zip(rows, actual) {
      #expect(row.ordinal == result.ordinal, "seed \(seed)")
      #expect(Array(result.values.prefix(row.values.count)) == row.values, "seed \(seed)")
      let values = result.values.dropFirst(row.values.count)
      for (index, (expected, value)) in zip(naive.process(row), values).enumerated() where !expected.accepts(value) {
        Issue.record("seed \(seed): \(value) is not \(expected) at \(row), by \(plan.plan.aggregates[index])")
        return
      }
    }
  }
}

extension Row {
  /// Whether all values are the same to the bit.
  fileprivate func hasBits(of other: Row) -> Bool {
    time == other.time && ordinal == other.ordinal && values.count == other.values.count
      && zip(values, other.values).allSatisfy { left, right in
        if case (.float(let left), .float(let right)) = (left, right) { return left.bitPattern == right.bitPattern }
        return left == right
      }
  }
}
