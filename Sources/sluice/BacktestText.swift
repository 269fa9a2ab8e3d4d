internal import Backtest
internal import Metrics
internal import Records

/// A backtest as text on stdout.
struct BacktestText {
  let text: String

  init(_ result: BacktestResult) {
    text = ([Self.head(result)] + [Self.figures(result), Self.reasons(result), Self.days(result)])
      .filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private static func head(_ result: BacktestResult) -> String {
    result.facts.map { "\($0.name.padded(to: 20))\($0.value)\n" }.joined()
  }

  private static func figures(_ result: BacktestResult) -> String {
    let isPair = result.old != nil
    var table = TextTable([.left("")] + (isPair ? [.right("old"), .right("new"), .right("change")] : [.right("all")]))
    for line in FigureTable(result).lines { table.add([line.name] + line.values + (isPair ? [line.change] : [])) }
    return table.text
  }

  /// A number of rows, and how many of them were fraud.
  private static func cells(_ change: Comparison.Change) -> [String] { [change.rows.grouped, change.frauds.grouped] }

  private static func reasons(_ result: BacktestResult) -> String {
    guard !result.reasons.isEmpty else { return "" }
    let isPair = result.old != nil
    var table = TextTable(
      [.left("reason")]
        + (isPair
        ? ["old", "fraud", "new", "fraud", "newly", "fraud", "no longer", "fraud"] : ["flagged", "fraud"])
        .map { .right($0) }
    )
    for reason in result.reasons {
      let changes = isPair ? [reason.old, reason.new, reason.newly, reason.noLonger] : [reason.new]
      table.add([Words.reason(reason.text.printable)] + changes.flatMap(cells))
    }
    return table.text
  }

  private static func days(_ result: BacktestResult) -> String {
    let table = DayTable(result)
    var text = TextTable([.left("day")] + table.headings.map { .right($0) })
    for day in table.days { text.add([day.name] + day.values) }
    return text.text
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(width - count, 1)) }
}
