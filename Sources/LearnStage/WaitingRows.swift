internal import Records

/// The rows that a model has scored and will learn from once it is known what they were, in the order in which they came.
///
/// They stand in segments of `rowsPerSegment`, so that only what has changed is saved, and a segment of which no row waits any
/// more is let go.
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
  /// Those from number `firstSegment` on.
  private(set) var segments: [Segment] = []
  private(set) var firstSegment: UInt64 = 0
  /// The number of the row that comes next, and of the oldest one that may wait.
  private(set) var next: UInt64 = 0
  private var oldest: UInt64 = 0
  /// The last row that waits with an id of this hash.
  private var index: [UInt64: UInt64] = [:]
  private(set) var count = 0
  /// Whether segments were written to since their changes were forgotten.
  private(set) var changed: [Bool] = []

  static let rowsPerSegment: UInt64 = 512
  private static let mostSegments: UInt64 = 1 << 22
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
    var segment = Int(next / Self.rowsPerSegment - firstSegment)
    if segment == segments.count {
      if let last = segments.last, last.waiting == 0 { letGo(segment - 1) }
      segment = segments.count
      segments.append(Segment())
      segments[segment].words.reserveCapacity(Int(Self.rowsPerSegment) * stride)
      changed.append(true)
    }
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
    while oldest < next {
      let segment = Int(oldest / Self.rowsPerSegment - firstSegment)
      if segments[segment].waiting == 0 {
        // None of its rows waits: on to the next.
        oldest = min((firstSegment + UInt64(segment) + 1) * Self.rowsPerSegment, next)
      } else if mark(of: oldest) == .done {
        oldest += 1
      } else {
        return self.time(of: oldest) <= time ? oldest : nil
      }
    }
    return nil
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

  /// Frees a segment of which no row waits, and all such before the first that has one, unless more rows come into it.
  private mutating func letGo(_ segment: Int) {
    guard firstSegment + UInt64(segment) < next / Self.rowsPerSegment else { return }
    segments[segment] = Segment()
    let free = segments.prefix { $0.words.isEmpty }.count
    segments.removeFirst(free)
    changed.removeFirst(free)
    firstSegment += UInt64(free)
    oldest = max(oldest, firstSegment * Self.rowsPerSegment)
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

  private func place(_ row: UInt64) -> (segment: Int, start: Int) {
    (Int(row / Self.rowsPerSegment - firstSegment), Int(row % Self.rowsPerSegment) * stride)
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
  ///   - next: the number of the row that comes next.
  ///   - live: the numbers of the segments that held rows, in their order.
  ///   - segments: their bytes by the lower halves of their numbers; others are read over.
  init(
    inputs: Int,
    idIsText: Bool,
    next: UInt64,
    live: [UInt64],
    segments: [UInt32: [UInt8]]
  ) throws(MalformedBytes) {
    self.init(inputs: inputs, idIsText: idIsText)
    let reader = ByteReader([])
    let end = next / Self.rowsPerSegment + (next % Self.rowsPerSegment == 0 ? 0 : 1)
    guard next < 1 << 62, live.last.map({ $0 < end }) ?? true, zip(live, live.dropFirst()).allSatisfy({ $0 < $1 })
    else {
      throw reader.malformed("segments in their order")
    }
    self.next = next
    // Where no row waits the next ones go on in a segment of their own, or in the one that is open.
    firstSegment = live.first ?? next / Self.rowsPerSegment
    oldest = firstSegment * Self.rowsPerSegment
    guard end - min(firstSegment, end) <= Self.mostSegments else { throw reader.malformed("fewer segments") }
    let isLive = Set(live)
    for number in firstSegment..<max(end, firstSegment) {
      changed.append(true)
      guard isLive.contains(number) else {
        self.segments.append(Segment())
        continue
      }
      guard let bytes = segments[UInt32(truncatingIfNeeded: number)] else {
        throw reader.malformed("segment \(number)")
      }
      let rows = min(next - number * Self.rowsPerSegment, Self.rowsPerSegment)
      self.segments.append(try Segment(bytes, rows: Int(rows), stride: stride, mark: Self.mark))
      link(number, rows)
    }
    // The segment that rows still come into is there whether any of its rows waits or not.
    if next % Self.rowsPerSegment != 0, self.segments.last?.words.isEmpty ?? true {
      throw reader.malformed("the segment that is open")
    }
  }

  /// Finds the rows of a segment again by their ids.
  private mutating func link(_ number: UInt64, _ rows: UInt64) {
    let segment = Int(number - firstSegment)
    for row in number * Self.rowsPerSegment..<number * Self.rowsPerSegment + rows where mark(of: row) != .done {
      count += 1
      guard hasID(row) else { continue }
      let (hash, start) = (word(row, Self.hash), place(row).start)
      segments[segment].words[start + Self.older] = index[hash].map { $0 + 1 } ?? 0
      index[hash] = row
    }
  }

  /// Numbers of the segments that hold rows, in their order.
  var live: [UInt64] {
    segments.indices.filter { !segments[$0].words.isEmpty }.map { firstSegment + UInt64($0) }
  }
}

extension WaitingRows.Segment {
  func encode(into writer: inout ByteWriter) {
    writer.write(texts)
    for word in words { writer.write(word) }
  }

  fileprivate init(_ bytes: [UInt8], rows: Int, stride: Int, mark: Int) throws(MalformedBytes) {
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
      if word & 0xFF != WaitingRows.Mark.done.rawValue { waiting += 1 }
    }
  }
}
