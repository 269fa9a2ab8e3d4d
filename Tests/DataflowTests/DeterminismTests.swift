import Dataflow
import Records
import TestSupport
import Testing

/// The product's promise: the same rows, whatever the number of workers, the sizes of batches and the timing.
@Suite struct DeterminismTests {
  /// Runs the pipeline of a seed; throws where what comes out is not what must.
  static func run(seed: UInt64, arrival: Bool) throws {
    var random = SeededRandom(seed: seed)
    let pipeline = try RandomPipeline(&random, arrival: arrival)
    var simulation = SimulatedPipeline(pipeline, seed: seed)
    try simulation.run()
    let expected = try pipeline.expected()
    var rows = simulation.collected.rows
    let cuts = simulation.collected.cuts
    guard let cut = pipeline.stream.cut else {
      guard cuts.isEmpty else { throw SimulationFailure("a cut from nowhere") }
      return try compare(arrival ? rows.sorted(by: comesBefore) : rows, expected)
    }
    let expectedCuts = stride(from: cut, through: pipeline.stream.records.count, by: cut)
      .map { end in expected.count { $0.ordinal < UInt64(end) } }
    guard cuts == expectedCuts else { throw SimulationFailure("rows at the cuts are \(cuts), not \(expectedCuts)") }
    if arrival { rows.sort(by: comesBefore) }
    try compare(rows, expected)
  }

  private static func comesBefore(_ left: Row, _ right: Row) -> Bool {
    (left.time, left.ordinal) < (right.time, right.ordinal)
  }

  private static func compare(_ rows: [Row], _ expected: [Row]) throws {
    guard rows != expected else { return }
    let place = zip(rows, expected).enumerated().first { $1.0 != $1.1 }?.offset ?? min(rows.count, expected.count)
    let (actual, right) = (rows.dropFirst(place).first, expected.dropFirst(place).first)
    throw SimulationFailure(
      "row \(place) of \(rows.count) is \(actual.map { "\($0)" } ?? "missing"), not \(right.map { "\($0)" } ?? "any")"
    )
  }

  /// In parts, so that they share the processors.
  @Test(arguments: 0..<2 as Range<UInt64>)
  func resultsDoNotDependOnHowAPipelineIsRun(part: UInt64) {
    search(part, arrival: false, 1000)
  }

  /// Without an order all rows come out all the same, and between the same cuts.
  @Test func arrivalOrderLosesAndRepeatsNothing() { search(nil, arrival: true, 500) }

  private func search(_ part: UInt64?, arrival: Bool, _ seeds: UInt64) {
    var failures = 0
    for seed in Seeds.range(seeds) where part == nil || seed % 2 == part {
      do { try Self.run(seed: seed, arrival: arrival) } catch {
        Issue.record("seed \(seed): \(error)")
        failures += 1
        if failures == 5 { return }
      }
    }
  }
}
