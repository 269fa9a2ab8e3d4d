internal import Expressions
internal import LearnStage
internal import Records

/// What the file says of where labels come from.
struct LabelTexts {
  let label, id, within, delayed, unlabelled: PlacedText?

  init(_ reader: inout MappingReader) {
    label = reader.optionalText("label")
    id = reader.optionalText("of")
    within = reader.optionalText("within")
    unlabelled = reader.optionalText("unlabelled")
    delayed = reader.optionalText("delayed")
  }
}

extension PipelineCompiler {
  /// Where labels come from, if they do; nil where that is wrong, which has then been reported.
  func labelSource(
    _ texts: LabelTexts,
    _ owner: String,
    _ schema: Schema
  ) -> (labels: LearnPlan.Labels?, Void)? {
    guard let label = texts.label else {
      guard let odd = texts.id ?? texts.within ?? texts.delayed ?? texts.unlabelled else { return (nil, ()) }
      diagnostics.report(
        "the model of \(owner) has no `label`",
        at: odd.place,
        remedy: "name the column that tells what was fraud: `label: was_fraud`"
      )
      return nil
    }
    let unlabelled = word(texts.unlabelled, "unlabelled", ["genuine": true, "unknown": false]) ?? false
    let labelColumn = column(label, LearnPlan.isLabel, "a label, an int64 or bool", schema)
    if let id = texts.id {
      if let delayed = texts.delayed {
        diagnostics.report(
          "`delayed` is for labels that stand in the row itself, and `of` for those that come as rows of their own",
          at: delayed.place,
          remedy: "leave one of them out"
        )
        return nil
      }
      guard let within = texts.within else {
        diagnostics.report(
          "nothing says how long a row waits for its label",
          at: id.place,
          remedy: "say it: `within: 45d`; a label that comes later is not learned"
        )
        return nil
      }
      let idColumn = column(id, LearnPlan.isID, "an id, an int64 or string", schema)
      guard let labelColumn, let idColumn, let age = age(within, "within") else { return nil }
      return (.rows(label: labelColumn, id: idColumn, within: age, isGenuineAfter: unlabelled), ())
    }
    if let odd = texts.within ?? texts.unlabelled {
      diagnostics.report(
        "nothing says which row a label is about",
        at: odd.place,
        remedy: "name the column that rows and labels share: `of: transaction_id`"
      )
      return nil
    }
    guard let delayed = texts.delayed else {
      diagnostics.report(
        "nothing says when the label '\(label.text)' is known",
        at: label.place,
        remedy: "where labels come as rows of their own, name what they share with the rows that they are about, "
          + "`of: transaction_id`; else say how long after its row a label is known, `delayed: 7d`"
      )
      return nil
    }
    guard let labelColumn, let age = age(delayed, "delayed") else { return nil }
    return (.own(label: labelColumn, after: age), ())
  }

  private func age(_ text: PlacedText, _ name: String) -> Int64? {
    if let time = DurationText.parse(text.text), time > 0 { return time }
    diagnostics.report(
      "`\(name)` is '\(text.text)'",
      at: text.place,
      remedy: "write a whole number and one of s, m, h, d, w, as in 45d"
    )
    return nil
  }
}
