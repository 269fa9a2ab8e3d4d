internal import Glibc
internal import Records

/// What a worker says to people: its stderr, which the supervisor reads.
enum WorkerLog {
  static func write(_ text: String) {
    var line = TextBuffer()
    line.append(text)
    line.append("\n")
    unsafe line.bytes.withUnsafeBytes { _ = unsafe Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }
}
