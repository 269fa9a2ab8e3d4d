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
