internal import CZeroMQ
internal import Glibc

/// libzmq's share of a process: its I/O threads and the names of its `inproc` endpoints. One per process is enough.
///
/// Any thread may create sockets in it; every socket keeps it alive. When the last reference is gone it ends its threads,
/// and waits until each closed socket has sent what its ``Linger`` grants.
///
/// Unsafe inside: `raw` is a live libzmq context from `init` to `deinit`. libzmq's contexts are thread-safe.
@safe
package final class Context: Sendable {
  nonisolated(unsafe) let raw: UnsafeMutableRawPointer

  /// - Parameter ioThreads: threads that move bytes between sockets and the kernel. One carries about a gigabyte per
  ///   second; none is needed when every endpoint is `inproc`.
  package init(ioThreads: Int = 1) throws(TransportError) {
    guard let raw = unsafe zmq_ctx_new() else { throw .last(.createContext) }
    let threads = Int32(clamping: ioThreads)
    guard unsafe zmq_ctx_set(raw, ZMQ_IO_THREADS, threads) == 0 else {
      let error = TransportError.last(.setOption("I/O threads"))
      unsafe zmq_ctx_term(raw)
      throw error
    }
    unsafe self.raw = raw
  }

  deinit {
    while unsafe zmq_ctx_term(raw) == -1, zmq_errno() == EINTR {}
  }

  /// Makes every call on every socket of this context fail with an error whose `isShutDown` is true, also calls that are
  /// blocked now. From any thread; the way to end threads that wait for messages.
  package func shutdown() {
    _ = unsafe zmq_ctx_shutdown(raw)
  }
}
