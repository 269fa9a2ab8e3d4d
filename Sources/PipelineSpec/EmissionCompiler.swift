internal import Expressions
internal import WindowStage

/// The windows of a stage that leave a row each: `tumbling`, `hopping` or `session`.
extension PipelineCompiler {
  private static let emissions = ["tumbling", "hopping", "session"]
  /// How long a session may be that does not say it: a day.
  private static let longestSession: Int64 = 86_400_000_000

  /// - Returns: nil where each row gets what its windows hold, and where what is said is wrong, which is reported.
  func compileEmission(_ reader: inout MappingReader) -> WindowEmission? {
    let said = Self.emissions.compactMap { name in reader.optional(name).map { (name: name, value: $0) } }
    guard let (name, value) = said.first else { return nil }
    if said.count > 1 {
      diagnostics.report(
        "the window is both `\(name)` and `\(said[1].name)`",
        at: said[1].value.place,
        remedy: "make two stages of it, which may read the same one"
      )
    }
    let extent: WindowEmission.Extent? =
      switch name {
      case "tumbling": tumbling(value)
      case "hopping": hopping(value)
      default: session(value)
      }
    return extent.map { WindowEmission($0) }
  }

  /// Whether the window says that it leaves rows, rightly or not.
  func saysEmission(_ body: YAMLValue) -> Bool { Self.emissions.contains { body[$0] != nil } }

  private func tumbling(_ value: YAMLValue) -> WindowEmission.Extent? {
    guard case .mapping = value.content else {
      return length(value.placed, "tumbling").map { .hopping(length: $0, step: $0, offset: 0) }
    }
    guard var reader = MappingReader(value, "`tumbling`", diagnostics) else { return nil }
    let text = reader.requiredText("length", remedy: "say how long a window is: `length: 1h`")
    let offsetText = reader.optionalText("offset")
    reader.finish()
    guard let length = length(text, "length") else { return nil }
    return offset(offsetText, below: length).map { .hopping(length: length, step: length, offset: $0) }
  }

  private func hopping(_ value: YAMLValue) -> WindowEmission.Extent? {
    guard var reader = MappingReader(value, "`hopping`", diagnostics) else { return nil }
    let lengthText = reader.requiredText("length", remedy: "say how long a window is: `length: 24h`")
    let everyText = reader.requiredText("every", remedy: "say how often a window closes: `every: 1h`")
    let offsetText = reader.optionalText("offset")
    reader.finish()
    let length = length(lengthText, "length")
    guard let step = self.length(everyText, "every"), let everyText, let length else { return nil }
    guard step <= length else {
      diagnostics.report(
        "windows of \(DurationText.spelling(length)) every \(DurationText.spelling(step)) leave rows out",
        at: everyText.place,
        remedy: "let `every` be at most `length`"
      )
      return nil
    }
    return offset(offsetText, below: step).map { .hopping(length: length, step: step, offset: $0) }
  }

  private func session(_ value: YAMLValue) -> WindowEmission.Extent? {
    guard case .mapping = value.content else {
      return length(value.placed, "session").map { .session(gap: $0, longest: max($0, Self.longestSession)) }
    }
    guard var reader = MappingReader(value, "`session`", diagnostics) else { return nil }
    let gapText = reader.requiredText("gap", remedy: "say after which time without a row it ends: `gap: 30m`")
    let longestText = reader.optionalText("longest")
    reader.finish()
    guard let gap = length(gapText, "gap") else { return nil }
    guard let longestText else { return .session(gap: gap, longest: max(gap, Self.longestSession)) }
    guard let longest = length(longestText, "longest") else { return nil }
    guard longest >= gap else {
      diagnostics.report(
        "a session of at most \(DurationText.spelling(longest)) never sees a gap of \(DurationText.spelling(gap))",
        at: longestText.place,
        remedy: "let `longest` be at least `gap`"
      )
      return nil
    }
    return .session(gap: gap, longest: longest)
  }

  private func length(_ text: PlacedText?, _ key: String) -> Int64? {
    guard let text else { return nil }
    if let time = DurationText.parse(text.text), 1...WindowEmission.longest ~= time { return time }
    diagnostics.report(
      "`\(key)` is '\(text.text)'",
      at: text.place,
      remedy: "write a whole number and one of s, m, h, d, w, as in 1h, up to ten years"
    )
    return nil
  }

  private func offset(_ text: PlacedText?, below step: Int64) -> Int64? {
    guard let text else { return 0 }
    if let time = DurationText.parse(text.text), 0..<step ~= time { return time }
    diagnostics.report(
      "`offset` is '\(text.text)'",
      at: text.place,
      remedy: "write how long after midnight UTC windows begin, below \(DurationText.spelling(step))"
    )
    return nil
  }
}

extension YAMLValue {
  /// A text where it is one.
  fileprivate var placed: PlacedText {
    if case .scalar(let text) = content { PlacedText(text, self) } else { PlacedText(text: kind, place: place) }
  }
}
