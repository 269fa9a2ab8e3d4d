internal import Glibc

/// The lines that a process writes to its standard error, and the last few of them kept.
package final class LogTail {
  /// Readable when there is more; -1 once the other end has closed.
  package private(set) var descriptor: Int32
  package private(set) var lastLines: [String] = []
  private var partial: [UInt8] = []

  private static let linesKept = 12
  /// A longer line is cut here, so that a process that writes no newline takes no more memory than this.
  private static let longestLine = 4096

  init(_ descriptor: Int32) { self.descriptor = descriptor }

  deinit { if descriptor != -1 { close(descriptor) } }

  /// Reads what there is, without waiting, and gives the lines that are complete.
  package func readLines() -> [String] {
    guard descriptor != -1 else { return [] }
    var lines: [String] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
      if count > 0 {
        for byte in chunk[..<count] {
          if byte == 0x0A || partial.count == Self.longestLine { take(&lines) }
          if byte != 0x0A { partial.append(byte) }
        }
      } else if count == -1 && errno == EINTR {
        continue
      } else {
        if count == 0 {
          if !partial.isEmpty { take(&lines) }
          close(descriptor)
          descriptor = -1
        }
        return lines
      }
    }
  }

  private func take(_ lines: inout [String]) {
    let line = String(decoding: partial, as: UTF8.self)
    partial.removeAll(keepingCapacity: true)
    lines.append(line)
    lastLines.append(line)
    if lastLines.count > Self.linesKept { lastLines.removeFirst() }
  }
}
