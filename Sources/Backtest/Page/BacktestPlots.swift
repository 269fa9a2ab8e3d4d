internal import Metrics
internal import Records

/// The plots of a backtest.
struct BacktestPlots {
  private let result: BacktestResult
  private let sides: [(side: BacktestResult.Side, name: String, style: String)]

  init(_ result: BacktestResult) {
    self.result = result
    let names = result.old == nil ? [("this pipeline", "new")] : [("old", "old"), ("new", "new")]
    sides = zip(result.sides, names).map { ($0, $1.0, $1.1) }
  }

  var text: String {
    var text = roc.text + precisionRecall.text
    for index in sides.indices { text += distribution(index).text }
    if let costs { text += costs.text }
    return text + alerts.text
  }

  private var roc: Plot {
    var plot = Plot(
      id: "roc",
      "ROC",
      "For every threshold, the share of frauds that it flags against the share of other rows that it flags too.",
      x: .linear("other rows flagged", to: 1),
      y: .linear("frauds flagged", to: 1)
    )
    plot.line([(x: 0, y: 0), (x: 1, y: 1)], style: "chance", name: "by chance")
    plot.explain("chance", "by chance")
    // Dashes over a line, so that both are seen where they agree.
    for (side, name, style) in sides.reversed() {
      let curve = side.rating.curve
      guard let quality = curve.quality else { continue }
      let (frauds, others) = (Double(curve.frauds), Double(curve.rows - curve.frauds))
      let points = curve.points.lazy.map { (x: Double($0.rows - $0.frauds) / others, y: Double($0.frauds) / frauds) }
      let text = "\(name), AUC \(quality.areaUnderROC.fixed(4))"
      plot.line([(x: 0, y: 0)] + points, style: style, name: text)
      plot.explain(style, text)
    }
    return plot
  }

  private var precisionRecall: Plot {
    var plot = Plot(
      id: "precision-recall",
      "Precision and recall",
      "For every threshold, the share of frauds among the rows that it flags against their share of all frauds.",
      x: .linear("recall", to: 1),
      y: .linear("precision", to: 1)
    )
    for (side, name, style) in sides.reversed() {
      let curve = side.rating.curve
      guard let quality = curve.quality else { continue }
      let points = curve.points.lazy.map {
        (x: Double($0.frauds) / Double(curve.frauds), y: Double($0.frauds) / Double($0.rows))
      }
      let text = "\(name), average precision \(quality.averagePrecision.fixed(4))"
      plot.line(points, style: style, name: text)
      plot.explain(style, text)
    }
    for (side, name, style) in sides {
      let confusion = side.rating.confusion
      guard let precision = confusion.precision, let recall = confusion.recall else { continue }
      plot.mark(recall, precision, style: style, name: "as \(name) flags", style == "old" ? .left : .right)
    }
    return plot
  }

  private func distribution(_ index: Int) -> Plot {
    let (side, name, _) = sides[index]
    let scores = side.rating.distribution
    let most = zip(scores.frauds, scores.others).map(max).max() ?? 0
    var plot = Plot(
      id: "scores-\(index)",
      result.old == nil ? "Scores" : "Scores of the \(name) pipeline",
      "How many rows have a score, frauds and others. Each line up is ten times as many.",
      x: .linear("score", from: scores.lowest, to: scores.highest),
      y: .counts("rows", to: Double(most))
    )
    let width = (scores.highest - scores.lowest) / Double(scores.frauds.count)
    for bin in scores.frauds.indices {
      let (start, end) = (scores.lowest + Double(bin) * width, scores.lowest + Double(bin + 1) * width)
      let range = "\(start.fixed(2)) to \(end.fixed(2))"
      for (counts, style, what) in [(scores.others, "other", "other rows"), (scores.frauds, "fraud", "frauds")] {
        let isFraud = style == "fraud"
        plot.bar(
          isFraud ? start + width * 0.25 : start,
          isFraud ? end - width * 0.25 : end - width * 0.06,
          from: 0,
          to: Double(counts[bin]),
          style: style,
          name: "score \(range): \(counts[bin].grouped) \(what)"
        )
      }
    }
    plot.explain("fraud", "frauds")
    plot.explain("other", "other rows")
    return plot
  }

  private var costs: Plot? {
    let costs = sides.compactMap { entry in entry.side.rating.costs.map { (entry, $0) } }
    guard costs.count == sides.count, !costs.isEmpty else { return nil }
    // Reviewing nearly everything costs so much that the rest would be a flat line.
    let nothing = costs.map { $0.0.side.rating.curve.cost(nil, $0.1.costs) }.max() ?? 0
    let ceiling = max(nothing, costs.map(\.1.own).max() ?? 0) * 1.3
    var plot = Plot(
      id: "cost",
      "Cost by threshold",
      "A fraud that is missed costs its amount, the review of a flagged row \(result.scope.reviewCost.grouped(2)). "
        + "What flags nearly everything is beyond the top.",
      x: .linear("threshold of the score", to: 1),
      y: .linear("cost", to: ceiling),
      width: sides.count == 2 ? Plot.wide.width : Plot.half.width,
      height: sides.count == 2 ? Plot.wide.height : Plot.half.height
    )
    for ((side, name, style), cost) in costs.reversed() {
      let curve = side.rating.curve
      var points = [(x: 1.0, y: curve.cost(nil, cost.costs))]
      for point in curve.points {
        // Between two scores a threshold flags what the higher one does.
        points.append((x: point.score, y: points[points.count - 1].y))
        points.append((x: point.score, y: curve.cost(point, cost.costs)))
      }
      plot.line(points, style: style, name: name)
      plot.explain(style, "\(name), as it flags: \(cost.own.grouped(2))")
    }
    for ((_, name, style), cost) in costs {
      guard let best = cost.bestThreshold, best.isFinite else { continue }
      plot.mark(
        best,
        cost.least,
        style: style,
        name: "\(name) at \(best.fixed(2)): \(cost.least.grouped(2))",
        style == "old" ? .left : .right
      )
    }
    return plot
  }

  private var alerts: Plot {
    let days = Set(sides.flatMap { $0.side.rating.days.map(\.day) }).sorted()
    let most = sides.flatMap { $0.side.rating.days.map(\.flagged) }.max() ?? 0
    var plot = Plot(
      id: "alerts",
      "Flagged rows by day",
      "The rows that are flagged each day, and how many of them were fraud.",
      x: .names("day", days.map { String(Words.date($0).dropFirst(5)) }, shown: 15),
      y: .linear("flagged rows", to: Double(max(most, 1)), isWhole: true),
      width: Plot.wide.width,
      height: Plot.wide.height
    )
    let share = 0.84 / Double(sides.count)
    for (order, (side, name, style)) in sides.enumerated().reversed() {
      let byDay = Dictionary(uniqueKeysWithValues: side.rating.days.map { ($0.day, $0) })
      for (place, dayNumber) in days.enumerated() {
        guard let day = byDay[dayNumber] else { continue }
        let start = Double(place) + 0.08 + Double(order) * share
        let end = start + share * 0.94
        let what =
          "\(Words.date(dayNumber)), \(name): \(day.flagged.grouped) flagged, \(day.confusion.caught.grouped) fraud"
        plot.bar(start, end, from: 0, to: Double(day.flagged), style: "\(style) light", name: what)
        plot.bar(start, end, from: 0, to: Double(day.confusion.caught), style: style, name: what)
      }
      plot.explain("\(style) light", "\(name): not known to be fraud")
      plot.explain(style, "\(name): fraud")
    }
    return plot
  }
}
