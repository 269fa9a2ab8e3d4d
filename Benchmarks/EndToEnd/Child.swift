internal import CLinux
internal import Foundation
internal import Glibc

/// What a program took from its start to its end.
struct Cost {
  /// Seconds by the clock, measured from outside.
  let elapsed: Double
  /// Seconds of processor time, user and system, of the program and of all that it started and waited for.
  let processor: Double
  /// The most bytes that the largest of these processes held at once. The kernel counts in what this program held when
  /// it started the other, so it says nothing below that.
  let largestProcess: Double
}

/// A program that runs for the benchmark.
final class Child {
  enum Output {
    case file(URL)
    /// To here, for `waitForOutput`.
    case pipe
  }

  private let started: ContinuousClock.Instant
  private let name: String
  private let pid: pid_t
  private let log: URL
  private var isRunning = true
  /// Of a pipe from its stdout; -1 where there is none.
  private var output: Int32 = -1

  /// Nothing takes longer than it is meant to and this; what does is stuck.
  private static let patience = Duration.seconds(120)

  /// Starts `program`, with nothing on its stdin.
  ///
  /// - Parameter log: a file for its stderr.
  init(_ program: String, _ arguments: [String], output: Output, log: URL) throws {
    name = URL(filePath: program).lastPathComponent
    self.log = log
    var target: Int32 = -1
    if case .pipe = output {
      // Closed on exec: a reading end that the child kept would leave it writing for ever.
      guard unsafe sluice_pipe(&self.output, &target) == 0 else { throw BenchmarkFailure("cannot open a pipe") }
    }
    defer { if target != -1 { close(target) } }
    var pid: pid_t = 0
    started = ContinuousClock.now
    let code = unsafe Self.spawn([program] + arguments, output, target, log.path, &pid)
    guard code == 0 else {
      throw BenchmarkFailure("cannot start \(program): \(unsafe String(cString: strerror(code)))")
    }
    self.pid = pid
  }

  deinit {
    if isRunning { _ = try? end(SIGKILL) }
    closeOutput()
  }

  /// Waits for the first byte on its stdout.
  ///
  /// - Returns: the seconds from its start.
  func waitForOutput() throws -> Double {
    try Self.wait(for: output, "output of \(name)")
    let elapsed = started.duration(to: .now)
    var byte: UInt8 = 0
    // The end of the output wakes too.
    guard unsafe read(output, &byte, 1) == 1 else {
      throw BenchmarkFailure("\(name) ended without output:\n\(logTail)")
    }
    return elapsed / .seconds(1)
  }

  /// Kills the first worker of a stage that it runs.
  func killWorker(stage: Int) throws {
    let children = try String(contentsOfFile: "/proc/\(pid)/task/\(pid)/children", encoding: .utf8)
    for child in children.split(separator: " ").compactMap({ Int32($0) }) {
      let line = FileManager.default.contents(atPath: "/proc/\(child)/cmdline") ?? Data()
      let words = line.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
      if words.dropFirst(2).first == String(stage) {
        kill(child, SIGKILL)
        return
      }
    }
    throw BenchmarkFailure("\(name) runs no worker of stage \(stage)")
  }

  /// Reads no more, as `| head` does.
  func closeOutput() {
    if output != -1 { close(output) }
    output = -1
  }

  /// Reads its stdout to the end.
  ///
  /// - Parameter take: is given what has come, and when.
  func readOutput(_ take: (_ bytes: ArraySlice<UInt8>, _ time: ContinuousClock.Instant) throws -> Void) throws {
    // As much as a pipe holds.
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      try Self.wait(for: output, "output of \(name)")
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(output, $0.baseAddress, $0.count) }
      if count == -1 && errno == EINTR { continue }
      guard count >= 0 else { throw BenchmarkFailure("cannot read the output of \(name)") }
      if count == 0 { return }
      try take(buffer[..<count], .now)
    }
  }

  /// Waits for its end.
  ///
  /// - Parameter seconds: that it is meant to take.
  func finish(seconds: Int = 0) throws -> Cost {
    let descriptor = sluice_pidfd_open(pid)
    guard descriptor != -1 else { throw BenchmarkFailure("cannot watch \(name)") }
    defer { close(descriptor) }
    try Self.wait(for: descriptor, "\(name) to end", Self.patience + .seconds(seconds))
    let elapsed = started.duration(to: .now)
    let (status, usage) = try end(nil)
    guard status == 0 else { throw BenchmarkFailure("\(name) \(Self.describe(status)):\n\(logTail)") }
    return Cost(
      elapsed: elapsed / .seconds(1),
      processor: Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime),
      // In KB on Linux.
      largestProcess: Double(usage.ru_maxrss) * 1024
    )
  }

  /// Waits until `descriptor` can be read.
  private static func wait(for descriptor: Int32, _ what: String, _ patience: Duration = patience) throws {
    let deadline = ContinuousClock.now + patience
    var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    var ready: Int32
    repeat {
      let rest = max(ContinuousClock.now.duration(to: deadline) / .milliseconds(1), 0)
      ready = unsafe poll(&item, 1, Int32(rest))
    } while ready == -1 && errno == EINTR
    guard ready == 1 else { throw BenchmarkFailure("waited \(patience.components.seconds) s in vain for \(what)") }
  }

  private func end(_ signal: Int32?) throws -> (status: Int32, usage: rusage) {
    isRunning = false
    if let signal { kill(pid, signal) }
    var status: Int32 = 0
    var usage = rusage()
    var result: pid_t
    repeat { result = unsafe wait4(pid, &status, 0, &usage) } while result == -1 && errno == EINTR
    guard result == pid else { throw BenchmarkFailure("cannot learn how \(name) ended") }
    return (status, usage)
  }

  private var logTail: String {
    let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
    return text.split(separator: "\n").suffix(10).joined(separator: "\n")
  }

  private static func describe(_ status: Int32) -> String {
    let signal = status & 0x7F
    return signal == 0 ? "exited with code \(status >> 8 & 0xFF)" : "was killed by signal \(signal)"
  }

  private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

  /// `posix_spawn`; returns its errno. Every pointer lives until it returns.
  @unsafe
  private static func spawn(
    _ words: [String],
    _ output: Output,
    _ pipe: Int32,
    _ log: String,
    _ pid: inout pid_t
  ) -> Int32 {
    let writing = O_WRONLY | O_CREAT | O_TRUNC
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    switch output {
    case .file(let url): unsafe posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, url.path, writing, 0o644)
    case .pipe: unsafe posix_spawn_file_actions_adddup2(&actions, pipe, STDOUT_FILENO)
    }
    unsafe posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log, writing, 0o644)
    var strings: [UnsafeMutablePointer<CChar>?] = unsafe words.map { unsafe strdup($0) }
    unsafe strings.append(nil)
    defer { for index in unsafe strings.indices { unsafe free(strings[index]) } }
    return unsafe posix_spawn(&pid, words[0], &actions, nil, strings, environ)
  }
}
