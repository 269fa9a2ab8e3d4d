internal import Glibc

/// A directory that only this user may enter, for the sockets of one run; gone with this object.
package final class RunDirectory {
  package let path: String

  /// The longest name that is put into it, and the bytes of a socket's path (without its zero).
  private static let longestName = "/input-65535-65535".utf8.count
  private static let longestPath = 107
  private static let template = "/sluice-XXXXXX"

  /// Under `$XDG_RUNTIME_DIR`, else `$TMPDIR`, else /tmp: the first that is there, may be written and leaves room for the
  /// path of a socket. A container or a login by `su` often has a variable that names no such place.
  package convenience init() throws(SystemCallError) {
    try self.init(
      candidates: [Self.environment("XDG_RUNTIME_DIR"), Self.environment("TMPDIR"), "/tmp"].compactMap(\.self)
    )
  }

  /// In the first of `candidates` that can be used.
  package init(candidates: [String]) throws(SystemCallError) {
    var failure = SystemCallError("make a directory for the run's sockets", code: ENOENT)
    for parent in candidates {
      guard parent.hasPrefix("/"), parent.utf8.count + Self.template.utf8.count + Self.longestName <= Self.longestPath
      else {
        failure = SystemCallError("make a directory in \(parent) for the run's sockets", code: ENAMETOOLONG)
        continue
      }
      var template = Array((parent + Self.template).utf8CString)
      // mkdtemp makes it with mode 0700.
      let made = unsafe template.withUnsafeMutableBufferPointer { buffer -> String? in
        unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }.map { unsafe String(cString: $0) }
      }
      if let made {
        path = made
        return
      }
      failure = SystemCallError("make a directory in \(parent) for the run's sockets", code: errno)
    }
    throw failure
  }

  deinit {
    if let directory = unsafe opendir(path) {
      while let entry = unsafe readdir(directory) {
        let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
          unsafe $0.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
        }
        if name != "." && name != ".." { unsafe unlink("\(path)/\(name)") }
      }
      unsafe closedir(directory)
    }
    unsafe rmdir(path)
  }

  private static func environment(_ name: String) -> String? {
    unsafe getenv(name).map { unsafe String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
