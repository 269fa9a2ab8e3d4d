internal import CLinux
internal import Glibc

/// A process that was started here and is waited for here.
package final class ChildProcess {
  package let pid: Int32
  /// Becomes readable when the process ends.
  package let exitDescriptor: Int32
  /// What it says on its standard error, by lines.
  package let log: LogTail
  private var status: Int32?

  /// Starts `executable` with `arguments`. It inherits stdin and stdout; its stderr comes here. Signals by which people
  /// end a run, which a terminal or a service manager sends to all its processes, are left to this one: the child has them
  /// blocked.
  package init(executable: String, arguments: [String]) throws(SystemCallError) {
    var readEnd: Int32 = -1
    var writeEnd: Int32 = -1
    _ = try systemCall("open a pipe for the log of \(executable)") { unsafe sluice_pipe(&readEnd, &writeEnd) }
    defer { close(writeEnd) }
    var pid: pid_t = 0
    let code = unsafe Self.spawn(executable, arguments, standardError: writeEnd, &pid)
    guard code == 0 else {
      close(readEnd)
      throw SystemCallError("start \(executable)", code: code)
    }
    self.pid = pid
    log = LogTail(readEnd)
    exitDescriptor = sluice_pidfd_open(pid)
    if exitDescriptor == -1 {
      let code = errno
      kill(pid, SIGKILL)
      waitpid(pid, nil, 0)
      throw SystemCallError("watch process \(pid)", code: code)
    }
  }

  deinit {
    if exitDescriptor != -1 { close(exitDescriptor) }
    if status == nil {
      kill(pid, SIGKILL)
      waitpid(pid, nil, 0)
    }
  }

  package var isRunning: Bool { status == nil }

  package func send(signal: Int32) {
    if isRunning { kill(pid, signal) }
  }

  /// Takes in the end of the process, if it has ended.
  package func reap() {
    guard isRunning else { return }
    var status: Int32 = 0
    let result = unsafe waitpid(pid, &status, WNOHANG)
    if result == pid { self.status = status }
  }

  /// Whether it was ended by a signal.
  var wasKilled: Bool { status.map { $0 & 0x7F != 0 } ?? false }

  /// How the process ended, for people: nil when it runs or exited with 0.
  package var failure: String? {
    guard let status, status != 0 else { return nil }
    let signal = status & 0x7F
    guard signal != 0 else { return "exited with code \(status >> 8 & 0xFF)" }
    let name = unsafe strsignal(signal).map { unsafe String(cString: $0) } ?? "unknown"
    return "was killed by signal \(signal) (\(name))"
  }

  @unsafe
  private static func spawn(
    _ executable: String,
    _ arguments: [String],
    standardError: Int32,
    _ pid: inout pid_t
  ) -> Int32 {
    var actions = unsafe posix_spawn_file_actions_t()
    unsafe posix_spawn_file_actions_init(&actions)
    defer { unsafe posix_spawn_file_actions_destroy(&actions) }
    unsafe posix_spawn_file_actions_adddup2(&actions, standardError, STDERR_FILENO)

    var attributes = posix_spawnattr_t()
    unsafe posix_spawnattr_init(&attributes)
    defer { unsafe posix_spawnattr_destroy(&attributes) }
    var defaults = sigset_t()
    unsafe sigemptyset(&defaults)
    for signal in [SIGINT, SIGTERM, SIGPIPE, SIGHUP, SIGQUIT, SIGCHLD] { unsafe sigaddset(&defaults, signal) }
    unsafe posix_spawnattr_setsigdefault(&attributes, &defaults)
    var mask = sigset_t()
    unsafe sigemptyset(&mask)
    for signal in [SIGINT, SIGTERM, SIGHUP] { unsafe sigaddset(&mask, signal) }
    unsafe posix_spawnattr_setsigmask(&attributes, &mask)
    unsafe posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

    var strings: [UnsafeMutablePointer<CChar>?] = unsafe ([executable] + arguments).map { unsafe strdup($0) }
    unsafe strings.append(nil)
    defer { for index in unsafe strings.indices { unsafe free(strings[index]) } }
    return unsafe posix_spawn(&pid, executable, &actions, &attributes, strings, environ)
  }
}
