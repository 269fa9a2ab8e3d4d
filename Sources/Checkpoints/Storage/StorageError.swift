internal import Glibc

/// An operation on a directory of checkpoints that failed: what was tried, on which path, why, and the remedy.
package struct StorageError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What could not be done, after "cannot".
  package let operation: String
  package let path: String
  package let reason: String
  /// The errno of the system call, where one failed.
  package let code: Int32?

  package init(_ operation: String, _ path: String, code: Int32) {
    self.operation = operation
    self.path = path
    self.code = code
    let text = unsafe String(cString: strerror(code))
    reason =
      switch code {
      case ENOSPC: "the disk is full (\(text)); make room on it, or give another directory"
      case EDQUOT: "\(text); make room, or give another directory"
      case EACCES, EPERM, EROFS: "\(text); give a directory that this user may write to"
      case ENOENT: "\(text); put it back, or give a directory that is there"
      case EEXIST: "\(text); remove it, or give another directory"
      case EMFILE, ENFILE: "\(text); raise the limit of open files (ulimit -n)"
      default: "\(text); look after the disk, or give another directory"
      }
  }

  package init(_ operation: String, _ path: String, reason: String) {
    self.operation = operation
    self.path = path
    self.reason = reason
    code = nil
  }

  package var description: String { "cannot \(operation) \(path): \(reason)" }
}

/// Runs a system call that says -1 on failure, again while a signal interrupts it.
func retrying(_ call: () -> Int) throws(SystemCallFailure) -> Int {
  while true {
    let result = call()
    if result != -1 { return result }
    let code = errno
    if code != EINTR { throw SystemCallFailure(code: code) }
  }
}

/// The errno of a system call.
struct SystemCallFailure: Error { let code: Int32 }
