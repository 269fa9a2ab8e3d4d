import Backtest
import Foundation
import Records
import TestSupport
import Testing

/// The report, whatever stands in names, reasons and figures.
@Suite struct PageTests {
  static func page(_ rows: [History.Row], reasons: [[String]] = [[]], scale: Int? = 2, old: Bool = false) -> String {
    let history = History(rows: rows, reasons: reasons, scale: scale, hasCards: true)
    let name = "</title><script>alert('\u{7}')</script>&\"x\".yaml"
    let scope = Scope(reviewCost: 1, k: 100)
    return BacktestPage(BacktestResult(old: old ? (name, history) : nil, new: (name, history), scope)).text
  }

  static func row(_ ordinal: UInt64, score: Double?, isFraud: Bool?, reasons: Int32 = 0) -> History.Row {
    History.Row(
      position: Position(time: Int64(ordinal) * 1_000_000, source: 0, ordinal: ordinal),
      score: score,
      isFraud: isFraud,
      isFlagged: true,
      reasons: reasons,
      card: ordinal,
      amount: 100
    )
  }

  @Test func whatOthersNamedIsTextAndNothingElse() {
    let rows = [Self.row(0, score: 0.5, isFraud: true, reasons: 1), Self.row(1, score: 0.1, isFraud: false)]
    let page = Self.page(rows, reasons: [[], ["<img src=x onerror=alert(1)>"]], old: true)
    #expect(!page.contains("<script") && !page.contains("<img") && !page.contains("\u{7}"))
    #expect(page.contains("&lt;script&gt;alert(&#39;") && page.contains("&lt;img src=x"))
  }

  @Test func itTakesNothingFromElsewhere() {
    let page = Self.page([Self.row(0, score: 0.5, isFraud: true)])
    for word in ["http:", "https:", "src=", "url(", "@import", "<script"] { #expect(!page.contains(word), "\(word)") }
  }

  @Test func figuresThatAreNoneLeaveItWhole() {
    let odd: [[History.Row]] = [
      [],
      [Self.row(0, score: nil, isFraud: nil)],
      [Self.row(0, score: .infinity, isFraud: true), Self.row(1, score: -.infinity, isFraud: false)],
      [Self.row(0, score: .nan, isFraud: true), Self.row(1, score: 1e308, isFraud: false)],
      [Self.row(0, score: -1e308, isFraud: true), Self.row(1, score: 1e308, isFraud: false)],
    ]
    for rows in odd {
      for scale in [nil, 0, 18] {
        for old in [false, true] {
          let page = Self.page(rows, scale: scale, old: old)
          #expect(page.hasSuffix("</html>\n"))
          for word in ["nan", "inf"] {
            let place = page.range(of: "[^a-z]\(word)[^a-z]", options: .regularExpression)
            #expect(place == nil, "\(place.map { page[$0.lowerBound...].prefix(80) } ?? "")")
          }
        }
      }
    }
  }
}
