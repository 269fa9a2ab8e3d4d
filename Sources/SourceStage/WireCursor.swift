/// A place in the bytes of one Protobuf message: reads field by field, whatever the bytes.
package struct WireCursor: ~Escapable {
  private let bytes: Span<UInt8>
  private let end: Int
  package private(set) var at: Int

  /// What a field holds.
  package enum Value {
    case varint(UInt64)
    case fixed32(UInt32)
    case fixed64(UInt64)
    /// A text, bytes or a message: their place in the bytes.
    case bytes(Range<Int>)
    /// What nobody writes any more; it has been passed.
    case group
  }

  package enum Step {
    case field(number: Int, Value)
    case end
    case malformed
  }

  /// Groups within groups: deeper ones are no message.
  private static let deepestNesting = 64

  @_lifetime(copy bytes)
  package init(_ bytes: Span<UInt8>, in range: Range<Int>) {
    self.bytes = bytes
    at = range.lowerBound
    end = min(range.upperBound, bytes.count)
  }

  /// Passes the next field.
  package mutating func next() -> Step {
    guard at < end else { return .end }
    guard let tag = takeTag(), let value = takeValue(tag) else { return .malformed }
    return .field(number: tag.number, value)
  }

  /// Passes a number of seven bits a byte, the least first; nil where there is none of 64 bits.
  package mutating func takeVarint() -> UInt64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    var place = at
    while place < end, shift < 64 {
      let byte = bytes[place]
      // Of the tenth byte, only the lowest bit fits.
      if shift == 63, byte > 1 { return nil }
      value |= UInt64(byte & 0x7F) << shift
      place += 1
      if byte < 0x80 {
        at = place
        return value
      }
      shift += 7
    }
    return nil
  }

  private struct Tag {
    let number: Int
    let kind: UInt64
  }

  private mutating func takeTag() -> Tag? {
    guard let tag = takeVarint(), tag >> 3 > 0, tag >> 3 < 1 << 29 else { return nil }
    return Tag(number: Int(tag >> 3), kind: tag & 7)
  }

  private mutating func takeValue(_ tag: Tag) -> Value? {
    switch tag.kind {
    case 0: return takeVarint().map { .varint($0) }
    case 1: return takeFixed(8).map { .fixed64($0) }
    case 2:
      guard let count = takeVarint(), count <= UInt64(end - at) else { return nil }
      let start = at
      at += Int(count)
      return .bytes(start..<at)
    case 3: return takeGroup(tag.number) ? .group : nil
    case 5: return takeFixed(4).map { .fixed32(UInt32(truncatingIfNeeded: $0)) }
    default: return nil
    }
  }

  private mutating func takeFixed(_ count: Int) -> UInt64? {
    guard end - at >= count else { return nil }
    var value: UInt64 = 0
    for index in 0..<count { value |= UInt64(bytes[at + index]) << UInt64(8 * index) }
    at += count
    return value
  }

  /// Passes the fields of a group and the tag that ends it.
  private mutating func takeGroup(_ number: Int) -> Bool {
    var open = [number]
    while let last = open.last {
      guard let tag = takeTag() else { return false }
      switch tag.kind {
      case 3:
        guard open.count < Self.deepestNesting else { return false }
        open.append(tag.number)
      case 4:
        guard tag.number == last else { return false }
        open.removeLast()
      default: if takeValue(tag) == nil { return false }
      }
    }
    return true
  }
}

/// The length that stands before each message of a length-delimited file.
enum MessageLength {
  /// Bytes of the length, and of the message behind it.
  case known(prefix: Int, message: Int)
  /// The bytes end within it.
  case incomplete
  /// There is none: where a message begins behind it, nobody can tell.
  case malformed

  /// Protobuf has no longer messages.
  private static let longest: UInt64 = 1 << 31 - 1

  init(_ bytes: Span<UInt8>, at start: Int) {
    var cursor = WireCursor(bytes, in: start..<bytes.count)
    if let length = cursor.takeVarint() {
      self = length <= Self.longest ? .known(prefix: cursor.at - start, message: Int(length)) : .malformed
    } else {
      // A length has at most ten bytes.
      self = bytes.count - start < 10 ? .incomplete : .malformed
    }
  }

  /// The length before a message of so many bytes.
  static func prefix(_ count: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    var rest = count
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    return bytes + [UInt8(rest)]
  }
}
