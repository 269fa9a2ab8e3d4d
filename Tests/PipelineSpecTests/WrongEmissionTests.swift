import PipelineSpec
import TestSupport
import Testing

/// Wrong windows that leave rows, each with the whole message that it gets.
@Suite struct WrongEmissionTests {
  @Test(
    arguments: [
      ("tumbling: 0s", "`tumbling` is '0s'; write a whole number and one of s, m, h, d, w, as in 1h, up to ten years"),
      (
        "tumbling: {length: soon}",
        "`length` is 'soon'; write a whole number and one of s, m, h, d, w, as in 1h, up to ten years"
      ),
      (
        "tumbling: {length: 1h, offset: 2h}",
        "`offset` is '2h'; write how long after midnight UTC windows begin, below 1h"
      ),
      ("hopping: {length: 1h, every: 2h}", "windows of 1h every 2h leave rows out; let `every` be at most `length`"),
      (
        "session: {gap: 1h, longest: 30m}",
        "a session of at most 30m never sees a gap of 1h; let `longest` be at least `gap`"
      ),
    ]
  )
  func aWrongWindowIsNamedAlone(window: String, message: String) throws {
    let file = WrongFileTests.file.replacing("features:", with: "\(window)\n      features:")
    let messages = try WrongFileTests.messages(file, csv: WrongFileTests.header)
    #expect(messages.count == 1 && messages[0].hasSuffix(": \(message)"), "\(messages)")
  }

  @Test(
    arguments: [
      ("tumbling: 1h", "count over 1d", Self.isOverAll), ("tumbling: 1h", "mean(amount) over 1d", Self.isOverAll),
      ("tumbling: 1h", "count delayed 7d", Self.isOverAll), ("session: 30m", "count left closed", Self.isOverAll),
      ("session: 30m", "count excluding this row", Self.isOverAll),
      ("tumbling: 1h", "count(card) over last 3 rows", Self.isOverAll),
      ("tumbling: 1h", "previous(amount)", isAboutOne("previous")),
      ("tumbling: 1h", "time_since_last", isAboutOne("time_since_last")),
      ("session: 30m", "speed_kmh(amount, amount)", isAboutOne("speed_kmh")),
      ("tumbling: 1h", "decayed_sum(amount) half_life 1d", isAboutOne("decayed_sum")),
      ("tumbling: 1h", "sequence(amount < 2 then amount > 9) over 1h", isAboutOne("sequence")),
      (
        "session: 30m", "rate",
        "`rate` is rows per second of the window's length, and a session has none before it ends in `rate`; write `count`"
      ),
      ("tumbling: 1h", "sum(fraud) where note", "`where` reads string, not true or false in"),
    ] as [(String, String, String)]
  )
  func aFeatureThatIsNotOverAWholeWindowIsNamed(window: String, feature: String, message: String) throws {
    let file = WrongFileTests.file.replacing("features:", with: "\(window)\n      features:")
      .replacing("count over 1d", with: feature).replacing("mean_1d: mean(amount) over 1d", with: "all: count")
    let messages = try WrongFileTests.messages(file, csv: WrongFileTests.header)
    #expect(messages.count == 1 && messages[0].contains(": \(message)"), "\(messages)")
  }

  private static let isOverAll =
    "the windows of this stage leave a row each, so a feature is over all the rows of one in"

  private static func isAboutOne(_ function: String) -> String {
    "`\(function)` is about one row, and the windows of this stage leave one for all of theirs in"
  }

  /// Once, where the rows meet, and not for each stage behind.
  @Test func rowsOfWindowsMeetNoOtherSource() throws {
    let file = """
      pipeline: test
      stages:
        a:
          source: {csv: data.csv, time: at, columns: {at: timestamp, card: int64}}
        b:
          source: {csv: data.csv, time: at, columns: {at: timestamp, card: int64}}
        hours:
          from: a
          window: {key: card, tumbling: 1h, features: {n: count}}
        both:
          from: [hours, b]
          window: {key: card, features: {m: count over 1h}}
        after:
          from: both
          window: {key: card, features: {k: count over 1h}}
        out:
          from: after
          sink: {stdout: jsonl}
      """
    let messages = try WrongFileTests.messages(file, csv: WrongFileTests.header)
    #expect(messages.count == 1, "\(messages)")
    #expect(
      messages.first?.hasSuffix(
        "stage 'both' reads rows that the windows of 'hours' leave, and a source that these do not read; let 'hours' read "
          + "all sources that 'both' does, or write its rows to a sink of their own"
      ) == true,
      "\(messages)"
    )
  }
}
