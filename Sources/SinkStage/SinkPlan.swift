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
  /// As CSV, behind the two numbers of a row's position: its time in microseconds, and its tag. For those who follow a row
  /// through the stages; no pipeline file can ask for it.
  case positions = 4
}

/// Which columns tell how good the scores are.
package struct EvaluationPlan: Hashable, Sendable {
  /// What was fraud: an `int64` (0: no) or a `bool`. A row without a label is not evaluated.
  package let label: Int
  /// A `float64`.
  package let score: Int
  /// The card, for card precision: an `int64` or a `string`.
  package let card: Int?

  package init(label: Int, score: Int, card: Int?) {
    self.label = label
    self.score = score
    self.card = card
  }
}

/// What a sink does with rows.
package struct SinkPlan: Hashable, Sendable {
  package let inputSchema: Schema
  package let format: SinkFormat
  /// The columns to write, in their order.
  package let columns: [Int]
  package let evaluation: EvaluationPlan?
  /// What stands before the first line, for the format `lines`.
  let header: String

  package init(inputSchema: Schema, format: SinkFormat, columns: [Int], evaluation: EvaluationPlan?) {
    self.init(inputSchema: inputSchema, format: format, columns: columns, evaluation: evaluation, header: "")
  }

  private init(
    inputSchema: Schema,
    format: SinkFormat,
    columns: [Int],
    evaluation: EvaluationPlan?,
    header: String
  ) {
    self.inputSchema = inputSchema
    self.header = header
    self.format = format
    self.columns = columns
    self.evaluation = evaluation
  }

  /// The columns of rows that have become lines: the line, null for a row that is not shown, and what is evaluated.
  package var lineSchema: Schema {
    Schema([Field("line", .string, nullable: true)] + evaluatedColumns.map { inputSchema.fields[$0] })
  }

  var evaluatedColumns: [Int] {
    guard let evaluation else { return [] }
    return [evaluation.label, evaluation.score] + (evaluation.card.map { [$0] } ?? [])
  }

  /// The plan of the sink that writes such lines.
  package var ofLines: SinkPlan {
    var text = TextBuffer()
    RowWriter(self).writeHeader(to: &text)
    var header: [UInt8] = []
    for index in text.bytes.indices { header.append(text.bytes[index]) }
    return SinkPlan(
      inputSchema: lineSchema,
      format: .lines,
      columns: [0],
      evaluation: evaluation.map { EvaluationPlan(label: 1, score: 2, card: $0.card == nil ? nil : 3) },
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
    }
  }

  package init(from reader: inout ByteReader) throws(MalformedBytes) {
    let schema: Schema = try reader.read()
    let header: String = try reader.read()
    func column(_ reader: inout ByteReader, _ types: [ColumnType]?) throws(MalformedBytes) -> Int {
      let index = Int(try reader.read(UInt32.self))
      guard schema.fields.indices.contains(index), types?.contains(schema.fields[index].type) ?? true else {
        throw reader.malformed("a column of the right type")
      }
      return index
    }
    guard let format = SinkFormat(rawValue: try reader.read()) else { throw reader.malformed("a format") }
    let columns = try reader.read { (reader) throws(MalformedBytes) in try column(&reader, nil) }
    let evaluation = try reader.readOptional { (reader) throws(MalformedBytes) in
      EvaluationPlan(
        label: try column(&reader, [.int64, .bool]),
        score: try column(&reader, [.float64]),
        card: try reader.readOptional { (reader) throws(MalformedBytes) in try column(&reader, [.int64, .string]) }
      )
    }
    if format == .lines {
      guard columns == [0], schema.fields.first?.type == .string else { throw reader.malformed("a column of lines") }
    }
    self.init(inputSchema: schema, format: format, columns: columns, evaluation: evaluation, header: header)
  }
}
