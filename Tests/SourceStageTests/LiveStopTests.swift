import Dataflow
import Records
import SourceStage
import TestSupport
import Testing

/// Several live sources that are cut and stopped at one time, and die, leave what their journals give when they are read from
/// the beginning.
@Suite struct LiveStopTests {
  private static let schema = Schema([Field("id", .int64), Field("at", .timestamp)])

  private static func plan(_ number: Int, outOfOrder: Int64, batchRows: Int) -> SourcePlan {
    var plan = SourcePlan(
      schema: schema,
      timeColumn: 1,
      source: UInt16(number),
      input: .messages(endpoint: "ipc://x"),
      outOfOrder: outOfOrder,
      longestLine: 200,
      batchRows: batchRows
    )
    plan = plan.resumable
    return plan
  }

  /// Sources under a scheduler that the seed fixes.
  private final class Run {
    let plans: [SourcePlan]
    let journals: [TestJournal]
    var sources: [JournaledSource] = []
    /// Where an epoch goes on that follows a death, and the time behind which all that comes is later.
    var checkpoint: (parts: [JournaledSource.Saved], time: Int64)
    private var random: SeededRandom
    private var ids = 0
    /// The second that it is for each source.
    private var seconds: [Int]
    private let step: Int
    private let seed: UInt64
    private var checkpoints: UInt64 = 0

    init(seed: UInt64) throws {
      self.seed = seed
      var random = SeededRandom(seed: seed)
      let count = Int.random(in: 2...3, using: &random)
      plans = (0..<count).map { number in
        let bound: Int64 = random.chance(oneIn: 2) ? 0 : .random(in: 1...20, using: &random) * 1_000_000
        return LiveStopTests.plan(number, outOfOrder: bound, batchRows: .random(in: 1...9, using: &random))
      }
      journals = plans.map { _ in TestJournal() }
      seconds = plans.map { _ in .random(in: 0...60, using: &random) }
      step = [1, 3, 30].randomElement(using: &random) ?? 1
      checkpoint = (plans.map { _ in JournaledSource.Saved() }, .min)
      self.random = random
      try begin()
    }

    func chance(oneIn count: Int) -> Bool { random.chance(oneIn: count) }

    func begin() throws {
      sources = try plans.indices.map { try JournaledSource(plans[$0], journals[$0], from: checkpoint.parts[$0]) }
    }

    /// Rows whose times go forward, and now and then back; or nothing for a while.
    private func arrival(at source: Int) -> TestJournal.Entry? {
      if random.chance(oneIn: 2) { return nil }
      if random.chance(oneIn: 6), let latest = sources[source].latest {
        return .promise(latest + .random(in: 1...8, using: &random) * 1_000_000)
      }
      let lines = (0..<Int.random(in: 0...3, using: &random)).map { _ in
        seconds[source] += .random(in: 0...step, using: &random)
        let second = max(seconds[source] - (random.chance(oneIn: 3) ? .random(in: 0...30, using: &random) : 0), 0)
        ids += 1
        return "\(ids),2018-04-01 \(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))"
      }
      return .message(Array(lines.joined(separator: "\n").utf8))
    }

    private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

    /// Some steps of some sources.
    func act(_ count: Int, allowingArrivals: Bool = true) throws {
      for _ in 0..<count {
        let index = Int.random(in: sources.indices, using: &random)
        try sources[index].act { allowingArrivals ? arrival(at: index) : nil }
      }
    }

    func wait(allowingArrivals: Bool, until isSo: (JournaledSource) -> Bool) throws {
      for _ in 0..<20_000 where !sources.allSatisfy(isSo) { try act(1, allowingArrivals: allowingArrivals) }
      let isDone = sources.allSatisfy(isSo)
      try #require(isDone, "seed \(seed): it does not come to its end")
    }

    private var furthest: Int64 { sources.map(\.time).max() ?? .min }

    /// Cuts all of them at one time; sources that are silent are waited for until they promise.
    func cut() throws {
      checkpoints += 1
      let (number, time) = (checkpoints, furthest)
      for source in sources { source.cut(number, behind: time) }
      guard !random.chance(oneIn: 8) else { return }
      if random.chance(oneIn: 3) {
        try act(.random(in: 0...30, using: &random))
        return try stop()
      }
      try wait(allowingArrivals: true) { $0.saved[number] != nil }
      keep(sources.compactMap { $0.saved[number] }, time)
    }

    /// Stops all of them at one time and goes on from there, unless they die on the way.
    func stop() throws {
      let time = furthest
      for source in sources { source.stop(behind: time) }
      if random.chance(oneIn: 4) {
        try act(.random(in: 0...40, using: &random), allowingArrivals: false)
      } else {
        try wait(allowingArrivals: false, until: \.isFinished)
        keep(sources.map(\.here), time)
      }
      try begin()
    }

    /// All that leaves before is of that time or before it, and all that leaves behind it is of after.
    private func keep(_ parts: [JournaledSource.Saved], _ time: Int64) {
      for (part, before) in zip(parts, checkpoint.parts) {
        let times = part.rows.dropFirst(before.rows.count).map(\.time)
        #expect(part.rows.starts(with: before.rows), "seed \(seed)")
        #expect(times.allSatisfy { $0 > checkpoint.time && $0 <= time }, "seed \(seed)")
      }
      checkpoint = (parts, time)
    }
  }

  @Test func theJournalGivesTheSameRows() throws {
    var (rows, late) = (0, 0)
    for seed in Seeds.range(300) {
      let run = try Run(seed: seed)
      for _ in 0..<30 {
        try run.act(20)
        if run.chance(oneIn: 3) { try run.cut() }
        if run.chance(oneIn: 4) { try run.stop() }
        if run.chance(oneIn: 8) { try run.begin() }
      }
      for (index, source) in run.sources.enumerated() {
        try source.readToEnd()
        let again = try JournaledSource(run.plans[index], run.journals[index])
        try again.readToEnd()
        #expect(source.rows == again.rows, "seed \(seed), source \(index)")
        #expect(source.late == again.late, "seed \(seed), source \(index)")
        rows += again.rows.count
        late += Int(again.late)
      }
    }
    #expect(rows > 0 && late > 0)
  }
}
