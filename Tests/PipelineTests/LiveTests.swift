import Foundation
import TestSupport
import Testing

/// Pipelines that others feed while they run.
@Suite struct LiveTests {
  static let data = Repository.path("datasets/card-transactions.csv")
  static let rows = 3000

  /// What the first rows of the shipped data give as a file.
  static let expected = Result {
    try ScalingTests.output(of: ["run", ReferencePipelineTests.pipeline, "--all", "--limit", "\(rows)"])
  }

  /// The first rows of the shipped data.
  static func csv(header: Bool = true) throws -> String {
    let lines = try String(contentsOfFile: data, encoding: .utf8).split(separator: "\n").prefix(rows + 1)
    return lines.dropFirst(header ? 0 : 1).joined(separator: "\n") + "\n"
  }

  /// The reference pipeline with a live source in `folder`, running.
  static func start(in folder: TemporaryFolder, format: String = "json", _ options: [String] = []) throws -> Program {
    let path = try ScalingTests.pipeline(in: folder) {
      $0.replacingOccurrences(
        of: "csv: \(Self.data)",
        with: "zeromq: \(endpoint(folder))\n      format: \(format)"
      )
    }
    return try Program("sluice", ["run", path, "--all"] + options, in: folder)
  }

  static func endpoint(_ folder: TemporaryFolder) -> String { "ipc://\(folder.path("live"))" }

  // MARK: Another language

  /// Python with pyzmq, where there is Python at all; what makes it is also what `make test` calls.
  static let python: URL? = {
    let script = Process()
    script.executableURL = URL(filePath: "/bin/bash")
    script.arguments = [Repository.path("Tests/PipelineTests/make-python.sh"), Repository.path(".build/test-python")]
    script.standardOutput = FileHandle.standardError
    do { try script.run() } catch { return nil }
    script.waitUntilExit()
    return script.terminationStatus == 0 ? Repository.root.appending(path: ".build/test-python/bin/python3") : nil
  }()

  static let hasPython = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
    FileManager.default.isExecutableFile(atPath: "\($0)/python3")
  }

  /// Sends `text`: each row of a CSV as a JSON object, or so many lines a message, as they are.
  static func feed(_ text: String, to folder: TemporaryFolder, _ how: String...) throws {
    let python = try #require(Self.python, "no Python with pyzmq could be made")
    let file = try folder.write("feed-\(UUID().uuidString)", text)
    let client = try Program(
      executable: python,
      [Repository.path("Tests/PipelineTests/feed.py"), endpoint(folder)] + how,
      in: folder,
      input: try #require(FileHandle(forReadingAtPath: file))
    ).finish()
    try #require(client.status == 0, "\(client.log)")
  }

  @Test(
    .enabled(if: hasPython),
    arguments: [
      [], ["--isolation", "thread"], ["--mode", "micro-batch", "--every", "100ms", "--workers", "customer=2"],
    ]
  )
  func aPythonClientSeesItsScoresComeOut(options: [String]) throws {
    let folder = try TemporaryFolder()
    let run = try Self.start(in: folder, options)
    try Self.feed(Self.csv(), to: folder, "objects")
    // They come although nothing follows them.
    let output = run.readLines(Self.rows)
    run.send(signal: SIGINT)
    let outcome = run.finish()
    #expect(outcome.status == 130 && outcome.output == "")
    #expect(output == (try Self.expected.get()))
    #expect(Summary(outcome.log).count("rows in") == Self.rows, "\(outcome.log)")
    #expect(Summary(outcome.log).count("unaccounted for") == 0, "\(outcome.log)")
  }

  @Test(.enabled(if: hasPython), arguments: ["csv", "jsonl"])
  func messagesMayHoldSeveralLines(format: String) throws {
    let folder = try TemporaryFolder()
    let run = try Self.start(in: folder, format: format)
    if format == "csv" {
      try Self.feed(Self.csv(header: false), to: folder, "lines", "7")
    } else {
      let names = BadInputTests.header.dropLast().split(separator: ",")
      let objects = try Self.csv(header: false).split(separator: "\n").map { line in
        "{" + zip(names, line.split(separator: ",")).map { "\"\($0)\": \"\($1)\"" }.joined(separator: ", ") + "}\n"
      }
      try Self.feed(objects.joined(), to: folder, "lines", "100")
    }
    let output = run.readLines(Self.rows)
    run.send(signal: SIGINT)
    #expect(run.finish().status == 130)
    #expect(output == (try Self.expected.get()))
  }

  @Test(.enabled(if: hasPython)) func badMessagesAreSetAsideWhileTheRunGoesOn() throws {
    let folder = try TemporaryFolder()
    let run = try Self.start(in: folder, ["--columns", "transaction_id"])
    let good =
      "\"TX_DATETIME\":\"2018-04-01 00:00:31\",\"CUSTOMER_ID\":596,\"TERMINAL_ID\":3156,\"TX_AMOUNT\":57.16,"
      + "\"TX_FRAUD\":0,\"TX_FRAUD_SCENARIO\":0}\n"
    let messages = [
      "{\"TRANSACTION_ID\":0,\(good)", "nonsense\n", "{\"TRANSACTION_ID\":\"one\",\(good)", "{}\n", "[]\n",
      "{\"TRANSACTION_ID\":1,\(good)".replacingOccurrences(of: "00:00:31", with: "00:00:30"),
      "{\"TRANSACTION_ID\":2,\(good)",
    ]
    try Self.feed(messages.joined(), to: folder, "lines", "1")
    #expect(run.readLines(2) == "{\"transaction_id\":0}\n{\"transaction_id\":2}\n")
    run.send(signal: SIGINT)
    let outcome = run.finish()
    let summary = Summary(outcome.log)
    #expect(outcome.status == 130)
    #expect(summary.count("rows in") == 7 && summary.count("rows out") == 2 && summary.count("dead letters") == 4)
    #expect(summary.count("late") == 1 && summary.count("unaccounted for") == 0, "\(outcome.log)")
    let letters = try String(contentsOfFile: folder.path("card-fraud.dead-letters.jsonl"), encoding: .utf8)
    #expect(letters.split(separator: "\n").count == 5 && letters.contains("\"source\":\"\(Self.endpoint(folder))\""))
  }

  // MARK: Replay

  @Test(arguments: [nil, "200000x"])
  func aReplayGivesWhatTheFileGives(speed: String?) throws {
    let folder = try TemporaryFolder()
    let run = try Self.start(in: folder)
    let replay = try Program.run(
      "sluice",
      ["replay", Self.data, "--into", Self.endpoint(folder), "--limit", "\(Self.rows)"]
        + (speed.map { ["--speed", $0] } ?? []),
      in: folder
    )
    #expect(replay.status == 0 && replay.output == "")
    #expect(replay.log.hasPrefix("replay: 3,000 rows in "), "\(replay.log)")
    #expect(replay.log.contains("  behind schedule     p50 ") == (speed != nil), "\(replay.log)")
    let output = run.readLines(Self.rows)
    run.send(signal: SIGINT)
    let outcome = run.finish()
    #expect(outcome.status == 130 && outcome.output == "")
    #expect(output == (try Self.expected.get()))
    #expect(outcome.log.contains("  latency             p50 "), "\(outcome.log)")
  }

  @Test func aReplayIntoNowhereIsRefused() throws {
    let folder = try TemporaryFolder()
    let nowhere = try Program.run("sluice", ["replay", Self.data, "--into", "nowhere"], in: folder)
    #expect(nowhere.status == 2 && nowhere.log.hasPrefix("--into: endpoint 'nowhere': "), "\(nowhere.log)")
    let absent = try Program.run("sluice", ["replay", "absent.csv", "--into", Self.endpoint(folder)], in: folder)
    #expect(absent.status == 2 && absent.log == "cannot read 'absent.csv'; check the path\n")
  }

  // MARK: Pipes

  static let fileRun = ["run", ReferencePipelineTests.pipeline, "--all", "--limit", "\(rows)", "--input"]

  @Test(arguments: [[], ["--isolation", "thread"]])
  func anInputMayComeThroughAnyPipe(options: [String]) throws {
    let folder = try TemporaryFolder()
    let expected = try Self.expected.get()
    let piped = try Program.run(
      "sluice",
      Self.fileRun + ["-"] + options,
      in: folder,
      redirections: "< <(cat \(Self.data))"
    )
    #expect(piped.status == 0 && piped.output == expected, "\(piped.log)")
    let file = try Program.run("sluice", Self.fileRun + ["-"] + options, in: folder, redirections: "< \(Self.data)")
    #expect(file.status == 0 && file.output == expected, "\(file.log)")
    let substituted = try Program.run(
      "sluice",
      Self.fileRun.dropLast() + options,
      in: folder,
      redirections: "--input <(cat \(Self.data))"
    )
    #expect(substituted.status == 0 && substituted.output == expected, "\(substituted.log)")
    let made = unsafe mkfifo(folder.path("fifo"), 0o600)
    #expect(made == 0)
    let run = try Program("sluice", Self.fileRun + ["fifo"] + options, in: folder)
    let writer = try Program(executable: URL(filePath: "/bin/sh"), ["-c", "cat '\(Self.data)' > fifo"], in: folder)
    let outcome = run.finish()
    // The run has had enough before the writer has written all.
    _ = writer.finish()
    #expect(outcome.status == 0 && outcome.output == expected, "\(outcome.log)")
  }

  @Test func controlCEndsARunThatWaitsForItsInput() throws {
    let folder = try TemporaryFolder()
    let pipe = Pipe()
    let run = try Program("sluice", Self.fileRun + ["-"], in: folder, input: pipe)
    let lines = try Self.csv().split(separator: "\n").prefix(11).map { "\($0)\n" }.joined()
    try pipe.fileHandleForWriting.write(contentsOf: Data(lines.utf8))
    let output = run.readLines(10)
    run.send(signal: SIGINT)
    let outcome = run.finish()
    #expect(outcome.status == 130 && outcome.output == "", "\(outcome.log)")
    #expect(try Self.expected.get().hasPrefix(output) && output.split(separator: "\n").count == 10)
    #expect(Summary(outcome.log).count("unaccounted for") == 0, "\(outcome.log)")
  }
}
