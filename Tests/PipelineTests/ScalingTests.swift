import Foundation
import TestSupport
import Testing

/// However a pipeline is run, its output is the same to the byte: with any number of workers, any size of batches, in both
/// modes, as processes and as threads.
@Suite(.serialized) struct ScalingTests {
  static let stages = ["transactions", "customer", "terminal", "score", "alerts"]

  /// One way to run a pipeline.
  struct Combination: Sendable, CustomTestStringConvertible {
    /// Of each stage.
    let workers: [Int]
    let batchRows: Int
    /// Where micro-batches are cut; nil: real time.
    let every: String?
    let isThreads: Bool

    init(_ workers: [Int], _ batchRows: Int, _ every: String? = nil, threads: Bool = false) {
      self.workers = workers
      self.batchRows = batchRows
      self.every = every
      isThreads = threads
    }

    init(_ workers: Int, _ batchRows: Int, _ every: String? = nil, threads: Bool = false) {
      self.init(Array(repeating: workers, count: ScalingTests.stages.count), batchRows, every, threads: threads)
    }

    var options: [String] { options(of: ScalingTests.stages) }

    func options(of stages: [String]) -> [String] {
      zip(stages, workers).flatMap { ["--workers", "\($0)=\($1)"] } + [
        "--batch-rows", "\(batchRows)", "--isolation", isThreads ? "thread" : "process",
      ] + (every.map { ["--mode", "micro-batch", "--every", $0] } ?? [])
    }

    var testDescription: String {
      "\(workers.map(String.init).joined(separator: "-")), batches of \(batchRows), "
        + "\(every.map { "every \($0)" } ?? "real time"), \(isThreads ? "threads" : "processes")"
    }
  }

  static let rows = "3000 rows"
  /// Some of each kind.
  static let some: [Combination] =
    [
      Combination(1, 65536), Combination(1, 7, rows, threads: true), Combination(1, 1000, "500ms"),
      Combination(1, 1000, "500ms", threads: true), Combination(2, 1000), Combination(2, 65536, rows),
      Combination(2, 7, threads: true), Combination(3, 1000, rows, threads: true), Combination(3, 65536, threads: true),
      Combination(3, 7, rows), Combination(7, 1000), Combination(7, 65536, rows, threads: true),
      Combination([1, 7, 1, 1, 1], 1), Combination([2, 1, 3, 1, 2], 1, rows, threads: true),
    ] + unequal(10)

  /// Every number of workers with every size of batches in both modes and both isolations.
  static let all: [Combination] = [1, 2, 3, 7].flatMap { workers in
    [1, 7, 1000, 65536].flatMap { batchRows in
      [nil, workers == 1 ? "500ms" : rows].flatMap { every in
        [false, true].map { Combination(workers, batchRows, every, threads: $0) }
      }
    }
  }

  /// Numbers of workers that differ from stage to stage, at random.
  static func unequal(_ count: Int) -> [Combination] {
    var random = SeededRandom(seed: 3)
    return (0..<count).map { place in
      let workers = stages.map { _ in [1, 2, 3, 7].randomElement(using: &random) ?? 1 }
      let sizes = [7, 1000, 65536].randomElement(using: &random) ?? 1000
      return Combination(workers, sizes, place % 2 == 0 ? nil : rows, threads: place % 4 >= 2)
    }
  }

  static var isThorough: Bool { ProcessInfo.processInfo.environment["SLUICE_ALL_COMBINATIONS"] == "1" }

  /// What one worker a stage gives.
  static let expected = Result { try output(of: ["run", ReferencePipelineTests.pipeline, "--all"]) }

  static func output(of arguments: [String]) throws -> String {
    let run = try Program.run("sluice", arguments, in: TemporaryFolder())
    try #require(run.status == 0, "\(run.log)")
    try #require(Summary(run.log).count("unaccounted for") == 0, "\(run.log)")
    return run.output
  }

  @Test(arguments: isThorough ? all + unequal(16) : some)
  func everyCombinationGivesTheSameBytes(combination: Combination) throws {
    let output = try Self.output(of: ["run", ReferencePipelineTests.pipeline, "--all"] + combination.options)
    let expected = try Self.expected.get()
    // A comparison of both texts would print them.
    #expect(output.utf8.count == expected.utf8.count && output == expected, "the outputs differ")
  }

  /// The reference data is not part of the project.
  @Test(.enabled(if: Repository.handbook != nil))
  func everyCombinationGivesTheSameBytesOfTheReferenceData() throws {
    let packed = try #require(Repository.handbook).appending(path: "transactions-75d.csv.gz")
    let folder = try TemporaryFolder()
    let input = folder.path("transactions.csv")
    try HandbookTests.unpack(packed, to: URL(filePath: input))
    func run(_ options: [String]) throws -> Data {
      let arguments = ["run", ReferencePipelineTests.pipeline, "--input", input, "--all", "--output", "out.jsonl"]
      let run = try Program.run("sluice", arguments + options, in: folder)
      #expect(run.status == 0 && Summary(run.log).count("unaccounted for") == 0, "\(run.log)")
      return try Data(contentsOf: folder.url.appending(path: "out.jsonl"))
    }
    let expected = try run([])
    #expect(expected.count > 200_000_000)
    for combination in [
      Combination(2, 1000), Combination(3, 65536, Self.rows, threads: true), Combination(7, 1000, Self.rows),
      Combination([1, 3, 2, 7, 1], 65536), Combination([2, 7, 1, 3, 3], 1000, threads: true),
      Combination(1, 65536, "500ms"),
    ] {
      #expect(try run(combination.options) == expected, "\(combination.testDescription)")
    }
  }

  /// Rows find the worker of a key that their stage computes, a text.
  @Test(arguments: [Combination(3, 1000), Combination([2, 7, 3, 1, 2], 7, rows, threads: true)])
  func aComputedKeyFindsItsWorker(combination: Combination) throws {
    let folder = try TemporaryFolder()
    let path = try Self.pipeline(in: folder) {
      $0.replacingOccurrences(
        of: "from: transactions\n",
        with: """
          from: transactions
              compute:
                group: if customer_id > 300 then 'high' else if tx_amount > 50 then 'large' else 'other'
              where: tx_amount > 1

          """
      ).replacingOccurrences(of: "key: customer_id", with: "key: group")
    }
    let arguments = ["run", path, "--all", "--limit", "20000"]
    let expected = try Self.output(of: arguments)
    #expect(expected.split(separator: "\n").count > 19_000)
    #expect(expected.contains("\"group\":\"large\""))
    #expect(try Self.output(of: arguments + combination.options) == expected)
  }

  /// In the order of arrival lines come in any order, but the same lines.
  @Test func theOrderOfArrivalChangesTheOrderAlone() throws {
    let folder = try TemporaryFolder()
    let path = try Self.pipeline(in: folder) {
      $0.replacingOccurrences(of: "from: terminal\n", with: "from: terminal\n    order: arrival\n")
        .replacingOccurrences(of: "from: score\n", with: "from: score\n    order: arrival\n")
    }
    let expected = try Self.expected.get().split(separator: "\n").sorted()
    for combination in [
      Combination(3, 100), Combination([1, 2, 7, 2, 3], 1000, threads: true), Combination(2, 1000, Self.rows),
    ] {
      let lines = try Self.output(of: ["run", path, "--all"] + combination.options).split(separator: "\n").sorted()
      #expect(lines.count == expected.count && lines == expected, "\(combination.testDescription)")
    }
  }

  /// The reference pipeline, changed, in a folder of its own.
  static func pipeline(in folder: TemporaryFolder, _ edit: (String) -> String) throws -> String {
    let text = try String(contentsOfFile: ReferencePipelineTests.pipeline, encoding: .utf8)
      .replacingOccurrences(of: "../datasets", with: Repository.path("datasets"))
      .replacingOccurrences(of: "model: models", with: "model: " + Repository.path("pipelines/models"))
    return try folder.write("pipeline.yaml", edit(text))
  }
}
