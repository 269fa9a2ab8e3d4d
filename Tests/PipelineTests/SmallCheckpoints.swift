import Foundation
import TestSupport
import Testing

/// What a run of a small pipeline left that was interrupted in the middle of its input.
final class SmallCheckpoints: Sendable {
  /// What it comes to in the end.
  let results: Data
  let letters: Data
  /// The newest checkpoint: its manifest, a state file that is its own, and what was held back for it.
  let newest: Int
  let manifest: String
  let state: String
  let stagedResults: String
  let stagedLetters: String
  /// Bytes that the checkpoints before had published.
  let publishedResults: Int
  private let publishedLetters: Int
  let folder: TemporaryFolder
  private let pipeline: String

  static let letters = "small.dead-letters.jsonl"
  static let slow = ["--speed", "9000x"]

  static let yaml = """
    pipeline: small
    stages:
      rows:
        source:
          csv: in.csv
          time: at
          columns:
            id: int64
            at: timestamp
            customer: int64
            amount: decimal(2)
      spending:
        from: rows
        window:
          key: customer
          features:
            spent: mean(amount) over 20m
      out:
        from: spending
        sink:
          stdout: csv

    """

  init() throws {
    folder = try TemporaryFolder()
    let rows = (0..<600).map { row in
      let minute = row / 2 % 60
      let time = "2018-04-01 0\(row / 120):\(minute / 10)\(minute % 10):\(row % 2 * 3)0"
      return "\(row),\(time),\(row % 3),\(row % 4 == 0 ? "bad" : "\(row * 7 % 50).25")\n"
    }
    try folder.write("in.csv", "id,at,customer,amount\n" + rows.joined())
    pipeline = try folder.write("small.yaml", Self.yaml)
    results = try RecoveryTests.undisturbed(["run", pipeline], in: folder).results
    letters = try Data(contentsOf: folder.url.appending(path: Self.letters))
    for _ in 0..<20 {
      let run = try RecoverableRun(["--output", "out.csv"], of: pipeline, in: folder)
      let program = try run.start(["--fresh", "--checkpoint-every", "100ms", "--isolation", "thread"] + Self.slow)
      program.wait { run.lastCheckpoint >= 3 }
      // Some rows more, of which the next checkpoint is the first to tell; it takes another try where none came.
      let before = Self.staged(in: run)
      program.wait { Self.staged(in: run).subtracting(before).contains { $0.hasPrefix("staged-letters") } }
      program.send(signal: SIGINT)
      guard program.finish().status == 130, let found = Shown(try run.checkpoint("show").output, run.lastCheckpoint)
      else { continue }
      newest = run.lastCheckpoint
      manifest = Self.manifest(newest)
      state = found.state
      (stagedResults, publishedResults) = found.results
      (stagedLetters, publishedLetters) = found.letters
      return
    }
    throw NoneFound()
  }

  struct NoneFound: Error {}

  /// What is held back in the directory of a run's checkpoints.
  private static func staged(in run: RecoverableRun) -> Set<String> {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: run.folder.path("checkpoints"))) ?? []
    return Set(names.filter { $0.hasPrefix("staged-") })
  }

  static func manifest(_ number: Int) -> String { "checkpoint-\(padded(number))" }

  private static func padded(_ number: Int) -> String {
    String(repeating: "0", count: 8 - "\(number)".count) + "\(number)"
  }

  /// What `sluice checkpoint show` says of one; nil where it holds nothing back.
  private struct Shown {
    var state = ""
    var results = (file: "", published: 0)
    var letters = (file: "", published: 0)

    init?(_ text: String, _ number: Int) {
      var published: [Int] = []
      for line in text.split(separator: "\n") {
        let words = line.split(separator: " ")
        if line.hasSuffix("bytes published before") {
          published.append(words.lazy.compactMap { Int($0.filter(\.isNumber)) }.first ?? 0)
        }
        for word in words.map({ String($0.prefix { $0 != "," && $0 != ":" }) }) {
          if word.hasPrefix("state-\(padded(number))-1-1-0") { state = word }
          if word.hasPrefix("staged-results") { results.file = word }
          if word.hasPrefix("staged-letters") { letters.file = word }
        }
      }
      guard published.count == 2, !state.isEmpty, !results.file.isEmpty, !letters.file.isEmpty else { return nil }
      (results.published, letters.published) = (published[0], published[1])
    }
  }

  /// What a run from a copy has come to.
  struct Run {
    let outcome: Program.Outcome
    let results: Data
    let letters: Data
  }

  /// A copy to go on from.
  ///
  /// - Parameter isPublished: whether what was held back has reached its files; else as if the run was killed before that.
  func copy(_ options: [String] = [], isPublished: Bool = false) throws -> RecoverableRun {
    let copy = try TemporaryFolder()
    try FileManager.default.copyItem(atPath: folder.path("checkpoints"), toPath: copy.path("checkpoints"))
    for (name, published) in [("out.csv", publishedResults), (Self.letters, publishedLetters)] {
      let whole = try Data(contentsOf: folder.url.appending(path: name))
      try (isPublished ? whole : whole.prefix(published)).write(to: copy.url.appending(path: name))
    }
    return try RecoverableRun(["--output", "out.csv", "--quiet"] + options, of: pipeline, in: copy)
  }

  /// Runs a copy in which something is damaged to its end.
  ///
  /// - Parameter damage: is given the directory of checkpoints.
  func run(_ options: [String] = [], isPublished: Bool = false, _ damage: (URL) throws -> Void) throws -> Run {
    let run = try copy(options, isPublished: isPublished)
    try damage(run.folder.url.appending(path: "checkpoints"))
    let outcome = try run.finish()
    return Run(outcome: outcome, results: run.results, letters: run.contents(Self.letters))
  }
}
