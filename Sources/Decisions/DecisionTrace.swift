package import Plan
package import Records

/// A value of a row under the name of its column.
package struct Cell: Hashable, Sendable {
  package let name: String
  package let type: ColumnType
  /// As a sink writes it; nil: null.
  package let text: String?

  init(_ field: Field, _ text: String?) {
    name = field.name
    type = field.type
    self.text = text
  }
}

/// How one row was decided: what each stage made of it, and from what.
package struct DecisionTrace: Sendable {
  package let pipeline: String
  package let version: String?
  /// What the row was looked up by.
  package let column: String
  package let id: String
  /// How many rows have that identifier where this one was found; it is the first of them.
  package let occurrences: Int
  /// How many copies of it came there, by several ways; it is the first of them.
  package let copies: Int
  /// Where the identifier is that of a row which ended in a window: what this one is to it.
  package let origin: String?
  /// All columns where it came furthest.
  package let row: [Cell]
  /// Its event time, in microseconds since 1970 UTC.
  package let time: Int64
  /// In the pipeline's order.
  package let stages: [StageTrace]
  /// Why it came no further; nil: it came to a sink.
  package let ending: String?
  /// nil: no stage on its way told any.
  package let times: TimesTrace?
  package let replay: Replay
}

/// What a run over the history came to.
package struct Replay: Sendable {
  /// Read by the sources.
  package let rows: Int64
  package let deadLetters: Int64
  package let late: Int64
  /// When the stages had to do with the row that was followed, if one was, by their numbers.
  package let times: [Int: RowTimes]

  package init(rows: Int64, deadLetters: Int64, late: Int64, times: [Int: RowTimes] = [:]) {
    self.times = times
    self.rows = rows
    self.deadLetters = deadLetters
    self.late = late
  }
}

/// What a stage made of the row.
package struct StageTrace: Sendable {
  package enum Kind: Sendable {
    case window(WindowTrace)
    case learn(LearnTrace)
    case score(ScoreTrace)
    case sink(SinkTrace)
  }

  package let name: String
  package let kind: Kind
}

package struct WindowTrace: Sendable {
  package let key: Cell
  /// Whether it left this row when it closed, in place of those that it held.
  package let emits: Bool
  package let features: [FeatureTrace]
  /// The columns of `rows`.
  package let columns: [Field]
  /// Of the key, up to this one, which is the last; of a window that emits, those that it held.
  package let rows: [TappedRow]
  /// Whether the last of `rows` is the row that is explained.
  package var endsWithRow: Bool { !emits }
}

package struct FeatureTrace: Sendable {
  package let cell: Cell
  /// As the pipeline file has it.
  package let text: String
  /// Which rows are in its window; nil where the function says it all.
  package let words: String?
  package let edges: WindowEdges
  /// The rows between the edges, by their places in the trace's rows.
  package let window: Range<Int>
  /// Those of them that take part: for which the feature's `where` holds, and that have a value.
  package let rows: [Int]
  /// Of each value that it takes, that of each of `rows`.
  package let values: [[Cell]]
  /// The columns that it reads, by their places.
  package let columns: [Int]
  package let decisive: Decisive

  /// Which of `rows` its value comes from.
  package enum Decisive: String, Sendable {
    case all
    case newest
    case oldest
  }
}

/// What a model that learns said of the row, with what it had learned by then.
package struct LearnTrace: Sendable {
  /// The column that it added.
  package let value: Cell
  /// nil: it gives none.
  package let reasons: Cell?
  /// In the model's order.
  package let inputs: [Cell]
}

package struct ScoreTrace: Sendable {
  package let score: Cell
  package let decision: Cell
  package let reasons: Cell
  /// nil: it has none.
  package let model: ModelTrace?
  package let review: Double?
  package let decline: Double?
  package let rules: [RuleTrace]
  /// Whether only the first counts of those that hold.
  package let countsFirst: Bool
  package let challengers: [ChallengerTrace]
}

/// What a challenger would have said.
package struct ChallengerTrace: Sendable {
  package let name: String
  package let score: Cell
  package let decision: Cell
  /// nil: it has none, or could not be loaded.
  package let model: ModelTrace?
}

package struct RuleTrace: Sendable {
  package let name: String
  /// As the pipeline file has it.
  package let condition: String
  package let holds: Bool
  /// Whether it took part in the decision.
  package let counts: Bool
  package let weight: Double?
  package let decision: String?
  package let reason: String
}

package struct SinkTrace: Sendable {
  /// Its `where`.
  package let condition: String?
  package let shows: Bool
}

/// Why a decision cannot be explained.
package struct DecisionError: Error, CustomStringConvertible {
  package let description: String
  /// Whether what was asked for is wrong, and not just absent.
  package let isMisuse: Bool

  package init(_ description: String, isMisuse: Bool) {
    self.description = description
    self.isMisuse = isMisuse
  }
}
