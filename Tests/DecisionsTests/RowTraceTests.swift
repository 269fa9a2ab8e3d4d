import Dataflow
import PipelineSpec
import Plan
import Records
import TestSupport
import Testing

/// What a row that is followed is told by: its positions, and the plans of workers.
@Suite struct RowTraceTests {
  private static func position(_ random: inout SeededRandom) -> Position {
    let source: UInt16 = random.chance(oneIn: 2) ? .random(in: 0..<3, using: &random) : 0x8000 + 2
    return Position(
      time: random.chance(oneIn: 9) ? .min + 1 : .random(in: -5...5, using: &random),
      source: source,
      ordinal: .random(in: 0...(random.chance(oneIn: 2) ? 40 : 1 << 48 - 1), using: &random)
    )
  }

  /// Whoever has come as far as `before` has no copy of it, and whoever has come to `last` all of them.
  @Test func allCopiesOfARowLieBetweenItsBounds() {
    for seed in Seeds.range(500) {
      var random = SeededRandom(seed: seed)
      let (position, bits) = (Self.position(&random), Int.random(in: 0...4, using: &random))
      let trace = RowTrace(position, wayBits: bits, rest: 0)
      let (copies, way) = (UInt64(1) << UInt64(bits), position.tag % (1 << UInt64(bits)))
      #expect(trace.position.advanced(by: way) == position, "seed \(seed)")
      #expect(trace.before < trace.position && trace.position <= position && position <= trace.last, "seed \(seed)")
      // A promise that holds before any copy does so on whatever way it travels.
      #expect(trace.before.advanced(by: copies - 1) < trace.position, "seed \(seed)")
      #expect(trace.last >= trace.position.advanced(by: copies - 1), "seed \(seed)")
      guard !trace.isEmitted else { continue }
      #expect(trace.last < trace.position.advanced(by: copies), "seed \(seed)")
    }
  }

  @Test func aWorkerIsToldOfItInItsPlan() throws {
    var plan = try PipelineCompiler.compile(path: Repository.path("pipelines/card-fraud.yaml"))
    for worker in Deployment(plan, endpoint: { _, _ in "" }).workers {
      #expect(try WorkerPlan(decoding: worker.plan).trace == nil)
    }
    for seed in Seeds.range(20) {
      var random = SeededRandom(seed: seed)
      let trace = RowTrace(
        Self.position(&random),
        wayBits: .random(in: 0...4, using: &random),
        rest: .random(in: 0...RowTrace.mostRest, using: &random)
      )
      plan.trace = trace
      for worker in Deployment(plan, endpoint: { _, _ in "" }).workers.suffix(1) {
        #expect(try WorkerPlan(decoding: worker.plan).trace == trace, "seed \(seed)")
        for count in 1..<26 {
          #expect(throws: MalformedBytes.self) { try WorkerPlan(decoding: Array(worker.plan.dropLast(count))) }
        }
        var bytes = worker.plan
        // Bits of ways that no position has, and a rest that nobody waits for.
        bytes[bytes.count - 9] = 200
        #expect(throws: MalformedBytes.self) { try WorkerPlan(decoding: bytes) }
        bytes = worker.plan
        bytes[bytes.count - 1] = 0x7F
        #expect(throws: MalformedBytes.self) { try WorkerPlan(decoding: bytes) }
      }
    }
  }

  @Test func timesTravelAsFigures() {
    let times = RowTimes(came: 1, taken: 1 << 52, done: 1 << 53 - 1, before: 0)
    #expect(RowTimes(times.figures) == times)
    #expect(RowTimes(Array(times.figures.dropLast())) == nil && RowTimes([]) == nil)
  }
}
