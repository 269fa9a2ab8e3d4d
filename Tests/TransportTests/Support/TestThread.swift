import Glibc
import Synchronization

/// A plain thread whose error comes back from `join()`.
final class TestThread: Sendable {
  private let failure = Mutex<(any Error)?>(nil)
  private let body: @Sendable () throws -> Void
  private let identifier = Mutex<pthread_t>(0)

  init(_ body: @escaping @Sendable () throws -> Void) {
    self.body = body
    var started = pthread_t()
    let argument = unsafe Unmanaged.passRetained(self).toOpaque()
    let code = unsafe pthread_create(
      &started,
      nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<TestThread>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      },
      argument
    )
    precondition(code == 0, "no thread could be started")
    identifier.withLock { $0 = started }
  }

  private func run() {
    // A thread starts with the mask of the one that made it, and the test runner's threads block signals.
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGUSR1)
    unsafe pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    do { try body() } catch { failure.withLock { $0 = error } }
  }

  func join() throws {
    pthread_join(identifier.withLock { $0 }, nil)
    if let error = failure.withLock({ $0 }) { throw error }
  }

  /// Sends a signal to this thread, which must not have been joined.
  func kill(_ signal: Int32) { pthread_kill(identifier.withLock { $0 }, signal) }
}

/// What a thread tells the test about itself.
final class Progress: Sendable {
  let started = Atomic<Bool>(false)
  let interruptions = Atomic<Int>(0)

  /// Yields until the thread says so; the thread must store it before it can throw.
  func waitUntilStarted() { while !started.load(ordering: .acquiring) { sched_yield() } }
}
