/// A growable run of bytes that rows are written to as text, reused from batch to batch.
///
/// Unsafe inside: `base` addresses `capacity` bytes, of which the first `count` are initialised.
@safe
public struct TextBuffer: ~Copyable {
  @usableFromInline var base: UnsafeMutablePointer<UInt8>
  @usableFromInline var capacity: Int
  /// Bytes written.
  public private(set) var count: Int

  package init(capacity: Int = 4096) {
    unsafe base = .allocate(capacity: max(capacity, 64))
    self.capacity = max(capacity, 64)
    count = 0
  }

  deinit { unsafe base.deallocate() }

  /// The bytes written so far.
  public var bytes: Span<UInt8> {
    @_lifetime(borrow self)
    get {
      let span = unsafe Span(_unsafeStart: base, count: count)
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  package mutating func removeAll() { count = 0 }

  /// Forgets all bytes after the first `length`.
  package mutating func truncate(to length: Int) { count = min(count, max(length, 0)) }

  /// Forgets the first `length` bytes.
  package mutating func removeFirst(_ length: Int) {
    let dropped = min(count, max(length, 0))
    unsafe base.update(from: base + dropped, count: count - dropped)
    count -= dropped
  }

  /// Room for `more` bytes after `count`.
  @inlinable
  mutating func reserve(_ more: Int) {
    if capacity &- count < more { grow(more) }
  }

  @usableFromInline
  mutating func grow(_ more: Int) {
    let larger = max(capacity * 2, count + more)
    let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: larger)
    unsafe moved.update(from: base, count: count)
    unsafe base.deallocate()
    unsafe base = moved
    capacity = larger
  }

  @inlinable
  public mutating func append(byte: UInt8) {
    reserve(1)
    unsafe base[count] = byte
    advance(1)
  }

  @inlinable
  public mutating func append(_ more: Span<UInt8>) {
    reserve(more.count)
    unsafe more.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { unsafe (base + count).update(from: start, count: source.count) }
    }
    advance(more.count)
  }

  @inlinable
  public mutating func append(_ text: StaticString) {
    reserve(text.utf8CodeUnitCount)
    unsafe (base + count).update(from: text.utf8Start, count: text.utf8CodeUnitCount)
    advance(text.utf8CodeUnitCount)
  }

  package mutating func append(_ text: String) {
    for byte in text.utf8 { append(byte: byte) }
  }

  @inlinable
  public mutating func append(integer value: Int64) {
    if value < 0 { append(byte: 0x2D) }
    append(magnitude: value.magnitude)
  }

  @inlinable
  mutating func append(magnitude: UInt64) {
    reserve(20)
    var length = 1
    var limit: UInt64 = 10
    while length < 20 && magnitude >= limit {
      length &+= 1
      limit = length < 20 ? limit &* 10 : .max
    }
    var rest = magnitude
    var index = count &+ length
    repeat {
      index &-= 1
      unsafe base[index] = UInt8(truncatingIfNeeded: rest % 10) &+ 0x30
      rest /= 10
    } while index > count
    advance(length)
  }

  /// `value` with at least `width` digits, zeros in front of them.
  @inlinable
  public mutating func append(integer value: Int64, padding width: Int) {
    if value < 0 { append(byte: 0x2D) }
    let magnitude = value.magnitude
    var shown = 1
    var limit: UInt64 = 10
    // 10^19 is the largest power of ten in 64 bits.
    while shown < min(width, 20) && magnitude >= limit {
      shown &+= 1
      limit = shown < 20 ? limit &* 10 : .max
    }
    for _ in shown..<max(width, shown) { append(byte: 0x30) }
    append(magnitude: magnitude)
  }

  /// `value` / 10^`scale`, with exactly `scale` places.
  @inlinable
  public mutating func append(decimal value: Int64, scale: Int) {
    guard scale > 0 else { return append(integer: value) }
    if value < 0 { append(byte: 0x2D) }
    let unit = UInt64(DecimalText.powersOfTen[scale])
    append(magnitude: value.magnitude / unit)
    append(byte: 0x2E)
    append(integer: Int64(value.magnitude % unit), padding: scale)
  }

  /// The shortest text that reads back as the same double; whole numbers end in `.0`.
  public mutating func append(float value: Double) {
    append(value.description)
  }

  /// `YYYY-MM-DD HH:MM:SS` with `separator` before the hour, and the fraction where there is one.
  @inlinable
  public mutating func append(timestamp time: Int64, separator: UInt8) {
    let date = Timestamp.date(ofDay: Timestamp.day(of: time))
    append(integer: date.year, padding: 4)
    append(byte: 0x2D)
    append(integer: date.month, padding: 2)
    append(byte: 0x2D)
    append(integer: date.day, padding: 2)
    append(byte: separator)
    let rest = Timestamp.timeOfDay(of: time)
    append(integer: rest / 3_600_000_000, padding: 2)
    append(byte: 0x3A)
    append(integer: rest / 60_000_000 % 60, padding: 2)
    append(byte: 0x3A)
    append(integer: rest / 1_000_000 % 60, padding: 2)
    let fraction = rest % 1_000_000
    if fraction != 0 {
      append(byte: 0x2E)
      append(integer: fraction, padding: 6)
    }
  }

  /// `text` as a JSON string, quotes included. Bytes that are not UTF-8 become U+FFFD.
  public mutating func append(json text: Span<UInt8>) {
    append(byte: 0x22)
    var isASCII = true
    for index in 0..<text.count where text[index] >= 0x80 { isASCII = false }
    if isASCII {
      for index in 0..<text.count { append(jsonASCII: text[index]) }
    } else {
      let repaired = unsafe text.withUnsafeBufferPointer { unsafe String(decoding: $0, as: UTF8.self) }
      for byte in repaired.utf8 {
        if byte < 0x80 { append(jsonASCII: byte) } else { append(byte: byte) }
      }
    }
    append(byte: 0x22)
  }

  package mutating func append(json text: String) {
    let bytes = Array(text.utf8)
    append(json: bytes.span)
  }

  private mutating func append(jsonASCII byte: UInt8) {
    switch byte {
    case 0x22: append("\\\"")
    case 0x5C: append("\\\\")
    case 0x0A: append("\\n")
    case 0x0D: append("\\r")
    case 0x09: append("\\t")
    case 0..<0x20, 0x7F:
      append("\\u00")
      append(byte: Self.hexDigit(byte >> 4))
      append(byte: Self.hexDigit(byte & 15))
    default: append(byte: byte)
    }
  }

  private static func hexDigit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x57 + value }

  @usableFromInline
  mutating func advance(_ length: Int) { count &+= length }
}
