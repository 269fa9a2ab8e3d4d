import PipelineSpec
import TestSupport
import Testing

/// Wrong learn stages, each with the whole message that it gets.
@Suite struct WrongLearningTests {
  static let file = """
    pipeline: test
    stages:
      in:
        source:
          csv: data.csv
          time: at
          columns:
            at: timestamp
            id: int64?
            amount: decimal(2)
            note: string
            outcome: int64?
            fraud: { type: int64, known_after: 30d }
      own:
        from: in
        learn:
          model: logistic
          column: own
          inputs: [amount]
          label: fraud
          delayed: 30d
          fraud_weight: 2.5
          reasons: {top: 2, texts: {amount: high amount}}
      told:
        from: own
        learn:
          model: isolation_forest
          inputs: [amount, id]
          label: outcome
          of: id
          within: 45d
          unlabelled: genuine
          warm_up: 10
          trees: 10
      score:
        from: told
        score:
          column: learned
          challengers:
            other: { column: own, decisions: { review: 0.5 } }
      out:
        from: score
        sink: {stdout: jsonl}
    """

  static let header = "at,id,amount,note,outcome,fraud\n"

  @Test func aRightFileHasNoMistakes() throws {
    #expect(try WrongFileTests.messages(Self.file, csv: Self.header) == [])
  }

  /// A label that comes as a row of its own is known then, whoever evaluates by it.
  @Test func aLabelOfItsOwnMayBeEvaluated() throws {
    let file = Self.file.replacing("outcome: int64?", with: "outcome: {type: int64?, known_after: 0d}")
      .replacing("sink: {stdout: jsonl}", with: "sink: {stdout: jsonl, evaluate: {label: outcome, score: learned}}")
    #expect(try WrongFileTests.messages(file, csv: Self.header) == [])
  }

  @Test(
    arguments: [
      (
        "model: logistic", "model: logistics",
        ["17:14: no model called 'logistics' learns; did you mean 'logistic'?"]
      ),
      (
        "model: logistic", "model: m.json",
        [
          "17:14: no model called 'm.json' learns; use one of: logistic, isolation_forest; a model that was trained is a score stage's"
        ]
      ),
      (
        "      model: logistic\n", "",
        ["17:7: the model of stage 'own' has no `model`; say which: `model: logistic`, or `isolation_forest`"]
      ),
      (
        "fraud_weight: 2.5", "trees: 7",
        [
          "22:7: the model of stage 'own' has no key `trees`; use one of: model, column, inputs, warm_up, reasons, label, of, within, unlabelled, delayed, rate, l1, l2, fraud_weight"
        ]
      ),
      (
        "fraud_weight: 2.5", "rate: 0",
        ["22:13: `rate` is '0'; write a number from 0.0001 to 100.0, as in 0.5"]
      ),
      (
        "fraud_weight: 2.5", "l2: -1",
        ["22:11: `l2` is '-1'; write a number from 0.0 to 1000000.0, as in 0.0"]
      ),
      (
        "fraud_weight: 2.5", "rate: nan",
        ["22:13: `rate` is 'nan'; write a number from 0.0001 to 100.0, as in 0.5"]
      ),
      (
        "trees: 10", "sample: 5000",
        ["34:15: `sample` is '5000'; write a number from 2 to 4096"]
      ),
      (
        "trees: 10", "recent: 100",
        ["27:14: a tree grows over 256 of the 100 recent rows; let `sample` be at most `recent`"]
      ),
      (
        "inputs: [amount]", "inputs: [note]",
        ["19:16: the model's input 'note' is string; give it a number: compute one from the column"]
      ),
      (
        "      inputs: [amount]\n", "",
        [
          "17:7: the model of stage 'own' has no `inputs`; list the columns that it looks at: `inputs: [tx_amount, customer_count_1d]`"
        ]
      ),
      (
        "column: own", "column: amount",
        [
          "18:15: there is a column 'amount' already, which stage 'own' would add; name another: `column: chance_of_fraud`"
        ]
      ),
      (
        "      label: fraud\n      delayed: 30d\n", "",
        [
          "17:14: the model of stage 'own' learns from labels, and has none; name the column that tells what was fraud, `label: was_fraud`; without labels there is `isolation_forest`"
        ]
      ),
      (
        "      label: fraud\n", "",
        [
          "20:16: the model of stage 'own' has no `label`; name the column that tells what was fraud: `label: was_fraud`"
        ]
      ),
      (
        "      delayed: 30d\n", "",
        [
          "20:14: nothing says when the label 'fraud' is known; where labels come as rows of their own, name what they share with the rows that they are about, `of: transaction_id`; else say how long after its row a label is known, `delayed: 7d`"
        ]
      ),
      (
        "delayed: 30d", "delayed: soon",
        ["21:16: `delayed` is 'soon'; write a whole number and one of s, m, h, d, w, as in 45d"]
      ),
      (
        "delayed: 30d", "within: 30d",
        [
          "21:15: nothing says which row a label is about; name the column that rows and labels share: `of: transaction_id`"
        ]
      ),
      (
        "      within: 45d\n", "",
        [
          "30:11: nothing says how long a row waits for its label; say it: `within: 45d`; a label that comes later is not learned"
        ]
      ),
      (
        "within: 45d", "delayed: 45d",
        [
          "31:16: `delayed` is for labels that stand in the row itself, and `of` for those that come as rows of their own; leave one of them out"
        ]
      ),
      ("of: id", "of: amount", ["30:11: 'amount' is decimal(2); name an id, an int64 or string column"]),
      (
        "label: outcome", "label: note", ["29:14: 'note' is string; name a label, an int64 or bool column"]
      ),
      (
        "unlabelled: genuine", "unlabelled: fraud",
        ["32:19: `unlabelled` is 'fraud'; use one of: genuine, unknown"]
      ),
      (
        "column: learned", "column: note",
        ["38:15: the score would be 'note', which is string; name a column of numbers from 0 to 1"]
      ),
      (
        "column: learned", "column: learnt",
        ["38:15: there is no column 'learnt'; did you mean 'learned'?"]
      ),
      (
        "column: learned", "column: learned\n      model: m.json\n      inputs: [amount]",
        [
          "38:15: stage 'score' has a model, and a column that is its score; leave one of them out; let a rule speak of the other",
          "39:14: model 'm.json': there is no such file; check the path of the model",
        ]
      ),
      (
        "texts: {amount: high amount}", "texts: {amuont: high amount}",
        ["23:33: the model does not read 'amuont'; did you mean 'amount'?"]
      ),
      (
        "trees: 10", "reasons: {top: 2}",
        ["34:16: an isolation forest gives no reasons; remove `reasons`; let rules give them"]
      ),
      // A score that knows a label before anybody could.
      (
        "delayed: 30d", "delayed: 29d",
        [
          "21:16: the model of stage 'own' learns the label 'fraud', which is known 30d after the row; let it learn from a row's own label when that is known, `delayed: 30d` in place of `of`; or, where a label comes as a row of its own, say so at the source: `known_after: 0d`"
        ]
      ),
      (
        "label: outcome", "label: fraud",
        [
          "29:14: the model of stage 'told' learns the label 'fraud', which is known 30d after the row; let it learn from a row's own label when that is known, `delayed: 30d` in place of `of`; or, where a label comes as a row of its own, say so at the source: `known_after: 0d`"
        ]
      ),
      (
        "inputs: [amount, id]", "inputs: [amount, fraud]",
        [
          "28:15: the model of stage 'told' reads the label 'fraud', which is known 30d after the row; only a window that ends so long before the row may read it: `delayed 30d`"
        ]
      ),
      (
        "of: id", "of: fraud",
        [
          "30:11: the model of stage 'told' finds rows by the label 'fraud', which is known 30d after the row; only a window that ends so long before the row may read it: `delayed 30d`"
        ]
      ),
      (
        "sink: {stdout: jsonl}", "sink: {stdout: jsonl, evaluate: {label: outcome, score: learned}}",
        [
          "29:14: the model of stage 'told' learns the label 'outcome', which is known some time after the row; let it learn from a row's own label when that is known, `delayed: 7d` in place of `of`; or, where a label comes as a row of its own, say so at the source: `known_after: 0d`"
        ]
      ),
      // One model that learns in the order of the rows.
      (
        "  told:\n", "  told:\n    workers: 2\n",
        [
          "24:3: stage 'told' learns from all rows in their order, and has 2 workers; give it one worker; the stages before and behind it may have more"
        ]
      ),
      (
        "  told:\n", "  told:\n    order: arrival\n",
        [
          "24:3: stage 'told' learns from rows, which must come in their order; use `order: arrival` only behind it"
        ]
      ),
    ] as [(String, String, [String])]
  )
  func messages(right: String, wrong: String, expected: [String]) throws {
    let file = Self.file.replacing(right, with: wrong)
    #expect(file != Self.file)
    let messages = try WrongFileTests.messages(file, csv: Self.header)
    #expect(messages == expected.map { "test.yaml:\($0)" })
  }
}
