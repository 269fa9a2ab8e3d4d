import Foundation
import TestSupport
import Testing

/// Whatever becomes of the files of a checkpoint, a run that ends well has the right results.
extension RecoveryTests {
  static let smallCheckpoints = Result { try SmallCheckpoints() }

  /// A run that went on to its end has everything once.
  static func expectWhole(_ run: SmallCheckpoints.Run, _ what: Comment) throws {
    let small = try smallCheckpoints.get()
    #expect(run.outcome.status == 0, what)
    #expect(run.results.difference(from: small.results) == nil, what)
    #expect(run.letters.difference(from: small.letters) == nil, what)
  }

  /// Where a file is damaged.
  static func places(_ count: Int, most: Int = 12) -> [Int] {
    let stride = ScalingTests.isThorough ? 1 : max(1, count / most)
    return Array(Swift.stride(from: 0, to: count, by: stride))
  }

  @Test(arguments: ["manifest", "state", "results", "letters"])
  func noDamagedByteChangesAResult(kind: String) throws {
    let small = try Self.smallCheckpoints.get()
    let names = [
      "manifest": small.manifest, "state": small.state, "results": small.stagedResults, "letters": small.stagedLetters,
    ]
    let name = try #require(names[kind])
    let whole = try Data(contentsOf: small.folder.url.appending(path: "checkpoints/\(name)"))
    var random = SeededRandom(seed: 7)
    var count = 0
    for place in Self.places(whole.count) {
      for isCut in [false, true] {
        let mask = UInt8.random(in: 1...255, using: &random)
        count += 1
        // Processes take longer to start.
        let isolation = count % 16 == 0 ? "process" : "thread"
        let run = try small.run(["--isolation", isolation]) { directory in
          var bytes = whole
          if isCut { bytes.removeSubrange(place...) } else { bytes[place] ^= mask }
          try bytes.write(to: directory.appending(path: name))
        }
        let change = isCut ? "and all behind cut off" : "xor \(mask)"
        let what: Comment = "\(name), byte \(place) \(change), \(isolation): \(run.outcome.log)"
        // The one before is sound.
        try Self.expectWhole(run, what)
        let number = small.newest
        let isPassedOver = [
          "checkpoint \(number) cannot be used", "checkpoint \(number) is damaged; going on from the one before",
        ].contains(where: run.outcome.log.contains)
        #expect(run.outcome.log.contains("\(name) is damaged") && isPassedOver, what)
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
        let run = try small.run(isPublished: isPublished) { directory in
          var bytes = whole
          bytes[byte] ^= UInt8.random(in: 1...255, using: &random)
          try bytes.write(to: directory.appending(path: name))
        }
        let what: Comment = "\(name), byte \(byte): \(run.outcome.log)"
        if run.outcome.status == 0 {
          try Self.expectWhole(run, what)
        } else {
          #expect(run.outcome.status == 1, what)
          #expect(run.outcome.log.contains("can be used; start over with --fresh"), what)
          #expect(run.outcome.log.contains("\(name) is damaged"), what)
          #expect(small.results.starts(with: run.results), what)
        }
      }
    }
  }

  @Test func aMissingFileIsDamageToo() throws {
    let small = try Self.smallCheckpoints.get()
    for name in [small.state, small.stagedResults, small.stagedLetters] {
      let run = try small.run { try FileManager.default.removeItem(at: $0.appending(path: name)) }
      try Self.expectWhole(run, "\(name): \(run.outcome.log)")
      #expect(run.outcome.log.contains("\(name) is damaged: there is no such file"), "\(run.outcome.log)")
    }
  }

  /// Where none can be used a run does not begin anew: its results are there already.
  @Test(arguments: ["thread", "process"])
  func aRunDoesNotGoOnFromNothing(isolation: String) throws {
    let small = try Self.smallCheckpoints.get()
    let run = try small.run(["--isolation", isolation], isPublished: true) { directory in
      for name in try FileManager.default.contentsOfDirectory(atPath: directory.path)
      where name.hasPrefix("checkpoint-") {
        let file = directory.appending(path: name)
        var bytes = try Data(contentsOf: file)
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: file)
      }
    }
    let log = run.outcome.log
    #expect(run.outcome.status == 1, "\(log)")
    #expect(log.contains("no checkpoint in ") && log.contains("can be used; start over with --fresh"), "\(log)")
    #expect(run.results.count < small.results.count && small.results.starts(with: run.results))
  }

  /// A results file that somebody has shortened cannot be made good.
  @Test func shortenedResultsAreNotTakenForWhole() throws {
    let small = try Self.smallCheckpoints.get()
    for length in [0, small.publishedResults - 1] {
      let run = try small.run { directory in
        let file = directory.deletingLastPathComponent().appending(path: "out.csv")
        try Data(contentsOf: file).prefix(length).write(to: file)
      }
      let message = "out.csv has \(length) bytes, but \(small.publishedResults) had been written to it"
      #expect(run.outcome.status == 1 && run.outcome.log.contains(message), "\(run.outcome.log)")
      #expect(run.results.count == length)
    }
  }

  /// The only manifest of an epoch may be the damaged one; its files are there all the same.
  @Test(arguments: ["thread", "process"])
  func noEpochIsTakenForAnother(isolation: String) throws {
    let small = try Self.smallCheckpoints.get()
    let run = try small.copy(["--attempts", "0", "--isolation", isolation])
    let second = try run.interrupt(
      afterCheckpoints: small.newest + 1,
      bytes: 0,
      ["--checkpoint-every", "20ms"] + SmallCheckpoints.slow
    )
    #expect(second.status == 130 && run.lastCheckpoint > small.newest, "\(second.log)")
    let files = try FileManager.default.contentsOfDirectory(atPath: run.folder.path("checkpoints"))
    for name in files where name > small.manifest && name.hasPrefix("checkpoint-") {
      let manifest = run.folder.url.appending(path: "checkpoints/\(name)")
      var bytes = try Data(contentsOf: manifest)
      bytes[20] ^= 0x10
      try bytes.write(to: manifest)
    }
    let third = try run.finish()
    let letters = run.contents(SmallCheckpoints.letters)
    try Self.expectWhole(.init(outcome: third, results: run.results, letters: letters), "\(third.log)")
    #expect(third.log.contains("checkpoint \(small.newest + 1) cannot be used"), "\(third.log)")
  }

  @Test func verifyNamesTheFileAndThePlace() throws {
    let small = try Self.smallCheckpoints.get()
    let place = small.folder.url.appending(path: "checkpoints")
    let sound = try Program.run("sluice", ["checkpoint", "verify", "checkpoints"], in: small.folder)
    #expect(sound.status == 0 && sound.output.contains("checkpoint \(small.newest): sound, "), "\(sound.output)")
    #expect(sound.output.split(separator: "\n").count == 3)
    for (name, command) in [
      (small.manifest, "list"), (small.state, "verify"), (small.stagedResults, "verify"),
      (small.stagedLetters, "verify"),
    ] {
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

extension RecoveryTests {
  /// Nobody could tell what of the results is to be left out.
  @Test(arguments: 0..<8)
  func aDamagedMarkOfWhatWasPrintedIsRefused(byte: Int) throws {
    let run = try RecoverableRun(["--limit", "500"])
    #expect(try run.finish().status == 0)
    let mark = run.folder.url.appending(path: "checkpoints/printed")
    var bytes = try Data(contentsOf: mark)
    bytes[byte] ^= 1 << UInt8(byte)
    try bytes.write(to: mark)
    let outcome = try run.finish()
    #expect(outcome.status == 1 && outcome.output == "", "\(outcome.log)")
    #expect(outcome.log.contains("printed is damaged, so it is not known how much of the results was printed"))
  }
}
