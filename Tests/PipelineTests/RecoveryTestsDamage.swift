import Foundation
import TestSupport
import Testing

/// Whatever becomes of the files of a checkpoint, a run that ends well has the right results.
extension RecoveryTests {
  /// Runs of a small pipeline that was interrupted, each from a copy of what it left.
  final class SmallCheckpoints: Sendable {
    let folder: TemporaryFolder
    let pipeline: String
    let expected: Data
    /// The newest checkpoint, the file with its state of the window stage, and the one with results held back for it.
    let newest: Int
    let manifest: String
    let state: String
    let staged: String
    /// Bytes of results that the checkpoint before had published.
    let published: Int

    init() throws {
      folder = try TemporaryFolder()
      let rows = (0..<300).map {
        "\($0),2018-04-01 0\($0 / 60):\($0 / 10 % 6)\($0 % 10):00,\($0 % 3),\($0 * 7 % 50).25\n"
      }
      try folder.write("in.csv", "id,at,customer,amount\n" + rows.joined())
      pipeline = try folder.write(
        "small.yaml",
        """
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
      )
      expected = try RecoveryTests.undisturbed(["run", pipeline], in: folder).results
      // One whose newest checkpoint holds results back, and whose state shares no file with the one before: the interrupt
      // decides.
      for _ in 0..<20 {
        let run = try RecoverableRun(["--output", "out.csv", "--speed", "9000x", "--fresh"], of: pipeline, in: folder)
        let outcome = try run.interrupt(["--checkpoint-every", "100ms", "--isolation", "thread"])
        guard outcome.status == 130 else { continue }
        let newest = run.lastCheckpoint
        let shown = try Program.run("sluice", ["checkpoint", "show", "checkpoints"], in: folder).output
        let words = shown.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        let padded = String(repeating: "0", count: 8 - "\(newest)".count) + "\(newest)"
        guard
          let published = words.first(where: { $0.first == "results" })?.dropFirst().first.flatMap({
            Int($0.filter(\.isNumber))
          }),
          let staged = words.last(where: { $0.contains("held") }).flatMap({
            $0.first { $0.hasPrefix("staged-results") }
          }),
          let state = words.joined().first(where: { $0.hasPrefix("state-\(padded)-1-1-0") })
        else { continue }
        self.newest = newest
        self.published = published
        self.staged = String(staged.dropLast())
        self.state = String(state.dropLast())
        manifest = "checkpoint-\(padded)"
        return
      }
      throw NoneFound()
    }

    struct NoneFound: Error {}

    /// A run from a copy in which one file is damaged.
    ///
    /// - Parameter isPublished: whether the results held back have reached their file.
    func run(_ options: [String] = [], isPublished: Bool = false, _ damage: (URL) throws -> Void) throws -> (
      outcome: Program.Outcome, results: Data
    ) {
      let copy = try TemporaryFolder()
      let run = try RecoverableRun(["--output", "out.csv", "--quiet"] + options, of: pipeline, in: copy)
      let place = copy.url.appending(path: "checkpoints")
      try FileManager.default.copyItem(at: folder.url.appending(path: "checkpoints"), to: place)
      let results = try Data(contentsOf: folder.url.appending(path: "out.csv"))
      // As if it was killed right behind the commit.
      try (isPublished ? results : results.prefix(published)).write(to: copy.url.appending(path: "out.csv"))
      try damage(place)
      return (try run.finish(), run.results)
    }
  }

  static let smallCheckpoints = Result { try SmallCheckpoints() }

  /// Where a file is damaged.
  static func places(_ count: Int, most: Int = 50) -> [Int] {
    let stride = ScalingTests.isThorough ? 1 : max(1, count / most)
    return Array(Swift.stride(from: 0, to: count, by: stride))
  }

  @Test(arguments: ["manifest", "state", "staged"])
  func noDamagedByteChangesAResult(kind: String) throws {
    let small = try Self.smallCheckpoints.get()
    let name = ["manifest": small.manifest, "state": small.state, "staged": small.staged][kind] ?? ""
    let whole = try Data(contentsOf: small.folder.url.appending(path: "checkpoints/\(name)"))
    var random = SeededRandom(seed: 7)
    var count = 0
    for place in Self.places(whole.count) {
      for isCut in [false, true] {
        let mask = UInt8.random(in: 1...255, using: &random)
        count += 1
        // Processes take longer to start.
        let isolation = count % 16 == 0 ? "process" : "thread"
        let (outcome, results) = try small.run(["--isolation", isolation]) { directory in
          var bytes = whole
          if isCut { bytes.removeSubrange(place...) } else { bytes[place] ^= mask }
          try bytes.write(to: directory.appending(path: name))
        }
        let what: Comment =
          "\(name), byte \(place) \(isCut ? "and all behind cut off" : "xor \(mask)"), \(isolation): \(outcome.log)"
        // The one before is sound.
        #expect(outcome.status == 0, what)
        #expect(results == small.expected, what)
        #expect(outcome.log.contains("\(name) is damaged"), what)
        #expect(
          outcome.log.contains("checkpoint \(small.newest) cannot be used")
            || outcome.log.contains("checkpoint \(small.newest) is damaged; going on from the one before"),
          what
        )
      }
    }
  }

  /// Checkpoints share files; where all that there are name a damaged one, none can be used.
  @Test func noFileIsTrusted() throws {
    let small = try Self.smallCheckpoints.get()
    let place = small.folder.url.appending(path: "checkpoints")
    var random = SeededRandom(seed: 8)
    for name in try FileManager.default.contentsOfDirectory(atPath: place.path).sorted() {
      let whole = try Data(contentsOf: place.appending(path: name))
      guard let byte = whole.indices.randomElement(using: &random) else { continue }
      for isPublished in [false, true] {
        let (outcome, results) = try small.run(isPublished: isPublished) { directory in
          var bytes = whole
          bytes[byte] ^= UInt8.random(in: 1...255, using: &random)
          try bytes.write(to: directory.appending(path: name))
        }
        let what: Comment = "\(name), byte \(byte): \(outcome.log)"
        #expect([0, 1].contains(outcome.status), what)
        if outcome.status == 0 {
          #expect(results == small.expected, what)
        } else {
          #expect(outcome.log.contains("can be used; start over with --fresh"), what)
          #expect(outcome.log.contains("\(name) is damaged"), what)
          #expect(small.expected.starts(with: results), what)
        }
      }
    }
  }

  @Test func aMissingFileIsDamageToo() throws {
    let small = try Self.smallCheckpoints.get()
    for name in [small.state, small.staged] {
      let (outcome, results) = try small.run { try FileManager.default.removeItem(at: $0.appending(path: name)) }
      #expect(outcome.status == 0 && results == small.expected, "\(outcome.log)")
      #expect(outcome.log.contains("\(name) is damaged: there is no such file"), "\(outcome.log)")
    }
  }

  /// Where none can be used a run does not begin anew: its results are there already.
  @Test func aRunDoesNotGoOnFromNothing() throws {
    let small = try Self.smallCheckpoints.get()
    for isolation in ["thread", "process"] {
      let (outcome, results) = try small.run(["--isolation", isolation], isPublished: true) { directory in
        for name in try FileManager.default.contentsOfDirectory(atPath: directory.path)
        where name.hasPrefix("checkpoint-") {
          let file = directory.appending(path: name)
          var bytes = try Data(contentsOf: file)
          bytes[bytes.count / 2] ^= 1
          try bytes.write(to: file)
        }
      }
      #expect(outcome.status == 1, "\(outcome.log)")
      #expect(outcome.log.contains("no checkpoint in ") && outcome.log.contains("can be used; start over with --fresh"))
      #expect(results.count < small.expected.count && small.expected.starts(with: results))
    }
  }

  /// A results file that somebody has shortened cannot be made good; one that is gone has not been.
  @Test func shortenedResultsAreNotTakenForWhole() throws {
    let small = try Self.smallCheckpoints.get()
    for length in [0, small.published - 1] {
      let (outcome, results) = try small.run { directory in
        let file = directory.deletingLastPathComponent().appending(path: "out.csv")
        try Data(contentsOf: file).prefix(length).write(to: file)
      }
      #expect(outcome.status == 1, "\(outcome.log)")
      #expect(
        outcome.log.contains("out.csv has \(length) bytes, but \(small.published) had been written to it"),
        "\(outcome.log)"
      )
      #expect(results.count == length)
    }
  }

  @Test func verifyNamesTheFileAndThePlace() throws {
    let small = try Self.smallCheckpoints.get()
    let place = small.folder.url.appending(path: "checkpoints")
    let sound = try Program.run("sluice", ["checkpoint", "verify", "checkpoints"], in: small.folder)
    #expect(sound.status == 0 && sound.output.contains("checkpoint \(small.newest): sound, "), "\(sound.output)")
    #expect(sound.output.split(separator: "\n").count == 3)
    for (name, command) in [(small.manifest, "list"), (small.state, "verify"), (small.staged, "verify")] {
      let copy = try TemporaryFolder()
      let directory = copy.url.appending(path: "checkpoints")
      try FileManager.default.copyItem(at: place, to: directory)
      var bytes = try Data(contentsOf: directory.appending(path: name))
      bytes[bytes.count - 1] ^= 0x80
      try bytes.write(to: directory.appending(path: name))
      let outcome = try Program.run("sluice", ["checkpoint", "verify", "checkpoints"], in: copy)
      #expect(outcome.status == 1 && outcome.log == "")
      let line = "checkpoint \(small.newest): checkpoints/\(name) is damaged at byte "
      #expect(outcome.output.hasPrefix(line), "\(outcome.output)")
      #expect(outcome.output.split(separator: "\n").dropFirst().allSatisfy { $0.contains(": sound, ") })
      let list = try Program.run("sluice", ["checkpoint", "list", "checkpoints"], in: copy)
      #expect(list.status == 0 && list.output.contains("\(name) is damaged") == (command == "list"), "\(list.output)")
    }
  }

  @Test func aDirectoryWithoutCheckpointsIsSaidSo() throws {
    let folder = try TemporaryFolder()
    for command in ["list", "show", "verify"] {
      let none = try Program.run("sluice", ["checkpoint", command, "nowhere"], in: folder)
      #expect(
        none.status == 2 && none.output == "" && none.log.contains("there is no directory 'nowhere'"),
        "\(none.log)"
      )
      let empty = try Program.run("sluice", ["checkpoint", command, "."], in: folder)
      #expect(empty.status == 2 && empty.output == "" && empty.log.contains("there are no checkpoints in '.'"))
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
  }
}
