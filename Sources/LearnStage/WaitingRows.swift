internal import Records

/// The rows that a model has scored and will learn from once it is known what they were, in the order in which they came.
///
/// They stand in segments of `rowsPerSegment`, so that only what has changed is saved, and one that is full and of which no row
/// waits any more is let go.
struct WaitingRows {
  /// Some rows that came one after the other.
  struct Segment: Equatable {
    /// Of each row: its time, the hash of its id, the row before it that waits with the same hash (+ 1; 0: none), its score, what
    /// is known of it and where the text of its id ends, and then its inputs as the model took them.
    var words: [UInt64] = []
    /// The texts of the ids, one after the other.
    var texts: [UInt8] = []
    /// How many rows wait.
    var waiting = 0
  }

  /// What is known of a row.
  enum Mark: UInt8 {
    /// It waits, and nothing is known.
    case open = 0
    /// It waits for its own label to count, which is this.
    case genuine = 1
    case fraud = 2
    /// It waits no more.
    case done = 3
  }

  let inputs: Int
  private let idIsText: Bool
  /// In the order of their numbers, and these. Of all but the last, which may be open, some row waits.
  private(set) var segments: [Segment] = []
  private(set) var numbers: [UInt64] = []
  /// The number of the row that comes next, and of the oldest one that may wait.
  private(set) var next: UInt64 = 0
  private var oldest: UInt64 = 0
  /// The last row that waits with an id of this hash.
  private var index: [UInt64: UInt64] = [:]
  private(set) var count = 0
  /// Whether segments were written to since their changes were forgotten.
  private(set) var changed: [Bool] = []

  static let rowsPerSegment: UInt64 = 512
  private static let (time, hash, older, score, mark, head) = (0, 1, 2, 3, 4, 5)

  init(inputs: Int, idIsText: Bool) {
    self.inputs = inputs
    self.idIsText = idIsText
  }

  private var stride: Int { Self.head + inputs }

  var memoryBytes: Int {
    segments.reduce(0) { $0 + $1.words.capacity * 8 + $1.texts.capacity } + index.capacity * 16
  }

  // MARK: Rows

  /// Adds a row that waits.
  ///
  /// - Parameters:
  ///   - hash: of its id, nil where it has none.
  ///   - text: of its id, where that is a text; it is not waited for by any other row.
  ///   - score: NaN where it was given none.
  mutating func append(
    time: Int64,
    hash: UInt64?,
    text: Span<UInt8>,
    score: Double,
    mark: Mark,
    _ row: Span<Double>
  ) {
    let number = next / Self.rowsPerSegment
    if numbers.last != number {
      if let last = segments.last, last.waiting == 0 { letGo(segments.count - 1) }
      numbers.append(number)
      segments.append(Segment())
      let segment = segments.count - 1
      segments[segment].words.reserveCapacity(Int(Self.rowsPerSegment) * stride)
      changed.append(true)
    }
    let segment = segments.count - 1
    for place in text.indices { segments[segment].texts.append(text[place]) }
    let end = UInt64(segments[segment].texts.count)
    segments[segment].words.append(UInt64(bitPattern: time))
    segments[segment].words.append(hash ?? 0)
    segments[segment].words.append(hash.flatMap { index[$0] }.map { $0 + 1 } ?? 0)
    segments[segment].words.append(score.bitPattern)
    segments[segment].words.append(UInt64(mark.rawValue) | (hash == nil ? 0 : 1) << 8 | end << 16)
    for input in row.indices { segments[segment].words.append(row[input].bitPattern) }
    segments[segment].waiting += 1
    changed[segment] = true
    if let hash { index[hash] = next }
    count += 1
    next += 1
  }

  /// The row that waits with this id.
  ///
  /// - Parameter text: the id, where it is a text.
  func find(_ hash: UInt64, text: Span<UInt8>) -> UInt64? {
    var row = index[hash]
    while let candidate = row {
      // An integer is its hash.
      if !idIsText || holds(text, candidate) { return candidate }
      let older = word(candidate, Self.older)
      row = older == 0 ? nil : older - 1
    }
    return nil
  }

  /// The oldest row that waits, if its time is no greater than this.
  mutating func due(at time: Int64) -> UInt64? {
    guard let first = numbers.first else { return nil }
    oldest = max(oldest, first * Self.rowsPerSegment)
    // None waits before the first segment; where one waits at all, one does in it.
    while oldest < next, mark(of: oldest) == .done { oldest += 1 }
    return oldest < next && self.time(of: oldest) <= time ? oldest : nil
  }

  func time(of row: UInt64) -> Int64 { Int64(bitPattern: word(row, Self.time)) }
  func score(of row: UInt64) -> Double { Double(bitPattern: word(row, Self.score)) }
  func mark(of row: UInt64) -> Mark { Mark(rawValue: UInt8(truncatingIfNeeded: word(row, Self.mark))) ?? .done }

  /// Copies the inputs of a row.
  func copyInputs(of row: UInt64, into target: inout MutableSpan<Double>) {
    let (segment, start) = place(row)
    for input in 0..<inputs {
      target[input] = Double(bitPattern: segments[segment].words[start + Self.head + input])
    }
  }

  /// Lets a row wait no more.
  mutating func remove(_ row: UInt64) {
    let (segment, start) = place(row)
    if hasID(row) { unlink(row) }
    segments[segment].words[start + Self.mark] |= UInt64(Mark.done.rawValue)
    segments[segment].waiting -= 1
    changed[segment] = true
    count -= 1
    if segments[segment].waiting == 0 { letGo(segment) }
  }

  /// Frees a segment of which no row waits, unless more rows come into it.
  private mutating func letGo(_ segment: Int) {
    guard numbers[segment] < next / Self.rowsPerSegment else { return }
    segments.remove(at: segment)
    numbers.remove(at: segment)
    changed.remove(at: segment)
  }

  private mutating func unlink(_ row: UInt64) {
    let hash = word(row, Self.hash)
    let older = word(row, Self.older)
    guard var newer = index[hash], newer != row else {
      index[hash] = older == 0 ? nil : older - 1
      return
    }
    while word(newer, Self.older) != row + 1 { newer = word(newer, Self.older) - 1 }
    let (segment, start) = place(newer)
    segments[segment].words[start + Self.older] = older
  }

  /// Where a row stands, whose segment is there.
  private func place(_ row: UInt64) -> (segment: Int, start: Int) {
    let number = row / Self.rowsPerSegment
    var (low, high) = (0, numbers.count - 1)
    // Most segments stand as far behind the first as their numbers are.
    let guess = Int(min(number - numbers[0], UInt64(high)))
    if numbers[guess] == number { (low, high) = (guess, guess) }
    while low < high {
      let middle = (low + high) / 2
      if numbers[middle] < number { low = middle + 1 } else { high = middle }
    }
    return (low, Int(row % Self.rowsPerSegment) * stride)
  }

  private func word(_ row: UInt64, _ word: Int) -> UInt64 {
    let (segment, start) = place(row)
    return segments[segment].words[start + word]
  }

  private func hasID(_ row: UInt64) -> Bool { word(row, Self.mark) >> 8 & 1 != 0 }

  private func holds(_ text: Span<UInt8>, _ row: UInt64) -> Bool {
    let (segment, start) = place(row)
    let end = Int(segments[segment].words[start + Self.mark] >> 16)
    let first = start == 0 ? 0 : Int(segments[segment].words[start - stride + Self.mark] >> 16)
    guard end - first == text.count else { return false }
    for place in text.indices where segments[segment].texts[first + place] != text[place] { return false }
    return true
  }

  // MARK: State

  mutating func forgetChanges() {
    for segment in changed.indices { changed[segment] = false }
  }

  /// Takes back what was saved.
  ///
  /// - Parameters:
  ///   - mayMiss: whether the model takes inputs that are missing.
  ///   - next: the number of the row that comes next.
  ///   - live: the numbers of the segments that held rows, in their order.
  ///   - segments: their bytes by the lower halves of their numbers; others are read over.
  init(
    inputs: Int,
    idIsText: Bool,
    mayMiss: Bool,
    next: UInt64,
    live: [UInt64],
    segments: [UInt32: [UInt8]]
  ) throws(MalformedBytes) {
    self.init(inputs: inputs, idIsText: idIsText)
    let reader = ByteReader([])
    let end = (next + Self.rowsPerSegment - 1) / Self.rowsPerSegment
    guard next < 1 << 62, live.allSatisfy({ $0 < end }), zip(live, live.dropFirst()).allSatisfy({ $0 < $1 }) else {
      throw reader.malformed("segments in their order")
    }
    // That which rows still come into is there whether any of its rows waits or not.
    guard next % Self.rowsPerSegment == 0 || live.last == end - 1 else {
      throw reader.malformed("the segment that is open")
    }
    self.next = next
    for number in live {
      guard let bytes = segments[UInt32(truncatingIfNeeded: number)] else {
        throw reader.malformed("segment \(number)")
      }
      let rows = Int(min(next - number * Self.rowsPerSegment, Self.rowsPerSegment))
      let segment = try Segment(
        bytes,
        rows: rows,
        stride: stride,
        head: Self.head,
        score: Self.score,
        mark: Self.mark,
        mayMiss: mayMiss
      )
      guard segment.waiting > 0 || number == end - 1 else { throw reader.malformed("a row that waits") }
      numbers.append(number)
      self.segments.append(segment)
      changed.append(true)
      link(number, UInt64(rows))
    }
  }

  /// Finds the rows of a segment again by their ids.
  private mutating func link(_ number: UInt64, _ rows: UInt64) {
    let segment = segments.count - 1
    for row in number * Self.rowsPerSegment..<number * Self.rowsPerSegment + rows where mark(of: row) != .done {
      count += 1
      guard hasID(row) else { continue }
      let (hash, start) = (word(row, Self.hash), place(row).start)
      segments[segment].words[start + Self.older] = index[hash].map { $0 + 1 } ?? 0
      index[hash] = row
    }
  }
}

extension WaitingRows.Segment {
  func encode(into writer: inout ByteWriter) {
    writer.write(texts)
    for word in words { writer.write(word) }
  }

  /// - Parameters:
  ///   - stride: words of a row, of which `head` stand before its inputs.
  ///   - score: which word is its score, and `mark` what is known of it.
  ///   - mayMiss: whether an input may be missing.
  fileprivate init(
    _ bytes: [UInt8],
    rows: Int,
    stride: Int,
    head: Int,
    score: Int,
    mark: Int,
    mayMiss: Bool
  ) throws(MalformedBytes) {
    var reader = ByteReader(bytes)
    texts = try reader.read()
    words.reserveCapacity(Int(WaitingRows.rowsPerSegment) * stride)
    while !reader.isAtEnd { words.append(try reader.read()) }
    guard words.count == rows * stride else { throw reader.malformed("\(rows) rows") }
    var end: UInt64 = 0
    for row in 0..<rows {
      let word = words[row * stride + mark]
      // The texts lie one behind the other.
      guard word >> 16 >= end, word >> 16 <= UInt64(texts.count), word & 0xFF <= 3 else {
        throw reader.malformed("what is known of a row")
      }
      end = word >> 16
      let given = Double(bitPattern: words[row * stride + score])
      guard given.isNaN || 0...1 ~= given else { throw reader.malformed("a score, or none") }
      for input in head..<stride {
        // A model takes nothing greater.
        let value = Double(bitPattern: words[row * stride + input])
        guard abs(value) <= 1e100 || mayMiss && value.isNaN else { throw reader.malformed("an input, or none") }
      }
      if word & 0xFF != WaitingRows.Mark.done.rawValue { waiting += 1 }
    }
  }
}
