import TestSupport
import Testing

/// The shipped pipelines over the shipped data.
@Suite struct ShippedPipelineTests {
  struct Pipeline: Sendable, CustomTestStringConvertible {
    let name: String
    let windows: [String]
    /// What the scores are at least worth, where there are labels.
    var areaUnderCurve: Double?
    var averagePrecision: Double?
    var testDescription: String { name }
  }

  @Test(arguments: [
    Pipeline(name: "card-fraud", windows: ["customer", "terminal"], areaUnderCurve: 0.9, averagePrecision: 0.7),
    Pipeline(
      name: "card-fraud-labels",
      windows: ["subject", "customer", "terminal"],
      areaUnderCurve: 0.9,
      averagePrecision: 0.7
    ),
    Pipeline(
      name: "card-fraud-online",
      windows: ["subject", "customer", "terminal"],
      areaUnderCurve: 0.85,
      averagePrecision: 0.45
    ),
    Pipeline(name: "account-takeover", windows: ["address", "habits"], areaUnderCurve: 0.96, averagePrecision: 0.6),
    Pipeline(name: "card-testing", windows: ["merchant", "card"], areaUnderCurve: 0.97, averagePrecision: 0.9),
    Pipeline(name: "money-mules", windows: ["account", "payee"], areaUnderCurve: 0.97, averagePrecision: 0.8),
    Pipeline(name: "sensor-alarms", windows: ["machine", "trend"], areaUnderCurve: 0.88, averagePrecision: 0.65),
    Pipeline(name: "sensor-hours", windows: ["hour", "day"]),
  ])
  func itFindsWhatItIsForHoweverItRuns(pipeline: Pipeline) throws {
    let folder = try TemporaryFolder()
    let run = { (arguments: [String]) in
      try Program.run("sluice", ["run", Repository.path("pipelines/\(pipeline.name).yaml")] + arguments, in: folder)
    }
    let whole = try run([])
    #expect(whole.status == 0 && whole.output != "", "\(whole.log)")
    let summary = Summary(whole.log)
    for (figure, least) in [("AUC ROC", pipeline.areaUnderCurve), ("average precision", pipeline.averagePrecision)] {
      guard let least else { continue }
      #expect(summary.number(figure) ?? 0 >= least, "\(whole.log)")
    }
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
