internal import Glibc

/// A file outside the directory of the checkpoints, to append to.
package protocol AppendedFile: AnyObject {
  var path: String { get }
  /// Its bytes when it was opened.
  var length: Int { get }
  /// Appends some of `bytes`, at least one.
  ///
  /// - Returns: how many.
  func append(_ bytes: Span<UInt8>) throws(StorageError) -> Int
  func sync() throws(StorageError)
  func truncate(to length: Int) throws(StorageError)
}

/// One of the file system.
final class FileAtPath: AppendedFile {
  let path: String
  let length: Int
  private let descriptor: Int32

  /// Opens the file, or makes it.
  init(_ path: String) throws(StorageError) {
    self.path = path
    descriptor = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor != -1 else { throw StorageError("write", path, code: errno) }
    length = Int(lseek(descriptor, 0, SEEK_END))
  }

  deinit { close(descriptor) }

  func append(_ bytes: Span<UInt8>) throws(StorageError) -> Int {
    while true {
      let written = unsafe bytes.withUnsafeBytes { unsafe Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written != -1 { return written }
      guard errno == EINTR else { throw StorageError("write", path, code: errno) }
    }
  }

  func sync() throws(StorageError) {
    guard fsync(descriptor) == 0 else { throw StorageError("make durable", path, code: errno) }
  }

  func truncate(to length: Int) throws(StorageError) {
    guard ftruncate(descriptor, off_t(length)) == 0 else { throw StorageError("truncate", path, code: errno) }
  }
}
