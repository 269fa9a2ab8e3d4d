import Foundation
import TestSupport
import Testing

/// The worker's executable, which starts in milliseconds because there is so little in it.
@Suite struct WorkerProgramTests {
  @Test func linksNoFoundation() throws {
    let program = try Data(contentsOf: Repository.program("sluice-worker"))
    for name in ["libFoundation", "FoundationEssentials", "CoreFoundation", "_FoundationICU"] {
      #expect(program.range(of: Data(name.utf8)) == nil, "\(name) is in the worker")
    }
    // The search finds it where it is.
    let command = try Data(contentsOf: Repository.program("sluice"))
    #expect(command.range(of: Data("FoundationEssentials".utf8)) != nil)
  }

  @Test func saysHowItIsUsed() throws {
    let run = try Program.run("sluice-worker", [], in: TemporaryFolder())
    #expect(run.status == 2 && run.log.hasPrefix("usage: sluice-worker "))
  }
}
