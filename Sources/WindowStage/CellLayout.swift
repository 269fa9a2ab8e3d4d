internal import Expressions
internal import Records

/// Where the state of windows that are made of cells stands in words.
///
/// Time is cut into cells, which are numbered from 1970; what the rows of a key in one cell amount to is one unit. An
/// edge lies where a cell begins, and a window is the difference of what has passed its two edges; so only what is
/// least or greatest, and which values are different, needs work of its own.
///
///     cell    a link to the next that has rows, its number, an amount, and for each value that is asked for the least or greatest
///     slot    the tail's unit + 1, the key's hash, what of time its edges have seen; the amount of all rows; for each
///             other edge the cell there and the amount of those before it; then the words of extremes and of sets, and for a string
///             key the unit of its text
///     amount  how many rows, and for each value what is asked for: how many are not null, their sum (two words), the sum of
///             their squares (three)
struct CellLayout {
  /// What an amount holds of a value.
  struct Part: Hashable {
    enum Kind: UInt8 {
      case count, sum, squares
      var words: Int { self == .count ? 1 : self == .sum ? 2 : 3 }
    }
    let kind: Kind
    let value: Int
    /// Of the amount.
    let word: Int
  }

  /// The least or the greatest value of a window: a word of the slot that is the less the better the value, and one
  /// that is not 0 where it must be looked for again, as the cell that had it is gone.
  struct Extreme: Hashable {
    let best: BestValue
    /// The word of a cell with its own.
    let cellWord: Int
    let newer: Int
    let older: Int
    let word: Int
  }

  // Words of a slot. The first is never 0 but in a slot that is free.
  static var tailWord: Int { 0 }
  static var hashWord: Int { 1 }
  static var momentWord: Int { 2 }
  static var amountWord: Int { 3 }

  // Words of a cell.
  static var linkWord: Int { 0 }
  static var numberWord: Int { 1 }
  static var firstWord: Int { 2 }

  /// Of a row, where it has a word for each value and one of flags behind its time.
  var shape: AnyShape { AnyShape(values: values.count, summed: 0, hasFlags: true, derived: 0) }

  /// Microseconds of a cell.
  let resolution: Int64
  let values: [WindowLayout.Value]
  /// The ages of the edges, in their order; the first is 0, which rows pass at once, and the last is where cells are
  /// given back.
  let ages: [Int64]
  let parts: [Part]
  let amountWords: Int
  /// What cells hold besides an amount, and its word of a cell.
  let bests: [BestValue]
  let extremes: [Extreme]
  let sets: [CellSet]
  /// The older edges of their windows, one set after the other.
  let windowEdges: [Int]
  /// One for each aggregate over cells, in their order.
  let results: [CellResult]
  let textWord: Int
  let slotWords: Int
  var cellWords: Int { Self.firstWord + amountWords + bests.count }

  /// The amount of what has passed an edge; the cell there is the word before it.
  func amount(_ edge: Int) -> Int { Self.amountWord + edge * (amountWords + 1) }
  func cursor(_ edge: Int) -> Int { amount(edge) - 1 }
  var oldestWord: Int { cursor(ages.count - 1) }
  /// The word of a cell with a least or greatest value.
  func word(_ best: Int) -> Int { Self.firstWord + amountWords + best }

  init(_ plan: WindowPlan, resolution: Int64) {
    var builder = CellLayoutBuilder(plan)
    self.resolution = resolution
    results = builder.results()
    values = builder.values
    ages = builder.ages
    parts = builder.parts
    amountWords = builder.amountWords
    bests = builder.bests
    extremes = builder.extremes
    sets = builder.sets
    windowEdges = builder.windowEdges.flatMap(\.self)
    textWord = builder.nextWord
    slotWords = builder.nextWord + (plan.inputSchema.fields[plan.key].type == .string ? 1 : 0)
  }

  /// The number of the cell of a time.
  func number(_ time: Int64) -> Int64 {
    let (whole, rest) = time.quotientAndRemainder(dividingBy: resolution)
    return rest < 0 ? whole - 1 : whole
  }
}

/// The least or greatest of a value.
struct BestValue: Hashable {
  let value: Int
  let isLeast: Bool
  let isFloat: Bool

  /// Worse than any value, or as bad.
  static var none: Int64 { .max }

  /// A number that is the less the better a value is.
  @inline(__always)
  func order(_ bits: Int64) -> Int64 {
    let ordered = isFloat ? bits ^ (bits &>> 63 & Int64.max) : bits
    return isLeast ? ordered : ~ordered
  }

  /// The value again.
  @inline(__always)
  func bits(_ order: Int64) -> Int64 {
    let ordered = isLeast ? order : ~order
    return isFloat ? ordered ^ (ordered &>> 63 & Int64.max) : ordered
  }
}

/// The different values of an input that a key had: the latest of them exactly, all others in registers.
struct CellSet {
  let value: Int
  let type: ColumnType
  /// Values that are told apart exactly.
  let exact: Int
  /// The first of its words in a slot.
  let word: Int
  /// How many windows count them, and the place of their older edges' borders in a `CellMoment`, of the one that
  /// reaches back the furthest besides.
  let windows: Int
  let firstBorder: Int
  let longest: Int

  /// The bits of a value that is no text, alike where values are.
  func kept(_ bits: Int64) -> Int64 {
    ValueSet(value: value, type: type, isBucketed: false, link: 0, head: 0).kept(bits) ?? bits
  }

  // Words from the first on.
  /// The units of the value that was not had for the longest time, and of that had last.
  static var head: Int { 0 }
  static var tail: Int { 1 }
  static var size: Int { 2 }
  /// The cell in which the last value to be given up was had last; `never` where all are there.
  static var givenUp: Int { 3 }
  /// The unit of the first register.
  static var registers: Int { 4 }
  /// The number of the sketch that finds registers, + 1; 0: none.
  static var sketch: Int { 5 }
  static var firstWindow: Int { 6 }

  static var none: Int64 { -1 }
  static var never: Int64 { .min }

  /// Of a window: the unit of the first value that it holds, and how many it holds.
  static func first(_ window: Int) -> Int { firstWindow + 2 * window }
  static func count(_ window: Int) -> Int { firstWindow + 2 * window + 1 }
  var words: Int { Self.firstWindow + 2 * windows }
}
