import Foundation
import Synchronization

/// A terminal that nobody looks at: what programs write to `path` can be read here.
package final class Terminal: Sendable {
  /// To redirect to.
  package let path: String
  private let reader: Int32
  /// Keeps the terminal from hanging up while no program has it open.
  private let writer: Int32
  private let group = DispatchGroup()
  private let shown = Mutex<[UInt8]>([])

  package init(columns: UInt16) throws {
    var ends: (reader: Int32, writer: Int32) = (-1, -1)
    var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    guard unsafe openpty(&ends.reader, &ends.writer, nil, nil, &size) == 0, let name = unsafe ttyname(ends.writer)
    else {
      throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .ENOTTY)
    }
    (reader, writer) = ends
    path = unsafe String(cString: name)
    // Read at once, so that the programs can go on writing.
    DispatchQueue.global().async(group: group) { [self] in
      var chunk = [UInt8](repeating: 0, count: 4096)
      while true {
        let count = unsafe chunk.withUnsafeMutableBytes { unsafe read(reader, $0.baseAddress, $0.count) }
        if count <= 0 { return }
        shown.withLock { $0 += chunk[..<count] }
      }
    }
  }

  /// Everything that was shown; the programs that use it must have ended.
  package func finish() -> String {
    close(writer)
    group.wait()
    close(reader)
    return shown.withLock { String(decoding: $0, as: UTF8.self) }
  }
}
