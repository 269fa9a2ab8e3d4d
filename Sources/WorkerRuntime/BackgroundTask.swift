internal import Glibc
internal import Synchronization

/// Something that is done once, while whoever wants it done goes on.
package protocol BackgroundWork: AnyObject {
  var isDone: Bool { get }
  /// Waits for its end.
  func wait()
}

/// Begins such work.
package typealias StartWork = (_ body: @escaping @Sendable () -> Void) throws(RuntimeError) -> any BackgroundWork

/// Work that a thread of its own does.
final class BackgroundTask: BackgroundWork, Sendable {
  private let body: @Sendable () -> Void
  private let done = Atomic(false)
  private let thread = Mutex<pthread_t?>(nil)

  /// Bytes of its stack.
  private static let stack = 1 << 20

  init(_ body: @escaping @Sendable () -> Void) throws(RuntimeError) {
    self.body = body
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    unsafe pthread_attr_setstacksize(&attributes, Self.stack)
    var started = pthread_t()
    let argument = unsafe Unmanaged.passRetained(self).toOpaque()
    let code = unsafe pthread_create(
      &started,
      &attributes,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<BackgroundTask>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      },
      argument
    )
    guard code == 0 else {
      unsafe Unmanaged<BackgroundTask>.fromOpaque(argument).release()
      throw RuntimeError("cannot start a thread: \(unsafe String(cString: strerror(code)))")
    }
    thread.withLock { $0 = started }
  }

  deinit { wait() }

  private func run() {
    body()
    done.store(true, ordering: .releasing)
  }

  var isDone: Bool { done.load(ordering: .acquiring) }

  /// Waits for its end.
  func wait() {
    let started = thread.withLock { $0.take() }
    if let started { pthread_join(started, nil) }
  }
}
