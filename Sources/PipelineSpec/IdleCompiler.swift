internal import Expressions
internal import Records
internal import SourceStage

extension PipelineCompiler {
  /// What a live source does while nothing comes.
  ///
  /// - Parameter file: the stage, where it reads a file.
  func compileIdle(_ timeout: PlacedText?, _ starts: PlacedText?, of file: String?) -> IdlePlan? {
    if let file {
      for (key, text) in [("idle_timeout", timeout), ("starts", starts)] {
        guard let text else { continue }
        diagnostics.report(
          "`\(key)` is for messages, and \(file) reads a file",
          at: text.place,
          remedy: "remove it: a file is never idle"
        )
      }
      return nil
    }
    let start = starts.flatMap(self.start)
    guard let timeout else {
      guard let starts else { return nil }
      diagnostics.report(
        "`starts` says where an idle source goes on from, and this one does not",
        at: starts.place,
        remedy: "add after how long without a message it goes on with the clock: `idle_timeout: 200ms`"
      )
      return nil
    }
    if let time = DurationText.parse(timeout.text), IdlePlan.timeouts.contains(time) {
      return IdlePlan(timeout: time, start: start)
    }
    diagnostics.report(
      "`idle_timeout` is '\(timeout.text)'",
      at: timeout.place,
      remedy: "write after how long without a message event time goes on with the clock, 1ms to 1d, as in `200ms`"
    )
    return nil
  }

  private func start(_ text: PlacedText) -> IdlePlan.Start? {
    if text.text == "now" { return .now }
    if let time = Timestamp.parse(Array(text.text.utf8).span), time > SourcePlan.firstTime { return .at(time) }
    diagnostics.report(
      "`starts` is '\(text.text)'",
      at: text.place,
      remedy: "write `now`, or the event time before which no row is, as in '2026-03-01 00:00:00'"
    )
    return nil
  }
}
