internal import Expressions
internal import Records

/// Where a plan's state stands in words.
///
/// A window is the difference of what has passed its two edges, so windows that share an edge share its work.
///
///     row     its time, a word for each value, and a bit for each that is there, where any may be null; then words that are
///             found again from these when state is restored
///     chunk   `Cursor.rowsPerChunk` rows and a link
///     slot    a record for each edge, then the words of actions and of sequences, and for a string key the unit of its text;
///             where windows emit, the key and the end of its window
///     record  the edge's cursor, the time of the row there, and for each value that is summed the sum of what has passed:
///             two words, and a third that counts the values, where any may be null
///
/// No row waits at the tail, so the tail's record has the key's hash where others have that time.
struct WindowLayout {
  /// An input whose values rows keep.
  struct Value {
    /// Of the plan's inputs.
    let input: Int
    /// The column that it is, where it is one.
    let column: Int?
    let type: ColumnType
    /// What it is, encoded.
    let bytes: [UInt8]
    /// Whether rows keep its texts, and not only that there is one.
    var keepsTexts = false
    var isBool: Bool { type == .bool }
  }

  /// The first record is the tail's, which every row passes at once. Its cursor is never 0 but in a slot that is free.
  static var tailWord: Int { 0 }
  static var hashWord: Int { 1 }

  let values: [Value]
  let shape: AnyShape
  /// The tail's, then in an order in which each is not before those that it is behind; the last is the oldest, at which rows
  /// are given back.
  let edges: [WindowEdge]
  let actions: [EdgeAction]
  let sequences: [SequenceSteps]
  let steps: [Int]
  let sets: [ValueSet]
  /// Words of a unit of a value.
  let valueWords: Int
  /// One for each aggregate, in their order.
  let results: [WindowResult]
  /// The ages of the edges, where windows are all of ages and nothing but counted and summed; else none.
  let ages: [UInt64]
  /// Words of a slot that are not 0 before any row.
  let initials: [(word: Int, value: Int64)]
  /// The age at which a row leaves its key.
  let oldestAge: UInt64
  /// The age of its newest row at which a key is as if it had never been.
  let keyAge: UInt64
  /// The unit of a text key; where windows emit, the key itself if it is no text.
  let textWord: Int
  /// Where windows emit, the end of the window that closes next.
  let endWord: Int
  let slotWords: Int

  /// Before the first row.
  static var noEnd: Int64 { .min }

  /// Whether the work on a row is nothing but counts and sums at ages.
  var isPlain: Bool { !ages.isEmpty }
  /// The cursor of the oldest edge.
  var oldestWord: Int { shape.record(edges.count - 1) }

  init(_ plan: WindowPlan) {
    var builder = LayoutBuilder(plan)
    results = builder.results()
    values = builder.values
    shape = builder.shape
    (edges, actions) = builder.edges()
    sequences = builder.sequences
    steps = builder.steps
    sets = builder.sets
    valueWords = builder.valueWords
    let ages = edges.compactMap { if case .age(let age) = $0.kind { age } else { nil } }
    let isPlain =
      actions.isEmpty && sequences.isEmpty && sets.isEmpty && ages.count == edges.count
      && results.allSatisfy(\.kind.isPlain)
    self.ages = isPlain ? ages : []
    initials = builder.initials + (plan.emission == nil ? [] : [(builder.nextWord + 1, Self.noEnd)])
    oldestAge = builder.oldestAge
    keyAge = builder.keyAge
    textWord = builder.nextWord
    endWord = builder.nextWord + 1
    let isText = plan.inputSchema.fields[plan.key].type == .string
    slotWords = builder.nextWord + (plan.emission != nil ? 2 : isText ? 1 : 0)
  }
}
