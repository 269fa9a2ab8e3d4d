import Foundation
import TestSupport
import Testing

/// The shipped data sets, and the page that says how each was made.
@Suite struct DataSetTests {
  /// File and command, from the lines of the page that hold both.
  static let commands = ((try? String(contentsOfFile: Repository.path("datasets/README.md"), encoding: .utf8)) ?? "")
    .split(separator: "\n")
    .compactMap { line -> DataSet? in
      guard let made = line.firstMatch(of: /sluice (generate .+) > ([a-z-]+\.csv)/) else { return nil }
      return DataSet(file: String(made.2), arguments: made.1.split(separator: " ").map(String.init))
    }

  struct DataSet: Sendable, CustomTestStringConvertible {
    let file: String
    let arguments: [String]
    var testDescription: String { file }
  }

  @Test func eachIsOnThePage() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Repository.path("datasets"))
    #expect(Self.commands.map(\.file).sorted() == files.filter { $0.hasSuffix(".csv") }.sorted())
  }

  @Test(arguments: commands)
  func theCommandOnThePageMakesIt(set: DataSet) throws {
    let run = try Program.run("sluice", set.arguments, in: TemporaryFolder())
    let shipped = try String(contentsOfFile: Repository.path("datasets/\(set.file)"), encoding: .utf8)
    #expect(run.status == 0 && run.log == "")
    // Not compared within the expectation, which would show both texts whole.
    let isSame = run.output == shipped
    #expect(isSame)
  }
}
