internal import Dataflow

/// The layout of a state file: the blocks of one worker's state, whole or only those that changed.
///
/// Little-endian, without padding. The header:
///
///     offset  bytes  field
///          0      4  magic "SLST"
///          4      2  layout version
///          6      2  reserved, 0
///
/// then the contents of all blocks, one right after the other; then the index, an entry for each of them in that order:
///
///     offset  bytes  field
///          0      2  key group (256: of no key)
///          2      1  kind
///          3      4  number
///          7      8  offset in the file
///         15      4  length in bytes
///         19      4  CRC-32C of the contents
///
/// and at the file's end the trailer:
///
///     offset  bytes  field
///          0      8  offset of the index in the file
///          8      8  entries in the index
///         16      8  length of the file
///         24      4  CRC-32C of the header, the index and the 24 bytes before this
///         28      4  magic "SLSE"
///
/// The contents fill exactly what lies between header and index, so that every byte has a checksum or one right value.
enum StateFileLayout {
  static let magic: UInt32 = 0x5453_4C53  // "SLST", little-endian
  static let endMagic: UInt32 = 0x4553_4C53  // "SLSE"
  static let version: UInt16 = 1
  static let headerSize = 8
  static let entrySize = 23
  static let trailerSize = 32

  static var header: [UInt8] {
    var bytes: [UInt8] = []
    bytes.put(magic)
    bytes.put(version)
    bytes.put(UInt16(0))
    return bytes
  }

  /// Index and trailer.
  static func footer(_ entries: [Entry], at offset: Int) -> (bytes: [UInt8], checksum: UInt32) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(entries.count * entrySize + trailerSize)
    for entry in entries {
      bytes.put(entry.block.group)
      bytes.put(entry.block.kind)
      bytes.put(entry.block.number)
      bytes.put(UInt64(entry.offset))
      bytes.put(UInt32(entry.length))
      bytes.put(entry.checksum)
    }
    bytes.put(UInt64(offset))
    bytes.put(UInt64(entries.count))
    bytes.put(UInt64(offset + entries.count * entrySize + trailerSize))
    var checksum = Checksum(of: header.span)
    checksum.add(bytes.span)
    bytes.put(checksum.value)
    bytes.put(endMagic)
    return (bytes, checksum.value)
  }

  struct Entry {
    let block: StateBlock
    let offset: Int
    let length: Int
    let checksum: UInt32

    var end: Int { offset + length }
  }
}
