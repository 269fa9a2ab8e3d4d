import Foundation
import TestSupport
import Testing

/// Several live sources, of which some have nothing to say for a while.
@Suite struct IdleSourceTests {
  /// Two streams of a user, counted together.
  static func pipeline(in folder: TemporaryFolder, timeout: String = "20ms", starts: String? = nil) throws -> String {
    func source(_ name: String, starts: String? = nil) -> String {
      """
        \(name):
          source:
            zeromq: ipc://\(folder.path(name))
            time: at
            idle_timeout: \(timeout)\(starts.map { "\n      starts: \($0)" } ?? "")
            columns: {id: int64, at: timestamp, user: string}
          compute: {stream: "'\(name)'"}

      """
    }
    return try folder.write(
      "pair.yaml",
      "pipeline: pair-\(UUID().uuidString.prefix(8).lowercased())\nstages:\n" + source("logins")
        + source("payments", starts: starts) + """
            counts:
              from: [logins, payments]
              window:
                key: user
                features: {seen: count over 1h}
            out: {from: counts, sink: {stdout: jsonl, columns: [id, at, stream, seen]}}

          """
    )
  }

  /// Sends rows at these milliseconds to a source.
  static func feed(_ times: [Int], from id: Int, to source: String, in folder: TemporaryFolder) throws {
    let rows = times.enumerated().map { place, time in
      let (seconds, rest) = time.quotientAndRemainder(dividingBy: 1000)
      let clock = String(format: "%02d:%02d.%03d", seconds / 60, seconds % 60, rest)
      return "\(id + place),2026-03-01 10:\(clock),u\((id + place) % 3)\n"
    }
    let file = try folder.write("rows-\(source)-\(id).csv", "id,at,user\n" + rows.joined())
    let into = "ipc://\(folder.path(source))"
    let replay = try Program.run("sluice", ["replay", file, "--into", into], in: folder)
    try #require(replay.status == 0, "\(replay.log)")
  }

  /// What the journals of a run give once more.
  static func replayed(_ path: String, _ folder: TemporaryFolder, _ options: [String] = []) throws -> Program.Outcome {
    try Program.run("sluice", ["run", path, "--from-journal", "saved"] + options, in: folder)
  }

  @Test(arguments: [[], ["--isolation", "thread"], ["--mode", "micro-batch", "--every", "50ms"]])
  func theOtherIsNotHeldUp(options: [String]) throws {
    let folder = try TemporaryFolder()
    let path = try Self.pipeline(in: folder)
    let run = try Program("sluice", ["run", path, "--checkpoints", "saved"] + options, in: folder)
    // A source waits for its first row, which says what time it is there.
    try Self.feed([0], from: 0, to: "payments", in: folder)
    try Self.feed(Array(1...40), from: 100, to: "logins", in: folder)
    // All of it comes, although one source had a single row and the other nothing behind its last one.
    var output = run.readLines(41)
    // What is of before a promise is late.
    try Self.feed([1], from: 300, to: "payments", in: folder)
    // Far behind all that was promised meanwhile, so it is in order.
    try Self.feed([3_000_000], from: 200, to: "payments", in: folder)
    try Self.feed([3_000_001], from: 400, to: "logins", in: folder)
    output += run.readLines(2)
    JournalTests.interrupt(run)
    let lines = output.split(separator: "\n")
    #expect(lines.count == 43 && !output.contains("\"id\":300"))
    #expect(lines.last?.contains("\"id\":400") == true)

    // The promises are in the journals, so the same rows are late.
    for options in [[], ["--workers", "counts=3"], ["--mode", "micro-batch", "--every", "7 rows"]] {
      let again = try Self.replayed(path, folder, options)
      #expect(again.status == 0 && again.output == output, "\(options): \(again.log)")
      #expect(Summary(again.log).count("late") == 1, "\(again.log)")
    }
  }

  @Test func aSourceThatNothingEverComesToStartsWhereItIsTold() throws {
    let folder = try TemporaryFolder()
    let path = try Self.pipeline(in: folder, starts: "'2026-03-01 09:59:59.990'")
    let run = try Program("sluice", ["run", path, "--checkpoints", "saved"], in: folder)
    try Self.feed(Array(0...40), from: 100, to: "logins", in: folder)
    let output = run.readLines(41)
    JournalTests.interrupt(run)
    let again = try Self.replayed(path, folder)
    #expect(again.status == 0 && again.output == output, "\(again.log)")
  }

  @Test func deathsChangeNothing() throws {
    let folder = try TemporaryFolder()
    let path = try Self.pipeline(in: folder, timeout: "5ms")
    let options = ["run", path, "--checkpoints", "saved", "--checkpoint-every", "20ms", "--output", "out.jsonl"]
    var sent = 0
    func shown() throws -> Int {
      let path = folder.path("out.jsonl")
      return FileManager.default.fileExists(atPath: path)
        ? try String(contentsOfFile: path, encoding: .utf8).utf8.count(where: { $0 == UInt8(ascii: "\n") }) : 0
    }
    var run = try Program("sluice", options, in: folder)
    for part in 0..<6 {
      // Each so far behind the last that nothing is late, however long this takes.
      let start = part * 500_000
      try Self.feed([start], from: part * 1000 + 500, to: "payments", in: folder)
      try Self.feed((1...30).map { start + $0 * 2 }, from: part * 1000, to: "logins", in: folder)
      sent += 31
      if part % 3 == 0 { try JournalTests.wait(for: run) { try shown() == sent } }
      if part == 2 {
        run.send(signal: SIGKILL)
        _ = run.finish()
        run = try Program("sluice", options, in: folder)
      } else if part < 5 {
        try JournalTests.send(SIGKILL, to: part % 3, of: run)
      }
    }
    try JournalTests.wait(for: run) { try shown() == sent }
    JournalTests.interrupt(run)
    let again = try Self.replayed(path, folder)
    #expect(again.status == 0, "\(again.log)")
    #expect(again.output == (try String(contentsOfFile: folder.path("out.jsonl"), encoding: .utf8)))
    #expect(Summary(again.log).count("rows in") == sent && Summary(again.log).count("late") == 0, "\(again.log)")
  }

  @Test func aWindowClosesWhenNothingComes() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "quiet.yaml",
      """
      pipeline: quiet
      stages:
        rows:
          source:
            zeromq: ipc://\(folder.path("rows"))
            time: at
            idle_timeout: 10ms
            columns: {id: int64, at: timestamp, user: string}
        sums: {from: rows, window: {key: user, tumbling: 100ms, features: {n: count}}}
        out: {from: sums, sink: {stdout: jsonl}}

      """
    )
    let run = try Program("sluice", ["run", path, "--no-checkpoints"], in: folder)
    try Self.feed([10, 20, 30, 40], from: 0, to: "rows", in: folder)
    #expect(run.readLines(3).split(separator: "\n").count == 3)
    JournalTests.interrupt(run)
  }

  @Test func sourcesThatWouldHoldUpOthersAreNamed() throws {
    let folder = try TemporaryFolder()
    let path = try Self.pipeline(in: folder)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try text.replacingOccurrences(of: "      idle_timeout: 20ms\n", with: "").write(
      toFile: path,
      atomically: true,
      encoding: .utf8
    )
    let check = try Program.run("sluice", ["check", path], in: folder)
    #expect(check.status == 2)
    for source in ["logins", "payments"] {
      let message = "source '\(source)' is one of 2 that are live, and holds up the others while it is idle"
      #expect(check.log.contains(message), "\(check.log)")
    }
    #expect(check.log.contains("goes on with the clock: `idle_timeout: 200ms`"), "\(check.log)")
  }
}
