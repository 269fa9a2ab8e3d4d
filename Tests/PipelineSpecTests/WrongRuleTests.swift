import PipelineSpec
import Plan
import TestSupport
import Testing

/// Wrong rules, each with the whole message that it gets.
@Suite struct WrongRuleTests {
  static let file = WrongFileTests.file.replacing(
    "  out:\n    from: window",
    with: """
        score:
          from: window
          score:
            match: all
            decisions: { review: 0.3, decline: 0.7 }
            rules:
              large: amount > 100
              many:
                when: count_1d >= 3
                weight: 0.4
                decision: review
                reason: Many within a day
        out:
          from: score
      """
  )

  @Test func aRightFileHasNoMistakes() throws {
    #expect(try WrongFileTests.messages(Self.file, csv: WrongFileTests.header) == [])
  }

  @Test(
    arguments: [
      (
        "match: all", "match: any",
        ["test.yaml:24:14: `match` is 'any'; use one of: all, first"]
      ),
      (
        "large: amount > 100", "large: amuont > 100",
        ["test.yaml:27:16: there is no column `amuont` in `amuont > 100`; did you mean `amount`?"]
      ),
      (
        "large: amount > 100", "large: score > 0.5",
        [
          "test.yaml:27:16: there is no column `score` in `score > 0.5`; the columns here are: id, at, card, amount, fraud, note, count_1d, mean_1d"
        ]
      ),
      (
        "large: amount > 100", "large: amount",
        ["test.yaml:27:16: `amount` is decimal(2), not true or false; write a comparison"]
      ),
      (
        "large: amount > 100", "large: [amount]",
        [
          "test.yaml:27:16: rule 'large' is a list; write a mapping of `key: value` lines below it"
        ]
      ),
      (
        "large: amount > 100", "large;x: amount > 100",
        [
          "test.yaml:27:9: a reason holds a semicolon, which stands between the reasons of a row; write a comma or a dash"
        ]
      ),
      (
        "when: count_1d >= 3", "if: count_1d >= 3",
        [
          "test.yaml:29:11: rule 'many' has no `when`; write its condition: `when: tx_amount > 220`",
          "test.yaml:29:11: rule 'many' has no key `if`; use one of: when, weight, decision, reason",
        ]
      ),
      (
        "weight: 0.4", "weight: much",
        ["test.yaml:30:19: the weight is 'much'; write what the rule adds to the score, from -1 to 1"]
      ),
      (
        "weight: 0.4", "weight: 40",
        ["test.yaml:30:19: the weight is '40'; write what the rule adds to the score, from -1 to 1"]
      ),
      (
        "decision: review", "decision: refuse",
        ["test.yaml:31:21: `decision` is 'refuse'; use one of: approve, review, decline"]
      ),
      (
        "decision: review", "decision: approve",
        [
          "test.yaml:31:21: rule 'many' approves, which changes nothing where the severest decision stands; remove its `decision`, or write `match: first` beside `rules` and this rule before those that it overrules"
        ]
      ),
      (
        "reason: Many within a day", "reason: Many; within a day",
        [
          "test.yaml:32:19: a reason holds a semicolon, which stands between the reasons of a row; write a comma or a dash"
        ]
      ),
      (
        "review: 0.3", "review: 0.9",
        ["test.yaml:25:18: the threshold for review is above that for decline; review at lower scores"]
      ),
      (
        "review: 0.3", "review: 3",
        ["test.yaml:25:28: the threshold is '3'; write a score from 0 to 1"]
      ),
      (
        "match: all", "inputs: [amount]",
        ["test.yaml:24:16: `inputs` are a model's, and stage 'score' has none; name its `model`"]
      ),
      (
        "match: all", "reasons: {top: 3}",
        [
          "test.yaml:24:16: `reasons` are a model's, and stage 'score' has none; name its `model`; rules have a `reason` each"
        ]
      ),
    ] as [(String, String, [String])]
  )
  func aMistakeIsNamedWithItsPlaceAndRemedy(right: String, wrong: String, expected: [String]) throws {
    #expect(Self.file.contains(right))
    let file = Self.file.replacing(right, with: wrong)
    #expect(try WrongFileTests.messages(file, csv: WrongFileTests.header) == expected)
  }

  @Test func aScoreIsNothingWithoutModelAndRules() throws {
    let file = WrongFileTests.file.replacing(
      "  out:\n    from: window",
      with: "  score:\n    from: window\n    score:\n      decisions: { review: 0.3 }\n  out:\n    from: score"
    )
    #expect(
      try WrongFileTests.messages(file, csv: WrongFileTests.header) == [
        "test.yaml:24:7: stage 'score' has nothing to score by; give it a model of XGBoost or LightGBM, `model: models/m.json`, or `rules:`, or both; or the `column` of a model that learns"
      ]
    )
  }
}
