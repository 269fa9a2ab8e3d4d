internal import Foundation

/// What all parts work with: the programs beside this one, the checkout, the data, and a folder for what comes out.
final class Workbench {
  /// The checkout that this program was built from.
  let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  /// Goes when the benchmark ends.
  let folder: URL
  private let programs: URL

  init() throws {
    programs = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    for name in ["floor", "sluice", "sluice-worker"] {
      let path = programs.appending(path: name).path
      guard FileManager.default.isExecutableFile(atPath: path) else {
        throw BenchmarkFailure("\(path) is not there: build everything first, with `make benchmark`")
      }
    }
    folder = FileManager.default.temporaryDirectory.appending(path: "sluice-benchmark-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    // A run leaves its dead letters where it works.
    guard FileManager.default.changeCurrentDirectoryPath(folder.path) else {
      throw BenchmarkFailure("cannot work in \(folder.path)")
    }
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func program(_ name: String) -> String { programs.appending(path: name).path }

  /// The committed sample, which is what users run first.
  var shippedData: URL { repository.appending(path: "datasets/card-transactions.csv") }

  static let customers = 5000
  static let days = 183

  /// The simulation at its published size.
  func data() throws -> URL {
    let arguments = [
      "--customers", "\(Self.customers)", "--terminals", "10000", "--days", "\(Self.days)", "--seed", "1",
    ]
    return try data("transactions-\(Self.customers)-10000-\(Self.days)-1.csv") { file in
      _ = try run("sluice", ["generate", "transactions"] + arguments, output: file)
    }
  }

  /// A file of the data folder, which `make` writes where it is not there yet.
  func data(_ name: String, make: (URL) throws -> Void) throws -> URL {
    let data = repository.appending(path: "Benchmarks/data")
    let file = data.appending(path: name)
    guard !FileManager.default.fileExists(atPath: file.path) else { return file }
    Report.line("generating \(name), once")
    try FileManager.default.createDirectory(at: data, withIntermediateDirectories: true)
    let unfinished = folder.appending(path: name)
    try make(unfinished)
    try FileManager.default.moveItem(at: unfinished, to: file)
    return file
  }

  /// Runs one of the programs to its end, with its stdout in `output`.
  ///
  /// - Parameter seconds: that it is meant to take.
  func run(
    _ name: String,
    _ arguments: [String],
    output: URL,
    seconds: Int = 0
  ) throws -> (cost: Cost, log: RunLog) {
    let log = folder.appending(path: "\(name).log")
    let child = try Child(program(name), arguments, output: .file(output), log: log)
    let cost = try child.finish(seconds: seconds)
    return (cost, RunLog(try String(contentsOf: log, encoding: .utf8)))
  }
}
