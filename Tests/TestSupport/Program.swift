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
  package init(_ name: String, _ arguments: [String], in folder: TemporaryFolder) throws {
    process.executableURL = Repository.program(name)
    process.arguments = arguments
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
    return unsafe Outcome(
      status: process.terminationStatus, output: String(decoding: said, as: UTF8.self),
      log: String(decoding: logged, as: UTF8.self))
  }

  /// The next bytes of its stdout; empty at the end.
  package func readSome() -> Data { output.fileHandleForReading.availableData }

  /// Closes the reading end of its stdout, as `head` does.
  package func closeOutput() throws { try output.fileHandleForReading.close() }

  package func send(signal: Int32) { kill(pid, signal) }

  /// The processes that it has started and that still run, by the arguments of their command lines.
  package var children: [(pid: Int32, arguments: [String])] {
    let list = (try? String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)) ?? ""
    return list.split(separator: " ").compactMap { text in
      guard let child = Int32(text), let data = FileManager.default.contents(atPath: "/proc/\(child)/cmdline") else {
        return nil
      }
      return (child, data.split(separator: 0).map { String(decoding: $0, as: UTF8.self) })
    }
  }

  /// Runs a program to its end.
  package static func run(_ name: String, _ arguments: [String], in folder: TemporaryFolder) throws -> Outcome {
    try Program(name, arguments, in: folder).finish()
  }
}

/// Whether a process exists that is not merely waited for.
package func isAlive(_ pid: Int32) -> Bool {
  guard let status = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
    let end = status.lastIndex(of: ")")
  else { return false }
  return !status[end...].dropFirst(2).hasPrefix("Z")
}
