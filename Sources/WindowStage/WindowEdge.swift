/// Where rows enter or leave windows, and what is done with each as it passes.
struct WindowEdge {
  enum Kind: Hashable {
    /// Rows pass when they are so many microseconds old; at 0, the tail's, at once.
    case age(UInt64)
    /// Rows pass when the next one comes.
    case lag
    /// Rows pass when so many others have passed the edge `behind`.
    case rows(UInt32, behind: Int)
  }

  let kind: Kind
  /// Of the layout's actions.
  let actions: Range<Int>
}

/// What is done with a row that passes an edge, beside its place in counts and sums.
struct EdgeAction: Hashable {
  enum Kind: UInt8 {
    /// The square of the value is added to three words.
    case squares
    /// A word keeps the place of the row.
    case last
    /// The row enters a chain of least, or of greatest, values; a word keeps the place of the newest.
    case least, greatest
    /// The value is added to a sum that decays, and a weight to another: two words, and the time of the row.
    case decay
    /// The row's value of a set counts in a window, or no longer: the words of a `ValueWindow`.
    case enter, leave
  }

  let kind: Kind
  /// The value of the row; -1: none. Of what enters and leaves windows, the set.
  let value: Int
  /// The first word of a slot that it writes.
  var word = 0
  /// The word of a row with its link in the chain.
  var link = 0
  var isFloat = false
  var halfLife: Int64 = 0
  /// 10^scale of the values.
  var unit: Int64 = 1
  /// The word of a value's unit that counts its rows in a window.
  var count = 0

  /// Whether its words can be found again from the rows.
  var isDerived: Bool {
    switch kind {
    case .squares, .decay: false
    case .last, .least, .greatest, .enter, .leave: true
    }
  }

  /// What the words of a slot that it writes are before any row.
  var initials: [Int64] {
    switch kind {
    case .squares, .decay: [0, 0, 0]
    case .last, .least, .greatest: [Cursor.none]
    case .enter, .leave: ValueWindow.initials
    }
  }
}

extension Cursor {
  /// A word that is no row's place.
  static var none: Int64 { -1 }
}

/// A sequence of conditions: for each but the last the start of the newest rows for which those so far held, and whether
/// the newest row ended it.
struct SequenceSteps {
  /// Values of a row, of the layout's steps.
  let steps: Range<Int>
  let word: Int
  /// Microseconds that it may last, this less one.
  let width: UInt64

  static var notBegun: Int64 { .min }
}
