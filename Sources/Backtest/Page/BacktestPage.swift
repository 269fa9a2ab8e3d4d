internal import Records

/// A backtest as one page of HTML that needs nothing else: no script, no font, no picture from anywhere.
package struct BacktestPage {
  package let text: String

  package init(_ result: BacktestResult) {
    let names = result.sides.map(\.name).joined(separator: " → ")
    let facts = result.facts.map { "<dt>\(HTML.escaped($0.name))</dt><dd>\(HTML.escaped($0.value))</dd>" }
    let plots = BacktestPlots(result)
    text = """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="generator" content="sluice backtest">
      <title>Backtest: \(HTML.escaped(names))</title>
      <link rel="icon" href="data:,">
      <style>
      \(PageStyle.text)
      </style>
      </head>
      <body>
      <main>
      <h1>Backtest</h1>
      <p class="lead">\(HTML.escaped(names))</p>
      \(Self.tiles(result))
      <div class="card"><dl>\(facts.joined())</dl></div>
      <h2>Scores and alerts</h2>
      <div class="plots">
      \(plots.text)</div>
      <h2>In figures</h2>
      \(Self.tables(result))
      <footer>Written by <code>sluice backtest</code>. Days are in UTC. A flagged row is one that the sink shows.
      </footer>
      </main>
      </body>
      </html>

      """
  }

  /// The figures to look at first.
  private static func tiles(_ result: BacktestResult) -> String {
    let tiles = FigureTable(result).lines.filter(\.isKey).map { line in
      let better = line.isBetter.map { $0 ? " better" : " worse" } ?? ""
      let change =
        result.old == nil
        ? ""
        : "<span class=\"change\(better)\">\(HTML.escaped(line.change))</span>"
          + "<span class=\"was\">was \(HTML.escaped(line.values[0]))</span>"
      return """
        <li><span class="name">\(HTML.escaped(line.name))</span>\
        <span class="value">\(HTML.escaped(line.values[line.values.count - 1]))</span>\(change)</li>
        """
    }
    return "<ul class=\"tiles\">\n\(tiles.joined(separator: "\n"))\n</ul>"
  }

  private static func tables(_ result: BacktestResult) -> String {
    let isPair = result.old != nil
    let figures = HTML.table(
      caption: isPair ? "Both pipelines" : "The pipeline",
      [""] + (isPair ? ["old", "new", "change"] : ["all"]),
      FigureTable(result).lines.map { [$0.name] + $0.values + (isPair ? [$0.change] : []) }
    )
    let reasons = HTML.table(
      caption: isPair ? "Newly and no longer flagged, by reason" : "Flagged, by reason",
      groups: isPair ? [("", 1), ("old", 2), ("new", 2), ("newly flagged", 2), ("no longer flagged", 2)] : [],
      ["reason"] + Array(repeating: ["rows", "fraud"], count: isPair ? 4 : 1).flatMap { $0 },
      result.reasons.map { reason in
        let changes = isPair ? [reason.old, reason.new, reason.newly, reason.noLonger] : [reason.new]
        return [Words.reason(reason.text)] + changes.flatMap { [$0.rows.grouped, $0.frauds.grouped] }
      }
    )
    let table = DayTable(result)
    let days = HTML.table(caption: "By day", ["day"] + table.headings, table.days.map { [$0.name] + $0.values })
    return figures + (result.reasons.isEmpty ? "" : reasons) + days
  }
}
