internal import Foundation

/// How long a user waits for the first result.
struct StartUp {
  private static let runs = 10
  /// Milliseconds.
  private static let budget = 150.0

  func run(on bench: Workbench) throws {
    Report.heading("start of `sluice run` to its first byte of results, shipped data, \(Self.runs) runs")
    var milliseconds = Measurement()
    for run in 0...Self.runs {
      let sample = try Self.start(bench)
      // The first run reads the programs from the disk.
      if run > 0 { milliseconds.add(sample) }
    }
    Report.table([
      ["", "median", "least", "greatest"], ["milliseconds"] + milliseconds.texts { Figures.fixed($0, 1) },
    ])
    let verdict = milliseconds.median <= Self.budget ? "met" : "missed"
    Report.line("  budget: at most \(Figures.fixed(Self.budget, 0)) ms, \(verdict)")
  }

  private static func start(_ bench: Workbench) throws -> Double {
    let child = try Child(
      bench.program("sluice"),
      ["run", bench.repository.appending(path: "pipelines/card-fraud.yaml").path, "--all"],
      output: .pipe,
      log: bench.folder.appending(path: "start.log")
    )
    let elapsed = try child.waitForOutput()
    child.closeOutput()
    _ = try child.finish()
    return elapsed * 1000
  }
}
