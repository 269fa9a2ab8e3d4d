import Foundation
import TestSupport
import Testing

/// Rows that come out of order within the source's bound: what comes of them is what comes of the rows in order.
@Suite(.serialized) struct OutOfOrderTests {
  static let rows = 12000
  static let showing = ["--all", "--format", "csv"]

  /// The first rows of the shipped data, header first, as they are and with each up to a day behind its time.
  static let files = Result { () -> (inOrder: [Substring], shuffled: [Substring]) in
    let lines = try String(contentsOfFile: LiveTests.data, encoding: .utf8).split(separator: "\n").prefix(rows + 1)
    var random = SeededRandom(seed: 7)
    // Rows of one time stay together: their order is that in which they come.
    var delays: [Substring: Int] = [:]
    let placed = lines.dropFirst().map { line -> (due: Int, line: Substring) in
      let time = line.split(separator: ",")[1]
      let delay = delays[time] ?? .random(in: 0..<86400, using: &random)
      delays[time] = delay
      return (second(time) + delay, line)
    }
    let shuffled = placed.enumerated().sorted { ($0.element.due, $0.offset) < ($1.element.due, $1.offset) }
    return (Array(lines), [lines[0]] + shuffled.map(\.element.line))
  }

  private static func second(_ time: Substring) -> Int {
    let parts = time.split { "- :".contains($0) }.compactMap { Int($0) }
    let day = [4: 0, 5: 30, 6: 61][parts[1], default: 91] + parts[2]
    return day * 86400 + parts[3] * 3600 + parts[4] * 60 + parts[5]
  }

  /// A folder with the reference pipeline that takes rows a day out of order, and the shuffled file.
  static func folder(_ bound: String = "1d") throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    _ = try ScalingTests.pipeline(in: folder) {
      $0.replacingOccurrences(of: "time: tx_datetime", with: "time: tx_datetime\n      out_of_order: \(bound)")
    }
    try folder.write("in.csv", files.get().shuffled.joined(separator: "\n") + "\n")
    return folder
  }

  static let undisturbed = Result { () -> RecoveryTests.Undisturbed in
    let folder = try TemporaryFolder()
    try folder.write("in.csv", files.get().inOrder.joined(separator: "\n") + "\n")
    let arguments = ["run", ReferencePipelineTests.pipeline, "--input", "in.csv"] + showing
    return try RecoveryTests.undisturbed(arguments, in: folder)
  }

  @Test(
    arguments: [
      [], ["--workers", "transactions=2"],
      ["--workers", "transactions=3", "--workers", "customer=2", "--batch-rows", "50"],
      ["--mode", "micro-batch", "--every", "700 rows", "--workers", "transactions=2"],
      ["--isolation", "thread", "--mode", "micro-batch", "--every", "20ms"],
      ["--workers", "transactions=2", "--checkpoints", "checkpoints", "--checkpoint-every", "5ms"],
      ["--speed", "4000000x", "--workers", "transactions=3"],
    ]
  )
  func shuffledRowsGiveWhatRowsInOrderGive(options: [String]) throws {
    let folder = try Self.folder()
    let arguments = ["run", "pipeline.yaml", "--input", "in.csv"] + Self.showing + options
    let run = try Program.run("sluice", arguments, in: folder)
    let expected = try Self.undisturbed.get()
    #expect(run.status == 0, "\(run.log)")
    #expect(Data(run.output.utf8).difference(from: expected.results) == nil, "\(run.log)")
    #expect(Summary(run.log).totals == expected.totals, "\(run.log)")
  }

  @Test func rowsBeyondTheBoundAreLate() throws {
    let folder = try Self.folder("1h")
    let arguments = ["run", "pipeline.yaml", "--input", "in.csv"] + Self.showing
    let run = try Program.run("sluice", arguments, in: folder)
    #expect(run.status == 0, "\(run.log)")
    var greatest = 0
    var late = 0
    for line in try Self.files.get().shuffled.dropFirst() {
      let second = Self.second(line.split(separator: ",")[1])
      if second < greatest - 3600 { late += 1 }
      greatest = max(greatest, second)
    }
    #expect(late > 1000 && Summary(run.log).count("late") == late, "\(run.log)")
    #expect(Summary(run.log).count("unaccounted for") == 0, "\(run.log)")
    let letters = try String(contentsOfFile: folder.path(RecoveryTests.letters), encoding: .utf8)
    #expect(letters.split(separator: "\n").count == late)
    #expect(letters.contains(" s before a row that came earlier, and the source's `out_of_order` is 3600.0 s"))
  }

  @Test func killsAndInterruptsChangeNothing() throws {
    let expected = try Self.undisturbed.get()
    for seed in 0..<4 as Range<UInt64> {
      var random = SeededRandom(seed: seed)
      var options = Self.showing + ["--input", "in.csv", "--output", "out.csv", "--speed", "1000000x"]
      options += ["--checkpoint-every", "20ms", "--attempts", "20"]
      let run = try RecoverableRun(options, of: "pipeline.yaml", in: Self.folder())
      let outcome = try run.disturbed(["transactions", "customer"], times: 5, &random)
      #expect(outcome.status == 0, "seed \(seed): \(outcome.log)")
      #expect(run.results.difference(from: expected.results) == nil, "seed \(seed): \(outcome.log)")
      #expect(Summary(outcome.log).totals == expected.totals, "seed \(seed): \(outcome.log)")
    }
  }

  /// What is held when all of it dies is read again from the journal, of which only what that needs is kept.
  @Test(arguments: [SIGKILL, SIGINT])
  func heldRowsOfALiveSourceAreInItsJournal(signal: Int32) throws {
    let folder = try TemporaryFolder()
    let keys = "      out_of_order: 1d\n      journal_keep: checkpoints\n"
    let count = LiveTests.rows
    let inOrder = try Self.files.get().inOrder
    let wanted = Set(inOrder.dropFirst().prefix(count))
    let header = String(inOrder[0])
    let lines = try Self.files.get().shuffled.filter { wanted.contains($0) }
    // One that comes more than a day behind them all lets them go.
    let last = try #require(inOrder.last)
    for (part, start) in stride(from: 0, to: count, by: 1000).enumerated() {
      let run = try JournalTests.start(in: folder, keys: keys, ["--output", JournalTests.results])
      let text =
        ([header[...]] + lines[start..<start + 1000] + (part == 2 ? [last] : [])).joined(separator: "\n") + "\n"
      let file = try folder.write("part.csv", text)
      let replay = try Program.run("sluice", ["replay", file, "--into", LiveTests.endpoint(folder)], in: folder)
      try #require(replay.status == 0, "\(replay.log)")
      if part == 2 {
        try JournalTests.awaitResults(count, of: run, in: folder)
        JournalTests.interrupt(run)
      } else {
        // A day is a few hundred rows.
        try JournalTests.awaitResults(start + 300, of: run, in: folder)
        run.send(signal: signal)
        _ = run.finish()
      }
    }
    #expect(try JournalTests.results(in: folder) == LiveTests.expected.get())
  }
}
