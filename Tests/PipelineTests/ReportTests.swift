import Foundation
import TestSupport
import Testing

/// The report of a backtest, in a real browser.
@Suite struct ReportTests {
  /// Installed beside the tests' Python by what `make test` calls.
  static let browser = LiveTests.python.flatMap { _ in
    (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { URL(filePath: "\($0)/chromium") }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
  }

  /// A page as the browser has it once it is loaded, and what the browser's console says.
  static func open(_ page: String, in folder: TemporaryFolder) throws -> (document: String, console: [String]) {
    let browser = try #require(browser, "no browser could be installed")
    let run = try Program(
      executable: browser,
      [
        // Whoever runs tests as root has no sandbox.
        "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--window-size=1300,2000",
        "--user-data-dir=\(folder.path("profile"))", "--dump-dom", URL(filePath: folder.path(page)).absoluteString,
      ],
      in: folder
    ).finish()
    #expect(run.status == 0, "\(run.log)")
    return (run.output, run.log.split(separator: "\n").map(String.init).filter { $0.contains(":CONSOLE:") })
  }

  @Test(.enabled(if: LiveTests.hasPython))
  func theBrowserHasNothingToComplainOf() throws {
    let folder = try TemporaryFolder()
    let challenger = try BacktestTests.challenger(in: folder)
    let run = try Program.run(
      "sluice",
      ["backtest", ReferencePipelineTests.pipeline, challenger, "--report", "report.html"],
      in: folder
    )
    try #require(run.status == 0, "\(run.log)")
    let (document, console) = try Self.open("report.html", in: folder)
    #expect(console.isEmpty, "\(console)")
    // What a browser does not understand it leaves out, or moves.
    for id in ["roc", "precision-recall", "scores-0", "scores-1", "cost", "alerts"] {
      let start = try #require(document.range(of: "<svg id=\"\(id)\""), "no plot '\(id)'")
      let rest = document[start.lowerBound...]
      let plot = rest[..<(try #require(rest.range(of: "</svg>")).lowerBound)]
      #expect(plot.contains("role=\"img\"") && plot.contains("<title id=\"\(id)-title\">"), "\(id)")
      let shapes =
        plot.components(separatedBy: "<path class=\"line").count + plot.components(separatedBy: "<rect").count
      #expect(shapes > 3, "plot '\(id)' shows nothing")
    }
    #expect(document.components(separatedBy: "<table>").count == 4)
    #expect(document.contains("terminal") && document.contains("2018-06-05"))
  }

  /// The console is heard: else the test above could not fail.
  @Test(.enabled(if: LiveTests.hasPython))
  func theBrowserSaysWhatIsWrong() throws {
    let folder = try TemporaryFolder()
    try folder.write("wrong.html", "<!doctype html><title>x</title><script>missing()</script><img src=missing.png>")
    let console = try Self.open("wrong.html", in: folder).console
    #expect(console.contains { $0.contains("ReferenceError") }, "\(console)")
  }
}
