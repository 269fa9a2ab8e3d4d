package import Models
package import Records

/// What a learn stage does: it adds to each row what a model says of it that learns while rows pass.
package struct LearnPlan: Sendable, Equatable {
  /// What learns, and how.
  package enum Model: Sendable, Hashable {
    /// From labels.
    case logistic(OnlineLogistic.Settings)
    /// From the rows themselves, or, where there are labels, from those that turned out to be genuine.
    case isolationForest(IsolationForest.Settings)
  }

  /// Where labels come from. A label is an integer or a truth; all but 0 and false say that the row was fraud.
  package enum Labels: Sendable, Hashable {
    /// Rows that have a value of `label` are labels: they say what the row was that has the same value of `id`, an integer or a
    /// text, and has come before, less than `within` ago (microseconds).
    ///
    /// `isGenuineAfter`: a row that nothing was said of by then counts as genuine.
    case rows(label: Int, id: Int, within: Int64, isGenuineAfter: Bool)
    /// The row's own, which is known so many microseconds after it.
    case own(label: Int, after: Int64)

    /// The column with what rows turned out to be.
    package var label: Int {
      switch self {
      case .rows(let label, _, _, _), .own(let label, _): label
      }
    }
  }

  package let inputSchema: Schema
  /// The name of the column that it adds.
  package let column: String
  package let model: Model
  /// As columns of the input: numbers and truths; 1...mostInputs.
  package let inputs: [Int]
  package let labels: Labels?
  /// How many rows the model learns from before it says anything.
  package let warmUp: Int64
  /// How a logistic regression explains its scores, in a column of their own; nil: it does not.
  package let reasons: ModelReasons?

  package static let mostInputs = 4096
  package static let usualWarmUp: Int64 = 1000
  package static let greatestWarmUp: Int64 = 1_000_000_000

  package init(
    inputSchema: Schema,
    column: String,
    model: Model,
    inputs: [Int],
    labels: Labels?,
    warmUp: Int64 = usualWarmUp,
    reasons: ModelReasons? = nil
  ) {
    self.inputSchema = inputSchema
    self.column = column
    self.model = model
    self.inputs = inputs
    self.labels = labels
    self.warmUp = warmUp
    self.reasons = reasons
  }

  /// What the model says of a row, 0...1, before it has learned from it; of a label, what it said of the row that the label is
  /// about. Null while it warms up, and for a label that no row waits for.
  package var field: Field { Field(column, .float64, nullable: true) }
  /// The reasons of a row, the most important first, with ; between them; null where the model says nothing of the row.
  package static func reasonsField(_ column: String) -> Field { Field("\(column).reasons", .string, nullable: true) }

  package var addedFields: [Field] { [field] + (reasons == nil ? [] : [Self.reasonsField(column)]) }
  package var outputSchema: Schema { inputSchema.appending(addedFields) }

  package static func isLabel(_ type: ColumnType) -> Bool { type == .int64 || type == .bool }
  package static func isID(_ type: ColumnType) -> Bool { type == .int64 || type == .string }
}
