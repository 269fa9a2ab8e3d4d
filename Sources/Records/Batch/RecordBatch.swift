/// A columnar, immutable set of rows of one schema, in the order of their positions.
///
/// Its memory is its wire layout. After the frame header, at offsets from the body's start, little-endian:
///
///     directory   24 bytes a column: offset of values, their bytes, offset of validity (0: no nulls), offset of text,
///                 its bytes, 0
///     times       8 bytes a row
///     tags        8 bytes a row
///     arrivals    8 bytes a row, where flag 0 says so
///     columns     each from a multiple of 8: values, then validity (1 bit a row, 1 = has a value), then text
public struct RecordBatch: Sendable {
  public let schema: Schema
  /// Rows; at least one in a frame that travels.
  public let rowCount: Int
  let flags: UInt8
  var storage: FrameStorage

  static let directoryEntry = 24

  init(schema: Schema, rowCount: Int, flags: UInt8, storage: FrameStorage) {
    self.schema = schema
    self.rowCount = rowCount
    self.flags = flags
    self.storage = storage
  }

  /// Checks that every section lies within the body.
  init(decoding storage: FrameStorage, schema: Schema, rows: Int, flags: UInt8) throws(FrameError) {
    let body = storage.count - FrameHeader.size
    var needed = schema.fields.count * Self.directoryEntry
    guard rows > 0 else { throw .body(field: "no rows") }
    needed += rows * (flags & FrameHeader.arrivalsFlag != 0 ? 24 : 16)
    guard needed <= body else { throw .body(field: "directory and positions exceed the body") }
    for (index, field) in schema.fields.enumerated() {
      func entry(_ place: Int) -> Int {
        Int(storage.load(UInt32.self, at: FrameHeader.size + index * Self.directoryEntry + place * 4))
      }
      func section(_ name: String, _ offset: Int, _ bytes: Int) throws(FrameError) {
        guard offset >= needed, bytes <= body, offset <= body - bytes else {
          throw .body(field: "\(name) of column \(field.name)")
        }
      }
      let values = field.type == .string ? (rows + 1) * 4 : rows * field.type.width
      guard entry(1) == values else { throw .body(field: "length of column \(field.name)") }
      try section("values", entry(0), values)
      if entry(2) != 0 {
        guard field.isNullable else { throw .body(field: "nulls in column \(field.name), which has none") }
        try section("validity", entry(2), (rows + 7) / 8)
      }
      if field.type == .string { try section("text", entry(3), entry(4)) }
    }
    self.init(schema: schema, rowCount: rows, flags: flags, storage: storage)
  }

  /// Whether rows carry the time at which they were scheduled to arrive.
  package var hasArrivals: Bool { flags & FrameHeader.arrivalsFlag != 0 }

  /// Bytes of the frame that holds this batch.
  package var byteCount: Int { storage.count }

  /// The same for two values exactly when they read the same memory, as long as both live.
  package var identity: ObjectIdentifier { ObjectIdentifier(storage) }

  package func column(_ index: Int) -> ColumnView {
    precondition(schema.fields.indices.contains(index))
    func entry(_ place: Int) -> Int {
      Int(storage.load(UInt32.self, at: FrameHeader.size + index * Self.directoryEntry + place * 4))
    }
    let body = unsafe UnsafeRawPointer(storage.base + FrameHeader.size)
    return unsafe ColumnView(
      type: schema.fields[index].type,
      count: rowCount,
      values: body + entry(0),
      validity: entry(2) == 0 ? nil : body + entry(2),
      text: body + entry(3),
      textCount: entry(4),
      owner: storage
    )
  }

  /// All columns, in the schema's order.
  package var columns: [ColumnView] { schema.fields.indices.map(column) }

  package var positions: PositionsView {
    let times = FrameHeader.size + schema.fields.count * Self.directoryEntry
    return unsafe PositionsView(
      count: rowCount,
      times: UnsafeRawPointer(storage.base + times),
      tags: UnsafeRawPointer(storage.base + times + rowCount * 8),
      owner: storage
    )
  }

  /// When each row was scheduled to arrive, in nanoseconds of the monotonic clock; nil where rows do not carry it.
  package var arrivals: ColumnView? {
    guard hasArrivals else { return nil }
    let start = FrameHeader.size + schema.fields.count * Self.directoryEntry + rowCount * 16
    return unsafe ColumnView(
      type: .int64,
      count: rowCount,
      values: UnsafeRawPointer(storage.base + start),
      validity: nil,
      text: UnsafeRawPointer(storage.base),
      textCount: 0,
      owner: storage
    )
  }

  mutating func makeUnique() {
    if !isKnownUniquelyReferenced(&storage) { storage = FrameStorage(copying: storage.bytes) }
  }
}
