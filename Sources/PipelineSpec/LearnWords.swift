internal import Expressions
internal import LearnStage
internal import Models
internal import Records

extension LearnPlan {
  /// What its model is.
  var modelWords: String {
    switch model {
    case .logistic(let settings):
      "logistic regression (FTRL, rate \(settings.rate)\(settings.fraudWeight == 1 ? "" : ", a fraud counts \(settings.fraudWeight) times"))"
    case .isolationForest(let settings):
      "isolation forest (\(settings.trees) trees over \(settings.sample) of the last \(settings.recent) rows each)"
    }
  }

  /// What it learns from, and when.
  var learningWords: [String] {
    var words: [String] = []
    switch labels {
    case nil: words.append("from every row, once it is scored")
    case .own(let label, let after):
      words.append("from \(inputSchema.fields[label].name), \(DurationText.spelling(after)) after the row")
    case .rows(let label, let id, let within, let isGenuineAfter):
      let (label, id) = (inputSchema.fields[label].name, inputSchema.fields[id].name)
      words.append("from \(label) of the row with the same \(id), as far back as \(DurationText.spelling(within))")
      if isGenuineAfter { words.append("rows that nothing was said of by then count as genuine") }
    }
    if case .isolationForest = model, labels != nil { words.append("no row that was fraud is one of the usual ones") }
    if warmUp > 0 { words.append("says nothing before it has learned from \(warmUp) rows") }
    return words
  }
}
