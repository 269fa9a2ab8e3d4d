import Foundation
import TestSupport
import Testing

/// Rules, thresholds and models that are replaced while a pipeline runs.
@Suite struct ApplyTests {
  /// The reference pipeline in three versions, under a name that no other run has.
  struct Files {
    let folder: TemporaryFolder
    let name: String
    let paths: [String]

    init() throws {
      folder = try TemporaryFolder()
      let name = "applied-\(folder.url.lastPathComponent.suffix(8).lowercased())"
      self.name = name
      try folder.write("watched.txt", "13\n136\n")
      let linear = Repository.path("Benchmarks/Models/linear.json")
      let text = try String(contentsOfFile: ScalingTests.pipeline(in: folder) { $0 }, encoding: .utf8)
        .replacing("pipeline: card-fraud", with: "pipeline: \(name)\nversion: v1")
      let second = text.replacing("version: v1", with: "version: v2").replacing("review: 0.5", with: "review: 0.2")
        .replacing("amount_over_220: tx_amount > 220", with: "watched: customer_id in watched")
        .replacing("stages:", with: "lists:\n  watched: watched.txt\nstages:", maxReplacements: 1)
      let third = text.replacing("version: v1", with: "version: v3")
        .replacing("model: " + Repository.path("pipelines/models/card-fraud.json"), with: "model: \(linear)")
        .replacing("        unusual_amount: customer_count_7d >= 3 and tx_amount > 3 * customer_mean_30d\n", with: "")
      let made = [text, second, third].map { $0.components(separatedBy: "\ntests:")[0] + "\n" }
      let folder = folder
      paths = try made.enumerated().map { try folder.write("v\($0 + 1).yaml", $1) }
    }

    func apply(_ path: String) throws -> Program.Outcome { try Program.run("sluice", ["apply", path], in: folder) }

    /// Waits until more has been written; what waits for ever waits for a run that has ended.
    func awaitRows(of run: Program) throws {
      let results = folder.path("out.csv")
      let size = FileGrowth.size(of: results)
      run.wait { FileGrowth.size(of: results) > size }
      try #require(run.isRunning, "\(run.finish().log)")
    }

    var results: [Substring] {
      get throws { try String(contentsOfFile: folder.path("out.csv"), encoding: .utf8).split(separator: "\n") }
    }
  }

  /// What a run of each version alone gives, by lines.
  static let alone = Result {
    let files = try Files()
    return try files.paths.map { path in
      let run = try Program.run("sluice", ["run", path] + options, in: files.folder)
      try #require(run.status == 0, "\(run.log)")
      return run.output.split(separator: "\n")
    }
  }

  static let options = ["--all", "--format", "csv"]
  /// For some ten seconds.
  static let paced = ["--speed", "525000x", "--checkpoints", "saved"]

  /// Every line is that of the version that it names, and versions follow one another at one row.
  static func check(_ lines: [Substring]) throws {
    let versions = try alone.get()
    try #require(lines.count == versions[0].count && lines[0] == versions[0][0])
    var counts = versions.map { _ in 0 }
    var last = 0
    for index in lines.indices.dropFirst() {
      let version = try #require(lines[index].last?.wholeNumberValue) - 1
      try #require(version >= last, "line \(index)")
      try #require(lines[index] == versions[version][index], "line \(index)")
      last = version
      counts[version] += 1
    }
    #expect(!counts.contains(0), "\(counts)")
  }

  @Test(
    arguments: [
      [], ["--workers", "transactions=2", "--workers", "customer=3", "--workers", "score=2", "--workers", "alerts=2"],
      ["--isolation", "thread", "--workers", "terminal=2"], ["--mode", "micro-batch", "--every", "500 rows"],
    ]
  )
  func everyRowIsOfOneVersionAndNoneIsLost(options: [String]) throws {
    let files = try Files()
    let run = try Program(
      "sluice",
      ["run", files.paths[0]] + Self.paced + Self.options + options,
      in: files.folder,
      redirections: ">out.csv"
    )
    for (place, path) in files.paths.dropFirst().enumerated() {
      try files.awaitRows(of: run)
      let outcome = try files.apply(path)
      #expect(outcome.status == 0, "\(outcome.log)")
      #expect(outcome.log.hasPrefix("\(files.name): version 'v\(place + 2)' is in force; no rows flowed for "))
    }
    let end = run.finish()
    #expect(end.status == 0 && Summary(end.log).count("unaccounted for") == 0, "\(end.log)")
    try Self.check(files.results)
  }

  /// A worker that dies goes on by the version in force, and so does one more.
  @Test func aVersionOutlivesWorkers() throws {
    let files = try Files()
    let run = try Program(
      "sluice",
      ["run", files.paths[0], "--output", "out.csv"] + Self.paced + Self.options,
      in: files.folder
    )
    try files.awaitRows(of: run)
    #expect(try files.apply(files.paths[1]).status == 0)
    try JournalTests.send(SIGKILL, to: 3, of: run)
    try files.awaitRows(of: run)
    #expect(try Program.run("sluice", ["scale", files.name, "score=2"], in: files.folder).status == 0)
    try files.awaitRows(of: run)
    #expect(try files.apply(files.paths[2]).status == 0)
    let end = run.finish()
    #expect(end.status == 0 && Summary(end.log).count("unaccounted for") == 0, "\(end.log)")
    try Self.check(files.results)
  }

  @Test func whatIsWrongIsRefusedAndTheOldVersionStays() throws {
    let files = try Files()
    let folder = files.folder
    #expect(try files.apply(files.paths[0]).log.contains("no pipeline '\(files.name)' runs on this machine"))
    let run = try Program(
      "sluice",
      ["run", files.paths[0]] + Self.paced + Self.options,
      in: folder,
      redirections: ">out.csv"
    )
    try files.awaitRows(of: run)
    let text = try String(contentsOfFile: files.paths[1], encoding: .utf8)
    let model = Repository.path("pipelines/models/card-fraud.json")
    let half = try Data(contentsOf: URL(filePath: model))
    try half.prefix(half.count / 2).write(to: folder.url.appending(path: "half.json"))
    for (right, wrong, status, message) in [
      ("model: \(model)", "model: half.json", 2, "half.json"),
      ("review: 0.2", "review: high", 2, "high"),
      ("version: v2\n", "", 1, "the file has no `version`, and results are to say of which they are"),
      ("version: v2", "version: v1", 1, "version 'v1' runs already; give the new file another `version`"),
      ("over 7d\n", "over 8d\n", 1, "stage 'customer': edges of its windows is '"),
      (
        "hour(tx_datetime) <= 6", "hour(tx_datetime) <= 5", 1,
        "stage 'transactions' is not what it was, and windows or models hold"
      ),
      ("\nstages:", "\ndead_letters: others.jsonl\nstages:", 1, "another file for them takes a new run"),
      (
        "card: customer_id", "card: terminal_id", 1,
        "stage 'alerts': evaluated columns is 'tx_fraud, score, terminal_id'"
      ),
      ("key: customer_id", "key: terminal_id", 1, "stage 'customer': key is 'terminal_id: int64', but"),
      ("  score:\n    from", "  scores:\n    from", 2, "from"),
      ("where: decision != 'approve'", "compute: {more: tx_amount}", 1, "stage 'alerts': columns is '"),
    ] {
      let path = try folder.write("wrong.yaml", text.replacing(right, with: wrong))
      let outcome = try files.apply(path)
      #expect(outcome.status == status && outcome.log.contains(message), "\(wrong): \(outcome.log)")
    }
    let end = run.finish()
    #expect(end.status == 0, "\(end.log)")
    #expect(end.log.contains("was not applied: version 'v1' runs already"), "\(end.log)")
    #expect(try files.results == Self.alone.get()[0])
  }
}
