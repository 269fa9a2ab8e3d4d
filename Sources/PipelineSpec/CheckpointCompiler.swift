internal import Expressions
internal import Plan
internal import SourceStage

extension PipelineCompiler {
  /// The longest that a message may wait to be made durable.
  private static let longestSync: Int64 = 3_600_000_000
  private static let mostAttempts = 1000

  /// Reads `checkpoints`, `checkpoint_every` and `attempts` of the file.
  func compileCheckpoints(_ reader: inout MappingReader?) -> CheckpointSettings {
    let directory = reader?.optionalText("checkpoints")
    let every = reader?.optionalText("checkpoint_every")
    let attempts = reader?.optionalText("attempts")
    var settings = CheckpointSettings()
    if let directory {
      settings.place = directory.text == "none" ? .nowhere : .directory(besideFile(directory.text))
    }
    settings.interval = every.flatMap(interval)
    settings.attempts = attempts.flatMap { count($0, "attempts", 0...Self.mostAttempts) }
    return settings
  }

  private func interval(_ text: PlacedText) -> Int64? {
    if let microseconds = DurationText.parse(text.text), microseconds < .max / 1000,
      CheckpointSettings.intervals.contains(microseconds * 1000)
    {
      return microseconds * 1000
    }
    diagnostics.report(
      "`checkpoint_every` is '\(text.text)'",
      at: text.place,
      remedy: "write a time from 1ms to 1d, as in 10s"
    )
    return nil
  }

  /// How the messages of a live source are kept.
  ///
  /// - Parameter file: the stage, where it reads a file.
  func compileJournal(_ sync: PlacedText?, _ keep: PlacedText?, of file: String?) -> JournalPlan {
    if let file {
      for (key, text) in [("journal", sync), ("journal_keep", keep)] {
        guard let text else { continue }
        diagnostics.report(
          "`\(key)` is for messages, and \(file) reads a file",
          at: text.place,
          remedy: "remove it: a file can be read again"
        )
      }
      return JournalPlan()
    }
    var plan = JournalPlan()
    if let sync = sync.flatMap(self.sync) { plan.sync = sync }
    if let keep = keep.flatMap(self.keep) { plan.keep = keep }
    return plan
  }

  private func sync(_ text: PlacedText) -> JournalPlan.Sync? {
    let words = text.text.split(separator: " ")
    if words.count == 2, words[0] == "every" {
      if words[1] == "batch" { return .everyBatch }
      if let microseconds = DurationText.parse(words[1]), 1000...Self.longestSync ~= microseconds {
        return .everyInterval(nanoseconds: microseconds * 1000)
      }
    }
    diagnostics.report(
      "`journal` is '\(text.text)'",
      at: text.place,
      remedy: "say when messages are made durable: `every batch`, or a time from 1ms to 1h, as in `every 100ms`"
    )
    return nil
  }

  private func keep(_ text: PlacedText) -> JournalPlan.Keep? {
    switch text.text {
    case "everything": return .everything
    case "checkpoints": return .checkpoints
    default: break
    }
    if let microseconds = DurationText.parse(text.text), microseconds > 0 { return .time(microseconds: microseconds) }
    diagnostics.report(
      "`journal_keep` is '\(text.text)'",
      at: text.place,
      remedy: "write `everything`, `checkpoints` (what they need), or for how long messages are kept, as in `30d`"
    )
    return nil
  }
}
