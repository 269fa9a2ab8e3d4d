import Foundation
import PipelineSpec
import TestSupport
import Testing

/// Challengers in pipeline files: mistakes, each with the whole message, and models that cannot be loaded.
@Suite struct ChallengerFileTests {
  static let file = ModelTests.file.replacing(
    "      reasons: {top: 2, at_least: 0.5, texts: {amount: high amount}}\n",
    with: """
            challengers:
              linear:
                model: other.json
                inputs: [amount, number]
                decisions: {review: 0.2}
                match: first
                rules: {odd: score > 0.5}
              rules:
                rules: {much: amount > 100}

      """
  ).replacing("sink: {stdout: jsonl}", with: "sink: {stdout: jsonl, evaluate: {label: fraud}}")
    .replacing("number: int64", with: "number: int64\n        fraud: int64")

  /// All that `check` says, a line each; `model` is that of the challenger, nil where there is no such file.
  static func messages(_ right: String, _ wrong: String, model: String? = ModelTests.logistic) throws -> [String] {
    let folder = try TemporaryFolder()
    #expect(right.isEmpty || file.contains(right))
    let path = try folder.write("test.yaml", right.isEmpty ? file : file.replacing(right, with: wrong))
    try folder.write("data.csv", "at,amount,kind,number,fraud,linear.score\n")
    try folder.write("m.json", ModelTests.logistic)
    if let model { try folder.write("other.json", model) }
    var text: String
    do throws(PipelineFileError) { text = try PipelineCompiler.check(path: path).warnings.description } catch {
      text = error.description
    }
    text = text.replacing(folder.url.path + "/", with: "")
    return text.split(separator: "\n").map(String.init)
  }

  @Test(
    arguments: [
      ("", "", []),
      (
        "linear:", "Linear:",
        [
          "test.yaml:18:9: 'Linear' is no name for a challenger; use lower-case letters, digits, '-' and '_', a letter first"
        ]
      ),
      (
        "kind: string", "linear.score: string",
        [
          "test.yaml:18:9: there is a column 'linear.score' already, which challenger 'linear' would add; give the challenger another name"
        ]
      ),
      (
        "match: first", "reasons: {top: 2}",
        [
          "test.yaml:22:11: challenger 'linear' of stage 'score' has no key `reasons`; use one of: model, column, inputs, decisions, match, rules"
        ]
      ),
      (
        "match: first", "challengers: {x: {model: m.json}}",
        [
          "test.yaml:22:11: challenger 'linear' of stage 'score' has no key `challengers`; use one of: model, column, inputs, decisions, match, rules"
        ]
      ),
      (
        "match: first", "match: any",
        ["test.yaml:22:18: `match` is 'any'; use one of: all, first"]
      ),
      (
        "review: 0.2", "review: 2",
        ["test.yaml:21:31: the threshold is '2'; write a score from 0 to 1"]
      ),
      (
        "odd: score > 0.5", "odd: scores > 0.5",
        ["test.yaml:23:24: there is no column `scores` in `scores > 0.5`; did you mean `score`?"]
      ),
      (
        "much: amount > 100", "much: score > 0.5",
        [
          "test.yaml:25:25: there is no column `score` in `score > 0.5`; the columns here are: at, amount, kind, number, fraud"
        ]
      ),
      (
        "rules: {much: amount > 100}", "decisions: {review: 0.2}",
        [
          "test.yaml:25:11: challenger 'rules' of stage 'score' has nothing to score by; give it a model of XGBoost or LightGBM, `model: models/m.json`, or `rules:`, or both; or the `column` of a model that learns"
        ]
      ),
      (
        "rules: {much: amount > 100}", "inputs: [amount]\n          rules: {much: amount > 100}",
        [
          "test.yaml:25:20: `inputs` are a model's, and challenger 'rules' of stage 'score' has none; name its `model`"
        ]
      ),
      (
        "      rules:\n          rules: {much: amount > 100}", "      rules: 3",
        [
          "test.yaml:24:16: challenger 'rules' of stage 'score' is '3'; write a mapping of `key: value` lines below it"
        ]
      ),
      (
        "inputs: [amount, number]", "inputs: [amount, numbr]",
        ["test.yaml:20:28: there is no column 'numbr'; did you mean 'number'?"]
      ),
      (
        "odd: score > 0.5", "odd: fraud = 1",
        [
          "test.yaml:23:24: rule 'odd' of challenger 'linear' reads the label 'fraud', which is known some time after the row; only a window that ends so long before the row may read it: `delayed 7d`"
        ]
      ),
      (
        "much: amount > 100", "much: 1 > 0",
        [
          "test.yaml:25:25: warning: rule 'much' holds for every row; name a column in it, or remove the rule"
        ]
      ),
    ] as [(String, String, [String])]
  )
  func mistakesAreReportedAsAnyOthers(right: String, wrong: String, expected: [String]) throws {
    #expect(try Self.messages(right, wrong) == expected)
  }

  @Test func challengersMustBeMany() throws {
    let start = try #require(Self.file.range(of: "      challengers:\n"))
    let end = try #require(Self.file.range(of: "  out:\n"))
    func messages(_ text: String) throws -> [String] {
      try Self.messages(String(Self.file[start.lowerBound..<end.lowerBound]), "      challengers: \(text)\n")
    }
    #expect(
      try messages("[m.json]") == [
        "test.yaml:17:20: `challengers` of stage 'score' is a list; write `name:` lines with a `model`, or `rules`, or both below each"
      ]
    )
    let many = (0..<17).map { "c\($0): {model: m.json}" }.joined(separator: ", ")
    #expect(
      try messages("{\(many)}").map { $0.drop { $0 != " " } } == [" stage 'score' has 17 challengers; keep at most 16"]
    )
  }

  /// A model that reads what is known only later.
  @Test func aModelThatReadsALabelIsRefusedByName() throws {
    let model = #"{"kind": "logistic", "intercept": 0, "coefficients": {"amount": 1, "fraud": 2}}"#
    #expect(
      try Self.messages("inputs: [amount, number]", "inputs: [amount, fraud]", model: model) == [
        "test.yaml:20:19: the model of challenger 'linear' reads 'fraud', which tells the label 'fraud', which is known some time after the row; only a window that ends so long before the row may read it: `delayed 7d`"
      ]
    )
  }

  @Test(
    arguments: [
      (nil, ["19:18: model 'other.json': there is no such file; check the path of the model"]),
      (
        #"{"kind": "logistic", "intercept": 0, "coeffic"#,
        [
          "19:18: model 'other.json': the JSON ends before it is complete: the file is truncated; save the model again with Booster.save_model(\"model.json\")"
        ]
      ),
      (
        #"{"kind": "logistic", "intercept": 0, "coefficients": {"amount": 1, "age": 2}}"#,
        [
          "20:20: the model 'other.json' was trained with 'age', not among `inputs`; list all its features in its order, or leave `inputs` out: the model names its own",
          "20:28: the model 'other.json' was not trained with 'number'; remove it: its features are age, amount",
        ]
      ),
    ] as [(String?, [String])]
  )
  func aModelThatCannotBeLoadedLeavesItsChallengerOut(model: String?, expected: [String]) throws {
    let messages = try Self.messages("", "", model: model)
    let warnings = expected.map { line in
      let parts = line.split(separator: ": ", maxSplits: 1)
      return "test.yaml:\(parts[0]): warning: challenger 'linear' is left out: \(parts[1])"
    }
    #expect(messages == warnings)
    // What is wrong with the file is a mistake all the same.
    let more = try Self.messages("odd: score > 0.5", "odd: amount", model: model)
    #expect(more.contains { $0.contains("not true or false") })
  }
}
