internal import Metrics
internal import Records

/// The days of a backtest, a line each, in the words in which they are shown: what two pipelines differ in as `5→7`.
package struct DayTable {
  package struct Day {
    package let name: String
    package let values: [String]
  }

  package let headings: [String]
  package let days: [Day]

  package init(_ result: BacktestResult) {
    let hasCards = result.sides.allSatisfy { $0.rating.cards != nil }
    let hasValue = result.sides.allSatisfy { $0.scale != nil }
    let isPair = result.old != nil
    let own =
      ["flagged", "caught", "false", "precision", "recall"] + (hasCards ? ["cards@\(result.scope.k)"] : [])
      + (hasValue ? ["value caught"] : [])
    headings = ["rows", "fraud"] + own + (isPair ? ["newly", "fraud", "no longer", "fraud"] : [])
    let sides = result.sides.map { side in
      Dictionary(uniqueKeysWithValues: side.rating.days.map { ($0.day, $0) })
    }
    let changes = Dictionary(uniqueKeysWithValues: (result.comparison?.days ?? []).map { ($0.day, $0) })
    days = Set(sides.flatMap(\.keys)).sorted().map { number in
      let days = sides.map { $0[number] ?? Rating.Day(day: number) }
      let cells = zip(days, result.sides).map { Self.cells($0, $1, hasCards: hasCards, hasValue: hasValue) }
      let own = cells[0].indices.map { column in
        let values = cells.map { $0[column] }
        return values.allSatisfy { $0 == values[0] } ? values[0] : values.joined(separator: "→")
      }
      let last = days[days.count - 1]
      let change = changes[number] ?? Comparison.Day(day: number)
      let moved = [change.newly.rows, change.newly.frauds, change.noLonger.rows, change.noLonger.frauds].map(\.grouped)
      return Day(
        name: Words.date(number),
        values: [last.rows.grouped, last.confusion.frauds.grouped] + own + (isPair ? moved : [])
      )
    }
  }

  private static func cells(
    _ day: Rating.Day,
    _ side: BacktestResult.Side,
    hasCards: Bool,
    hasValue: Bool
  ) -> [String] {
    let confusion = day.confusion
    var cells = [
      day.flagged.grouped, confusion.caught.grouped, confusion.falsePositives.grouped,
      confusion.precision?.fixed(2) ?? "-", confusion.recall?.fixed(2) ?? "-",
    ]
    if hasCards { cells.append(day.cards.map { "\($0.found)" } ?? "-") }
    if hasValue, let scale = side.scale { cells.append(Words.money(confusion.caughtValue, scale: scale)) }
    return cells
  }
}
