internal import Records

/// A named list of a pipeline, as its lines were written; what they are is decided by what is looked up in it.
package struct ValueList: Sendable, Hashable {
  package let values: [String]

  package init(_ values: [String]) { self.values = values }

  /// The values as those of a type; fails with the first that is none.
  ///
  /// - Parameter type: not `float64`.
  func set(of type: ColumnType) -> Result<ValueSet, NoSuchValue> {
    if type == .string { return .success(ValueSet(strings: values.map { Array($0.utf8) })) }
    var words: [Int64] = []
    for value in values {
      guard let word = Self.word(Array(value.utf8), type) else { return .failure(NoSuchValue(text: value)) }
      words.append(word)
    }
    return .success(ValueSet(type, words: words))
  }

  /// A line of a list that is no value of the type.
  struct NoSuchValue: Error {
    let text: String
  }

  private static func word(_ text: [UInt8], _ type: ColumnType) -> Int64? {
    switch type {
    case .int64, .decimal:
      // Exactly: a rounded value would stand for another.
      let places = type.places ?? 0
      guard let value = DecimalText.parse(text.span, scale: places) else { return nil }
      let digits = text.drop { $0 != UInt8(ascii: ".") }.dropFirst()
      let isPlain = text.allSatisfy { 0x30...0x39 ~= $0 || "+-.".utf8.contains($0) }
      return isPlain && digits.dropFirst(places).allSatisfy { $0 == UInt8(ascii: "0") } ? value : nil
    case .timestamp: return Timestamp.parse(text.span)
    case .bool: return text == Array("true".utf8) ? 1 : text == Array("false".utf8) ? 0 : nil
    case .float64, .string: return nil
    }
  }
}
