import Checkpoints
import Foundation
import TestSupport
import Testing

/// A live source with its journal: whatever dies, and whenever it is read again, the results are those of a file.
@Suite struct JournalTests {
  static let directory = "card-fraud.checkpoints"
  static let results = "results.jsonl"

  /// The reference pipeline with a live source, running; it saves its state often.
  ///
  /// - Parameter keys: more of the source.
  static func start(in folder: TemporaryFolder, keys: String = "", _ options: [String] = []) throws -> Program {
    let path = try pipeline(in: folder, keys: keys)
    return try Program("sluice", ["run", path, "--all", "--checkpoint-every", "50ms"] + options, in: folder)
  }

  static func pipeline(in folder: TemporaryFolder, keys: String = "") throws -> String {
    try ScalingTests.pipeline(in: folder) {
      $0.replacingOccurrences(of: "csv: \(LiveTests.data)", with: "zeromq: \(LiveTests.endpoint(folder))\n\(keys)")
    }
  }

  /// Sends the rows of the shipped data that have these numbers.
  static func feed(_ rows: Range<Int>, to folder: TemporaryFolder) throws {
    let lines = try LiveTests.csv().split(separator: "\n")
    let text = ([lines[0]] + lines[(rows.lowerBound + 1)...rows.upperBound]).joined(separator: "\n") + "\n"
    let file = try folder.write("rows-\(rows.lowerBound).csv", text)
    let replay = try Program.run("sluice", ["replay", file, "--into", LiveTests.endpoint(folder)], in: folder)
    try #require(replay.status == 0, "\(replay.log)")
  }

  /// Waits, as long as it takes, until something is so.
  static func wait(for run: Program, until isSo: () throws -> Bool) throws {
    while try !isSo() {
      try #require(kill(run.pid, 0) == 0, "the run ended too early: \(run.finish().log)")
      usleep(5000)
    }
  }

  /// Waits until so many messages are in the journal.
  static func awaitJournal(_ count: UInt64, of run: Program, in folder: TemporaryFolder) throws {
    var reader: JournalReader?
    try wait(for: run) {
      if reader == nil, FileManager.default.fileExists(atPath: folder.path(directory)) {
        reader = JournalReader(try DirectoryStorage(path: folder.path(directory)), from: 0)
      }
      _ = try reader?.next()
      return reader?.nextSequence == count
    }
  }

  /// Waits until the results have so many lines.
  static func awaitResults(_ count: Int, of run: Program, in folder: TemporaryFolder) throws {
    try wait(for: run) { try results(in: folder).utf8.count(where: { $0 == UInt8(ascii: "\n") }) >= count }
  }

  static func results(in folder: TemporaryFolder) throws -> String {
    let path = folder.path(results)
    return FileManager.default.fileExists(atPath: path) ? try String(contentsOfFile: path, encoding: .utf8) : ""
  }

  /// Lets a run end that has shown all its results. Where it is about to recover from a death, nothing is left to account for.
  static func interrupt(_ run: Program) {
    run.send(signal: SIGINT)
    let outcome = run.finish()
    #expect(outcome.status == 130, "\(outcome.log)")
    #expect((Summary(outcome.log).count("unaccounted for") ?? 0) == 0, "\(outcome.log)")
  }

  /// Sends a signal to the worker of a stage, by the stage's number.
  static func send(_ signal: Int32, to stage: Int, of run: Program) throws {
    let worker = try #require(run.children.first { $0.arguments.count > 2 && $0.arguments[2] == "\(stage)" })
    kill(worker.pid, signal)
  }

  // MARK: Deaths

  @Test(arguments: ["", "      journal: every batch\n", "      journal: every 1h\n"])
  func workersThatDieChangeNothing(keys: String) throws {
    let folder = try TemporaryFolder()
    let run = try Self.start(in: folder, keys: keys, ["--output", Self.results])
    for (part, stage) in [1, 2, 4].enumerated() {
      try Self.feed(part * 1000..<part * 1000 + 1000, to: folder)
      try Self.send(SIGKILL, to: stage, of: run)
    }
    try Self.awaitResults(LiveTests.rows, of: run, in: folder)
    Self.interrupt(run)
    #expect(try Self.results(in: folder) == LiveTests.expected.get())
  }

  @Test func aSourceThatDiesGoesOnFromItsJournal() throws {
    let folder = try TemporaryFolder()
    let run = try Self.start(in: folder, ["--output", Self.results])
    for part in 0..<3 {
      try Self.feed(part * 1000..<part * 1000 + 1000, to: folder)
      try Self.awaitJournal(UInt64(part + 1) * 1000, of: run, in: folder)
      try Self.send(SIGKILL, to: 0, of: run)
    }
    try Self.awaitResults(LiveTests.rows, of: run, in: folder)
    Self.interrupt(run)
    #expect(try Self.results(in: folder) == LiveTests.expected.get())
  }

  @Test(arguments: [[], ["--isolation", "thread"]])
  func aRunThatDiesIsGoneOnWith(options: [String]) throws {
    let folder = try TemporaryFolder()
    let options = ["--output", Self.results] + options
    let first = try Self.start(in: folder, options)
    try Self.feed(0..<1000, to: folder)
    try Self.awaitResults(500, of: first, in: folder)
    // What comes now is journaled, and some of it stays in the middle of the pipeline.
    if options.count == 2 { try Self.send(SIGSTOP, to: 2, of: first) }
    try Self.feed(1000..<LiveTests.rows, to: folder)
    try Self.awaitJournal(UInt64(LiveTests.rows), of: first, in: folder)
    first.send(signal: SIGKILL)
    _ = first.finish()
    let second = try Self.start(in: folder, options)
    try Self.awaitResults(LiveTests.rows, of: second, in: folder)
    Self.interrupt(second)
    #expect(try Self.results(in: folder) == LiveTests.expected.get())
  }

  @Test func aRunGoesOnLiveWhereItWasInterrupted() throws {
    let folder = try TemporaryFolder()
    var output = ""
    for part in 0..<3 {
      let run = try Self.start(in: folder)
      try Self.feed(part * 1000..<part * 1000 + 1000, to: folder)
      output += run.readLines(1000)
      Self.interrupt(run)
    }
    #expect(output == (try LiveTests.expected.get()))
  }

  @Test func aLiveRunIsScaledWithoutLosingAMessage() throws {
    let folder = try TemporaryFolder()
    let path = try Self.pipeline(in: folder)
    // Others run pipelines of the usual name at the same time.
    let name = "scaled-\(UUID().uuidString.lowercased())"
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try folder.write("pipeline.yaml", text.replacingOccurrences(of: "pipeline: card-fraud", with: "pipeline: \(name)"))
    let run = try Program("sluice", ["run", path, "--all", "--output", Self.results], in: folder)
    for (part, change) in ["customer=2", "terminal=3", "customer=1"].enumerated() {
      try Self.feed(part * 1000..<part * 1000 + 1000, to: folder)
      let scale = try Program.run("sluice", ["scale", name, change], in: folder)
      #expect(scale.status == 0, "\(scale.log)")
    }
    try Self.awaitResults(LiveTests.rows, of: run, in: folder)
    Self.interrupt(run)
    #expect(try Self.results(in: folder) == LiveTests.expected.get())
  }

  // MARK: The journal as the log of events

  static let letters = "card-fraud.dead-letters.jsonl"

  /// A folder in which a live run has scored the first rows and set one message aside.
  static func folderWithJournal(keys: String = "") throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let run = try start(in: folder, keys: keys)
    let unread = try folder.write("unread.csv", "tx_datetime,transaction_id\n2018-04-01 00:00:00,none\n")
    _ = try Program.run("sluice", ["replay", unread, "--into", LiveTests.endpoint(folder)], in: folder)
    try awaitJournal(1, of: run, in: folder)
    try feed(0..<LiveTests.rows, to: folder)
    try #require(run.readLines(LiveTests.rows) == (try LiveTests.expected.get()))
    interrupt(run)
    return folder
  }

  static func runFromJournal(in folder: TemporaryFolder, _ options: [String] = []) throws -> Program.Outcome {
    try Program.run(
      "sluice",
      ["run", folder.path("pipeline.yaml"), "--all", "--from-journal", directory] + options,
      in: folder
    )
  }

  @Test func aJournalGivesWhatTheLiveRunGave() throws {
    let folder = try Self.folderWithJournal()
    let letters = try String(contentsOfFile: folder.path(Self.letters), encoding: .utf8)
    #expect(letters.split(separator: "\n").count == 1)
    for options in [[], ["--speed", "1000000x"], ["--checkpoints", "again"]] {
      let again = try Self.runFromJournal(in: folder, options)
      #expect(again.status == 0, "\(again.log)")
      #expect(again.output == (try LiveTests.expected.get()))
      #expect(Summary(again.log).count("dead letters") == 1, "\(again.log)")
      #expect(try String(contentsOfFile: folder.path(Self.letters), encoding: .utf8) == letters)
    }
    // It has come to the end, and printed all.
    let done = try Self.runFromJournal(in: folder, ["--checkpoints", "again"])
    #expect(done.status == 0 && done.output == "", "\(done.log)")
  }

  @Test func aJournalIsReadToTheTimeThatIsAskedFor() throws {
    let folder = try TemporaryFolder()
    let run = try Self.start(in: folder)
    try Self.feed(0..<1000, to: folder)
    var output = run.readLines(1000)
    let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
    // A later row cannot arrive in the same millisecond: it is read by another program, which starts now.
    let moment = Date.now + 0.001
    let time = moment.formatted(format)
    while Date.now < moment {}
    try Self.feed(1000..<LiveTests.rows, to: folder)
    output += run.readLines(LiveTests.rows - 1000)
    Self.interrupt(run)
    let before = try Self.runFromJournal(in: folder, ["--until", time])
    #expect(before.status == 0, "\(before.log)")
    #expect(before.output == output.split(separator: "\n").prefix(1000).map { "\($0)\n" }.joined())
    let none = try Self.runFromJournal(in: folder, ["--until", "2018-04-01"])
    #expect(none.status == 0 && none.output == "", "\(none.log)")
    #expect(Summary(none.log).count("rows in") == 0, "\(none.log)")
  }

  // MARK: Refusals

  @Test func aDamagedJournalIsRefusedWithItsPlace() throws {
    let folder = try Self.folderWithJournal()
    let segment = folder.path("\(Self.directory)/journal-00000000000000000000")
    var bytes = try Data(contentsOf: URL(filePath: segment))
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: URL(filePath: segment))
    let again = try Self.runFromJournal(in: folder)
    #expect(again.status == 1)
    #expect(again.log.contains("/\(Self.directory)/journal-00000000000000000000 is damaged at byte "), "\(again.log)")
    let live = try Self.start(in: folder).finish()
    #expect(live.status == 1)
    #expect(live.log.contains("/journal-00000000000000000000 is damaged at byte "), "\(live.log)")
  }

  @Test func aCheckpointWithoutItsJournalIsRefused() throws {
    let folder = try Self.folderWithJournal()
    try FileManager.default.removeItem(atPath: folder.path("\(Self.directory)/journal-00000000000000000000"))
    let run = try Self.start(in: folder).finish()
    #expect(run.status == 1)
    #expect(
      run.log.contains(
        "/\(Self.directory) ends before record 0, but a checkpoint counts on all records before \(LiveTests.rows + 1); "
      ),
      "\(run.log)"
    )
    let fresh = try Self.start(in: folder, ["--fresh"])
    try Self.feed(0..<LiveTests.rows, to: folder)
    #expect(fresh.readLines(LiveTests.rows) == (try LiveTests.expected.get()))
    Self.interrupt(fresh)
  }

  @Test func whatIsNoJournalIsRefused() throws {
    let folder = try TemporaryFolder()
    let live = try Self.pipeline(in: folder)
    let file = ReferencePipelineTests.pipeline
    _ = try DirectoryStorage(path: folder.path("journal")).create("journal-00000000000000000000")
    for (options, message) in [
      (
        ["run", live, "--from-journal", "nowhere"],
        "sluice: there is no journal in 'nowhere'; name the directory of checkpoints of a run with a live source\n"
      ),
      (
        ["run", file, "--from-journal", "journal"],
        "--from-journal stands for the messages of a live source, and stage 'transactions' reads a file; leave it out: a file "
          + "can be read again; or give a pipeline with a `zeromq:` source\n"
      ),
      (
        ["run", live, "--from-journal", "journal", "--checkpoints", "journal/"],
        "sluice: the journal in 'journal' is read, and new checkpoints cannot be put beside it; give another directory with "
          + "--checkpoints\n"
      ),
      (
        ["run", file, "--fresh"],
        "sluice: --fresh forgets checkpoints, and this run takes none; add --checkpoints DIR\n"
      ),
      (
        ["run", file, "--input", "-", "--checkpoints", "saved"],
        "sluice: checkpoints need an input that can be read again, and stdin cannot; save it to a file first, send it to a "
          + "`zeromq:` source, or run with --no-checkpoints\n"
      ),
    ] {
      let run = try Program.run("sluice", options, in: folder)
      #expect(run.status == 2 && run.output == "" && run.log == message, "\(run.log)")
    }
    for options in [
      ["--until", "2018-04-01"], ["--from-journal", "journal", "--until", "soon"],
      ["--from-journal", "journal", "--input", "x.csv"], ["--no-checkpoints", "--fresh"],
      ["--no-checkpoints", "--checkpoints", "saved"],
    ] {
      let run = try Program.run("sluice", ["run", live] + options, in: folder)
      #expect(run.status == 2 && run.log.hasPrefix("Error: "), "\(run.log)")
    }
    #expect(!FileManager.default.fileExists(atPath: folder.path("saved")))
  }

  // MARK: Where checkpoints go

  @Test func theFileSaysWhereCheckpointsGo() throws {
    let folder = try TemporaryFolder()
    for (key, options, places) in [
      ("checkpoints: none\n", [], []), ("", ["--no-checkpoints"], []), ("", [], [Self.directory]),
      ("checkpoints: beside\ncheckpoint_every: 1h\nattempts: 0\n", [], [Self.directory, "beside"]),
      ("checkpoints: beside\n", ["--checkpoints", "other"], [Self.directory, "beside", "other"]),
    ] as [(String, [String], [String])] {
      let path = try Self.pipeline(in: folder)
      let text = try String(contentsOfFile: path, encoding: .utf8)
      try folder.write("pipeline.yaml", key + text)
      let run = try Program("sluice", ["run", path, "--all"] + options, in: folder)
      try Self.feed(0..<10, to: folder)
      #expect(run.readLines(10).split(separator: "\n").count == 10)
      Self.interrupt(run)
      let found = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
      #expect(Set(found).intersection([Self.directory, "beside", "other"]) == Set(places))
    }
    // A file is read again without.
    let file = try Program.run(
      "sluice",
      ["run", ReferencePipelineTests.pipeline, "--limit", "10"],
      in: TemporaryFolder()
    )
    #expect(file.status == 0)
  }

  @Test func messagesThatNoCheckpointNeedsAreRemoved() throws {
    let folder = try TemporaryFolder()
    // Messages of a size that fills more than one file of the journal.
    let padding = String(repeating: "x", count: 1_000_000)
    let rows = try LiveTests.csv(header: false).split(separator: "\n").prefix(70)
    let header = try #require(try LiveTests.csv().split(separator: "\n").first)
    let file = try folder.write("rows.csv", "\(header),PADDING\n" + rows.map { "\($0),\(padding)\n" }.joined())
    let run = try Self.start(in: folder, keys: "      journal_keep: checkpoints\n")
    let replay = try Program.run("sluice", ["replay", file, "--into", LiveTests.endpoint(folder)], in: folder)
    #expect(replay.status == 0, "\(replay.log)")
    #expect(run.readLines(rows.count).split(separator: "\n").count == rows.count)
    let retention = JournalRetention(try DirectoryStorage(path: folder.path(Self.directory)))
    try Self.wait(for: run) { try retention.firstSequence() ?? 0 > 0 }
    Self.interrupt(run)
    let again = try Self.runFromJournal(in: folder)
    #expect(again.status == 0 && again.log.hasPrefix("sluice: the journal in '\(Self.directory)' begins with message "))
  }
}
