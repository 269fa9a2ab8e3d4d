import Dataflow
internal import Foundation
import ModelFiles
import Models
import PipelineSpec
import Plan
import Records
import TestSupport

/// Inputs to begin with: one at least of every kind, sound ones, for the fuzzer to damage.
enum FirstInputs {
  static func write(to folder: URL) throws {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (index, (subject, bytes)) in try all().enumerated() {
      try Data([subject.rawValue] + bytes).write(to: folder.appending(path: "first-\(index)-\(subject)"))
    }
  }

  private static func all() throws -> [(Subject, [UInt8])] {
    let fixtures = [
      "constant.json", "linear.json", "depth1.json", "x-logistic3.json", "binary.ubj", "x-gamma.ubj", "l-huber.txt",
      "l-tweedie.txt",
    ].map { "Tests/ModelFilesTests/Fixtures/\($0)" }
    var inputs: [(Subject, [UInt8])] = frames() + messages() + expressions
    for path in fixtures + ["pipelines/models/card-fraud.json"] {
      let bytes = try read(path)
      inputs.append((.modelFile, bytes))
      var encoded: [UInt8] = []
      try ModelFile.load(bytes: bytes).model.encode(into: &encoded)
      inputs.append((.encodedModel, encoded))
    }
    for text in plainModels {
      inputs.append((.modelFile, Array(text.utf8)))
      var encoded: [UInt8] = []
      try ModelFile.load(bytes: Array(text.utf8)).model.encode(into: &encoded)
      inputs.append((.encodedModel, encoded))
    }
    let transactions = try read("datasets/card-transactions.csv").prefix(2000)
    inputs.append((.csv, [0, 1, 0] + transactions))
    inputs += csv.map { (.csv, [UInt8($0.choices), 0, 60] + Array($0.text.utf8)) }
    inputs.append((.csv, [32, 0, 40] + Array(declaredCSV.utf8)))
    inputs += [0, 1, 16].map { (.protobuf, [$0, 0, 9] + protobuf + protobuf) }
    inputs.append((.pipelineFile, try read("pipelines/card-fraud.yaml")))
    inputs.append((.pipelineFile, Array(pipeline.utf8)))
    inputs += try workerPlans()
    return inputs
  }

  private static func read(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: Repository.path(path))))
  }

  private static func frames() -> [(Subject, [UInt8])] {
    var random = SeededRandom(seed: 0)
    return (0..<7).flatMap { index -> [(Subject, [UInt8])] in
      let kind: FrameKind = index < 4 ? .rows : index == 4 ? .watermark : index == 5 ? .end : .barrier
      let header = FrameHeader(
        kind: kind,
        epoch: 1,
        sender: WorkerID(stage: 1, worker: 0),
        sequence: UInt64(index),
        watermark: Position(time: 1000, source: 0, ordinal: 5)
      )
      let rows = Row.random(.ofEveryType, count: 1 + index * 3, &random)
      let arrivals = index % 2 == 0 ? nil : rows.map { $0.time * 1000 }
      let frame =
        switch kind {
        case .rows: Frame(header, .of(.ofEveryType, rows, arrivals: arrivals))
        case .barrier, .cut: Frame(header, .checkpoint(3))
        case .watermark, .end, .stop: Frame(header)
        }
      return [(.frame, frame.storage.bytes.array), (.resealedFrame, frame.storage.bytes.array)]
    }
  }

  private static func messages() -> [(Subject, [UInt8])] {
    var counters = RowCounters()
    counters.rowsIn = 7
    let messages: [ControlMessage] = [
      .hello, .assign(plan: [1, 2, 3]), .ready(endpoints: ["ipc:///tmp/x", ""]), .start(outputs: ["a", "b"]),
      .progress(counters), .done(WorkerReport(counters: counters, figures: [Figure("auc", 0.5)])),
      .failed(message: "no", .permanent), .outputClosed, .pause, .paused(at: 7), .stop(at: 7), .release, .alive,
    ]
    return messages.map { (.controlMessage, $0.encoded) }
  }

  /// Of features that the pipeline below has.
  static let scorecard =
    #"{"kind": "scorecard", "scale": {"points": 600, "odds": 0.02, "points_to_double": -20}, "features": ["#
    + #"{"name": "m", "bins": [{"below": 2, "points": 9}, {"points": 3}], "missing": 4}]}"#

  private static let plainModels = [
    #"{"kind": "logistic", "intercept": -1, "coefficients": {"b": 0.5, "a": 2}, "missing": {"a": 0.25}}"#,
    scorecard,
  ]

  private static let expressions: [(Subject, [UInt8])] = [
    "i + 2 * in - -3 % 4", "if b and not bn or i in (1, 2, 3) then d * 1.5 else dn",
    "f / fn > 1e3 and e between 0 and 1",
    "hour(t) >= 6 and weekday(tn) <= 5", "lower(s) = 'x' or contains(sn, 'a') or length(s) != 3",
    "coalesce(sn, 'none')", "min(abs(i), max(in, 2)) is not null", "mean(d) over 1d delayed 7d else 0",
    "lookup(m.w, sn) is null or lookup(v.s, i, tn) = 'a'", "mean(lookup(v.t, in, t)) over 1d",
    "distinct(in, exact 10) over 7d resolution 1h", "min(f) over 2h delayed 3h resolution 1h where b",
    "count over 30s", "sum(in) over 2h else -1", "round(f)", "starts_with(s, 'a') or ends_with(s, \"b\")",
    "if bn then null else upper(trim(s))", "coalesce(null, in, 3) between clamp(i, 1, 9) and round(d * f, 2)",
    "matches(concat(s, sn), '^(ab|[^c-e\\d]+){2,3}\\.?$')", "substring(s, 2, length(sn) - 1) in texts",
    "i not in (1, 2, 3) and dn in numbers", "hour(t, 'UTC') + year(tn) * month(t) - day(t) + minute(t) + weekday(t)",
    "seconds_between(t, tn) / nullif(i, 0)", "haversine_km(f, fn, d, dn) + ln(f) + exp(f) + sqrt(d) + pow(f, i)",
    "bucket(hash(s, i, f, b, t), 10) % sign(i) + floor(f) - ceil(d) + round(e)",
    "t > '2020-01-01 00:00:00'", "float(i) + f", "int(f) + i", String(repeating: "(", count: 300),
    String(repeating: "not ", count: 300) + "b", Array(repeating: "i", count: 500).joined(separator: "+"),
  ]
  .map { (.expression, Array($0.utf8)) }

  private static let csv = [
    (
      choices: 0,
      text: "id,at,amount,note,risk,ok\n1,2020-01-01,2.50,x,0.5,true\n2,2020-01-02T03:04:05Z,3,\"a\"\"b\",,\n"
    ),
    (
      choices: 1, text: "ok,risk,id,at,amount,note,more\r\n,1e-3,7,2020-01-01 00:00:00.5+01:00,85.64999999999999,,z\r\n"
    ),
    (
      choices: 2, text: "id,at,amount,note,risk,ok\n1,2020-01-02,1,,,\n2,2020-01-01,1,,,\n3,x,1,,,\n4,2020-01-03,1,\"\n"
    ),
    (
      choices: 24,
      text: "id,at,amount,note,risk,ok\n1,2020-01-01,2.50,\"long, long\nlong long long long long\",0.5,true\n"
    ),
  ]

  private static let declaredCSV = """
    id,at,more,amount,note,risk,ok
    1.2e1,2020-01-01,10:20:30.5,"$2.50",'NA',1e-1,Yes
    -5,2020-1-2,1:2:3.4,'0','abc',,no

    """

  /// A message behind its length.
  private static let protobuf: [UInt8] = [
    38, 0x0A, 6, 0x08, 0x80, 0xA6, 0xAF, 0xF0, 0x05, 0x10, 3, 0x1D, 1, 0, 0, 0, 0x21, 0, 0, 0, 0, 0, 0, 0xE0, 0x3F,
    0x2A, 2,
    0x61, 0x62, 0x30, 1, 0x40, 1, 0x48, 9, 0x53, 0x08, 1, 0x54,
  ]

  private static let pipeline = """
    pipeline: p
    dead_letters: d.jsonl
    tables:
      kinds: {csv: t.csv, key: kind, valid_from: since, columns: {kind: string, since: timestamp, w: 'float64?'}}
    stages:
      in:
        source:
          csv: in.csv
          time: at
          late: drop
          on_error: fail
          max_line: 64KB
          columns:
            id: {type: int64, column: Id, format: number, min: 1, max: 9}
            at: {type: timestamp, from: [d, t], format: 'YYYY-MM-DD HH:MM'}
            other: {type: 'timestamp?', column: step, step: 1h, since: '2020-01-01', null: ['', NA]}
            ok: {type: bool, true: [a], false: [b], unquote: true}
            kind: {type: string, one_of: [x, y], max_length: 3}
            amount: decimal(2)
            note: string?
        compute:
          night: if hour(at) < 6 then 1 else 0
          weight: coalesce(lookup(kinds.w, kind, at), 1.0)
        where: amount > 0
      by:
        from: in
        window:
          key: id
          features:
            n: count over 1d
            m: mean(amount) over 7d delayed 1d else 0
            k: distinct(kind, exact 2) over 2h resolution 1h
      score:
        from: by
        score:
          model: scorecard.json
          reasons: {top: 2, at_least: 0.5, approved: true, texts: {m: {raises: much, lowers: little}}}
      out:
        from: score
        where: n > 1
        sink:
          stdout: csv
          columns: [id, n, m]
    """

  /// The plans of the workers of the shipped pipeline and of the one above.
  private static func workerPlans() throws -> [(Subject, [UInt8])] {
    let small = try PipelineSubject.folder.write("small.yaml", pipeline)
    return try [Repository.path("pipelines/card-fraud.yaml"), small].flatMap { path in
      try Deployment(PipelineCompiler.compile(path: path)) { _, _ in "ipc:///tmp/x" }.workers
        .map { (.workerPlan, $0.plan) }
    }
  }
}
