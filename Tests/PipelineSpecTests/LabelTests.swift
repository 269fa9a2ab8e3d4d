import PipelineSpec
import TestSupport
import Testing

/// A score that knows a label before anybody could is refused, however the label gets there.
@Suite struct LabelTests {
  /// `fraud` is a label, for the sink evaluates by it; `chargeback` because the source says so.
  static let file = """
    pipeline: test
    stages:
      in:
        source:
          csv: data.csv
          time: at
          columns:
            at: timestamp
            card: int64
            amount: decimal(2)
            fraud: int64
            chargeback: { type: int64, known_after: 30d }
        compute:
          lost: fraud * amount
          back: chargeback + 0
      window:
        from: in
        window:
          key: card
          features:
            count_1d: count over 1d
            risk_1d: mean(fraud) over 1d delayed 7d
            lost_1d: sum(lost) over 1d delayed 1d
            back_1d: mean(back) over 1d delayed 30d
      score:
        from: window
        score:
          rules:
            much: count_1d > 10
      out:
        from: score
        where: decision != 'approve' or fraud = 1
        sink:
          stdout: jsonl
          evaluate: { label: fraud }
    """

  static let header = "at,card,amount,fraud,chargeback\n"
  private static let remedy = "only a window that ends so long before the row may read it: `delayed"

  @Test(
    arguments: [
      ("", "", []),
      (
        "over 1d delayed 7d", "over 1d",
        ["22:18: feature 'risk_1d' reads the label 'fraud', which is known some time after the row; \(remedy) 7d`"]
      ),
      (
        "sum(lost) over 1d delayed 1d", "sum(lost) over 1d",
        ["23:18: feature 'lost_1d' reads the label 'fraud', which is known some time after the row; \(remedy) 7d`"]
      ),
      (
        "delayed 30d", "delayed 29d",
        ["24:18: feature 'back_1d' reads the label 'chargeback', which is known 30d after the row; \(remedy) 30d`"]
      ),
      (
        "key: card", "key: fraud",
        [
          "19:12: stage 'window' has as its key the label 'fraud', which is known some time after the row; \(remedy) 7d`"
        ]
      ),
      (
        "much: count_1d > 10", "much: count_1d > 10 or back > 0",
        ["29:15: rule 'much' reads the label 'chargeback', which is known 30d after the row; \(remedy) 30d`"]
      ),
      (
        "from: window\n", "from: window\n    where: lost = 0\n",
        [
          "27:12: stage 'score' keeps rows by the label 'fraud', which is known some time after the row; \(remedy) 7d`"
        ]
      ),
      (
        "from: in\n", "from: in\n    compute: { other: card + fraud * 0 }\n",
        []
      ),
      (
        "from: in\n    window:\n      key: card",
        "from: in\n    compute: { other: card + fraud * 0 }\n    window:\n      key: other",
        [
          "20:12: the key 'other' may be empty; declare the column without `?`, or fill it with `compute`: coalesce(other, ...)"
        ]
      ),
      (
        "known_after: 30d", "known_after: soon",
        ["12:49: `known_after` is 'soon'; write how long after the row the label is known, as in 7d"]
      ),
    ] as [(String, String, [String])]
  )
  func aLabelThatIsReadTooEarlyIsRefused(right: String, wrong: String, expected: [String]) throws {
    let file = right.isEmpty ? Self.file : Self.file.replacing(right, with: wrong)
    #expect(right.isEmpty || file != Self.file)
    let messages = try WrongFileTests.messages(file, csv: Self.header)
    #expect(messages == expected.map { "test.yaml:\($0)" })
  }
}
