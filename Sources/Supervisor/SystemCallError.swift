internal import Glibc

/// A failed system call: which, on what, why.
package struct SystemCallError: Error, Hashable, Sendable, CustomStringConvertible {
  package let call: String
  package let code: Int32

  /// - Parameter call: the call and what it was about, for people.
  package init(_ call: String, code: Int32) {
    self.call = call
    self.code = code
  }

  package var description: String { unsafe "\(call): \(String(cString: strerror(code)))" }
}

/// Runs a system call that says -1 on failure, again while a signal interrupts it.
package func systemCall(_ what: @autoclosure () -> String, _ call: () -> Int32) throws(SystemCallError) -> Int32 {
  while true {
    let result = call()
    if result != -1 { return result }
    let code = errno
    if code != EINTR { throw SystemCallError(what(), code: code) }
  }
}
