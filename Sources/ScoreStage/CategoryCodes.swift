package import Records

/// The categories that a model knows of one input: which number each value of a column has.
package struct CategoryCodes: Sendable, Equatable {
  package enum Values: Sendable, Equatable {
    /// Of a column of texts.
    case texts([String])
    /// Of a column of integers.
    case integers([Int64])
  }

  /// Category 0, 1, 2 and so on; no value twice.
  package let values: Values

  // In the order of the values, to be searched by halves; the texts one after the other.
  private let codes: [Double]
  private let integers: [Int64]
  private let bytes: [UInt8]
  private let starts: [Int]

  /// nil where a value has two numbers.
  package init?(_ values: Values) {
    self.values = values
    switch values {
    case .texts(let texts):
      let sorted = texts.map { Array($0.utf8) }.enumerated()
        .sorted { $0.element.lexicographicallyPrecedes($1.element) }
      guard zip(sorted, sorted.dropFirst()).allSatisfy({ $0.element != $1.element }) else { return nil }
      codes = sorted.map { Double($0.offset) }
      bytes = sorted.flatMap(\.element)
      starts = sorted.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.element.count) }
      integers = []
    case .integers(let numbers):
      let sorted = numbers.enumerated().sorted { $0.element < $1.element }
      guard zip(sorted, sorted.dropFirst()).allSatisfy({ $0.element != $1.element }) else { return nil }
      codes = sorted.map { Double($0.offset) }
      integers = sorted.map(\.element)
      (bytes, starts) = ([], [])
    }
  }

  package static func == (a: CategoryCodes, b: CategoryCodes) -> Bool { a.values == b.values }

  /// Whether it is about columns of this type.
  package func reads(_ type: ColumnType) -> Bool {
    switch (values, type) {
    case (.texts, .string), (.integers, .int64): true
    default: false
    }
  }

  /// The number of a text; NaN, as of a missing value, where the model has never seen it.
  func code(_ text: Span<UInt8>) -> Double {
    search { place in
      let (start, end) = (starts[place], starts[place &+ 1])
      var index = 0
      while index < text.count, start &+ index < end {
        let (a, b) = (bytes[start &+ index], text[index])
        if a != b { return a < b ? -1 : 1 }
        index &+= 1
      }
      return (end &- start) &- text.count
    }
  }

  func code(_ number: Int64) -> Double {
    search { integers[$0] < number ? -1 : integers[$0] == number ? 0 : 1 }
  }

  /// - Parameter order: of the value at a place to the one that is looked for: negative where it comes before.
  @inline(__always)
  private func search(_ order: (Int) -> Int) -> Double {
    var (low, high) = (0, codes.count)
    while low < high {
      let middle = (low &+ high) / 2
      let order = order(middle)
      if order == 0 { return codes[middle] }
      if order < 0 { low = middle &+ 1 } else { high = middle }
    }
    return .nan
  }
}

extension CategoryCodes {
  func encode(into writer: inout ByteWriter) {
    switch values {
    case .texts(let texts):
      writer.write(UInt8(0))
      writer.write(texts) { $1.write($0) }
    case .integers(let numbers):
      writer.write(UInt8(1))
      writer.write(numbers) { $1.write($0) }
    }
  }

  init(from reader: inout ByteReader) throws(MalformedBytes) {
    let kind = try reader.read(UInt8.self)
    let values: Values
    switch kind {
    case 0: values = .texts(try reader.read { (reader) throws(MalformedBytes) in try reader.read(String.self) })
    case 1: values = .integers(try reader.read { (reader) throws(MalformedBytes) in try reader.read(Int64.self) })
    default: throw reader.malformed("categories")
    }
    guard let codes = CategoryCodes(values) else { throw reader.malformed("categories that differ") }
    self = codes
  }
}
