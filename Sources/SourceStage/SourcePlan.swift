package import Records

/// What happens to rows that come later than the source allows.
package enum LatePolicy: UInt8, Hashable, Sendable {
  /// They go to the dead letters, and are counted as late.
  case deadLetter = 0
  /// They are counted as late.
  case drop = 1
}

/// What happens at an input that is no row of the schema.
package enum ErrorPolicy: UInt8, Hashable, Sendable {
  /// It goes to the dead letters, and the run goes on.
  case deadLetter = 0
  /// The run ends.
  case fail = 1
}

/// What a source does: which file it reads, as what, and how fast.
package struct SourcePlan: Hashable, Sendable {
  /// The columns that rows get, by whatever order the file has them in.
  package let schema: Schema
  /// The column that holds the event time: a `timestamp`, never null.
  package let timeColumn: Int
  /// The source's number among the pipeline's sources.
  package let source: UInt16
  /// The file, which the worker opens; also names it in messages.
  package let inputName: String
  /// Times event time; nil: as fast as it goes.
  package let speed: Double?
  /// Rows to read; nil: all.
  package let limit: Int?
  package let latePolicy: LatePolicy
  package let errorPolicy: ErrorPolicy
  /// Bytes of the longest record.
  package let longestLine: Int

  package init(
    schema: Schema,
    timeColumn: Int,
    source: UInt16,
    inputName: String,
    speed: Double? = nil,
    limit: Int? = nil,
    latePolicy: LatePolicy = .deadLetter,
    errorPolicy: ErrorPolicy = .deadLetter,
    longestLine: Int = 1 << 20
  ) {
    precondition(schema.fields.indices.contains(timeColumn) && schema.fields[timeColumn].type == .timestamp)
    precondition(!schema.fields[timeColumn].isNullable && longestLine > 0 && (limit ?? 0) >= 0)
    self.schema = schema
    self.timeColumn = timeColumn
    self.source = source
    self.inputName = inputName
    self.speed = speed
    self.limit = limit
    self.latePolicy = latePolicy
    self.errorPolicy = errorPolicy
    self.longestLine = longestLine
  }

  package func encode(into writer: inout ByteWriter) {
    writer.write(schema)
    writer.write(UInt32(timeColumn))
    writer.write(source)
    writer.write(inputName)
    writer.write(speed) { $1.write($0) }
    writer.write(limit) { $1.write(Int64($0)) }
    writer.write(latePolicy.rawValue)
    writer.write(errorPolicy.rawValue)
    writer.write(UInt32(clamping: longestLine))
  }

  package init(from reader: inout ByteReader) throws(MalformedBytes) {
    let schema: Schema = try reader.read()
    let timeColumn = Int(try reader.read(UInt32.self))
    guard schema.fields.indices.contains(timeColumn), schema.fields[timeColumn].type == .timestamp,
      !schema.fields[timeColumn].isNullable
    else { throw reader.malformed("a time column") }
    let source: UInt16 = try reader.read()
    let inputName: String = try reader.read()
    let speed = try reader.readOptional { (reader) throws(MalformedBytes) in try reader.read(Double.self) }
    guard speed.map({ $0 > 0 && $0.isFinite }) ?? true else { throw reader.malformed("a speed") }
    let limit = try reader.readOptional { (reader) throws(MalformedBytes) in Int(try reader.read(Int64.self)) }
    guard limit ?? 0 >= 0 else { throw reader.malformed("a limit") }
    guard let late = LatePolicy(rawValue: try reader.read()), let errors = ErrorPolicy(rawValue: try reader.read())
    else { throw reader.malformed("a policy") }
    let longestLine = Int(try reader.read(UInt32.self))
    guard longestLine > 0 else { throw reader.malformed("a length of lines") }
    self.init(
      schema: schema,
      timeColumn: timeColumn,
      source: source,
      inputName: inputName,
      speed: speed,
      limit: limit,
      latePolicy: late,
      errorPolicy: errors,
      longestLine: longestLine
    )
  }
}
