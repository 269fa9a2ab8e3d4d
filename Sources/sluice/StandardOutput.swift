internal import ArgumentParser
internal import Glibc

/// stdout, for the commands that write their result themselves.
enum StandardOutput {
  /// Writes all of `text`, or ends the command: with 0 where the reader has gone, who had enough (`| head`).
  static func write(_ text: Span<UInt8>) throws(ExitCode) {
    guard let code = Descriptor.write(text, to: STDOUT_FILENO) else { return }
    if code == EPIPE { throw .success }
    StandardError.writeLine("sluice: cannot write stdout: \(unsafe String(cString: strerror(code)))")
    throw .failure
  }

  static func writeText(_ text: String) throws(ExitCode) { try write(Array(text.utf8).span) }

  static func writeLine(_ text: String) throws(ExitCode) { try writeText(text + "\n") }
}
