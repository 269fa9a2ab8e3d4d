import Foundation
import TestSupport
import Testing

/// `sluice why`: what each input of a model adds to its sum.
@Suite struct WhyContributionTests {
  static let model = Repository.path("pipelines/models/card-fraud.json")

  static func scoring(_ answer: WhyAnswer) throws -> WhyAnswer.Stage {
    try #require(answer.stages.first { $0.kind == "score" })
  }

  /// The shipped pipeline asks for no reasons; what it is told must not depend on that.
  @Test func contributionsOfTheShippedModelAreShapleyValues() throws {
    let folder = try TemporaryFolder()
    let withReasons = try ScalingTests.pipeline(in: folder) {
      $0.replacingOccurrences(of: "      decisions:\n", with: "      reasons: { top: 2 }\n      decisions:\n")
    }
    for seed in Seeds.range(4) {
      var random = SeededRandom(seed: seed)
      let id = "\(seed == 0 ? 54142 : Int.random(in: 0..<54_216, using: &random))"
      let answer = try WhyAnswer.of(ReferencePipelineTests.pipeline, id, in: folder)
      let score = try Self.scoring(answer)
      let told = try #require(score.contributions)
      let inputs = try #require(score.inputs)
      let names = try Self.names()
      let row = try names.map { try #require(inputs[$0]).number }
      let naive = try NaiveContributions(Self.model, row)
      #expect(told.isOrdered(names), "seed \(seed)")
      #expect(abs(try #require(told.base) - naive.base) < 1e-5, "seed \(seed), \(id)")
      for input in try #require(told.inputs) {
        let place = try #require(names.firstIndex(of: input.name))
        #expect(input.value == inputs[input.name])
        #expect(abs(input.contribution - naive.contributions[place]) < 1e-6, "seed \(seed), \(id): \(input.name)")
      }
      // No rule of it has a weight, so the model's score is the row's.
      #expect(told.score == score.score?.number && told.output?.kind == "logistic")
      #expect(abs(try told.scoreOfParts - (told.score ?? 0)) < 1e-6, "seed \(seed), \(id)")
      let other = try Self.scoring(try WhyAnswer.of(withReasons, id, in: folder))
      #expect(other.contributions == told, "seed \(seed), \(id)")
    }
  }

  private static func names() throws -> [String] {
    let file = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: model))) as? [String: Any]
    return try #require((file?["learner"] as? [String: Any])?["feature_names"] as? [String])
  }

  /// A champion and challengers of all kinds, one of which cannot be explained and one of which cannot be loaded.
  private static func mixed(in folder: TemporaryFolder) throws -> String {
    _ = try folder.write(
      "history.csv",
      "id,at,amount,night,note\n1,2026-03-01 10:00:00,10.00,true,\n2,2026-03-01 11:00:00,75.50,false,7\n"
        + "3,2026-03-01 12:00:00,25.00,true,\n"
    )
    _ = try folder.write(
      "logistic.json",
      #"{"kind": "logistic", "intercept": -1.5, "coefficients": {"amount": 0.02, "night": 0.5, "note": -0.25},"#
        + #" "missing": {"note": 6}}"#
    )
    _ = try folder.write(
      "card.json",
      #"{"kind": "scorecard", "base_points": 400, "scale": {"points": 600, "odds": 0.02, "points_to_double": -20},"#
        + #" "features": [{"name": "amount", "bins": [{"below": 50, "points": 110}, {"points": 95}], "missing": 90},"#
        + #" {"name": "note", "bins": [{"below": 3, "points": 20}, {"points": 105}], "missing": 105}]}"#
    )
    // A tree whose nodes do not say how much of the training data came to them.
    var trees = try String(contentsOfFile: Self.model, encoding: .utf8)
    trees = trees.replacing(/"sum_hessian":\s*\[[^\]]*\],/, with: "")
    _ = try folder.write("trees.json", trees)
    _ = try folder.write("broken.json", String(trees.prefix(1000)))
    let zeros = try names().filter { $0 != "tx_amount" }.map { "      \($0): 0" }.joined(separator: "\n")
    return try folder.write(
      "mixed.yaml",
      """
      pipeline: mixed
      stages:
        in:
          source:
            csv: history.csv
            time: at
            columns: { id: int64, at: timestamp, amount: decimal(2), night: bool, note: int64? }
          compute:
            tx_amount: amount * 1
      \(zeros)
        score:
          from: in
          score:
            model: logistic.json
            rules: { dear: { when: amount > 50, weight: 0.25 } }
            challengers:
              card: { model: card.json }
              trees: { model: trees.json }
              broken: { model: broken.json }
              ruled: { rules: { any: { when: id > 0, weight: 0.125 } } }
        out:
          from: score
          sink: { stdout: jsonl }
      """
    )
  }

  /// Of the third row two inputs contribute as much.
  @Test(arguments: [("1", 10.0, 1.0, nil), ("2", 75.5, 0, 7), ("3", 25, 1, nil)])
  func everyKindOfModelIsExplainedOrNot(id: String, amount: Double, night: Double, note: Double?) throws {
    let folder = try TemporaryFolder()
    let score = try Self.scoring(try WhyAnswer.of(try Self.mixed(in: folder), id, in: folder))
    // Whoever wrote the file adds up like this.
    let told = try #require(score.contributions)
    let expected = ["amount": 0.02 * amount, "night": 0.5 * night, "note": -0.25 * (note ?? 6)]
    #expect(told.base == -1.5 && told.isOrdered(["amount", "night", "note"]))
    #expect(told.inputs?.reduce(into: [:]) { $0[$1.name] = $1.contribution } == expected)
    #expect(abs(try told.scoreOfParts - (told.score ?? 0)) < 1e-12)
    // What a rule adds is not the model's.
    #expect(score.score?.number == told.score.map { $0 + (amount > 50 ? 0.25 : 0) })

    let challengers = try #require(score.challengers)
    #expect(challengers.map(\.name) == ["card", "trees", "broken", "ruled"])
    let card = try #require(challengers[0].contributions)
    let points = (amount < 50 ? 110.0 : 95) + 105 + 400
    // The model's sum is the logarithm of the odds.
    #expect(abs((card.sum ?? 0) - (log(0.02) - (points - 600) / 20 * log(2))) < 1e-9, "\(card)")
    #expect(abs(try card.scoreOfParts - (challengers[0].score.number ?? 0)) < 1e-12)
    #expect(challengers[1].score.number != nil && challengers[1].inputs?.count == 15)
    #expect(
      challengers[1].contributions?.unknown
        == "the model does not say how much of the training data came to each node"
    )
    #expect(challengers[2].score == .null && challengers[2].contributions == nil)
    #expect(challengers[3].score == .number(0.125) && challengers[3].contributions == nil)
  }

  @Test func peopleReadTheSame() throws {
    let folder = try TemporaryFolder()
    let run = try Program.run("sluice", ["why", try Self.mixed(in: folder), "1"], in: folder)
    #expect(run.status == 0)
    let text = """
        model       logistic.json, and what each input adds to its sum
                    base           -1.5000
                    note        -  -1.5000
                    night    true  +0.5000
                    amount  10.00  +0.2000
                    sum            -2.3000, whose logistic is its score, 0.0911
      """
    #expect(run.output.contains(text), "\(run.output)")
    for line in [
      "  challenger  card: approve, score ", "  challenger  broken: left out, for it could not be loaded\n",
      "              trees.json, over these; what each contributes cannot be told: the model does not say how much",
    ] {
      #expect(run.output.contains(line), "\(run.output)")
    }
  }
}
