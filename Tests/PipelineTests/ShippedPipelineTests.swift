import TestSupport
import Testing

/// The shipped pipelines over the shipped data.
@Suite struct ShippedPipelineTests {
  struct Pipeline: Sendable, CustomTestStringConvertible {
    let name: String
    let windows: [String]
    /// What the scores are at least worth.
    let areaUnderCurve: Double
    let averagePrecision: Double
    var testDescription: String { name }
  }

  @Test(arguments: [
    Pipeline(name: "card-fraud", windows: ["customer", "terminal"], areaUnderCurve: 0.9, averagePrecision: 0.7),
    Pipeline(name: "account-takeover", windows: ["address", "habits"], areaUnderCurve: 0.96, averagePrecision: 0.6),
    Pipeline(name: "card-testing", windows: ["merchant", "card"], areaUnderCurve: 0.97, averagePrecision: 0.9),
    Pipeline(name: "money-mules", windows: ["account", "payee"], areaUnderCurve: 0.97, averagePrecision: 0.8),
    Pipeline(name: "sensor-alarms", windows: ["machine", "trend"], areaUnderCurve: 0.88, averagePrecision: 0.65),
  ])
  func itFindsWhatItIsForHoweverItRuns(pipeline: Pipeline) throws {
    let folder = try TemporaryFolder()
    let run = { (arguments: [String]) in
      try Program.run("sluice", ["run", Repository.path("pipelines/\(pipeline.name).yaml")] + arguments, in: folder)
    }
    let whole = try run([])
    #expect(whole.status == 0 && whole.output != "", "\(whole.log)")
    let summary = Summary(whole.log)
    #expect(summary.number("AUC ROC") ?? 0 >= pipeline.areaUnderCurve, "\(whole.log)")
    #expect(summary.number("average precision") ?? 0 >= pipeline.averagePrecision, "\(whole.log)")
    #expect(summary.count("dead letters") == 0 && summary.count("unaccounted for") == 0, "\(whole.log)")
    let workers = pipeline.windows.enumerated().flatMap { ["--workers", "\($1)=\(2 + $0)"] }
    for arguments in [
      workers + ["--isolation", "thread"], ["--mode", "micro-batch", "--every", "700 rows"] + workers,
    ] {
      let other = try run(arguments)
      #expect(other.status == 0)
      let isSame = other.output == whole.output
      #expect(isSame, "\(pipeline.name) \(arguments)")
    }
  }
}
