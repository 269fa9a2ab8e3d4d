internal import Decisions
internal import Foundation
internal import Records

/// The explanation of a decision for people.
struct DecisionText {
  let trace: DecisionTrace
  let most: Int
  private(set) var text = ""

  /// - Parameters:
  ///   - rows: of a window to show.
  ///   - nanoseconds: that the runs over the history took.
  init(_ trace: DecisionTrace, rows: Int, nanoseconds: Int64) {
    self.trace = trace
    most = rows
    addHead()
    for stage in trace.stages {
      switch stage.kind {
      case .window(let window): add(stage.name, window)
      case .learn(let learn): add(stage.name, learn)
      case .score(let score): add(stage.name, score)
      case .sink(let sink): add(stage.name, sink)
      }
    }
    addTimes()
    addFoot(nanoseconds)
  }

  mutating func line(_ line: String = "") {
    var line = line.printable
    while line.last == " " { line.removeLast() }
    text += line + "\n"
  }

  /// Columns of text, some characters from the edge.
  mutating func table(_ columns: [TextTable.Column], _ rows: [[String]], hasHeading: Bool, indent: Int = 2) {
    var table = TextTable(hasHeading ? columns : columns.map(\.withoutHeading))
    for row in rows { table.add(row.map(\.printable)) }
    let lines = table.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    for line in hasHeading ? lines : lines.dropFirst() { self.line(String(repeating: " ", count: indent) + line) }
  }

  /// Names and values, under a label.
  mutating func entry(_ label: String, _ lines: [String]) {
    for (number, line) in lines.enumerated() {
      self.line("  " + (number == 0 ? label : "").padding(toLength: 12, withPad: " ", startingAt: 0) + line)
    }
  }

  // MARK: The row

  private mutating func addHead() {
    let scores = trace.stages.compactMap { if case .score(let score) = $0.kind { score } else { nil } }
    let outcome = scores.map { "\($0.decision.shown), score \($0.score.shown)" }
    let version = trace.version.map { " (version \($0))" } ?? ""
    line(
      "\(trace.column) \(trace.id) of \(trace.pipeline)\(version)"
        + (outcome.isEmpty ? "" : ": \(outcome.joined(separator: "; "))")
    )
    if let origin = trace.origin { line(origin) }
    if trace.occurrences > 1 {
      let count = Int64(trace.occurrences).grouped
      line(
        trace.origin == nil
          ? "\(count) rows have this \(trace.column); this is the first of them, of \(trace.time.timestampText)"
          : "\(count) windows held it, and this is of the first"
      )
    }
    if trace.copies > 1 { line("it came by \(trace.copies) ways; this is the first of its copies") }
    line()
    table([.left(""), .left("")], ownCells.map { [$0.name, $0.shown] }, hasHeading: false)
    if let ending = trace.ending {
      line()
      line(ending)
    }
  }

  /// The row without what windows and scores added to it.
  private var ownCells: [Cell] {
    var added: Set<String> = ["version"]
    for stage in trace.stages {
      switch stage.kind {
      case .window(let window): added.formUnion(window.features.map(\.cell.name))
      case .learn(let learn): added.formUnion([learn.value.name, learn.reasons?.name].compactMap { $0 })
      case .score(let score): added.formUnion([score.score.name, score.decision.name, score.reasons.name])
      case .sink: break
      }
    }
    return trace.row.filter { !added.contains($0.name) || $0.name == "version" && trace.version == nil }
  }

  // MARK: Sinks

  private mutating func add(_ name: String, _ sink: SinkTrace) {
    line()
    let condition = sink.condition.map { ", where \($0)" } ?? ""
    line("\(name): \(sink.shows ? "shown" : "not shown")\(condition)")
  }

  private mutating func addFoot(_ nanoseconds: Int64) {
    line()
    let seconds = (Double(nanoseconds) / 1e9).formatted(
      .number.precision(.fractionLength(2)).locale(Locale(identifier: "en"))
    )
    line("The history of \(trace.replay.rows.grouped) rows was replayed for this in \(seconds) s.")
  }
}

extension Cell {
  var shown: String { text?.shownAs(type) ?? "-" }
}

extension String {
  /// What people want to see of a value: of a float four decimal places, or three digits where it is small.
  func shownAs(_ type: ColumnType) -> String {
    guard type == .float64, let value = Double(self), abs(value) < 1e11 else { return self }
    if value == 0 { return "0" }
    guard abs(value) >= 0.01 else { return String(format: "%.3g", value) }
    var text = String(format: "%.4f", value)
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }
}

extension TextTable.Column {
  fileprivate var withoutHeading: TextTable.Column {
    switch self {
    case .left: .left("")
    case .right: .right("")
    }
  }
}
