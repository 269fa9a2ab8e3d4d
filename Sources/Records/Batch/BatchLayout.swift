/// Lays the sections of a batch out behind the frame's header, and writes the directory that finds them.
struct BatchLayout {
  /// Where the parts of one column stand, in bytes from the body's start.
  struct Place {
    let values: Int
    let valueBytes: Int
    /// 0: no nulls.
    let validity: Int
    let text: Int
    let textBytes: Int
  }

  private let columnCount: Int
  private let rows: Int
  private var size: Int

  /// The place of the rows' times, with the tags and the arrivals behind them.
  var positions: Int { columnCount * RecordBatch.directoryEntry }

  init(columns: Int, rows: Int, hasArrivals: Bool) {
    columnCount = columns
    self.rows = rows
    size = columns * RecordBatch.directoryEntry + rows * (hasArrivals ? 24 : 16)
  }

  /// Gives the next column its place.
  mutating func add(values valueBytes: Int, hasNulls: Bool, text textBytes: Int) -> Place {
    let values = size
    size = Self.aligned(values + valueBytes)
    let validity = hasNulls ? size : 0
    if hasNulls { size = Self.aligned(size + (rows + 7) / 8) }
    let text = size
    size = Self.aligned(size + textBytes)
    return Place(values: values, valueBytes: valueBytes, validity: validity, text: text, textBytes: textBytes)
  }

  /// Memory for the whole frame, with the directory written.
  func makeStorage(_ places: [Place]) -> FrameStorage {
    // Body offsets are 32 bits wide; batches are cut by rows and bytes long before.
    precondition(size <= Int(UInt32.max), "a batch is smaller than 4 GiB")
    let storage = FrameStorage(uninitialised: FrameHeader.size + size)
    for (index, place) in places.enumerated() {
      let entry = FrameHeader.size + index * RecordBatch.directoryEntry
      storage.store(UInt32(place.values), at: entry)
      storage.store(UInt32(place.valueBytes), at: entry + 4)
      storage.store(UInt32(place.validity), at: entry + 8)
      storage.store(UInt32(place.text), at: entry + 12)
      storage.store(UInt32(place.textBytes), at: entry + 16)
      storage.store(UInt32(0), at: entry + 20)
      Self.clearEnd(of: place.valueBytes, at: place.values, in: storage)
      Self.clearEnd(of: place.validity == 0 ? 0 : (rows + 7) / 8, at: place.validity, in: storage)
      Self.clearEnd(of: place.textBytes, at: place.text, in: storage)
    }
    return storage
  }

  /// Clears the last word of a section before it is copied in: what the section leaves of the word would otherwise carry
  /// whatever the memory held before to the peer.
  private static func clearEnd(of bytes: Int, at offset: Int, in storage: FrameStorage) {
    guard bytes % 8 != 0 else { return }
    storage.store(0 as UInt64, at: FrameHeader.size + aligned(offset + bytes) - 8)
  }

  private static func aligned(_ offset: Int) -> Int { (offset + 7) & ~7 }
}
