import Foundation
import TestSupport
import Testing

/// The reference pipeline's features against those that the Fraud Detection Handbook's code gives for its own data, where
/// both are present. They are not part of the project.
@Suite struct HandbookTests {
  static let counts = ["during_weekend", "during_night"] + features("customer_count") + features("terminal_count")
  static let means = features("customer_mean") + features("terminal_risk")

  static func features(_ name: String) -> [String] { [1, 7, 30].map { "\(name)_\($0)d" } }

  @Test(.enabled(if: Repository.handbook != nil))
  func everyFeatureOfEveryTransactionIsTheExpectedOne() throws {
    let handbook = try #require(Repository.handbook)
    let folder = try TemporaryFolder()
    try Self.unpack(
      handbook.appending(path: "transactions-75d.csv.gz"),
      to: folder.url.appending(path: "transactions.csv")
    )
    try Self.unpack(handbook.appending(path: "expected-75d.csv.gz"), to: folder.url.appending(path: "expected.csv"))
    let run = try Program.run(
      "sluice",
      [
        "run", ReferencePipelineTests.pipeline, "--input", "transactions.csv", "--all", "--output", "features.csv",
        "--columns", (["transaction_id"] + Self.counts + Self.means).joined(separator: ","),
      ],
      in: folder
    )
    #expect(run.status == 0, "\(run.log)")
    let expected = try Table(folder.url.appending(path: "expected.csv"))
    let actual = try Table(folder.url.appending(path: "features.csv"))
    #expect(expected.rows.count == 719_307)
    #expect(actual.rows.count == expected.rows.count)
    let ids = try (expected.column("transaction_id"), actual.column("transaction_id"))
    let rowOfID = Dictionary(uniqueKeysWithValues: actual.rows.enumerated().map { ($1[ids.1], $0) })
    let rows = try expected.rows.map { try #require(rowOfID[$0[ids.0]]) }
    for (names, tolerance) in [(Self.counts, 0.0), (Self.means, 1e-9)] {
      for name in names {
        let columns = try (expected.column(name), actual.column(name))
        var most = 0.0
        for (place, row) in rows.enumerated() {
          most = max(most, abs(expected.rows[place][columns.0] - actual.rows[row][columns.1]))
        }
        #expect(most <= tolerance, "\(name) is off by \(most)")
      }
    }
  }

  static func unpack(_ packed: URL, to plain: URL) throws {
    _ = FileManager.default.createFile(atPath: plain.path, contents: nil)
    let gzip = Process()
    gzip.executableURL = URL(filePath: "/usr/bin/env")
    gzip.arguments = ["gzip", "-dc", packed.path]
    let file = try FileHandle(forWritingTo: plain)
    gzip.standardOutput = file
    try gzip.run()
    gzip.waitUntilExit()
    try file.close()
    try #require(gzip.terminationStatus == 0)
  }

  /// A CSV file of numbers.
  struct Table {
    let names: [String]
    var rows: [[Double]] = []

    init(_ file: URL) throws {
      let lines = try Data(contentsOf: file).split(separator: UInt8(ascii: "\n"))
      names = String(decoding: lines[0], as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines).lowercased()
        .split(separator: ",").map(String.init)
      rows.reserveCapacity(lines.count)
      for line in lines.dropFirst() {
        let fields = line.split { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\r") }
        let row = fields.compactMap { Double(String(decoding: $0, as: UTF8.self)) }
        try #require(row.count == names.count, "\(String(decoding: line, as: UTF8.self))")
        rows.append(row)
      }
    }

    func column(_ name: String) throws -> Int { try #require(names.firstIndex(of: name)) }
  }
}
