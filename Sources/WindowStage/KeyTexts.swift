/// The texts of string keys and of rows' values, each as its length and its bytes in a chain of small units.
struct KeyTexts: ~Copyable {
  /// A link to the next unit and three words.
  var units = UnitPages(stride: 4, linkWord: Self.linkWord)

  static var linkWord: Int { 0 }

  var memoryBytes: Int { units.memoryBytes }

  /// Keeps the text of a key of `group` and gives the unit that it starts in.
  mutating func insert(_ text: Span<UInt8>, in group: Int) -> Int {
    let first = units.allocate(in: group)
    units.mutableWords(of: first)[1] = Int64(text.count)
    var unit = first
    var word = 2
    var offset = 0
    while offset < text.count {
      if word == 4 {
        let next = units.allocate(in: group)
        units.mutableWords(of: unit)[Self.linkWord] = Int64(next)
        unit = next
        word = 1
      }
      units.mutableWords(of: unit)[word] = textWord(text, at: offset)
      word += 1
      offset += 8
    }
    return first
  }

  /// Whether `text` is the one that starts in unit `first`.
  @inline(__always)
  func holds(_ text: Span<UInt8>, at first: Int) -> Bool {
    var words = units.words(of: first)
    guard words[1] == Int64(text.count) else { return false }
    var word = 2
    var offset = 0
    while offset < text.count {
      if word == 4 {
        words = units.words(of: Int(words[Self.linkWord]))
        word = 1
      }
      guard words[word] == textWord(text, at: offset) else { return false }
      word &+= 1
      offset &+= 8
    }
    return true
  }

  /// Forgets the text that starts in unit `first`.
  mutating func remove(_ first: Int) {
    var last = first
    for _ in 0..<Self.furtherUnits(length: Int(units.words(of: first)[1])) {
      last = Int(units.words(of: last)[Self.linkWord])
    }
    units.free(from: first, through: last)
  }

  /// Whether one text is before another by its bytes.
  func isLess(_ first: Int, _ second: Int) -> Bool {
    var one = units.words(of: first)
    var other = units.words(of: second)
    let lengths = (one[1], other[1])
    var rest = min(lengths.0, lengths.1)
    var word = 2
    while rest > 0 {
      if word == 4 {
        one = units.words(of: Int(one[Self.linkWord]))
        other = units.words(of: Int(other[Self.linkWord]))
        word = 1
      }
      // The first byte is the lowest; behind the end are zeros.
      let (left, right) = (UInt64(bitPattern: one[word]).byteSwapped, UInt64(bitPattern: other[word]).byteSwapped)
      if left != right { return left < right }
      word += 1
      rest -= 8
    }
    return lengths.0 < lengths.1
  }

  /// Puts the bytes of a text in `bytes`.
  func read(_ first: Int, into bytes: inout [UInt8]) {
    bytes.removeAll(keepingCapacity: true)
    var words = units.words(of: first)
    var rest = Int(words[1])
    var word = 2
    while rest > 0 {
      if word == 4 {
        words = units.words(of: Int(words[Self.linkWord]))
        word = 1
      }
      for byte in 0..<min(rest, 8) { bytes.append(UInt8(truncatingIfNeeded: words[word] &>> Int64(8 * byte))) }
      word += 1
      rest -= 8
    }
  }

  /// Units of a text of `length` bytes behind the first, which has room for two words of text; every other has for three.
  static func furtherUnits(length: Int) -> Int { (max((length + 7) / 8 - 2, 0) + 2) / 3 }
}
