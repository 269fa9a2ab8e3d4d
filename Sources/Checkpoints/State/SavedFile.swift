package import Records

/// A state file as the manifest names it: enough to tell that the file there is this one, whole.
package struct SavedFile: Hashable, Sendable {
  package let name: String
  /// Its length.
  package let bytes: Int
  package let blocks: Int
  /// The checksum in its trailer, which covers the checksums of all blocks.
  package let checksum: UInt32

  package init(name: String, bytes: Int, blocks: Int, checksum: UInt32) {
    self.name = name
    self.bytes = bytes
    self.blocks = blocks
    self.checksum = checksum
  }

  package func encode(into writer: inout ByteWriter) {
    writer.write(name)
    writer.write(UInt64(clamping: bytes))
    writer.write(UInt64(clamping: blocks))
    writer.write(checksum)
  }

  package init(from reader: inout ByteReader) throws(MalformedBytes) {
    name = try reader.readFlatName()
    bytes = try reader.readLength()
    blocks = try reader.readLength()
    checksum = try reader.read()
  }
}

extension ByteReader {
  /// A file name that cannot lead out of its directory.
  mutating func readFlatName() throws(MalformedBytes) -> String {
    let name = try read(String.self)
    guard isFlat(name) else { throw malformed("a plain file name") }
    return name
  }

  /// A number of bytes or of things.
  mutating func readLength() throws(MalformedBytes) -> Int {
    guard let length = Int(exactly: try read(UInt64.self)) else { throw malformed("a length") }
    return length
  }
}
