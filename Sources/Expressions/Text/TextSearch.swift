/// Texts are compared byte by byte: UTF-8 keeps the order of Unicode scalars.
enum TextSearch {
  static func order(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Int {
    for index in 0..<min(left.count, right.count) where left[index] != right[index] {
      return left[index] < right[index] ? -1 : 1
    }
    return left.count - right.count
  }

  static func starts(_ whole: Span<UInt8>, _ part: Span<UInt8>) -> Bool { isAt(0, whole, part) }
  static func ends(_ whole: Span<UInt8>, _ part: Span<UInt8>) -> Bool { isAt(whole.count - part.count, whole, part) }

  static func contains(_ whole: Span<UInt8>, _ part: Span<UInt8>) -> Bool {
    guard whole.count >= part.count else { return false }
    return (0...whole.count - part.count).contains { isAt($0, whole, part) }
  }

  private static func isAt(_ start: Int, _ whole: Span<UInt8>, _ part: Span<UInt8>) -> Bool {
    guard start >= 0, part.count <= whole.count - start else { return false }
    return areEqual(whole.extracting(start..<start + part.count), part)
  }

  /// Compares in the widest words that fit, the last of which may overlap the one before.
  @inline(__always)
  static func areEqual(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    if left.count >= 8 { return areEqual(left, right, by: UInt64.self) }
    if left.count >= 4 { return areEqual(left, right, by: UInt32.self) }
    for index in left.indices where left[index] != right[index] { return false }
    return true
  }

  /// - Precondition: both texts are equally long, and at least as long as a word.
  @inline(__always)
  private static func areEqual<Word: FixedWidthInteger & BitwiseCopyable>(
    _ left: Span<UInt8>,
    _ right: Span<UInt8>,
    by: Word.Type
  ) -> Bool {
    let (left, right) = unsafe (left.bytes, right.bytes)
    let last = left.byteCount - MemoryLayout<Word>.size
    var at = 0
    while at < last {
      if word(left, at) != word(right, at) as Word { return false }
      at += MemoryLayout<Word>.size
    }
    return word(left, last) == word(right, last) as Word
  }

  @inline(__always)
  private static func word<Word: FixedWidthInteger & BitwiseCopyable>(_ text: RawSpan, _ offset: Int) -> Word {
    // Safe: the offset is checked, and every pattern of bits is a number.
    unsafe text.unsafeLoadUnaligned(fromByteOffset: offset, as: Word.self)
  }
}
