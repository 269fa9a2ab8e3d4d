/// What stands in a row under construction, for whoever checks it. Unsafe inside as the writing is: every read checks its
/// column and row.
extension ColumnScratch {
  /// Whether the row was given no value.
  @inlinable
  public func isNull(column: Int, row: Int) -> Bool {
    guard nullColumns & 1 &<< UInt64(min(column, 63)) != 0 else { return false }
    let at = place(column, row)
    let byte = unsafe validityBase.load(fromByteOffset: at &>> 3, as: UInt8.self)
    return byte & 1 &<< UInt8(at & 7) == 0
  }

  /// An `int64`, `timestamp` or (scaled) `decimal` value.
  @inlinable
  public func int64(column: Int, row: Int) -> Int64 {
    unsafe base.load(fromByteOffset: place(column, row) &<< 3, as: Int64.self)
  }

  @inlinable
  public func float64(column: Int, row: Int) -> Double {
    Double(bitPattern: UInt64(bitPattern: int64(column: column, row: row)))
  }

  @inlinable
  public func bool(column: Int, row: Int) -> Bool {
    let first = place(column, 0) &<< 3
    _ = place(column, row)
    return unsafe base.load(fromByteOffset: first &+ row, as: UInt8.self) != 0
  }

  /// The bytes of a string; `row` and those before it have been stored.
  @_lifetime(borrow self)
  package func text(column: Int, row: Int) -> Span<UInt8> {
    let start = place(column, 0) << 3
    _ = place(column, row)
    let first = unsafe Int(base.load(fromByteOffset: start + row * 4, as: UInt32.self))
    let end = unsafe Int(base.load(fromByteOffset: start + (row + 1) * 4, as: UInt32.self))
    precondition(unsafe first <= end && end <= texts[column].count, "a string that has not been stored")
    let span = unsafe Span(_unsafeStart: texts[column].base + first, count: end - first)
    return unsafe _overrideLifetime(span, borrowing: self)
  }
}
