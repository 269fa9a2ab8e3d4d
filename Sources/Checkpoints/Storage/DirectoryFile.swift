internal import Glibc
internal import Synchronization

/// A file of a `DirectoryStorage`.
final class DirectoryFile: StorageFile {
  private let descriptor: Int32
  private let path: String
  private(set) var length: Int
  /// Its directory's descriptor, of its own.
  private let directory: Int32
  private var isClosed = false
  private let state = Mutex(State())

  /// What threads share that append and make durable.
  private struct State {
    var isNameDurable = false
    /// The first failure after which nobody can say what the disk holds.
    var broken: StorageError?
  }

  /// Takes over `descriptor`.
  init(_ descriptor: Int32, path: String, length: Int, directory: Int32) {
    self.descriptor = descriptor
    self.path = path
    self.length = length
    self.directory = fcntl(directory, F_DUPFD_CLOEXEC, 0)
  }

  deinit { close() }

  func append(_ bytes: Span<UInt8>) throws(StorageError) {
    if let broken = state.withLock({ $0.broken }) { throw broken }
    guard !isClosed else { throw StorageError("write", path, code: EBADF) }
    var written = 0
    do throws(SystemCallFailure) {
      while written < bytes.count {
        written += try unsafe bytes.withUnsafeBytes { (bytes) throws(SystemCallFailure) in
          try retrying { () -> Int in
            unsafe pwrite(
              descriptor,
              bytes.baseAddress.map { unsafe $0 + written },
              bytes.count - written,
              length + written
            )
          }
        }
      }
    } catch {
      let failure = StorageError("write", path, code: error.code)
      do throws(SystemCallFailure) { _ = try retrying { Int(ftruncate(descriptor, length)) } } catch {
        state.withLock { $0.broken = failure }
      }
      throw failure
    }
    length += written
  }

  func sync() throws(StorageError) {
    if let broken = state.withLock({ $0.broken }) { throw broken }
    guard !isClosed else { throw StorageError("make durable", path, code: EBADF) }
    do throws(SystemCallFailure) {
      _ = try retrying { Int(fsync(descriptor)) }
      if state.withLock({ !$0.isNameDurable }) { _ = try retrying { Int(fsync(directory)) } }
      state.withLock { $0.isNameDurable = true }
    } catch {
      // The kernel may drop what it failed to write and say that all is well the next time.
      let failure = StorageError("make durable", path, code: error.code)
      state.withLock { $0.broken = failure }
      throw failure
    }
  }

  func close() {
    guard !isClosed else { return }
    isClosed = true
    Glibc.close(descriptor)
    if directory != -1 { Glibc.close(directory) }
  }
}
