import Foundation
import TestSupport
import Testing

/// `sluice why`: the times of a row are those of the stages on its way; nothing is said of how long they are.
@Suite struct WhyTimeTests {
  @Test(
    arguments: [
      ("card-fraud", "54142", ["transactions", "customer", "terminal", "score", "alerts"]),
      ("card-fraud-labels", "2000", ["transactions", "subject", "customer", "terminal", "score", "alerts"]),
      ("sensor-alarms", "20000", ["readings", "machine", "trend", "score", "alarms"]),
      // A row that a window left begins there.
      ("sensor-hours", "20000", ["hour", "day", "score", "alarms"]),
    ]
  )
  func stagesOnTheWayHaveTimesThatAddUp(name: String, id: String, stages: [String]) throws {
    let answer = try WhyAnswer.of(Repository.path("pipelines/\(name).yaml"), id, in: try TemporaryFolder())
    let times = try #require(answer.times)
    #expect(times.stages.map(\.stage) == stages)
    #expect(times.stages.map(\.from) == [nil] + stages.dropLast().map { $0 as String? })
    times.check()
    // It went through all stages one after the other.
    let parts = times.stages.map { $0.underway + $0.waited + $0.worked }
    #expect(parts.reduce(0, +) == times.nanoseconds && times.nanoseconds > 0)
    #expect(times.stages.last?.since == times.nanoseconds)
  }

  /// Where a graph parts, each branch has its own sum; where a row ends, so do its times.
  @Test func branchesAndEndsHaveTheirOwn() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(
      "history.csv",
      "id,at,x\n1,2026-01-01 10:00:00,3\n2,2026-01-01 10:20:00,9\n3,2026-01-01 11:10:00,7\n4,2026-01-01 10:00:00,8\n"
    )
    let path = try folder.write(
      "branches.yaml",
      """
      pipeline: branches
      stages:
        in:
          source:
            csv: history.csv
            time: at
            out_of_order: 1m
            columns: { id: int64, at: timestamp, x: int64 }
        few:
          from: in
          where: x > 5
          window: { key: x, features: { n: count over 1h } }
        all:
          from: in
          window: { key: x, features: { n: count over 1h } }
        one:
          from: few
          sink: { file: one.jsonl }
        two:
          from: all
          sink: { file: two.jsonl }
        late:
          from: in.late
          sink: { file: late.jsonl }
      """
    )
    for (id, stages, from) in [
      ("2", ["in", "few", "all", "one", "two"], [nil, "in", "in", "few", "all"]),
      ("1", ["in", "all", "two"], [nil, "in", "all"]),
      ("4", ["late"], [nil]),
    ] {
      let times = try #require(try WhyAnswer.of(path, id, in: folder).times, "\(id)")
      #expect(times.stages.map(\.stage) == stages, "\(id)")
      #expect(times.stages.map(\.from) == from, "\(id)")
      times.check()
    }
  }

  @Test func aRowOfAJournalHasTimesToo() throws {
    let folder = try JournalTests.folderWithJournal()
    let answer = try WhyAnswer.of(
      folder.path("pipeline.yaml"),
      "20",
      ["--from-journal", JournalTests.directory],
      in: folder
    )
    let times = try #require(answer.times)
    #expect(times.stages.first?.stage == "transactions" && times.stages.count > 2)
    times.check()
  }
}

extension WhyAnswer.Times {
  /// Each time is one, and what is summed up is what was told.
  func check() {
    var sums: [String: Int] = [:]
    for stage in stages {
      #expect(stage.underway >= 0 && stage.waited >= 0 && stage.worked >= 0, "\(stage)")
      #expect(stage.from == nil ? stage.underway == 0 : sums[stage.from ?? ""] != nil, "\(stage)")
      let sum = (stage.from.flatMap { sums[$0] } ?? 0) + stage.underway + stage.waited + stage.worked
      #expect(stage.since == sum, "\(stage)")
      sums[stage.stage] = sum
    }
    #expect(nanoseconds == sums.values.max())
  }
}
