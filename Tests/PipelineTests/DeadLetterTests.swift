import Foundation
import TestSupport
import Testing

/// `sluice dlq`: what failed is counted, shown, repaired and replayed, and nothing is lost on the way.
@Suite struct DeadLetterTests {
  static let header = "id,AT,amount,note\n"

  static func pipeline(in folder: TemporaryFolder, _ input: String = "csv: in.csv") throws -> String {
    try folder.write(
      "p.yaml",
      """
      pipeline: shop
      stages:
        in:
          source:
            \(input)
            time: at
            columns:
              id: int64
              at: timestamp
              amount: {type: decimal(2), min: 0}
              note: string?
        by:
          from: in
          window:
            key: id
            features:
              n: count over 1d
        out:
          from: by
          sink: {stdout: jsonl}
      """
    )
  }

  /// Twenty rows, nine of them bad.
  static func rows() -> [String] {
    (0..<20).map { index in
      let at = "2020-01-01 00:00:\(10 + index)"
      return switch index {
      case 3: "3,\(at),eighty,"
      case 5: "5,\(at),ninety,\"a, b\""
      case 7: "7,\(at),-5,"
      case 8: "8,\(at),-7,"
      case 10: "10,\(at)"
      case 12: "12,\(at),1,\"open"
      case 14: "14,2019-01-01,1,late"
      case 15: "15,never,1,\u{1B}[2J"
      case 17: "17,\(at),1,\u{FFFF}"
      default: "\(index),\(at),\(index).5,"
      }
    }
  }

  /// Runs the pipeline on them.
  static func run(in folder: TemporaryFolder) throws -> String {
    var data = Data((header + rows().joined(separator: "\n") + "\n").utf8)
    // A byte that is no UTF-8.
    if let place = data.range(of: Data("\u{FFFF}".utf8)) { data.replaceSubrange(place, with: [0xFF]) }
    try data.write(to: folder.url.appending(path: "in.csv"))
    let path = try pipeline(in: folder)
    let run = try Program.run("sluice", ["run", path], in: folder)
    try #require(run.status == 0, "\(run.log)")
    #expect(Summary(run.log).count("rows out") == 11 && Summary(run.log).count("dead letters") == 8)
    #expect(Summary(run.log).count("late") == 1)
    return path
  }

  static let letters = "shop.dead-letters.jsonl"

  @Test func theSameMistakesAreCountedTogether() throws {
    let folder = try TemporaryFolder()
    _ = try Self.run(in: folder)
    let list = try Program.run("sluice", ["dlq", "list", Self.letters], in: folder)
    #expect(list.status == 0 && list.log.isEmpty)
    let lines = list.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
    #expect(
      lines == [
        "letters field reason first at raw",
        "2 amount '...' is no number that fits decimal(2) in.csv:5 3,2020-01-01 00:00:13,eighty,",
        "2 amount ... is less than the column's `min`, 0.00 in.csv:9 7,2020-01-01 00:00:17,-5,",
        "1 2 fields where the header has 4 in.csv:12 10,2020-01-01 00:00:20",
        "1 a quoted field is not closed, or goes on behind its closing quote in.csv:14 12,2020-01-01 00:00:22,1,\"open",
        "1 late in.csv:16 14,2019-01-01,1,late",
        "1 at '...' is no timestamp; write 2018-04-01 13:45:00 or 2018-04-01T13:45:00Z in.csv:17 15,never,1,\\u{1B}[2J",
        "1 note not UTF-8 in.csv:19 17,2020-01-01 00:00:27,1,\\xFF", "9 dead letters",
      ]
    )
    let some = try Program.run(
      "sluice",
      ["dlq", "list", Self.letters, "--field", "at", "--reason", "never"],
      in: folder
    )
    #expect(some.output.hasSuffix("\n1 dead letter\n"))
  }

  @Test func lettersAreShownWithTheirBytes() throws {
    let folder = try TemporaryFolder()
    _ = try Self.run(in: folder)
    let show = try Program.run("sluice", ["dlq", "show", Self.letters, "--field", "note"], in: folder)
    let offset = (Self.header + Self.rows()[..<17].joined(separator: "\n") + "\n").utf8.count
    #expect(
      show.output.replacing(folder.url.path + "/", with: "") == """
        in.csv line 19, byte \(offset), field `note`: not UTF-8
          17,2020-01-01 00:00:27,1,\\xFF

        """
    )
    for (options, lines) in [(["--limit", "3"], 6), (["--line", "9"], 2), (["--source", "other"], 0)] {
      let show = try Program.run("sluice", ["dlq", "show", Self.letters] + options, in: folder)
      #expect(show.output.split(separator: "\n").count == lines)
    }
    // As they are, so that a part of the file can be repaired.
    let whole = try Program.run("sluice", ["dlq", "show", Self.letters, "--jsonl"], in: folder)
    #expect(try whole.output == String(contentsOfFile: folder.path(Self.letters), encoding: .utf8))
  }

  @Test(arguments: ["process", "thread"])
  func repairedRowsGoThroughTheSamePipeline(isolation: String) throws {
    let folder = try TemporaryFolder()
    let path = try Self.run(in: folder)
    let file = folder.url.appending(path: Self.letters)
    let text = try String(contentsOf: file, encoding: .utf8).replacing("eighty,", with: "80,").replacing(
      ",never",
      with: ",2020-01-02"
    )
    .replacing("2019-01-01,1", with: "2020-01-01 00:00:24,1")
    try text.write(to: file, atomically: true, encoding: .utf8)
    let again = "shop.dead-letters.again.jsonl"
    let replay = try Program.run(
      "sluice",
      ["dlq", "replay", path, Self.letters, "--isolation", isolation, "--output", "more.jsonl"],
      in: folder
    )
    #expect(replay.status == 0 && replay.output.isEmpty, "\(replay.log)")
    let rows = try String(contentsOfFile: folder.path("more.jsonl"), encoding: .utf8).split(separator: "\n")
    #expect(rows.map { $0.prefix { $0 != "," } } == ["{\"id\":3", "{\"id\":14", "{\"id\":15"], "\(rows)")
    #expect(rows[1].contains("\"n\":1"))
    // What went in: three came out, five failed again, one was no record by itself.
    #expect(Summary(replay.log).count("rows in") == 8 && Summary(replay.log).count("rows out") == 3)
    #expect(Summary(replay.log).count("dead letters") == 5 && Summary(replay.log).count("unaccounted for") == 0)
    #expect(
      replay.log.hasSuffix(
        "dlq: 9 letters, 1 of them no record by itself and not replayed; 6 failed again: \(again)\n"
      ),
      "\(replay.log)"
    )
    // The letters are those of the first run, with their places.
    let lines = try String(contentsOfFile: folder.path(again), encoding: .utf8).split(separator: "\n")
    let before = Set(text.split(separator: "\n"))
    #expect(lines.count == 6 && lines.allSatisfy { before.contains($0) }, "\(lines)")
    // And so on, until none is left.
    try folder.write(again, lines.filter { $0.contains("ninety") }.joined().replacing("ninety", with: "90"))
    let last = try Program.run("sluice", ["dlq", "replay", path, again, "--columns", "id,amount,note"], in: folder)
    #expect(last.output == "{\"id\":5,\"amount\":90.00,\"note\":\"a, b\"}\n")
    #expect(last.log.hasSuffix("dlq: 1 letters; none failed again\n"), "\(last.log)")
  }

  @Test func messagesAreReplayedToo() throws {
    let folder = try TemporaryFolder()
    for (format, raw) in [
      ("json", "{\\\"id\\\":1,\\\"at\\\":\\\"2020-01-01\\\",\\\"amount\\\":2}"), ("csv", "1,2020-01-01,2"),
    ] {
      let path = try Self.pipeline(in: folder, "zeromq: ipc://\(folder.path("x"))\n      format: \(format)")
      try folder.write(
        "l.jsonl",
        "{\"source\":\"ipc://x\",\"line\":1,\"byte_offset\":0,\"field\":null,\"reason\":\"x\",\"raw\":\"\(raw)\"}\n"
      )
      let replay = try Program.run(
        "sluice",
        ["dlq", "replay", path, "l.jsonl", "--columns", "id,amount,note"],
        in: folder
      )
      #expect(replay.output == "{\"id\":1,\"amount\":2.00,\"note\":null}\n", "\(replay.log)")
    }
  }

  @Test(arguments: [
    (["list", "none.jsonl"], "cannot read 'none.jsonl'; give the file that a run named after its dead letters"),
    (
      ["show", "p.yaml"],
      "'p.yaml' line 1 is no dead letter; keep each on a line of its own, with `raw` or `raw_base64`"
    ),
    (
      ["replay", "p.yaml", "l.jsonl", "--dead-letters", "l.jsonl"],
      "the letters that fail again would overwrite 'l.jsonl'; give another file with --dead-letters"
    ),
    (
      ["replay", "p.yaml", "l.jsonl"],
      "the header of the input of 'l.jsonl' is not to be found; give it with --header 'a,b,c'"
    ),
  ])
  func aWrongCommandSaysWhatToDo(arguments: [String], message: String) throws {
    let folder = try TemporaryFolder()
    _ = try Self.pipeline(in: folder)
    try folder.write(
      "l.jsonl",
      "{\"source\":\"gone.csv\",\"line\":1,\"byte_offset\":0,\"field\":null,\"reason\":\"x\",\"raw\":\"1\"}\n"
    )
    let run = try Program.run("sluice", ["dlq"] + arguments, in: folder)
    #expect(run.status == 2 && run.output.isEmpty && run.log == "sluice: \(message)\n")
  }
}
