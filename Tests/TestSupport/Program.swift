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
  private var linesRead = Data()

  /// Starts `name` with `arguments` in `folder`.
  ///
  /// - Parameters:
  ///   - redirections: as a shell has them: `2>/dev/full`, `>&-`.
  ///   - environment: variables to set.
  ///   - input: its stdin.
  package convenience init(
    _ name: String,
    _ arguments: [String],
    in folder: TemporaryFolder,
    redirections: String = "",
    environment: [String: String] = [:],
    input: Any = FileHandle.nullDevice
  ) throws {
    let program = Repository.program(name)
    if redirections.isEmpty {
      try self.init(executable: program, arguments, in: folder, environment: environment, input: input)
    } else {
      let shell = ["-c", "exec \"$0\" \"$@\" \(redirections)", program.path] + arguments
      let place = URL(filePath: "/bin/bash")
      try self.init(executable: place, shell, in: folder, environment: environment, input: input)
    }
  }

  /// Starts any program.
  package init(
    executable: URL,
    _ arguments: [String],
    in folder: TemporaryFolder,
    environment: [String: String] = [:],
    input: Any = FileHandle.nullDevice
  ) throws {
    process.executableURL = executable
    process.arguments = arguments
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    process.currentDirectoryURL = folder.url
    process.standardInput = input
    process.standardOutput = output
    process.standardError = log
    try process.run()
  }

  // A stopped process, or one that waits for its workers, minds no SIGTERM.
  deinit { if process.isRunning { kill(pid, SIGKILL) } }

  package var pid: Int32 { process.processIdentifier }

  package var isRunning: Bool { process.isRunning }

  /// Waits until something has happened, or the program has ended.
  ///
  /// - Returns: whether it has happened.
  @discardableResult
  package func wait(until hasHappened: () -> Bool) -> Bool {
    while process.isRunning {
      if hasHappened() { return true }
      usleep(2000)
    }
    return hasHappened()
  }

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
      log: unsafe String(decoding: linesRead + logged, as: UTF8.self)
    )
  }

  /// The next bytes of its stdout; empty at the end.
  package func readSome() -> Data { output.fileHandleForReading.availableData }

  /// Reads `count` lines of its stdout, or all that there are.
  package func readLines(_ count: Int) -> String {
    var said = Data()
    var lines = 0
    while lines < count {
      let more = readSome()
      if more.isEmpty { break }
      lines += more.count(where: { $0 == UInt8(ascii: "\n") })
      said += more
    }
    return String(decoding: said, as: UTF8.self)
  }

  /// Reads the first `count` lines of its log, or all that there are.
  package func readLog(lines count: Int) -> [String] {
    while linesRead.count(where: { $0 == UInt8(ascii: "\n") }) < count {
      let more = log.fileHandleForReading.availableData
      if more.isEmpty { break }
      linesRead += more
    }
    return String(decoding: linesRead, as: UTF8.self).split(separator: "\n").prefix(count).map(String.init)
  }

  /// Reads its log up to the first line that has `text` in it, and gives that; empty where none has.
  package func readLog(containing text: String) -> String {
    while true {
      let lines = String(decoding: linesRead, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      // The last line may not be whole.
      if let line = lines.dropLast().first(where: { $0.contains(text) }) { return String(line) }
      let more = log.fileHandleForReading.availableData
      if more.isEmpty { return "" }
      linesRead += more
    }
  }

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
    environment: [String: String] = [:],
    input: Any = FileHandle.nullDevice
  ) throws -> Outcome {
    try Program(
      name,
      arguments,
      in: folder,
      redirections: redirections,
      environment: environment,
      input: input
    ).finish()
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

  /// The number of its stage, where it is a worker.
  package var stageNumber: Int { arguments.dropFirst(2).first.flatMap { Int($0) } ?? -1 }

  /// Bytes of memory that it has now.
  package var residentBytes: Int? {
    let status = try? String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
    let line = status?.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }.map { $0 * 1024 }
  }

  /// How far it has come in the file at `path`, which it has open.
  package func place(inFile path: String) -> Int? {
    let files = FileManager.default
    for name in (try? files.contentsOfDirectory(atPath: "/proc/\(pid)/fd")) ?? [] {
      guard (try? files.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/\(name)")) == path else { continue }
      let facts = try? String(contentsOfFile: "/proc/\(pid)/fdinfo/\(name)", encoding: .utf8)
      return facts?.split(separator: "\n").first?.split(separator: "\t").last.flatMap { Int($0) }
    }
    return nil
  }

  /// Whether it has not ended.
  package var isAlive: Bool { !hasEnded(within: 0) }

  /// Waits for its end, however long that takes.
  package func waitForEnd() { _ = hasEnded(within: -1) }

  private func hasEnded(within milliseconds: Int32) -> Bool {
    var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return unsafe poll(&item, 1, milliseconds) == 1
  }
}
