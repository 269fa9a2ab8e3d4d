internal import Metrics
internal import Records

/// The closing figures of a backtest, a line each, in the words in which they are shown.
package struct FigureTable {
  package struct Line {
    package let name: String
    /// One for each pipeline, the old one first.
    package let values: [String]
    /// From the old one to the new one; empty where there is one pipeline.
    package let change: String
    /// Whether the new one does better; nil where they are alike, or where nobody can say.
    let isBetter: Bool?
    /// Whether it is one of those to look at first.
    let isKey: Bool
  }

  /// What a figure is to those who read it.
  private enum Meaning {
    case plain
    case betterHigh
    case betterLow
  }

  package private(set) var lines: [Line] = []

  package init(_ result: BacktestResult) {
    let ratings = result.sides.map(\.rating)
    let scale = result.sides.compactMap(\.scale).max() ?? 0
    func count(_ name: String, _ meaning: Meaning = .plain, _ value: (Rating) -> Int64) {
      let values = ratings.map(value)
      let change = values.count == 2 ? Words.change(values[1] - values[0]) : ""
      add(name, values.map(\.grouped), change, meaning)
    }
    func number(_ name: String, _ places: Int, _ meaning: Meaning = .plain, _ value: (Rating) -> Double?) {
      let values = ratings.map { value($0).flatMap { $0.isFinite ? $0 : nil } }
      guard values.contains(where: { $0 != nil }) else { return }
      var change = ""
      if values.count == 2, let old = values[0], let new = values[1] {
        let difference = (new - old).grouped(places)
        change = difference.hasPrefix("-") ? difference : "+\(difference)"
      }
      add(name, values.map { $0?.grouped(places) ?? "-" }, change, meaning)
    }
    count("flagged rows") { $0.flagged }
    count("frauds caught") { $0.confusion.caught }
    count("false positives", .betterLow) { $0.confusion.falsePositives }
    number("precision", 4, .betterHigh) { $0.confusion.precision }
    number("recall", 4, .betterHigh) { $0.confusion.recall }
    number("AUC ROC", 4) { $0.curve.quality?.areaUnderROC }
    number("average precision", 4, .betterHigh) { $0.curve.quality?.averagePrecision }
    number("card precision@\(result.scope.k)", 4, .betterHigh) { $0.cards?.precision }
    number("  of at most", 4) { $0.cards?.possible }
    guard result.sides.allSatisfy({ $0.scale != nil }) else { return }
    for (name, value) in [("value of frauds", \Confusion.fraudValue), ("value caught", \Confusion.caughtValue)] {
      let values = zip(ratings, result.sides).map { Double($0.confusion[keyPath: value]) / $1.unitsPerOne }
      var next = values.makeIterator()
      number(name, min(scale, 9), name == "value caught" ? .betterHigh : .plain) { _ in next.next() }
    }
    number("cost of decisions", 2, .betterLow) { $0.costs?.own }
    number("best threshold", 4) { $0.costs?.bestThreshold }
    count("  rows it flags") { $0.costs?.best?.rows ?? 0 }
    count("  frauds it catches") { $0.costs?.best?.frauds ?? 0 }
    number("  cost", 2) { $0.costs?.least }
  }

  private mutating func add(_ name: String, _ values: [String], _ change: String, _ meaning: Meaning) {
    let isAlike = change.allSatisfy { "+-0.,".contains($0) }
    let isBetter = isAlike || meaning == .plain ? nil : change.hasPrefix("-") == (meaning == .betterLow)
    lines.append(Line(name: name, values: values, change: change, isBetter: isBetter, isKey: meaning != .plain))
  }
}
