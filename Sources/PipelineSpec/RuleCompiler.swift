internal import Records
internal import ScoreStage

extension PipelineCompiler {
  private static var decisions: KeyValuePairs<String, Decision> {
    ["approve": .approve, "review": .review, "decline": .decline]
  }

  /// Compiles `rules`: names with a condition each, alone or with what follows from it.
  func compileRules(_ value: YAMLValue?, _ owner: String, _ match: Rule.Match, _ schema: Schema) -> [Rule] {
    let pairs = entries(
      value,
      "rules",
      of: owner,
      atMost: ScorePlan.mostRules,
      remedy: "write lines of `name: condition`, or `name:` with `when`, `weight`, `decision` and `reason` below it",
      remedyForMore: ", or split them over two stages"
    )
    return pairs.compactMap { key, value in rule(key, value, match, schema) }
  }

  private func rule(_ name: YAMLKey, _ value: YAMLValue, _ match: Rule.Match, _ schema: Schema) -> Rule? {
    if case .scalar(let text) = value.content, !text.isEmpty {
      checkReason(name.name, at: name.place)
      return compileCondition(PlacedText(text, value), schema).map { Rule(name: name.name, condition: $0) }
    }
    guard var reader = MappingReader(value, "rule '\(name.name)'", diagnostics) else { return nil }
    let when = reader.requiredText("when", remedy: "write its condition: `when: tx_amount > 220`")
    let weight = reader.optionalText("weight").flatMap(weight)
    let decisionText = reader.optionalText("decision")
    let reason = reader.optionalText("reason")
    reader.finish()
    let decision = word(decisionText, "decision", Self.decisions)
    if decision == .approve, match == .all, let decisionText {
      diagnostics.report(
        "rule '\(name.name)' approves, which changes nothing where the severest decision stands",
        at: decisionText.place,
        remedy:
          "remove its `decision`, or write `match: first` beside `rules` and this rule before those that it overrules"
      )
    }
    if let reason { checkReason(reason.text, at: reason.place) } else { checkReason(name.name, at: name.place) }
    guard let condition = when.flatMap({ compileCondition($0, schema) }) else { return nil }
    return Rule(name: name.name, condition: condition, weight: weight, decision: decision, reason: reason?.text)
  }

  private func weight(_ text: PlacedText) -> Double? {
    if let value = Double(text.text), -1...1 ~= value { return value }
    diagnostics.report(
      "the weight is '\(text.text)'",
      at: text.place,
      remedy: "write what the rule adds to the score, from -1 to 1"
    )
    return nil
  }

  /// The reasons of a row are joined by semicolons.
  func checkReason(_ text: String, at place: Place) {
    guard text.contains(";") else { return }
    diagnostics.report(
      "a reason holds a semicolon, which stands between the reasons of a row",
      at: place,
      remedy: "write a comma or a dash"
    )
  }
}
