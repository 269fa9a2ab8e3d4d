internal import Foundation

/// The lines of a file, one after the other. Reads in pieces: what this program holds shows in what it measures.
struct LineReader {
  private let file: FileHandle
  private var buffer: [UInt8] = []
  private var position = 0

  private static let piece = 1 << 18

  init(_ url: URL) throws { file = try FileHandle(forReadingFrom: url) }

  /// The next line, without its end; nil behind the last.
  mutating func next() throws -> ArraySlice<UInt8>? {
    var searched = position
    while true {
      if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { position = end + 1 }
        return buffer[position..<end]
      }
      searched = buffer.count - position
      buffer.removeFirst(position)
      position = 0
      guard let data = try file.read(upToCount: Self.piece), !data.isEmpty else {
        defer { position = buffer.count }
        return buffer.isEmpty ? nil : buffer[...]
      }
      buffer += data
    }
  }
}
