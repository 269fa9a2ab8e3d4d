import Foundation
import TestSupport
import Testing

/// What users get for input that is wrong: a file stops the run before anything starts, a row is set aside.
@Suite struct BadInputTests {
  /// A copy of the reference pipeline and its model in a folder of its own, on `csv`.
  static func pipeline(in folder: TemporaryFolder, csv: Data, edit: (inout String) -> Void = { _ in }) throws -> String
  {
    var text = try String(contentsOfFile: ReferencePipelineTests.pipeline, encoding: .utf8)
      .replacingOccurrences(of: "../datasets/card-transactions.csv", with: "in.csv")
      .replacingOccurrences(of: "models/card-fraud.json", with: "model.json")
    edit(&text)
    try csv.write(to: folder.url.appending(path: "in.csv"))
    try FileManager.default.copyItem(
      atPath: Repository.path("pipelines/models/card-fraud.json"),
      toPath: folder.path("model.json")
    )
    return try folder.write("pipeline.yaml", text)
  }

  static let header = "TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_FRAUD,TX_FRAUD_SCENARIO\n"

  @Test func badRowsAreCountedAndSetAsideWhileTheRunGoesOn() throws {
    let folder = try TemporaryFolder()
    var csv = Data(Self.header.utf8)
    csv += Data("0,2018-04-01 00:00:31,596,3156,57.16,0,0\r\n".utf8)
    csv += Data("1,2018-04-01 00:02:10,4961,3412,81.51,0\n".utf8)
    csv += Data("2,2018-04-01 00:02:10,4961,3412,81.51,0,0,0\n".utf8)
    csv += Data("3,2018-04-01 00:02:10,4961,3412,eighty,0,0\n".utf8)
    csv += Data("4,April 1st,4961,3412,81.51,0,0\n".utf8)
    csv += Data("5,2018-04-01 00:02:10,4961,\u{E9},81.51,0,0\n".utf8)
    csv += Data("6,2018-04-01 00:02:10,".utf8) + Data([0xFF, 0xFE]) + Data(",3412,81.51,0,0\n".utf8)
    csv += Data("7,2018-04-01 00:02:10,".utf8) + Data(repeating: UInt8(ascii: "9"), count: 20 << 20)
    csv += Data(",3412,81.51,0,0\n8,2018-04-01 00:00:30,4961,3412,81.51,0,0\n".utf8)
    csv += Data("9,2018-04-01 00:03:00,4961,3412,\"81.51\",0,0".utf8)
    let path = try Self.pipeline(in: folder, csv: csv)
    let run = try Program.run(
      "sluice",
      ["run", path, "--all", "--format", "csv", "--columns", "transaction_id"],
      in: folder
    )
    #expect(run.status == 0, "\(run.log)")
    #expect(run.output == "transaction_id\n0\n9\n")
    let summary = Summary(run.log)
    #expect(summary.count("rows in") == 10 && summary.count("rows out") == 2 && summary.count("dead letters") == 7)
    #expect(summary.count("late") == 1 && summary.count("unaccounted for") == 0)
    let letters = try String(contentsOfFile: folder.path("card-fraud.dead-letters.jsonl"), encoding: .utf8)
      .split(separator: "\n").map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
    #expect(letters.map { $0?["line"] as? Int } == [3, 4, 5, 6, 7, 8, 9, 10])
    #expect(
      letters.map { $0?["field"] as? String } == [
        nil, nil, "tx_amount", "tx_datetime", "terminal_id", "customer_id", nil, nil,
      ]
    )
  }

  @Test func oneBadRowEndsARunThatIsToldSo() throws {
    let folder = try TemporaryFolder()
    let csv = Data((Self.header + "0,2018-04-01 00:00:31,596,3156,x\u{1B}[2J\r,0,0\n").utf8)
    let path = try Self.pipeline(in: folder, csv: csv) {
      $0 = $0.replacingOccurrences(of: "time: tx_datetime", with: "time: tx_datetime\n      on_error: fail")
    }
    let run = try Program.run("sluice", ["run", path], in: folder)
    #expect(run.status == 1)
    #expect(run.log.contains("worker transactions/0"))
    #expect(
      run.log.contains("line 2, field `tx_amount`: 'x\\u{1B}[2J\\r' is no number that fits decimal(2)"),
      "\(run.log)"
    )
  }

  /// What is wrong with a folder that holds a right pipeline, its model and its input.
  struct Mistake: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let message: String
    let make: @Sendable (TemporaryFolder) throws -> Void
  }

  static func model(_ edit: @escaping @Sendable (Data) -> Data) -> @Sendable (TemporaryFolder) throws -> Void {
    { folder in
      let file = folder.url.appending(path: "model.json")
      try edit(Data(contentsOf: file)).write(to: file)
    }
  }

  static func yaml(_ right: String, _ wrong: String) -> @Sendable (TemporaryFolder) throws -> Void {
    { folder in
      let text = try String(contentsOfFile: folder.path("pipeline.yaml"), encoding: .utf8)
      try #require(text.contains(right))
      try folder.write("pipeline.yaml", text.replacingOccurrences(of: right, with: wrong))
    }
  }

  static let mistakes = [
    Mistake(testDescription: "no CSV", message: "'in.csv' is no text") {
      try Data([0, 1, 2, 3]).write(to: $0.url.appending(path: "in.csv"))
    },
    Mistake(testDescription: "an empty file", message: "'in.csv' is empty") {
      try Data().write(to: $0.url.appending(path: "in.csv"))
    },
    Mistake(testDescription: "a header without a column", message: "has no column 'tx_amount', 'tx_fraud'") {
      try $0.write("in.csv", "TRANSACTION_ID,TX_DATETIME,CUSTOMER_ID,TERMINAL_ID,TX_FRAUD_SCENARIO\n")
    },
    Mistake(testDescription: "no file", message: "cannot read 'in.csv'") {
      try FileManager.default.removeItem(atPath: $0.path("in.csv"))
    },
    Mistake(testDescription: "a truncated model", message: "model 'model.json': ", make: model { $0.prefix(50_000) }),
    Mistake(
      testDescription: "a model of other features",
      message: "the model 'model.json' was trained with 'tx_amount' where 'during_night' is listed",
      make: yaml("- tx_amount\n", "- during_night\n")
    ),
    Mistake(
      testDescription: "a model of more features",
      message: "the model 'model.json' was trained with 'tx_amount', not among `inputs`",
      make: yaml("        - tx_amount\n", "")
    ),
    Mistake(
      testDescription: "a typing error in a key",
      message: "stage 'customer' has no key `windw`",
      make: yaml("from: transactions\n    window:", "from: transactions\n    windw:")
    ),
    Mistake(
      testDescription: "an unknown stage",
      message: "stage 'terminal' reads from 'custmer', which is no stage",
      make: yaml("from: customer\n", "from: custmer\n")
    ),
    Mistake(
      testDescription: "a circle",
      message: "the stages read in a circle: ",
      make: yaml("from: transactions\n", "from: terminal\n")
    ),
  ]

  @Test(arguments: mistakes)
  func aWrongFileStopsTheRunBeforeAnythingStarts(mistake: Mistake) throws {
    let folder = try TemporaryFolder()
    let path = try Self.pipeline(in: folder, csv: Data(Self.header.utf8))
    try mistake.make(folder)
    for command in ["run", "check"] {
      let run = try Program.run("sluice", [command, path], in: folder)
      #expect(run.status == 2)
      #expect(run.output == "")
      let log = run.log.replacingOccurrences(of: folder.url.path + "/", with: "")
      #expect(log.contains(mistake.message), "\(log)")
      #expect(log.hasPrefix("pipeline.yaml:"), "\(log)")
    }
  }

  @Test(arguments: [
    ["run"], ["run", "nowhere.yaml"], ["run", "x.yaml", "--limit", "-1"], ["run", "x.yaml", "--speed", "fast"],
    ["dance"],
    ["generate", "transactions", "--days", "0"],
    ["generate", "transactions", "--customers", "10000000", "--days", "3650"],
    ["run", "x.yaml", "--columns", ""], ["generate", "transactions", "--customers", "many"],
    ["generate", "logins", "--accounts", "0"], ["generate", "authorisations", "--cards", "-1"],
    ["generate", "transfers", "--days", "3651"], ["generate", "sensors", "--devices", "1000", "--days", "3000"],
  ])
  func aWrongCommandExitsWith2(arguments: [String]) throws {
    let run = try Program.run("sluice", arguments, in: TemporaryFolder())
    #expect(run.status == 2)
    #expect(run.output == "" && !run.log.isEmpty)
  }

  @Test func aRightPipelineIsFine() throws {
    let run = try Program.run("sluice", ["check", ReferencePipelineTests.pipeline], in: TemporaryFolder())
    #expect(run.status == 0 && run.output.contains("transactions -> customer -> terminal -> score -> alerts"))
  }
}
