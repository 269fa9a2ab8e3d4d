import Foundation
import PipelineSpec
import Plan
import TestSupport
import Testing

/// Models that do not fit the columns, and wrong reasons, each with the whole message that it gets.
@Suite struct ModelTests {
  static let file = """
    pipeline: test
    stages:
      in:
        source:
          csv: data.csv
          time: at
          columns:
            at: timestamp
            amount: decimal(2)
            kind: string
            number: int64
      score:
        from: in
        score:
          model: m.json
          reasons: {top: 2, at_least: 0.5, texts: {amount: high amount}}
      out:
        from: score
        sink: {stdout: jsonl}
    """

  static let logistic = #"{"kind": "logistic", "intercept": 0, "coefficients": {"amount": 1, "number": 2}}"#

  /// What `check` says; the model is written beside the file.
  static func messages(_ changes: [(String, String)], model: String = logistic, texts: String? = nil) throws -> [String]
  {
    let folder = try TemporaryFolder()
    let text = changes.reduce(file) { text, change in
      #expect(text.contains(change.0), "\(change.0)")
      return text.replacing(change.0, with: change.1)
    }
    let path = try folder.write("test.yaml", text)
    try folder.write("data.csv", "at,amount,kind,number,numbers\n")
    try folder.write("m.json", model)
    if let texts { try folder.write("t.csv", texts) }
    do throws(PipelineFileError) {
      return try PipelineCompiler.check(path: path).warnings.diagnostics.map(\.message)
    } catch {
      return error.description.replacing(folder.url.path + "/", with: "").split(separator: "\n").map(String.init)
    }
  }

  /// A tree of LightGBM that splits `kind` by category and `amount` by number.
  static func lightGBM(pandas: String) -> String {
    """
    tree
    version=v4
    num_class=1
    num_tree_per_iteration=1
    max_feature_idx=1
    objective=binary sigmoid:1
    feature_names=kind amount

    Tree=0
    num_leaves=3
    num_cat=1
    split_feature=0 1
    threshold=0 2.5
    decision_type=1 8
    left_child=-1 -2
    right_child=1 -3
    leaf_value=1 2 3
    leaf_count=10 20 30
    internal_count=60 50
    cat_boundaries=0 1
    cat_threshold=2

    end of trees

    parameters:
    [categorical_feature: 0]
    end of parameters

    pandas_categorical:\(pandas)
    """
  }

  @Test func rightModelsHaveNoMistakes() throws {
    #expect(try Self.messages([]) == [])
    #expect(try Self.messages([("{amount: high amount}", "t.csv")], texts: "feature,text\namount,much\n") == [])
    let texts = "{kind: {raises: a kind, lowers: another}}"
    let model = Self.lightGBM(pandas: #"[["a", "b"]]"#)
    #expect(try Self.messages([("{amount: high amount}", texts)], model: model) == [])
    let inputs = "model: m.json\n      inputs: [number, amount]"
    #expect(try Self.messages([("model: m.json", inputs)], model: Self.lightGBM(pandas: "null")).count == 2)
    let unnamed = Self.lightGBM(pandas: "null").replacing("feature_names=kind amount\n", with: "")
    #expect(try Self.messages([("model: m.json", inputs)], model: unnamed) == [])
  }

  @Test(
    arguments: [
      (
        "model: m.json", "model: m.json\n      inputs: [amuont, number]",
        [
          "test.yaml:16:16: the model 'm.json' was not trained with 'amuont'; did you mean 'amount'?"
        ]
      ),
      (
        "model: m.json", "model: m.json\n      inputs: [number]",
        [
          "test.yaml:16:16: the model 'm.json' was trained with 'amount', not among `inputs`; list all its features in its order, or leave `inputs` out: the model names its own"
        ]
      ),
      (
        "model: m.json", "model: m.json\n      inputs: [number, amount]",
        [
          "test.yaml:16:16: the model 'm.json' was trained with 'amount' where 'number' is listed; list the inputs in the model's order, or leave `inputs` out: the model names its own"
        ]
      ),
      (
        "model: m.json", "model: m.json\n      inputs: [amount, number, number]",
        [
          "test.yaml:16:16: the model 'm.json' has 2 inputs, but 3 are listed; list the columns that it was trained on, in the same order"
        ]
      ),
      (
        "number: int64", "numbers: int64",
        ["test.yaml:15:14: there is no column 'number'; did you mean 'numbers'?"]
      ),
      (
        "number: int64", "number: string",
        ["test.yaml:15:14: the model's input 'number' is string; give it a number: compute one from the column"]
      ),
      (
        "top: 2", "top: 0",
        ["test.yaml:16:22: `top` is '0'; write how many reasons a row gets, from 1 to 64"]
      ),
      (
        "at_least: 0.5", "at_least: 0",
        [
          "test.yaml:16:35: `at_least` is '0'; write the least contribution that is a reason, above 0, in the unit of the model's sum"
        ]
      ),
      (
        "top: 2", "tops: 2",
        ["test.yaml:16:17: `reasons` of stage 'score' has no key `tops`; did you mean `top`?"]
      ),
      (
        "{top: 2, at_least: 0.5, texts: {amount: high amount}}", "3",
        [
          "test.yaml:16:16: `reasons` of stage 'score' is '3'; write a mapping of `key: value` lines below it"
        ]
      ),
      (
        "{amount: high amount}", "{amounts: much}",
        ["test.yaml:16:48: the model does not read 'amounts'; did you mean 'amount'?"]
      ),
      (
        "{amount: high amount}", "{amount: a;b}",
        [
          "test.yaml:16:56: a reason holds a semicolon, which stands between the reasons of a row; write a comma or a dash"
        ]
      ),
      (
        "{amount: high amount}", "[amount]",
        [
          "test.yaml:16:47: `texts` is a list; write lines of `feature: text`, or name a CSV file with the columns feature and text"
        ]
      ),
      (
        "{amount: high amount}", "none.csv",
        [
          "test.yaml:16:47: cannot read the texts of reasons from 'none.csv': No such file or directory; check the path"
        ]
      ),
      (
        "at_least: 0.5", "approved: maybe",
        ["test.yaml:16:35: `approved` is 'maybe'; use one of: true, false"]
      ),
    ] as [(String, String, [String])]
  )
  func aMistakeIsNamedWithItsPlaceAndRemedy(right: String, wrong: String, expected: [String]) throws {
    #expect(try Self.messages([(right, wrong)]) == expected)
  }

  @Test func categoriesNeedColumnsOfTheirType() throws {
    let place = "test.yaml:15:14: the model splits 'kind'"
    let cases = [
      (
        "kind: string", "null",
        "by the numbers of categories, and the column is string; give it an int64 column with the numbers that the training had"
      ),
      (
        "kind: float64", "null",
        "by the numbers of categories, and the column is float64; give it an int64 column with the numbers that the training had"
      ),
      (
        "kind: float64", #"[["a", "b"]]"#,
        "by categories that are texts, and the column is float64; give it a string column, or an int64 column with the categories' numbers"
      ),
      (
        "kind: string", "[[7, 9]]",
        "by categories that are whole numbers, and the column is string; give it an int64 column"
      ),
    ]
    let texts = ("{amount: high amount}", "{kind: kind}")
    for (column, pandas, message) in cases {
      let messages = try Self.messages([("kind: string", column), texts], model: Self.lightGBM(pandas: pandas))
      #expect(messages == ["\(place) \(message)"])
    }
    for (column, pandas) in [
      ("kind: int64", "null"), ("kind: bool", "null"), ("kind: int64", "[[7, 9]]"), ("kind: int64", #"[["a"]]"#),
    ] {
      let messages = try Self.messages([("kind: string", column), texts], model: Self.lightGBM(pandas: pandas))
      #expect(messages == [], "\(column) \(pandas)")
    }
    #expect(
      try Self.messages([texts], model: Self.lightGBM(pandas: #"[["a", "a"]]"#)) == [
        "test.yaml:15:14: the model names a category of 'kind' twice; save the model again from the library that trained it"
      ]
    )
  }

  @Test func aModelWithoutCoversGivesNoReasons() throws {
    let model = Self.lightGBM(pandas: #"[["a"]]"#).replacing("leaf_count=10 20 30\n", with: "")
    #expect(
      try Self.messages([], model: model) == [
        "test.yaml:16:16: the model 'm.json' cannot give reasons: it does not say how much of the training data came to each node; save it again from the library that trained it, or remove `reasons`"
      ]
    )
  }

  @Test func aModelOfTooLongWaysGivesNoReasons() throws {
    let names = (0..<65).map { "f\($0)" }
    func list(_ value: (Int) -> Int) -> String { names.indices.map { "\(value($0))" }.joined(separator: " ") }
    let model = """
      tree
      version=v4
      num_class=1
      num_tree_per_iteration=1
      max_feature_idx=64
      objective=binary sigmoid:1
      feature_names=\(names.joined(separator: " "))

      Tree=0
      num_leaves=66
      num_cat=0
      split_feature=\(list { $0 })
      threshold=\(list { _ in 1 })
      decision_type=\(list { _ in 2 })
      left_child=\(list { ~$0 })
      right_child=\(list { $0 == 64 ? ~65 : $0 + 1 })
      leaf_value=\(list { $0 }) 65
      leaf_count=\(list { _ in 10 }) 10
      internal_count=\(list { 10 * (66 - $0) })

      end of trees
      """
    let columns = names.map { "        \($0): float64\n" }.joined()
    let changes = [
      ("        number: int64\n", "        number: int64\n" + columns), (", texts: {amount: high amount}", ""),
    ]
    // The data's header has no such columns, of which it warns.
    #expect(
      try Self.messages(changes, model: model).contains(
        "test.yaml:81:16: the model 'm.json' cannot give reasons: on the way to a leaf of its tree 0 stand more than 64 features; train it with less depth, or remove `reasons`"
      )
    )
  }

  @Test(arguments: [
    (
      "feature,words\n",
      "'t.csv' has no column 'text'; give it the columns feature and text, and lowers where a reason shows what lowers the score"
    ),
    (
      "feature,text\namount,a;b\n",
      "a reason holds a semicolon, which stands between the reasons of a row; write a comma or a dash"
    ),
  ])
  func wrongTextsAreRefused(texts: String, message: String) throws {
    #expect(
      try Self.messages([("{amount: high amount}", "t.csv")], texts: texts) == ["test.yaml:16:47: \(message)"]
    )
  }
}
