import Foundation
import TestSupport
import Testing

/// Models that learn, by the real programs over the shipped data.
@Suite(.serialized) struct LearningPipelineTests {
  static let pipeline = Repository.path("pipelines/card-fraud-online.yaml")
  static let many = ["subject", "customer", "terminal", "score", "alerts"]
  static let options = [
    "--all", "--format", "csv", "--columns", "transaction_id,tx_datetime,tx_fraud,unusual,learned,score",
  ]

  static let undisturbed = Result {
    try Program.run("sluice", ["run", pipeline] + options, in: TemporaryFolder())
  }

  /// What a summary says of what was learned.
  static func learning(_ log: String) -> [Substring] {
    log.split(separator: "\n").filter { $0.hasPrefix("  learned ") }
  }

  @Test(arguments: [
    ["--workers", "subject=3", "--workers", "terminal=2", "--workers", "score=2", "--batch-rows", "17"],
    ["--workers", "customer=2", "--mode", "micro-batch", "--every", "900 rows"],
    ["--isolation", "thread", "--batch-rows", "1000", "--workers", "terminal=3"],
  ])
  func itIsTheSameHoweverItRuns(_ way: [String]) throws {
    let expected = try Self.undisturbed.get()
    let run = try Program.run("sluice", ["run", Self.pipeline] + Self.options + way, in: TemporaryFolder())
    #expect(run.status == 0, "\(run.log)")
    #expect(Data(run.output.utf8).difference(from: Data(expected.output.utf8)) == nil)
    #expect(Self.learning(run.log) == Self.learning(expected.log))
  }

  /// What a model has learned outlives the workers that it learned in.
  @Test func deathsChangeNothing() throws {
    let expected = try Self.undisturbed.get()
    for seed in 0..<2 as Range<UInt64> {
      var random = SeededRandom(seed: seed)
      let run = try RecoverableRun(
        Self.options + [
          "--output", "out.csv", "--speed", "4000000x", "--checkpoint-every", "50ms", "--attempts", "20",
        ],
        of: Self.pipeline
      )
      let outcome = try run.disturbed(Self.many, &random)
      #expect(outcome.status == 0, "seed \(seed): \(outcome.log)")
      let results = try Data(contentsOf: run.folder.url.appending(path: "out.csv"))
      #expect(results.difference(from: Data(expected.output.utf8)) == nil, "seed \(seed)")
      #expect(Self.learning(outcome.log) == Self.learning(expected.log), "seed \(seed)")
    }
  }

  /// Progressive validation is what anybody finds who holds the scores of the output against the labels.
  @Test func whatIsSaidOfAModelIsSoByItsScores() throws {
    let run = try Self.undisturbed.get()
    let rows = run.output.split(separator: "\n").dropFirst().map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    for (column, name) in [(3, "unusual"), (4, "learned")] {
      let scored = try rows.filter { !$0[column].isEmpty }
        .map { (score: try #require(Double($0[column])), isFraud: $0[2] == "1") }
      #expect(scored.count > 40_000 && scored.count < rows.count)
      let line = try #require(Self.learning(run.log).first { $0.contains("\(name): ") })
      let loss =
        scored.reduce(0.0) { $0 - log(max($1.isFraud ? $1.score : 1 - $1.score, 1e-15)) } / Double(scored.count)
      #expect(line.contains("learned from \(scored.count.formatted(.number.locale(Locale(identifier: "en")))) of them"))
      // What a forest says is no probability.
      let told = line.contains("log loss \(String(format: "%.4f", loss))")
      #expect(told == (name == "learned"), "\(line), not \(loss)")
      // Ranks, in which equal scores share theirs.
      let sorted = scored.sorted { $0.score < $1.score }
      let frauds = scored.count(where: \.isFraud)
      var sum = 0.0
      var start = 0
      while start < sorted.count {
        let end = sorted[start...].firstIndex { $0.score > sorted[start].score } ?? sorted.count
        sum += Double(sorted[start..<end].count(where: \.isFraud)) * (Double(start + end + 1) / 2)
        start = end
      }
      let pairs = Double(frauds) * Double(scored.count - frauds)
      let area = (sum - Double(frauds) * Double(frauds + 1) / 2) / pairs
      let areaTold = try #require(line.split(separator: "AUC ROC ").last.flatMap { Double($0) }, "\(line)")
      #expect(abs(areaTold - area) < 0.002, "\(line), not \(area)")
    }
  }

  /// A decision is explained with what the models said of it then, not with what they have learned since.
  @Test func whatModelsSaidIsPartOfADecision() throws {
    let run = try Self.undisturbed.get()
    let line = try #require(run.output.split(separator: "\n").first { $0.hasPrefix("54142,") })
    let fields = line.split(separator: ",", omittingEmptySubsequences: false)
    let answer = try WhyAnswer.of(Self.pipeline, "54142", in: TemporaryFolder())
    for (place, name) in [(3, "unusual"), (4, "learned")] {
      let stage = try #require(answer.stages.first { $0.stage == name })
      #expect(stage.kind == "learn" && stage.column == name)
      #expect(stage.value?.number == Double(fields[place]))
      #expect(stage.inputs?["tx_amount"] == .number(232.7))
    }
    let learned = try #require(answer.stages.first { $0.stage == "learned" })
    let score = try #require(answer.stages.first { $0.kind == "score" })
    #expect(learned.reasons == ["tx_amount", "terminal_risk_1d"] && score.reasons == learned.reasons)
    #expect(score.model == "the column learned" && score.contributions == nil)
    #expect(score.score == learned.value)
  }

  /// Rows' own labels, learned from when they are known, are labels that come as rows of their own then.
  @Test func bothKindsOfLabelsTeachTheSame() throws {
    let folder = try TemporaryFolder()
    let inputs = "[tx_amount, customer_mean_30d, customer_count_1d, terminal_risk_7d]"
    func run(_ name: String, _ labels: String) throws -> Program.Outcome {
      let path = Repository.path("pipelines/\(name).yaml")
      let stage = """
          learning:
            from: terminal
            learn: { model: logistic, inputs: \(inputs), warm_up: 10, \(labels) }
          score:
            from: learning

        """
      let text = try String(contentsOfFile: path, encoding: .utf8)
        .replacing("../datasets", with: Repository.path("datasets"))
        .replacing("model: models", with: "model: " + Repository.path("pipelines/models"))
        .replacing("  score:\n    from: terminal\n", with: stage)
      let changed = try folder.write("\(name).yaml", text)
      return try Program.run(
        "sluice",
        ["run", changed, "--all", "--format", "csv", "--columns", "transaction_id,learned,score"],
        in: folder
      )
    }
    let own = try run("card-fraud", "label: tx_fraud, delayed: 7d")
    let told = try run("card-fraud-labels", "label: was_fraud, of: transaction_id, within: 45d")
    #expect(own.status == 0 && told.status == 0, "\(own.log)\(told.log)")
    #expect(own.output.count > 1_000_000)
    #expect(Data(own.output.utf8).difference(from: Data(told.output.utf8)) == nil)
  }

  /// A sink of the labels alone says of the model what the model's own stage says.
  @Test func aSinkOfLabelsFollowsTheModel() throws {
    let folder = try TemporaryFolder()
    let sink = """
        heard:
          from: learned
          where: was_fraud is not null
          sink:
            file: heard.csv
            columns: [transaction_id, was_fraud, learned]
            evaluate: { label: was_fraud, score: learned }

      """
    let text = try String(contentsOfFile: Self.pipeline, encoding: .utf8)
      .replacing("../datasets", with: Repository.path("datasets"))
      .replacing("model: models", with: "model: " + Repository.path("pipelines/models"))
    // Its tests name no sink, for there is one.
    let pipeline = text.split(separator: "\ntests:\n")[0] + "\n\(sink)"
    let run = try Program.run("sluice", ["run", try folder.write("heard.yaml", String(pipeline))], in: folder)
    #expect(run.status == 0, "\(run.log)")
    let scores = try Self.undisturbed.get().output.split(separator: "\n").dropFirst().map {
      let fields = $0.split(separator: ",", omittingEmptySubsequences: false)
      return "\(fields[0]),\(fields[2]),\(fields[4])"
    }
    let heard = try String(contentsOf: folder.url.appending(path: "heard.csv"), encoding: .utf8)
    // The labels come in the order of their rows, each with what was said of its row then.
    #expect(heard.split(separator: "\n").dropFirst().map(String.init) == scores)
  }

  @Test func aModelThatLearnsStaysOneWorker() throws {
    let run = try Program.run("sluice", ["run", Self.pipeline, "--workers", "learned=2"], in: TemporaryFolder())
    #expect(run.status == 2)
    #expect(run.log.contains("stage 'learned' learns from all rows in their order, and has 2 workers"), "\(run.log)")
  }
}
