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
    for index in 0..<part.count where whole[start + index] != part[index] { return false }
    return true
  }
}
