internal import Records

extension Evaluator {
  /// A test of two texts, 1 or 0, null where either is.
  @inline(__always)
  func match(
    _ operands: [Int],
    _ rows: Int,
    into result: inout Register,
    _ test: (Span<UInt8>, Span<UInt8>) -> Int64
  ) {
    // The usual case, a column and a constant, is told from the others once, not at every row.
    if case .column(let view) = register(operands[0]).text, case .constant(let bytes) = register(operands[1]).text {
      return pairs(operands, rows, into: &result) { _, _, row in test(view.utf8(row), bytes.span) }
    }
    pairs(operands, rows, into: &result) { left, right, row in
      left.withText(row) { left in right.withText(row) { right in test(left, right) } }
    }
  }

  func lower(_ operand: Int, _ rows: Int, into result: inout Register) {
    let source = register(operand)
    result.prepare(rows: rows)
    result.writeTexts(rows: rows) { row, bytes in
      source.withText(row) { text in
        let start = bytes.count
        for index in text.indices {
          let byte = text[index]
          bytes.append(0x41...0x5A ~= byte ? byte | 0x20 : byte)
        }
        guard bytes[start...].contains(where: { $0 >= 0x80 }) else { return }
        let whole = String(decoding: bytes[start...], as: UTF8.self).lowercased()
        bytes.removeSubrange(start...)
        bytes += whole.utf8
      }
    }
    if source.hasNulls { result.markNulls(rows: rows) { source.nulls[$0] } }
  }
}

extension Register {
  /// Makes the texts of all rows, in their order, in the memory of those before.
  @inline(__always)
  mutating func writeTexts(rows: Int, _ write: (Int, inout [UInt8]) -> Void) {
    var bytes: [UInt8] = []
    var starts: [Int] = []
    if case .own(let oldBytes, let oldStarts) = text {
      (bytes, starts) = (oldBytes, oldStarts)
      text = .none
    }
    bytes.removeAll(keepingCapacity: true)
    starts.removeAll(keepingCapacity: true)
    starts.append(0)
    for row in 0..<rows {
      write(row, &bytes)
      starts.append(bytes.count)
    }
    text = .own(bytes: bytes, starts: starts)
  }
}

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
