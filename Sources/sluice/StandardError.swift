internal import Glibc

/// stderr: everything for people that is not a result.
enum StandardError {
  static let isTerminal = isatty(STDERR_FILENO) == 1

  /// Columns of the terminal; nil where it is none, or does not say.
  static var width: Int? {
    var size = winsize()
    guard unsafe ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// Says it as far as it can be said: there is nowhere to complain about stderr.
  static func write(_ text: String) { _ = Descriptor.write(Array(text.utf8).span, to: STDERR_FILENO) }

  static func writeLine(_ text: String) { write(text + "\n") }
}
