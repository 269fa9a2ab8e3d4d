import Foundation
import TestSupport
import Testing

/// Messages of the real Protobuf library, by the real programs, with the schema as protoc reads it.
@Suite struct ProtobufTests {
  static let proto = """
    syntax = "proto3";
    package shop.v1;
    import "google/protobuf/timestamp.proto";

    message Card { string number = 1; }

    message Payment {
      enum Channel { UNKNOWN = 0; WEB = 1; APP = 2; }
      int64 id = 1;
      google.protobuf.Timestamp at = 2;
      double amount = 3;
      optional string note = 4;
      Channel channel = 5;
      bool ok = 6;
      sint64 far = 7;
      sfixed32 near = 8;
      fixed32 flags = 20;
      float ratio = 21;
      repeated string tags = 30;
      Card card = 31;
    }
    """

  static let columns = "[id, at, amount, note, channel, ok, far, near, flags, ratio]"

  static func pipeline(in folder: TemporaryFolder, _ input: String, schema: String) throws -> String {
    try folder.write(
      "p.yaml",
      """
      pipeline: payments
      stages:
        in:
          source:
            \(input)
            schema: \(schema)
            time: at
            columns:
              id:
              at: timestamp
              amount: decimal(2)
              note:
              channel: {one_of: [UNKNOWN, WEB, APP]}
              ok:
              far:
              near:
              flags:
              ratio: {min: 0, max: 1000}
        out:
          from: in
          sink: {stdout: jsonl}
      """
    )
  }

  /// Runs messages.py with the schema that protoc makes of the file.
  static func python(_ arguments: [String], in folder: TemporaryFolder) throws -> String {
    try folder.write("payments.proto", proto)
    let protoc = try Program(
      executable: URL(filePath: "/usr/bin/env"),
      ["protoc", "--proto_path=.", "--include_imports", "--descriptor_set_out=payments.desc", "payments.proto"],
      in: folder
    ).finish()
    try #require(protoc.status == 0, "\(protoc.log)")
    let python = try #require(LiveTests.python, "no Python with protobuf could be made")
    let made = try Program(
      executable: python,
      [Repository.path("Tests/PipelineTests/messages.py"), "payments.desc"] + arguments,
      in: folder
    ).finish()
    try #require(made.status == 0, "\(made.log)")
    return made.output
  }

  /// Rows as the library has them and as Sluice shows them.
  static func expect(_ output: String, _ expected: String) throws {
    func objects(_ text: String) throws -> [[String: Any]] {
      try text.split(separator: "\n").map {
        try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
    }
    let (rows, wanted) = (try objects(output), try objects(expected))
    #expect(rows.count == 500 && wanted.count == 500)
    let time = ISO8601DateFormatter()
    time.formatOptions = [.withInternetDateTime, .withSpaceBetweenDateAndTime]
    time.formatOptions.remove(.withTimeZone)
    for (row, want) in zip(rows, wanted) {
      for name in ["id", "far", "near", "flags", "ratio", "ok"] {
        #expect(row[name] as? NSNumber == want[name] as? NSNumber, "\(name) of \(row)")
      }
      #expect((row["amount"] as? NSNumber)?.doubleValue == (want["amount"] as? NSNumber)?.doubleValue, "\(row)")
      #expect(
        row["note"] as? String == want["note"] as? String && row["channel"] as? String == want["channel"] as? String
      )
      let second = Date(timeIntervalSince1970: TimeInterval(want["second"] as? Int ?? 0))
      let moment = (row["at"] as? String)?.replacing("T", with: " ")
      #expect(moment?.hasPrefix(time.string(from: second)) == true && moment?.contains(".25") == true, "\(row)")
    }
  }

  @Test(
    .enabled(if: LiveTests.hasPython),
    arguments: ["{proto: payments.proto, message: Payment}", "{proto: payments.desc, message: shop.v1.Payment}"]
  )
  func aFileOfTheRealLibraryIsRead(schema: String) throws {
    let folder = try TemporaryFolder()
    let expected = try Self.python(["file", "in.pb"], in: folder)
    let path = try Self.pipeline(in: folder, "protobuf: in.pb", schema: schema)
    for options in [[], ["--workers", "in=3"], ["--isolation", "thread", "--batch-rows", "7"]] {
      let run = try Program.run("sluice", ["run", path, "--no-checkpoints"] + options, in: folder)
      #expect(run.status == 0, "\(run.log)")
      try Self.expect(run.output, expected)
    }
  }

  /// Live, with a journal that is then read again by a pipeline whose schema has grown.
  @Test(.enabled(if: LiveTests.hasPython))
  func messagesOfTheRealLibraryAreRead() throws {
    let folder = try TemporaryFolder()
    let expected = try Self.python(["file", "in.pb"], in: folder)
    let input = "zeromq: \(LiveTests.endpoint(folder))\n      format: protobuf"
    let path = try Self.pipeline(in: folder, input, schema: "{proto: payments.proto, message: Payment}")
    let run = try Program("sluice", ["run", path], in: folder)
    _ = try Self.python(["send", LiveTests.endpoint(folder)], in: folder)
    let output = run.readLines(500)
    run.send(signal: SIGINT)
    #expect(run.finish().status == 130)
    try Self.expect(output, expected)
    try folder.write("payments.proto", Self.proto.replacing("repeated", with: "optional string more = 40;\n  repeated"))
    try folder.write(
      "p.yaml",
      String(contentsOfFile: path, encoding: .utf8).replacing("        ok:\n", with: "        ok:\n        more:\n")
    )
    let again = try Program.run(
      "sluice",
      ["run", path, "--from-journal", "payments.checkpoints", "--no-checkpoints"],
      in: folder
    )
    #expect(again.status == 0, "\(again.log)")
    try Self.expect(again.output, expected)
    #expect(again.output.contains("\"more\":null"))
  }

  @Test(
    .enabled(if: LiveTests.hasPython),
    arguments: [
      (
        "message: Payment}", "message: Pament}",
        "p.yaml:6:48: the schema 'payments.proto' has no message 'Pament'; name one of them: message: shop.v1.Card, shop.v1.Payment"
      ),
      (
        "message: Payment}", "}",
        "p.yaml:6:23: the schema 'payments.proto' has 2 messages; name one of them: message: shop.v1.Card, shop.v1.Payment"
      ),
      (
        "        far:", "        tags:",
        "p.yaml:15:9: the message `shop.v1.Payment`: its field `tags` is repeated, which is no column; take it out of `columns`"
      ),
      (
        "        far:", "        card:",
        "p.yaml:15:9: the message `shop.v1.Payment`: its field `card` is a message, shop.v1.Card, which is no column; take it out of `columns`"
      ),
      (
        "        far:", "        fra:",
        "p.yaml:15:9: the message `shop.v1.Payment` has no column 'fra'; did you mean 'far'?"
      ),
      (
        "payments.proto", "bad.proto",
        "p.yaml:6:23: protoc does not accept 'bad.proto': bad.proto:1:1: Expected top-level statement (e.g. \"message\").; correct the file"
      ),
    ]
  )
  func aWrongSchemaIsRefused(right: String, wrong: String, message: String) throws {
    let folder = try TemporaryFolder()
    try folder.write("payments.proto", Self.proto)
    try folder.write("bad.proto", "nonsense")
    try folder.write("in.pb", "")
    let path = try Self.pipeline(in: folder, "protobuf: in.pb", schema: "{proto: payments.proto, message: Payment}")
    let text = try String(contentsOfFile: path, encoding: .utf8)
    try folder.write("p.yaml", text.replacing(right, with: wrong))
    let check = try Program.run("sluice", ["check", path], in: folder)
    let lines = check.log.replacing(folder.url.path + "/", with: "").split(separator: "\n")
    let (head, remedy) = (
      message.prefix { $0 != ";" }.replacing(": ", with: ": error: ", maxReplacements: 1),
      message.split(separator: "; ").last ?? ""
    )
    #expect(
      check.status == 2 && lines.first.map { head.hasPrefix($0) } == true
        && lines.dropLast().last?.drop { $0 == " " } == "= \(remedy)" && lines.last == "p.yaml: 1 mistake",
      "\(lines)"
    )
  }
}
