import Foundation
import PipelineSpec
import TestSupport
import Testing

/// Wrong pipeline files, each with the whole message that it gets.
@Suite struct WrongFileTests {
  static let csv = "id,at,card,amount,fraud\n1,2018-04-01 12:00:00,5,1.50,0\n"

  static let file = """
    pipeline: test
    stages:
      in:
        source:
          csv: data.csv
          time: at
          columns:
            id: int64
            at: timestamp
            card: int64
            amount: decimal(2)
            fraud: int64
            note: string?
      window:
        from: in
        window:
          key: card
          features:
            count_1d: count over 1d
            mean_1d: mean(amount) over 1d
      out:
        from: window
        where: amount > 1
        sink:
          stdout: jsonl
    """

  /// What `check` says of `file` with its parts replaced; the path is cut from the messages.
  static func messages(_ file: String, csv: String = csv + "note\n", options: RunOptions = RunOptions()) throws
    -> [String]
  {
    let folder = try TemporaryFolder()
    let path = try folder.write("test.yaml", file)
    try folder.write("data.csv", csv)
    do throws(PipelineFileError) {
      _ = try PipelineCompiler.compile(path: path, options: options)
      return []
    } catch {
      return error.description.replacingOccurrences(of: folder.url.path + "/", with: "").split(separator: "\n")
        .map(String.init)
    }
  }

  static let header = "id,at,card,amount,fraud,note\n"

  @Test func aRightFileHasNoMistakes() throws {
    #expect(try Self.messages(Self.file, csv: Self.header) == [])
  }

  @Test(
    arguments: [
      (
        "pipeline: test", "pipline: test",
        [
          "test.yaml:1:1: the pipeline file has no `pipeline`; begin the file with `pipeline: a-name`",
          "test.yaml:1:1: the pipeline file has no key `pipline`; did you mean `pipeline`?",
        ]
      ),
      (
        "pipeline: test", "pipeline: Test!",
        ["test.yaml:1:11: the pipeline's name is 'Test!'; use lower-case letters, digits, '-' and '_', a letter first"]
      ),
      (
        "source:", "sources:",
        [
          "test.yaml:3:3: stage 'in' says not what it does; give it one of: source, window, learn, score, sink",
          "test.yaml:4:5: stage 'in' has no key `sources`; did you mean `source`?",
        ]
      ),
      (
        "csv: data.csv", "csv: missing.csv",
        [
          "test.yaml:5:12: cannot read 'missing.csv': No such file or directory; check the path, or give another with --input"
        ]
      ),
      (
        "csv: data.csv", "csv: .",
        ["test.yaml:5:12: cannot read '.': it is a directory; check the path, or give another with --input"]
      ),
      (
        "from: in", "from: in.lat",
        [
          "test.yaml:15:11: stage 'window' reads from 'in.lat', which is no output of stage 'in'; did you mean 'in.late'?"
        ]
      ),
      (
        "from: in", "from: ni.late",
        ["test.yaml:15:11: stage 'window' reads from 'ni.late', which is no stage; did you mean 'in.late'?"]
      ),
      (
        "from: window", "from: window.late",
        [
          "test.yaml:22:11: stage 'out' reads from 'window.late', but stage 'window' has no side outputs; read from 'window'; only sources have `late` and `dead_letters`"
        ]
      ),
      (
        "from: in", "from: [in.late, in.late]",
        ["test.yaml:15:21: stage 'window' reads twice from 'in.late'; name it once"]
      ),
      (
        "from: in", "from: in.late", ["test.yaml:3:3: no stage reads from stage 'in'; add a sink with `from: in`"]
      ),
      (
        "time: at", "time: at\n      out_of_order: soon",
        [
          "test.yaml:7:21: `out_of_order` is 'soon'; write how long rows are held for others that come before them, as in `10s` or `5m`"
        ]
      ),
      (
        "time: at", "time: at\n      delay: 11y",
        ["test.yaml:7:14: `delay` is '11y'; write how long after their time rows come, up to ten years, as in `7d`"]
      ),
      (
        "time: at", "time: at\n      idle_timeout: 1s",
        ["test.yaml:7:21: `idle_timeout` is for messages, and stage 'in' reads a file; remove it: a file is never idle"]
      ),
      (
        "time: at", "time: at\n      starts: now",
        ["test.yaml:7:15: `starts` is for messages, and stage 'in' reads a file; remove it: a file is never idle"]
      ),
      (
        "csv: data.csv", "zeromq: ipc:///in\n      starts: now",
        [
          "test.yaml:6:15: `starts` says where an idle source goes on from, and this one does not; add after how long without a message it goes on with the clock: `idle_timeout: 200ms`"
        ]
      ),
      (
        "csv: data.csv", "zeromq: ipc:///in\n      idle_timeout: 2d\n      starts: soon",
        [
          "test.yaml:6:21: `idle_timeout` is '2d'; write after how long without a message event time goes on with the clock, 1ms to 1d, as in `200ms`",
          "test.yaml:7:15: `starts` is 'soon'; write `now`, or the event time before which no row is, as in '2026-03-01 00:00:00'",
        ]
      ),
      (
        "pipeline: test", "pipeline: test\nversion: the new one",
        ["test.yaml:2:10: `version` is 'the new one'; use up to 64 letters, digits, '.', '-', '_' and ':'"]
      ),
      ("time: at", "time: card", ["test.yaml:6:13: the time column 'card' is int64; declare it as `card: timestamp`"]),
      (
        "time: at", "tme: at",
        [
          "test.yaml:5:7: the source of stage 'in' has no `time`; name the column that holds the event time: `time: tx_datetime`",
          "test.yaml:6:7: the source of stage 'in' has no key `tme`; did you mean `time`?",
        ]
      ),
      (
        "id: int64", "id: int",
        [
          "test.yaml:8:13: 'int' is no type of a column; use int64, float64, bool, timestamp, string or decimal(places), with `?` behind it where empty is fine"
        ]
      ),
      (
        "amount: decimal(2)", "amount: decimal(40)",
        [
          "test.yaml:11:17: 'decimal(40)' is no type of a column; use int64, float64, bool, timestamp, string or decimal(places), with `?` behind it where empty is fine"
        ]
      ),
      (
        "amount: decimal(2)", "amount: float64",
        [
          "test.yaml:20:23: `amount` is float64, whose sums depend on the order of their terms in `mean(amount) over 1d`; declare it as decimal(places), whose sums are exact, or compute it with round(x, places)"
        ]
      ),
      (
        "note: string?", "other: string",
        [
          "test.yaml:5:12: 'data.csv' has no column 'other'; line 1 names: id, at, card, amount, fraud, note; name the columns in the file's first line, or take them out of `columns`"
        ]
      ),
      (
        "note: string?", "note: string?\n        id: int64",
        ["test.yaml:8:9: `id` stands twice in one mapping; remove or rename one of them"]
      ),
      (
        "from: in\n", "from: inn\n",
        ["test.yaml:15:11: stage 'window' reads from 'inn', which is no stage; did you mean 'in'?"]
      ),
      (
        "from: in\n", "from: window\n",
        [
          "test.yaml:15:11: the stages read in a circle: window <- window; let one of them read from the source or from a stage before the circle"
        ]
      ),
      (
        "from: in\n", "from: out\n",
        [
          "test.yaml:15:11: the stages read in a circle: window <- out <- window; let one of them read from the source or from a stage before the circle"
        ]
      ),
      (
        "from: in\n", "from: [in, out]\n",
        [
          "test.yaml:15:16: the stages read in a circle: window <- out <- window; let one of them read from the source or from a stage before the circle"
        ]
      ),
      (
        "from: in\n", "from: {in: out}\n",
        [
          "test.yaml:3:3: no stage reads from stage 'in'; add a sink with `from: in`",
          "test.yaml:14:3: stage 'window' is a window that reads from no stage; add `from:` and the name of a stage",
          "test.yaml:15:11: `from` of stage 'window' is a mapping; name one stage after it, or several: `from: [a, b]`",
        ]
      ),
      ("from: in\n", "from: [in, in]\n", ["test.yaml:15:16: stage 'window' reads twice from 'in'; name it once"]),
      (
        "from: in\n", "from: [in, otu]\n",
        ["test.yaml:15:16: stage 'window' reads from 'otu', which is no stage; did you mean 'out'?"]
      ),
      (
        "  window:\n    from: in\n",
        "  other:\n    source:\n      csv: data.csv\n      time: at\n      columns:\n        at: timestamp\n        card: string\n"
          + "  window:\n    from: [in, other]\n",
        [
          "test.yaml:22:16: column 'card' of stage 'window' is string in 'other' and int64 in 'in'; give it one type in both, or one of them another name"
        ]
      ),
      (
        "  out:\n    from: window\n",
        "  more:\n    from: window\n    sink:\n      stdout: csv\n  out:\n    from: window\n",
        [
          "test.yaml:25:3: sinks 'more' and 'out' both write to stdout; let one of them write to a file: `file: PATH`, or --output out=PATH"
        ]
      ),
      (
        "  out:\n    from: window\n",
        "  more:\n    from: window\n    sink: {file: x.csv}\n  most:\n    from: in\n    sink: {file: x.csv}\n  out:\n    from: window\n",
        [
          "test.yaml:26:18: the results of stage 'most' would overwrite the results of stage 'more', 'x.csv'; name another file, or give one with --output"
        ]
      ),
      (
        "from: window\n", "from: in\n",
        [
          "test.yaml:14:3: no stage reads from stage 'window'; add a sink with `from: window`"
        ]
      ),
      ("key: card", "key: crad", ["test.yaml:17:12: there is no column 'crad'; did you mean 'card'?"]),
      (
        "key: card", "key: note",
        [
          "test.yaml:17:12: the key 'note' may be empty; declare the column without `?`, or fill it with `compute`: coalesce(note, ...)"
        ]
      ),
      (
        "key: card", "key: fraud\n      keys: x",
        ["test.yaml:18:7: the window of stage 'window' has no key `keys`; did you mean `key`?"]
      ),
      (
        "count over 1d", "count over 1",
        [
          "test.yaml:19:30: expected a duration, not `1` in `count over 1`; write a duration: a whole number and one of us, ms, s, m, h, d, w, as in 24h"
        ]
      ),
      (
        "count over 1d", "cuont over 1d",
        ["test.yaml:19:19: expected a function over rows, not `cuont` in `cuont over 1d`; did you mean `count`?"]
      ),
      (
        "mean(amount) over 1d", "mean(amuont) over 1d",
        ["test.yaml:20:23: there is no column `amuont` in `mean(amuont) over 1d`; did you mean `amount`?"]
      ),
      (
        "mean_1d:", "count_1d:",
        ["test.yaml:19:9: `count_1d` stands twice in one mapping; remove or rename one of them"]
      ),
      ("mean_1d:", "amount:", ["test.yaml:20:9: there is a column 'amount' already; give the new column another name"]),
      (
        "where: amount > 1", "where: amount",
        ["test.yaml:23:12: `amount` is decimal(2), not true or false; write a comparison"]
      ),
      (
        "where: amount > 1", "where: amont > 1",
        ["test.yaml:23:12: there is no column `amont` in `amont > 1`; did you mean `amount`?"]
      ),
      (
        "where: amount > 1", "where: amount > ",
        [
          "test.yaml:23:20: expected a value, not the end in `amount >`; write a column, a number, a 'text' or a function there"
        ]
      ),
      ("stdout: jsonl", "stdout: xml", ["test.yaml:25:15: `stdout` is 'xml'; use one of: jsonl, csv, table"]),
      (
        "stdout: jsonl", "stdout: jsonl\n      file: x.csv",
        ["test.yaml:25:7: stage 'out' has two places for results; give it one of `stdout: jsonl` and `file: PATH`"]
      ),
      (
        "stdout: jsonl", "columns: [id]",
        ["test.yaml:25:7: stage 'out' says not where results go; give it one of `stdout: jsonl` and `file: PATH`"]
      ),
      (
        "stdout: jsonl", "stdout: jsonl\n      columns: [id, cards]",
        ["test.yaml:26:21: there is no column 'cards'; did you mean 'card'?"]
      ),
      (
        "stdout: jsonl", "stdout: jsonl\n      columns: [id, card, id]",
        ["test.yaml:26:27: the column 'id' is named twice; name it once"]
      ),
      (
        "stdout: jsonl", "stdout: jsonl\n      columns: []",
        ["test.yaml:26:16: `columns` is an empty list; write a list: [a, b], or leave the key out"]
      ),
      (
        "stdout: jsonl", "file: nowhere/x.csv",
        [
          "test.yaml:25:13: cannot write the results to 'nowhere/x.csv': No such file or directory; name another file, or give one with --output"
        ]
      ),
      (
        "stdout: jsonl", "file: data.csv",
        [
          "test.yaml:25:13: the results would overwrite the input, 'data.csv'; name another file, or give one with --output"
        ]
      ),
      (
        "pipeline: test", "pipeline: test\ndead_letters: test.yaml",
        [
          "test.yaml:2:15: the dead letters would overwrite the pipeline file, 'test.yaml'; name another file after `dead_letters:`"
        ]
      ),
      (
        "where: amount > 1", "where: \"amount >\\e[2J 1\"",
        [
          "test.yaml:23:21: `\\u{1B}` means nothing here in `amount >\\u{1B}[2J 1`; use names, numbers, 'texts', operators and parentheses"
        ]
      ),
      (
        "where: amount > 1", "where: *amount",
        [
          "test.yaml:23:12: the alias `*amount` names no anchor before it; give the value to repeat that name, `&amount`, or put a text that begins with `*` in quotes"
        ]
      ),
      (
        "stdout: jsonl", "stdout: jsonl\n      evaluate: {label: note}",
        ["test.yaml:26:25: 'note' is string?; name 0 or 1, an int64 or bool column"]
      ),
      (
        "stdout: jsonl", "stdout: jsonl\n      budget: {keep: 0, score: note}",
        [
          "test.yaml:26:22: `keep` is '0'; write a number from 1 to 100000",
          "test.yaml:26:32: 'note' is string?; name a score, a float64 column",
        ]
      ),
      (
        "stages:", "stages",
        [
          "test.yaml:3:5: not YAML: while scanning a simple key, could not find expected ':'; mind the indentation and quote texts that hold ': ' or ' #'"
        ]
      ),
      (
        "  out:", " out:",
        [
          "test.yaml:21:2: not YAML: while parsing a block mapping, did not find expected key; mind the indentation and quote texts that hold ': ' or ' #'"
        ]
      ),
      (
        "pipeline: test", "pipeline: test\nmode: fast",
        ["test.yaml:2:7: `mode` is 'fast'; use one of: real-time, micro-batch"]
      ),
      (
        "pipeline: test", "pipeline: test\nmode: micro-batch\nevery: often",
        ["test.yaml:3:8: `every` is 'often'; write a time or a number of rows: 500ms, 10000 rows"]
      ),
      (
        "pipeline: test", "pipeline: test\nevery: 0 rows",
        ["test.yaml:2:8: `every` is '0 rows'; write a time or a number of rows: 500ms, 10000 rows"]
      ),
      (
        "pipeline: test", "pipeline: test\nbatch_rows: 0",
        ["test.yaml:2:13: `batch_rows` is '0'; write a number from 1 to 1048576"]
      ),
      (
        "pipeline: test", "pipeline: test\ninsecure: yes",
        ["test.yaml:2:11: `insecure` is 'yes'; use one of: true, false"]
      ),
      (
        "pipeline: test", "pipeline: test\nbach_rows: 1",
        ["test.yaml:2:1: the pipeline file has no key `bach_rows`; did you mean `batch_rows`?"]
      ),
      (
        "from: in\n", "from: in\n    workers: 65\n",
        ["test.yaml:16:14: `workers` is '65'; write a number from 1 to 64"]
      ),
      (
        "from: in\n", "from: in\n    workers: none\n",
        ["test.yaml:16:14: `workers` is 'none'; write a number from 1 to 64"]
      ),
      (
        "from: in\n", "from: in\n    order: any\n",
        ["test.yaml:16:12: `order` is 'any'; use one of: position, arrival"]
      ),
      (
        "from: in\n", "from: in\n    order: arrival\n",
        [
          "test.yaml:14:3: stage 'window' keeps rows by key, which must come in their order; use `order: arrival` only behind the last window stage"
        ]
      ),
      (
        "  in:\n", "  in:\n    workers: 2\n",
        []
      ),
      (
        "  in:\n    source:\n      csv: data.csv", "  in:\n    workers: 2\n    source:\n      csv: '-'",
        [
          "test.yaml:3:3: stage 'in' has 2 workers, but its input can be read only once; give it one worker"
        ]
      ),
      (
        "  in:\n    source:\n      csv: data.csv",
        "  in:\n    workers: 2\n    source:\n      zeromq: tcp://127.0.0.1:5560",
        [
          "test.yaml:3:3: stage 'in' has 2 workers, but its input can be read only once; give it one worker"
        ]
      ),
      (
        "stages:\n  in:\n", "mode: micro-batch\nevery: 500ms\nstages:\n  in:\n    workers: 2\n",
        [
          "test.yaml:5:3: stage 'in' has 2 workers, which cannot cut micro-batches by the clock alike; cut by rows, as in `every: 10000 rows`, or give the source one worker"
        ]
      ),
      ("csv: data.csv", "jsonl: data.csv", []),
      (
        "csv: data.csv", "jsonl: missing.jsonl",
        [
          "test.yaml:5:14: cannot read 'missing.jsonl': No such file or directory; check the path, or give another with --input"
        ]
      ),
      (
        "csv: data.csv", "jsonl: x\n      csv: data.csv",
        [
          "test.yaml:5:7: stage 'in' reads two inputs; give it one of `csv: FILE`, `jsonl: FILE`, `protobuf: FILE` and `zeromq: ENDPOINT`; the file `-` is stdin"
        ]
      ),
      (
        "      csv: data.csv\n", "",
        [
          "test.yaml:5:7: stage 'in' says not what it reads; give it one of `csv: FILE`, `jsonl: FILE`, `protobuf: FILE` and `zeromq: ENDPOINT`; the file `-` is stdin"
        ]
      ),
      (
        "csv: data.csv", "csv: data.csv\n      format: csv",
        [
          "test.yaml:6:15: `format` is for messages, and stage 'in' reads a file; remove it: `csv`, `jsonl` and `protobuf` say how the file is written"
        ]
      ),
      (
        "csv: data.csv", "zeromq: tcp://127.0.0.1:5560\n      format: xml",
        ["test.yaml:6:15: `format` is 'xml'; use one of: json, jsonl, csv, protobuf"]
      ),
      (
        "csv: data.csv", "zeromq: nowhere",
        [
          "test.yaml:5:15: endpoint 'nowhere': it does not begin with a transport; write ipc:///path, tcp://host:port or inproc://name"
        ]
      ),
      (
        "csv: data.csv", "zeromq: tcp://0.0.0.0:5560",
        [
          "test.yaml:5:15: tcp://0.0.0.0:5560 can be reached from other machines, and nothing on it is encrypted; use ipc:// or a loopback address, or write `insecure: true` into the pipeline file"
        ]
      ),
      ("csv: data.csv", "zeromq: tcp://127.0.0.1:5560\n      format: jsonl", []),
      (
        "csv: data.csv",
        "zeromq: tcp://127.0.0.1:5560\n      journal: every batch\n      journal_keep: checkpoints", []
      ),
      ("csv: data.csv", "zeromq: tcp://127.0.0.1:5560\n      journal: every 20ms\n      journal_keep: 30d", []),
      (
        "csv: data.csv", "zeromq: tcp://127.0.0.1:5560\n      journal: always",
        [
          "test.yaml:6:16: `journal` is 'always'; say when messages are made durable: `every batch`, or a time from 1ms to 1h, as in `every 100ms`"
        ]
      ),
      (
        "csv: data.csv", "zeromq: tcp://127.0.0.1:5560\n      journal: every 2h\n      journal_keep: last week",
        [
          "test.yaml:6:16: `journal` is 'every 2h'; say when messages are made durable: `every batch`, or a time from 1ms to 1h, as in `every 100ms`",
          "test.yaml:7:21: `journal_keep` is 'last week'; write `everything`, `checkpoints` (what they need), or for how long messages are kept, as in `30d`",
        ]
      ),
      (
        "csv: data.csv", "csv: data.csv\n      journal: every batch\n      journal_keep: 30d",
        [
          "test.yaml:6:16: `journal` is for messages, and stage 'in' reads a file; remove it: a file can be read again",
          "test.yaml:7:21: `journal_keep` is for messages, and stage 'in' reads a file; remove it: a file can be read again",
        ]
      ),
      (
        "pipeline: test", "pipeline: test\ncheckpoints: saved\ncheckpoint_every: 500ms\nattempts: 5", []
      ),
      (
        "pipeline: test", "pipeline: test\ncheckpoints: [saved]\ncheckpoint_every: often\nattempts: -1",
        [
          "test.yaml:2:14: `checkpoints` is a list; write one word or text after it",
          "test.yaml:3:19: `checkpoint_every` is 'often'; write a time from 1ms to 1d, as in 10s",
          "test.yaml:4:11: `attempts` is '-1'; write a number from 0 to 1000",
        ]
      ),
      (
        "sink:", "score:\n      model: none.json\n    sink:",
        ["test.yaml:27:7: stage 'out' is both a score and a sink; make two stages of it"]
      ),
    ] as [(String, String, [String])]
  )
  func aMistakeIsNamedWithItsPlaceAndRemedy(right: String, wrong: String, expected: [String]) throws {
    #expect(Self.file.contains(right))
    #expect(try Self.messages(Self.file.replacingOccurrences(of: right, with: wrong), csv: Self.header) == expected)
  }

  @Test func allMistakesAreFoundAtOnce() throws {
    let file = Self.file.replacingOccurrences(of: "key: card", with: "key: crad")
      .replacingOccurrences(of: "stdout: jsonl", with: "stdout: xml").replacingOccurrences(
        of: "time: at",
        with: "time: att"
      )
    #expect(try Self.messages(file, csv: Self.header).count == 3)
  }

  @Test(arguments: [
    ("", "test.yaml:5:12: 'data.csv' is empty; name a CSV file with a header line"),
    ("\n", "test.yaml:5:12: the first line of 'data.csv' is empty; name the columns in the file's first line"),
    (
      "id,at\n",
      "test.yaml:5:12: 'data.csv' has no column 'card', 'amount', 'fraud'; line 1 names: id, at; name the columns in the file's first line, or take them out of `columns`"
    ), (header, ""),
    // What is wrong behind the header is the matter of its row.
    (header + "1,2018-04-01 12:00:00,5,1.50,0,\u{0}\n", ""),
    ("\u{0}\u{1}", "test.yaml:5:12: 'data.csv' is no text; name a CSV file in UTF-8"),
    (
      "id,at,card,amount,fraud,note,ID\n",
      "test.yaml:5:12: 'data.csv' has two columns 'ID'; rename one of them, or choose: `id: {..., occurrence: 2}`"
    ),
    (
      "id,at,card,amount,fraud,note\r1,2018-04-01 12:00:00,5,1.50,0,\r",
      "test.yaml:5:12: the lines of 'data.csv' end in CR alone; convert them to LF: tr '\\r' '\\n'"
    ),
    (
      "id,at,card,amount,fraud,note,x\r1,2018-04-01 12:00:00,5,1.50,0,,\r" + String(repeating: "y", count: 2 << 20),
      "test.yaml:5:12: the lines of 'data.csv' end in CR alone; convert them to LF: tr '\\r' '\\n'"
    ), (header.replacingOccurrences(of: "\n", with: "\r\n"), ""),
    (
      "id,at\u{1B}[2J\u{7F},card,amount,fraud,\"n\r\no\"\n",
      "test.yaml:5:12: 'data.csv' has no column 'at'; line 1 names: id, at\\u{1B}[2J\\u{7F}, card, amount, fraud, n\\r\\no; name the columns in the file's first line, or take them out of `columns`"
    ),
    // A header of more than 64 KB, and one that goes on for longer than it may: the worker's to refuse.
    (String(repeating: "x,", count: 50_000) + header, ""), (String(repeating: "x,", count: 1 << 20), ""),
    (
      "{\"id\": 1}\n",
      "test.yaml:5:12: 'data.csv' has no column 'id', 'at', 'card', 'amount', 'fraud'; line 1 names: {\"id\": 1}; name the columns in the file's first line, or take them out of `columns`"
    ),
  ])
  func aWrongInputIsFoundBeforeAnythingStarts(csv: String, expected: String) throws {
    #expect(try Self.messages(Self.file, csv: csv) == (expected.isEmpty ? [] : [expected]))
  }

  /// What comes through a pipe is there once, for the worker.
  @Test func aPipeIsNotReadBeforeTheRun() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("test.yaml", Self.file.replacingOccurrences(of: "data.csv", with: "fifo"))
    let made = unsafe mkfifo(folder.path("fifo"), 0o600)
    #expect(made == 0)
    _ = try PipelineCompiler.compile(path: path)
    let descriptor = unsafe open(folder.path("fifo"), O_RDWR)
    defer { close(descriptor) }
    let written = unsafe write(descriptor, "x", 1)
    #expect(written == 1)
    _ = try PipelineCompiler.compile(path: path)
    var byte: UInt8 = 0
    let count = unsafe read(descriptor, &byte, 1)
    #expect(count == 1)
  }

  @Test func wrongOptionsAreNamed() throws {
    var options = RunOptions()
    options.format = "xml"
    options.columns = ["id", "amuont"]
    options.inputs = ["/nowhere/x.csv"]
    #expect(
      try Self.messages(Self.file, csv: Self.header, options: options) == [
        "cannot read '/nowhere/x.csv': No such file or directory; check the path, or give another with --input",
        "`--format` is 'xml'; use one of: jsonl, csv, table",
        "--columns: there is no column 'amuont'; did you mean 'amount'?",
      ]
    )
  }

  @Test(
    arguments: [
      (["window=2"], nil, nil, nil, []), (["in=2"], "micro-batch", "10 rows", "7", []),
      (["window"], nil, nil, nil, ["--workers is 'window'; write STAGE=N, as in customer=2"]),
      (["windw=2"], nil, nil, nil, ["--workers names 'windw', which is no stage; did you mean 'window'?"]),
      (["x=2"], nil, nil, nil, ["--workers names 'x', which is no stage; name one of: in, window, out"]),
      (["window=0"], nil, nil, nil, ["`--workers window` is '0'; write a number from 1 to 64"]),
      (["window=many"], nil, nil, nil, ["`--workers window` is 'many'; write a number from 1 to 64"]),
      (
        ["in=2"], "micro-batch", nil, nil,
        [
          "test.yaml:3:3: stage 'in' has 2 workers, which cannot cut micro-batches by the clock alike; cut by rows, as in `every: 10000 rows`, or give the source one worker"
        ]
      ),
      ([], "batch", nil, nil, ["`--mode` is 'batch'; use one of: real-time, micro-batch"]),
      (
        [], nil, "1s", nil,
        ["--every cuts micro-batches, and the mode is real-time; add --mode micro-batch, or leave it out"]
      ),
      ([], "micro-batch", "1", nil, ["`--every` is '1'; write a time or a number of rows: 500ms, 10000 rows"]),
      (
        [], "micro-batch", "-1 rows", nil,
        ["`--every` is '-1 rows'; write a time or a number of rows: 500ms, 10000 rows"]
      ),
      ([], nil, nil, "0", ["`--batch-rows` is '0'; write a number from 1 to 1048576"]),
    ] as [([String], String?, String?, String?, [String])]
  )
  func wrongSettingsOfARunAreNamed(
    workers: [String],
    mode: String?,
    every: String?,
    batchRows: String?,
    expected: [String]
  ) throws {
    var options = RunOptions()
    options.workers = workers
    options.mode = mode
    options.every = every
    options.batchRows = batchRows
    #expect(try Self.messages(Self.file, csv: Self.header, options: options) == expected)
  }

  @Test(arguments: [
    ([], "--columns names no column; write names: --columns a,b"),
    (["id", "card", "id"], "--columns: the column 'id' is named twice; name it once"),
  ])
  func wrongColumnsAreRefused(columns: [String], expected: String) throws {
    var options = RunOptions()
    options.columns = columns
    #expect(try Self.messages(Self.file, csv: Self.header, options: options) == [expected])
  }

  // MARK: Aliases

  /// Ten anchors of ten aliases each: 10^10 values.
  static func bomb(last: String) -> String {
    var text = "a0: &a0 x\n"
    for level in 1...10 {
      let aliases = Array(repeating: "*a\(level - 1)", count: 10).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(aliases)]\n"
    }
    return text + last
  }

  @Test(arguments: ["", "? *a10\n: x", "b: {? [*a10] : x}"])
  func aliasesMultiplyOnlySoFar(last: String) throws {
    let message = try #require(try Self.messages(Self.bomb(last: last)).first)
    #expect(
      message
        == "test.yaml:6:45: more than 100000 values, those that aliases repeat counted each time; remove aliases (`*name`)"
    )
  }

  @Test(arguments: ["? *a2\n: x", "b: {? [*a2] : x}", "*a0 : x"])
  func anAliasIsNoKey(last: String) throws {
    let text = "a0: &a0 x\na1: &a1 [*a0]\na2: &a2 [*a1]\n" + last
    #expect(try Self.messages(text).first?.contains("a key must be a plain word") == true)
  }

  @Test func anAliasRepeatsTheValueThatHasItsNameByThen() throws {
    let file = Self.file.replacingOccurrences(of: "id: int64", with: "id: &whole int64")
      .replacingOccurrences(of: "card: int64", with: "&card card: *whole")
      .replacingOccurrences(of: "key: card", with: "key: *card")
      .replacingOccurrences(of: "count over 1d", with: "&over count over 1d")
      .replacingOccurrences(
        of: "mean_1d: mean(amount) over 1d",
        with: "count: *over\n        more: &over count over 7d\n        most: *over"
      )
      .replacingOccurrences(of: "amount > 1", with: "amount > 1 * 2 *card")
    #expect(try Self.messages(file, csv: Self.header) == [])
    #expect(
      try Self.messages(file.replacingOccurrences(of: "2 *card", with: "2 *cadr"), csv: Self.header) == [
        "test.yaml:25:28: there is no column `cadr` in `amount > 1 * 2 *cadr`; did you mean `card`?"
      ]
    )
  }

  @Test func nestingIsCountedThroughAliases() throws {
    var text = "a0: &a0 x\n"
    for level in 1...300 { text += "a\(level): &a\(level) [*a\(level - 1)]\n" }
    #expect(try Self.messages(text).first?.contains("nested more than 200 levels deep") == true)
  }

  @Test(arguments: ["", "- a\n- b", "a: *b", "a: &x [*x]", "%", "a: {", "a: 1\na: 2", "\t", "stages: {a: {from: a}}"])
  func whatIsNoPipelineIsRefused(text: String) throws {
    #expect(try !Self.messages(text).isEmpty)
  }

  /// Nine aliases a line, each of the line above: 9^9 values, should they all be written out.
  @Test func aliasesOfAliasesFillNoMemory() throws {
    let lines = (1...8).map { line in
      "  a\(line): &a\(line) [\(Array(repeating: "*a\(line - 1)", count: 9).joined(separator: ","))]"
    }
    let file = "stages:\n  a0: &a0 [x,x,x,x,x,x,x,x,x]\n" + lines.joined(separator: "\n")
    let messages = try Self.messages(file)
    #expect(messages.count == 1 && messages[0].contains("more than 100000 values"), "\(messages)")
  }

  @Test func noBytesTrap() throws {
    for seed in Seeds.range(200) {
      var random = SeededRandom(seed: seed)
      var bytes = Array(Self.file.utf8)
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let at = Int.random(in: bytes.indices, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[at] = .random(in: 0...255, using: &random)
        case 1: bytes.remove(at: at)
        default: bytes.insert(contentsOf: bytes[max(at - 9, 0)..<at], at: at)
        }
      }
      let folder = try TemporaryFolder()
      try Data(bytes).write(to: folder.url.appending(path: "test.yaml"))
      _ = try? PipelineCompiler.compile(path: folder.path("test.yaml"))
    }
  }
}
