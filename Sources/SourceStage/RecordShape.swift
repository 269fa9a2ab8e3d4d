package import Records

/// The columns that rows get, and how each is read from the records of an input.
package struct RecordShape: Hashable, Sendable {
  package let schema: Schema
  /// One for each column.
  package let readings: [ColumnReading]

  /// - Parameter readings: nil: every column is read from the field of its name, written the plain way.
  package init(_ schema: Schema, _ readings: [ColumnReading]? = nil) {
    let readings = readings ?? schema.fields.map { ColumnReading($0.name) }
    precondition(readings.count == schema.fields.count && zip(readings, schema.fields).allSatisfy { $0.suits($1) })
    self.schema = schema
    self.readings = readings
  }

  /// The same columns with the same rules, read by their own names and written the plain way.
  package var plain: RecordShape {
    RecordShape(schema, zip(schema.fields, readings).map { ColumnReading($0.name, rules: $1.rules) })
  }

  /// Where the texts of one column stand.
  struct Target: Hashable {
    let column: Int
    /// Which of the column's inputs it is.
    let part: Int
  }

  /// The inputs of all columns in the order in which they are declared, each once, with what is read from it.
  var inputs: [(input: InputColumn, targets: [Target])] {
    var inputs: [(input: InputColumn, targets: [Target])] = []
    for (column, reading) in readings.enumerated() {
      for (part, input) in reading.inputs.enumerated() {
        let target = Target(column: column, part: part)
        if let known = inputs.firstIndex(where: { $0.input.matches(input) }) {
          inputs[known].targets.append(target)
        } else {
          inputs.append((input, [target]))
        }
      }
    }
    return inputs
  }

  func encode(into writer: inout ByteWriter) {
    writer.write(schema)
    for reading in readings { reading.encode(into: &writer) }
  }

  init(from reader: inout ByteReader) throws(MalformedBytes) {
    schema = try reader.read()
    var readings: [ColumnReading] = []
    for field in schema.fields {
      let reading = try ColumnReading(from: &reader)
      guard reading.suits(field) else { throw reader.malformed("a way to read the column '\(field.name)'") }
      readings.append(reading)
    }
    self.readings = readings
  }
}
