internal import Glibc

/// A directory that only this user may enter, for the sockets of one run; gone with this object.
package final class RunDirectory {
  package let path: String

  /// Under `$XDG_RUNTIME_DIR`, else `$TMPDIR`, else /tmp: short, since a socket's path has at most 107 bytes.
  package init() throws(SystemCallError) {
    let parent = Self.environment("XDG_RUNTIME_DIR") ?? Self.environment("TMPDIR") ?? "/tmp"
    var template = Array("\(parent)/sluice-XXXXXX".utf8CString)
    // mkdtemp makes it with mode 0700.
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer -> String? in
      unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }.map { unsafe String(cString: $0) }
    }
    guard let made else { throw SystemCallError("make a directory in \(parent)", code: errno) }
    path = made
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
