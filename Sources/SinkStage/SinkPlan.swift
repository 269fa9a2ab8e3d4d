package import Records

/// How a sink writes rows.
package enum SinkFormat: UInt8, Hashable, Sendable {
  /// An object a line, by column name.
  case jsonl = 0
  /// RFC 4180 with a header line.
  case csv = 1
  /// Aligned columns under a header, for people.
  case table = 2
  /// The texts of the first column as they are, where there is one: what other workers have made of the rows.
  case lines = 3
  /// The rows as the frames in which they would travel on, one behind the other: for programs, positions among them. No
  /// pipeline file can ask for it.
  case frames = 4
}

/// Which columns tell how good the scores are.
package struct EvaluationPlan: Hashable, Sendable {
  /// What was fraud: an `int64` (0: no) or a `bool`. A row without a label is not evaluated.
  package let label: Int
  /// A `float64`.
  package let score: Int
  /// The card, for card precision: an `int64` or a `string`.
  package let card: Int?
  /// What a row is worth, for backtests: an `int64` or a `decimal`.
  package let amount: Int?

  package init(label: Int, score: Int, card: Int?, amount: Int? = nil) {
    self.label = label
    self.score = score
    self.card = card
    self.amount = amount
  }
}

extension EvaluationPlan {
  package static func isLabel(_ type: ColumnType) -> Bool { type == .int64 || type == .bool }
  package static func isScore(_ type: ColumnType) -> Bool { type == .float64 }
  package static func isCard(_ type: ColumnType) -> Bool { type == .int64 || type == .string }
  package static func isAmount(_ type: ColumnType) -> Bool {
    switch type {
    case .int64, .decimal: true
    case .float64, .bool, .timestamp, .string: false
    }
  }
}

/// What a sink does with rows.
package struct SinkPlan: Hashable, Sendable {
  package let inputSchema: Schema
  package let format: SinkFormat
  /// The columns to write, in their order.
  package let columns: [Int]
  package let evaluation: EvaluationPlan?
  /// nil: every row is shown.
  package let budget: BudgetPlan?
  /// nil: no challengers scored the rows.
  package let comparison: ComparisonPlan?
  /// What stands before the first line, for the format `lines`.
  let header: String

  package init(
    inputSchema: Schema,
    format: SinkFormat,
    columns: [Int],
    evaluation: EvaluationPlan?,
    budget: BudgetPlan? = nil,
    comparison: ComparisonPlan? = nil
  ) {
    self.init(
      inputSchema: inputSchema,
      format: format,
      columns: columns,
      evaluation: evaluation,
      budget: budget,
      comparison: comparison,
      header: ""
    )
  }

  private init(
    inputSchema: Schema,
    format: SinkFormat,
    columns: [Int],
    evaluation: EvaluationPlan?,
    budget: BudgetPlan?,
    comparison: ComparisonPlan?,
    header: String
  ) {
    self.inputSchema = inputSchema
    self.header = header
    self.format = format
    self.columns = columns
    self.evaluation = evaluation
    self.budget = budget
    self.comparison = comparison
  }

  /// The columns of the frames that it writes.
  package var frameSchema: Schema { Schema(columns.map { inputSchema.fields[$0] }) }

  /// The columns of rows that have become lines: the line, null for a row that is not shown, and what the sink that writes it
  /// looks at besides.
  package var lineSchema: Schema {
    Schema([Field("line", .string, nullable: true)] + columnsBesideLines.map { inputSchema.fields[$0] })
  }

  var columnsBesideLines: [Int] {
    var columns: [Int] = []
    let others = [evaluation?.label, evaluation?.score, evaluation?.card, budget?.score, budget?.key]
    for column in others.compactMap(\.self) + (comparison?.columns ?? []) where !columns.contains(column) {
      columns.append(column)
    }
    return columns
  }

  /// The plan of the sink that writes such lines.
  package var ofLines: SinkPlan {
    var text = TextBuffer()
    RowWriter(self).writeHeader(to: &text)
    var header: [UInt8] = []
    for index in text.bytes.indices { header.append(text.bytes[index]) }
    let beside = columnsBesideLines
    func place(_ column: Int) -> Int { 1 + (beside.firstIndex(of: column) ?? 0) }
    return SinkPlan(
      inputSchema: lineSchema,
      format: .lines,
      columns: [0],
      evaluation: evaluation.map {
        EvaluationPlan(label: place($0.label), score: place($0.score), card: $0.card.map(place))
      },
      budget: budget.map { BudgetPlan(keep: $0.keep, key: $0.key.map(place), score: place($0.score)) },
      comparison: comparison?.moved(place),
      header: String(decoding: header, as: UTF8.self)
    )
  }

  package func encode(into writer: inout ByteWriter) {
    writer.write(inputSchema)
    writer.write(header)
    writer.write(format.rawValue)
    writer.write(columns) { $1.write(UInt32($0)) }
    writer.write(evaluation) { evaluation, writer in
      writer.write(UInt32(evaluation.label))
      writer.write(UInt32(evaluation.score))
      writer.write(evaluation.card) { $1.write(UInt32($0)) }
      writer.write(evaluation.amount) { $1.write(UInt32($0)) }
    }
    writer.write(budget) { $0.encode(into: &$1) }
    writer.write(comparison) { $0.encode(into: &$1) }
  }

  package init(from reader: inout ByteReader) throws(MalformedBytes) {
    let schema: Schema = try reader.read()
    let header: String = try reader.read()
    func column(_ reader: inout ByteReader, _ fits: (ColumnType) -> Bool) throws(MalformedBytes) -> Int {
      let index = Int(try reader.read(UInt32.self))
      guard schema.fields.indices.contains(index), fits(schema.fields[index].type) else {
        throw reader.malformed("a column of the right type")
      }
      return index
    }
    guard let format = SinkFormat(rawValue: try reader.read()) else { throw reader.malformed("a format") }
    let columns = try reader.read { (reader) throws(MalformedBytes) in try column(&reader) { _ in true } }
    let evaluation = try reader.readOptional { (reader) throws(MalformedBytes) in
      EvaluationPlan(
        label: try column(&reader, EvaluationPlan.isLabel),
        score: try column(&reader, EvaluationPlan.isScore),
        card: try reader.readOptional { (reader) throws(MalformedBytes) in try column(&reader, EvaluationPlan.isCard) },
        amount: try reader.readOptional { (reader) throws(MalformedBytes) in
          try column(&reader, EvaluationPlan.isAmount)
        }
      )
    }
    let budget = try reader.readOptional { (reader) throws(MalformedBytes) in
      try BudgetPlan(from: &reader, column: column)
    }
    let comparison = try reader.readOptional { (reader) throws(MalformedBytes) in
      try ComparisonPlan(from: &reader, column: column)
    }
    if format == .lines {
      guard columns == [0], schema.fields.first?.type == .string else { throw reader.malformed("a column of lines") }
    }
    self.init(
      inputSchema: schema,
      format: format,
      columns: columns,
      evaluation: evaluation,
      budget: budget,
      comparison: comparison,
      header: header
    )
  }
}
