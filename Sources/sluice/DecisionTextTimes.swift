internal import Decisions

/// How long the stages had to do with the row.
extension DecisionText {
  mutating func addTimes() {
    guard let times = trace.times else { return }
    line()
    line("times of this row, when it went through the stages alone")
    table(
      [.left("stage"), .right("on the way"), .right("waited"), .right("worked"), .right("in all")],
      times.stages.map { stage in
        [
          stage.stage, stage.from == nil ? "" : Self.time(stage.underway),
          stage.from == nil && stage.waited == 0 ? "" : Self.time(stage.waited), Self.time(stage.worked),
          Self.time(stage.since),
        ]
      },
      hasHeading: true
    )
    line(
      "  measured now and here, each stage a thread, nothing else under way; what it took when it was live is not recorded"
    )
    if !times.isSettled { line("  stages were still at work on rows before it, so it waited for those too") }
  }

  /// To a tenth of a microsecond, for a stage may take less than one.
  private static func time(_ nanoseconds: Int64) -> String {
    nanoseconds < 1_000_000
      ? "\(RunSummary.fixed(Double(nanoseconds) / 1e3, 1)) us" : RunSummary.time(Double(nanoseconds))
  }
}
