internal import CLinux
package import Foundation

/// A program of the project that runs for a test, ended with it.
package final class Program {
  package struct Outcome {
    package let status: Int32
    package let output: String
    package let log: String
  }

  private let process = Process()
  private let output = Pipe()
  private let log = Pipe()

  /// Starts `name` with `arguments` in `folder`.
  ///
  /// - Parameters:
  ///   - redirections: as a shell has them: `2>/dev/full`, `>&-`.
  ///   - environment: variables to set.
  package init(
    _ name: String,
    _ arguments: [String],
    in folder: TemporaryFolder,
    redirections: String = "",
    environment: [String: String] = [:]
  ) throws {
    if redirections.isEmpty {
      process.executableURL = Repository.program(name)
      process.arguments = arguments
    } else {
      process.executableURL = URL(filePath: "/bin/sh")
      process.arguments = ["-c", "exec \"$0\" \"$@\" \(redirections)", Repository.program(name).path] + arguments
    }
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.currentDirectoryURL = folder.url
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = log
    try process.run()
  }

  deinit { if process.isRunning { process.terminate() } }

  package var pid: Int32 { process.processIdentifier }

  /// Reads everything it says and waits for its end.
  package func finish(readingOutput: Bool = true) -> Outcome {
    // Both ends are read at once, so that neither pipe can fill up.
    nonisolated(unsafe) var logged = Data()
    let group = DispatchGroup()
    let logEnd = log.fileHandleForReading
    DispatchQueue.global().async(group: group) { unsafe logged = logEnd.readDataToEndOfFile() }
    let said = readingOutput ? output.fileHandleForReading.readDataToEndOfFile() : Data()
    group.wait()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus,
      output: String(decoding: said, as: UTF8.self),
      log: unsafe String(decoding: logged, as: UTF8.self)
    )
  }

  /// The next bytes of its stdout; empty at the end.
  package func readSome() -> Data { output.fileHandleForReading.availableData }

  /// Closes the reading end of its stdout, as `head` does.
  package func closeOutput() throws { try output.fileHandleForReading.close() }

  package func send(signal: Int32) { kill(pid, signal) }

  /// The processes that it has started and that still run.
  package var children: [ChildOfProgram] {
    let list = (try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)) ?? ""
    return list.split(separator: " ").compactMap { Int32($0).flatMap(ChildOfProgram.init) }
  }

  /// Runs a program to its end.
  package static func run(
    _ name: String,
    _ arguments: [String],
    in folder: TemporaryFolder,
    redirections: String = "",
    environment: [String: String] = [:]
  ) throws -> Outcome {
    try Program(name, arguments, in: folder, redirections: redirections, environment: environment).finish()
  }
}

/// A process that a program under test has started.
package final class ChildOfProgram {
  package let pid: Int32
  /// Its command line.
  package let arguments: [String]
  private let descriptor: Int32

  /// Nil when there is no such process.
  fileprivate init?(pid: Int32) {
    descriptor = sluice_pidfd_open(pid)
    guard descriptor != -1, let line = FileManager.default.contents(atPath: "/proc/\(pid)/cmdline") else { return nil }
    self.pid = pid
    arguments = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
  }

  deinit { close(descriptor) }

  /// Whether it has not ended.
  package var isAlive: Bool { !hasEnded(within: 0) }

  /// Waits for its end, however long that takes.
  package func waitForEnd() { _ = hasEnded(within: -1) }

  private func hasEnded(within milliseconds: Int32) -> Bool {
    var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&item, 1, milliseconds) == 1
  }
}
