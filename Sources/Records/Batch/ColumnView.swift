/// One column of a batch, read in place; keeps the memory that it reads alive.
///
/// Unsafe inside: `values` addresses `count` values (`count + 1` offsets for a string), `validity`, where there is one,
/// (count + 7) / 8 bytes, `text` `textCount` bytes; `owner` keeps all three alive. Nothing is assumed of alignment, nor of
/// the offsets of a string column: they are checked at every read, for they may come from a peer.
@safe
public struct ColumnView: @unchecked Sendable {
  public let type: ColumnType
  /// Rows.
  public let count: Int
  @usableFromInline let values: UnsafeRawPointer
  @usableFromInline let validity: UnsafeRawPointer?
  @usableFromInline let text: UnsafeRawPointer
  @usableFromInline let textCount: Int
  @usableFromInline let owner: AnyObject

  @unsafe
  init(
    type: ColumnType,
    count: Int,
    values: UnsafeRawPointer,
    validity: UnsafeRawPointer?,
    text: UnsafeRawPointer,
    textCount: Int,
    owner: AnyObject
  ) {
    self.type = type
    self.count = count
    unsafe self.values = values
    unsafe self.validity = validity
    unsafe self.text = text
    self.textCount = textCount
    self.owner = owner
  }

  /// Whether any row may lack a value; false lets a loop skip the test per row.
  @inlinable public var hasNulls: Bool { unsafe validity != nil }

  @inlinable
  public func isNull(_ row: Int) -> Bool {
    check(row)
    guard let validity = unsafe validity else { return false }
    let byte = unsafe bytes(at: validity).unsafeLoad(fromUncheckedByteOffset: row &>> 3, as: UInt8.self)
    return byte &>> UInt8(row & 7) & 1 == 0
  }

  /// The value of an `int64`, `timestamp` or `decimal` column (scaled). Unspecified where the row is null.
  @inlinable
  public func int64(_ row: Int) -> Int64 {
    check(row)
    precondition(type.width == 8)
    return unsafe bytes(at: values).unsafeLoadUnaligned(fromUncheckedByteOffset: row &<< 3, as: Int64.self)
  }

  /// The bits of the values of some rows of a column of eight-byte values, for loops that check no row by itself.
  /// Unspecified where a row is null.
  @inlinable
  @_lifetime(borrow self)
  public func words(_ rows: Range<Int>) -> ColumnWords {
    precondition(type.width == 8 && rows.lowerBound >= 0 && rows.upperBound <= count, "rows out of range")
    let start = unsafe values + rows.lowerBound &<< 3
    let words = unsafe ColumnWords(RawSpan(_unsafeStart: start, byteCount: rows.count &<< 3), count: rows.count)
    return unsafe _overrideLifetime(words, borrowing: self)
  }

  /// The value of a `float64` column. Unspecified where the row is null.
  @inlinable
  public func float64(_ row: Int) -> Double {
    Double(bitPattern: UInt64(bitPattern: int64(row)))
  }

  /// The value of a `bool` column. Unspecified where the row is null.
  @inlinable
  public func bool(_ row: Int) -> Bool {
    check(row)
    precondition(type == .bool)
    return unsafe bytes(at: values).unsafeLoad(fromUncheckedByteOffset: row, as: UInt8.self) != 0
  }

  /// The bytes of a `string` column's value; empty where the row is null or a peer's offsets make no sense.
  @inlinable
  @_lifetime(borrow self)
  public func utf8(_ row: Int) -> Span<UInt8> {
    check(row)
    precondition(type == .string)
    let start = unsafe Int(values.loadUnaligned(fromByteOffset: row &<< 2, as: UInt32.self))
    let end = unsafe Int(values.loadUnaligned(fromByteOffset: (row &+ 1) &<< 2, as: UInt32.self))
    let inside = start <= end && end <= textCount
    let bytes = unsafe Span<UInt8>(
      _unsafeStart: (text + (inside ? start : 0)).assumingMemoryBound(to: UInt8.self),
      count: inside ? end &- start : 0
    )
    return unsafe _overrideLifetime(bytes, borrowing: self)
  }

  package func string(_ row: Int) -> String {
    unsafe utf8(row).withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
  }

  /// The stable hash of an `int64` or `string` column's value. Unspecified where the row is null.
  @inlinable
  public func stableHash(_ row: Int) -> UInt64 {
    type == .string ? StableHash.of(utf8(row)) : StableHash.of(int64(row))
  }

  /// A section's bytes, by a span so that the compiler keeps `owner` until they are read: that costs a loop nothing, where
  /// retaining and releasing would cost more than the read. How many there are, the callers have checked.
  @unsafe
  @inlinable
  @_lifetime(borrow self)
  func bytes(at section: UnsafeRawPointer) -> RawSpan {
    let span = unsafe RawSpan(_unsafeStart: section, byteCount: .max)
    return unsafe _overrideLifetime(span, borrowing: self)
  }

  @inlinable
  func check(_ row: Int) {
    precondition(UInt(bitPattern: row) < UInt(bitPattern: count), "row out of range")
  }
}

/// The bits of eight-byte values that stand one after the other, in no alignment.
///
/// Unsafe inside: `bytes` are eight for each of `count` values, and an index is checked against that. Where it comes from
/// a loop over as many, the compiler leaves the check out.
@safe
public struct ColumnWords: ~Escapable {
  public let count: Int
  @usableFromInline let bytes: RawSpan

  @unsafe
  @inlinable
  @_lifetime(copy bytes)
  init(_ bytes: RawSpan, count: Int) {
    self.bytes = bytes
    self.count = count
  }

  @inlinable
  public subscript(index: Int) -> Int64 {
    precondition(UInt(bitPattern: index) < UInt(bitPattern: count), "index out of range")
    return unsafe bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: index &<< 3, as: Int64.self)
  }
}

/// The positions of a batch's rows, read in place.
///
/// Unsafe inside: `times` and `tags` address `count` eight-byte values each, kept alive by `owner`, in no alignment.
@safe
public struct PositionsView: @unchecked Sendable {
  public let count: Int
  @usableFromInline let times: UnsafeRawPointer
  @usableFromInline let tags: UnsafeRawPointer
  @usableFromInline let owner: AnyObject

  @unsafe
  init(count: Int, times: UnsafeRawPointer, tags: UnsafeRawPointer, owner: AnyObject) {
    self.count = count
    unsafe self.times = times
    unsafe self.tags = tags
    self.owner = owner
  }

  /// The position of row `row`.
  @inlinable
  public subscript(row: Int) -> Position {
    precondition(UInt(bitPattern: row) < UInt(bitPattern: count), "row out of range")
    return unsafe Position(
      time: bytes(at: times).unsafeLoadUnaligned(fromUncheckedByteOffset: row &<< 3, as: Int64.self),
      tag: bytes(at: tags).unsafeLoadUnaligned(fromUncheckedByteOffset: row &<< 3, as: UInt64.self)
    )
  }

  /// The event time of row `row`, in microseconds since 1970 UTC.
  @inlinable
  public func time(_ row: Int) -> Int64 {
    precondition(UInt(bitPattern: row) < UInt(bitPattern: count), "row out of range")
    return unsafe bytes(at: times).unsafeLoadUnaligned(fromUncheckedByteOffset: row &<< 3, as: Int64.self)
  }

  /// As in `ColumnView`.
  @unsafe
  @inlinable
  @_lifetime(borrow self)
  func bytes(at section: UnsafeRawPointer) -> RawSpan {
    let span = unsafe RawSpan(_unsafeStart: section, byteCount: .max)
    return unsafe _overrideLifetime(span, borrowing: self)
  }
}
