internal import Decisions
internal import Foundation
internal import Records

/// Scores: models and what their inputs contribute, thresholds, rules and reasons.
extension DecisionText {
  mutating func add(_ name: String, _ score: ScoreTrace) {
    line()
    line("\(name): \(score.decision.shown), score \(score.score.text ?? "-")")
    if let model = score.model { entry("model", Self.lines(model)) }
    let thresholds = [score.review.map { "review from \($0)" }, score.decline.map { "decline from \($0)" }].compactMap {
      $0
    }
    if !thresholds.isEmpty { entry("thresholds", [thresholds.joined(separator: ", ")]) }
    if !score.rules.isEmpty {
      entry("rules", Self.lines(score.rules))
      if score.countsFirst { entry("", ["the first that holds counts"]) }
    }
    let reasons = (score.reasons.text ?? "").split(separator: ";").map(String.init)
    entry("reasons", reasons.isEmpty ? ["none"] : reasons)
    for challenger in score.challengers {
      let verdict =
        challenger.score.text == nil
        ? "left out, for it could not be loaded" : "\(challenger.decision.shown), score \(challenger.score.text ?? "-")"
      entry("challenger", ["\(challenger.name): \(verdict)"] + (challenger.model.map(Self.lines) ?? []))
    }
  }

  mutating func add(_ name: String, _ learn: LearnTrace) {
    line()
    let value = learn.value.text == nil ? "nothing, for the model has learned too little" : "\(learn.value.shown)"
    line("\(name): \(learn.value.name) is \(value), by what the model had learned before")
    entry("inputs", Self.columns([.left(""), .left("")], learn.inputs.map { [$0.name, $0.shown] }))
    guard let reasons = learn.reasons?.text else { return }
    let list = reasons.split(separator: ";").map(String.init)
    entry("reasons", list.isEmpty ? ["none"] : list)
  }

  private static func lines(_ model: ModelTrace) -> [String] {
    switch model.contributions {
    case .itself: return [model.file]
    case .unknown(let why):
      return ["\(model.file), over these; what each contributes cannot be told: \(why)"]
        + columns([.left(""), .left("")], model.inputs.map { [$0.name, $0.shown] })
    case .known(let known):
      let rows =
        [["base", "", known.text(known.base)]]
        + known.inputs.map { [$0.cell.name, $0.cell.shown, known.text($0.contribution)] }
        + [["sum", "", known.text(known.sum)]]
      var lines = columns([.left(""), .right(""), .right("")], rows)
      lines[lines.count - 1] += known.outcome
      return ["\(model.file), and what each input adds to its sum"] + lines
    }
  }

  private static func lines(_ rules: [RuleTrace]) -> [String] {
    columns(
      [.left(""), .left(""), .left("")],
      rules.map { rule in
        [
          !rule.holds ? "no" : rule.counts ? "hit" : "yes", rule.name,
          rule.condition + (rule.weight.map { "; adds \($0)" } ?? "") + (rule.decision.map { "; \($0)" } ?? "")
            + (rule.reason == rule.name ? "" : " (\(rule.reason))"),
        ]
      }
    )
  }

  /// Lines of a table without headings.
  private static func columns(_ columns: [TextTable.Column], _ rows: [[String]]) -> [String] {
    var table = TextTable(columns)
    for row in rows { table.add(row.map(\.printable)) }
    return table.text.split(separator: "\n", omittingEmptySubsequences: false).dropFirst().dropLast().map(String.init)
  }
}

extension ContributionTrace {
  /// What becomes of the sum.
  fileprivate var outcome: String {
    switch output {
    case .sum: ", which is its score"
    case .logistic(steepness: 1): ", whose logistic is its score, \(score.shown)"
    case .logistic(let steepness):
      ", of which the logistic of \(steepness.shown) times that is its score, \(score.shown)"
    case .exponential: ", and e to that power is its score, \(score.shown)"
    case .side: score > 0 ? ", which is above 0, so its score is 1" : ", which is not above 0, so its score is 0"
    case .square: ", and that times its absolute value is its score, \(score.shown)"
    }
  }

  /// With as many decimal places as the others.
  fileprivate func text(_ contribution: Double) -> String {
    let greatest = inputs.first.map { abs($0.contribution) } ?? 0
    return String(format: greatest >= 0.01 ? "%+.4f" : "%+.3g", contribution)
  }
}

extension Double {
  /// As people want to see it.
  fileprivate var shown: String { "\(self)".shownAs(.float64) }
}
