/// Columns under construction: fixed memory that is written row by row or column by column, read through `ColumnView`s
/// when it is put together into a batch, and then used again. Writing allocates nothing but text that outgrows its room.
///
/// Unsafe inside: `base` addresses `columns` regions of 8 x `capacity` bytes each and `validityBase` as many of
/// `capacity` / 8; every write checks its column and row against these. `storage` frees both and the text buffers.
@safe
public struct ColumnScratch: ~Copyable {
  public let fields: [Field]
  /// Rows that fit.
  public private(set) var capacity: Int
  @usableFromInline let columnCount: Int
  @usableFromInline var base: UnsafeMutableRawPointer
  @usableFromInline var validityBase: UnsafeMutableRawPointer
  @usableFromInline var texts: UnsafeMutablePointer<Text>
  /// Bit c: column c has had a null since the last reset. Columns beyond 63 share the last bit.
  @usableFromInline var nullColumns: UInt64 = 0
  private var storage: Storage

  @unsafe
  @usableFromInline
  struct Text {
    @usableFromInline var base: UnsafeMutablePointer<UInt8>
    @usableFromInline var capacity: Int
    @usableFromInline var count: Int
  }

  /// What the views that were handed out keep alive.
  @safe
  private final class Storage {
    let base: UnsafeMutableRawPointer
    let validity: UnsafeMutableRawPointer
    let texts: UnsafeMutablePointer<Text>
    let columnCount: Int

    init(columnCount: Int, capacity: Int) {
      self.columnCount = columnCount
      let columns = max(columnCount, 1)
      unsafe base = .allocate(byteCount: columns * capacity * 8, alignment: 64)
      unsafe validity = .allocate(byteCount: columns * capacity / 8, alignment: 64)
      unsafe validity.initializeMemory(as: UInt8.self, repeating: 0xFF, count: columns * capacity / 8)
      unsafe texts = .allocate(capacity: columns)
      for column in 0..<columns {
        let room = UnsafeMutablePointer<UInt8>.allocate(capacity: 64)
        unsafe (texts + column).initialize(to: Text(base: room, capacity: 64, count: 0))
      }
    }

    deinit {
      unsafe base.deallocate()
      unsafe validity.deallocate()
      for column in 0..<max(columnCount, 1) { unsafe texts[column].base.deallocate() }
      unsafe texts.deallocate()
    }
  }

  /// Room for `capacity` rows (rounded up to a multiple of 64) of columns of the given fields.
  package init(_ fields: [Field], capacity: Int) {
    self.fields = fields
    columnCount = fields.count
    self.capacity = (max(capacity, 1) + 63) & ~63
    storage = Storage(columnCount: fields.count, capacity: self.capacity)
    unsafe base = storage.base
    unsafe validityBase = storage.validity
    unsafe texts = storage.texts
    startText()
  }

  /// Makes ready for `rows` rows anew: no nulls, no text. Views handed out before must no longer be read.
  package mutating func reset(rows: Int) {
    if rows > capacity {
      capacity = (rows + 63) & ~63
      storage = Storage(columnCount: columnCount, capacity: capacity)
      unsafe base = storage.base
      unsafe validityBase = storage.validity
      unsafe texts = storage.texts
    } else if nullColumns != 0 {
      unsafe validityBase.initializeMemory(as: UInt8.self, repeating: 0xFF, count: columnCount * capacity / 8)
    }
    nullColumns = 0
    startText()
  }

  private mutating func startText() {
    for column in 0..<columnCount where fields[column].type == .string {
      unsafe texts[column].count = 0
      unsafe base.storeBytes(of: 0, toByteOffset: column * capacity * 8, as: UInt32.self)
    }
  }

  /// Stores an `int64`, `timestamp` or (scaled) `decimal` value.
  @inlinable
  public mutating func store(_ value: Int64, column: Int, row: Int) {
    unsafe base.storeBytes(of: value, toByteOffset: place(column, row) &<< 3, as: Int64.self)
  }

  @inlinable
  public mutating func store(_ value: Double, column: Int, row: Int) {
    store(Int64(bitPattern: value.bitPattern), column: column, row: row)
  }

  @inlinable
  public mutating func store(_ value: Bool, column: Int, row: Int) {
    let first = place(column, 0) &<< 3
    _ = place(column, row)
    unsafe base.storeBytes(of: value ? 1 : 0, toByteOffset: first &+ row, as: UInt8.self)
  }

  /// Stores a string; rows of a string column are stored in order, each once.
  @inlinable
  public mutating func store(_ value: Span<UInt8>, column: Int, row: Int) {
    _ = place(column, row)
    if !value.isEmpty { appendText(value, column) }
    endText(column, row)
  }

  /// Stores that row `row` has no value. For a string column this is its value of the row.
  @inlinable
  public mutating func storeNull(column: Int, row: Int) {
    let at = place(column, row)
    nullColumns |= 1 &<< UInt64(min(column, 63))
    let byte = at &>> 3
    let old = unsafe validityBase.load(fromByteOffset: byte, as: UInt8.self)
    unsafe validityBase.storeBytes(of: old & ~(1 &<< UInt8(at & 7)), toByteOffset: byte, as: UInt8.self)
    switch fields[column].type {
    case .string: endText(column, row)
    // A byte a row: eight would be other rows' values.
    case .bool: store(false, column: column, row: row)
    default: store(0 as Int64, column: column, row: row)
    }
  }

  /// Takes back whatever was stored in row `row`, which is the last one: its nulls and its text.
  package mutating func undo(row: Int) {
    for column in 0..<columnCount {
      let at = place(column, row)
      let byte = at >> 3
      let old = unsafe validityBase.load(fromByteOffset: byte, as: UInt8.self)
      unsafe validityBase.storeBytes(of: old | (1 << UInt8(at & 7)), toByteOffset: byte, as: UInt8.self)
      if fields[column].type == .string {
        let start = column * capacity * 8
        unsafe texts[column].count = Int(base.load(fromByteOffset: start + row * 4, as: UInt32.self))
      }
    }
  }

  /// The first `rows` rows of a column. Valid until the next write.
  package func view(_ column: Int, rows: Int) -> ColumnView {
    precondition(rows <= capacity)
    let start = place(column, 0)
    let hasNulls = nullColumns & 1 << UInt64(min(column, 63)) != 0
    return unsafe ColumnView(
      type: fields[column].type,
      count: rows,
      values: UnsafeRawPointer(base + start * 8),
      validity: hasNulls ? UnsafeRawPointer(validityBase + start / 8) : nil,
      text: UnsafeRawPointer(texts[column].base),
      textCount: texts[column].count,
      owner: storage
    )
  }

  /// Columns 0 and 1 of a scratch with two eight-byte columns, time and tag, as positions.
  package func positions(rows: Int) -> PositionsView {
    precondition(columnCount >= 2 && rows <= capacity)
    return unsafe PositionsView(
      count: rows,
      times: UnsafeRawPointer(base),
      tags: UnsafeRawPointer(base + capacity * 8),
      owner: storage
    )
  }

  @inlinable
  func place(_ column: Int, _ row: Int) -> Int {
    precondition(UInt(bitPattern: column) < UInt(bitPattern: columnCount), "column out of range")
    precondition(UInt(bitPattern: row) < UInt(bitPattern: capacity), "row out of range")
    return column &* capacity &+ row
  }

  /// Text beyond this in one column is refused by the offsets' width; callers cut batches far below it.
  private static var largestText: Int { Int(UInt32.max) / 2 }

  @inlinable
  mutating func appendText(_ value: Span<UInt8>, _ column: Int) {
    let count = unsafe texts[column].count
    // Neither is longer than memory, so that the sum does not overflow.
    if unsafe value.count > texts[column].capacity &- count { growText(column, by: value.count) }
    unsafe value.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { unsafe (texts[column].base + count).update(from: start, count: source.count) }
    }
    unsafe texts[column].count = count &+ value.count
  }

  @usableFromInline
  mutating func growText(_ column: Int, by count: Int) {
    let text = unsafe texts[column]
    let needed = unsafe text.count + count
    precondition(needed <= Self.largestText, "a batch holds at most 2 GiB of text in a column")
    let larger = unsafe min(max(needed, text.capacity * 2), Self.largestText)
    let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    unsafe moved.update(from: text.base, count: text.count)
    unsafe text.base.deallocate()
    unsafe texts[column] = Text(base: moved, capacity: larger, count: text.count)
  }

  @inlinable
  mutating func endText(_ column: Int, _ row: Int) {
    let start = place(column, 0) &<< 3
    unsafe base.storeBytes(
      of: UInt32(truncatingIfNeeded: texts[column].count),
      toByteOffset: start &+ (row &+ 1) &* 4,
      as: UInt32.self
    )
  }
}
