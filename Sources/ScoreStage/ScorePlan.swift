package import Expressions
package import Models
package import Records

/// What a score stage does: a model over some columns, thresholds, and reasons.
package struct ScorePlan: Sendable {
  package let inputSchema: Schema
  package let model: ScoringModel
  /// The model's inputs, as columns of `inputSchema`, in the model's order.
  package let inputs: [Int]
  /// Scores from here on are for review; nil: none.
  package let review: Double?
  /// Scores from here on are declined; nil: none.
  package let decline: Double?
  package let reasons: [Reason]

  /// A condition whose name is given as a reason where it holds.
  package struct Reason: Sendable {
    package let name: String
    /// True or false, over `reasonSchema`.
    package let condition: Expression

    package init(name: String, condition: Expression) {
      self.name = name
      self.condition = condition
    }
  }

  package init(
    inputSchema: Schema,
    model: ScoringModel,
    inputs: [Int],
    review: Double?,
    decline: Double?,
    reasons: [Reason]
  ) {
    self.inputSchema = inputSchema
    self.model = model
    self.inputs = inputs
    self.review = review
    self.decline = decline
    self.reasons = reasons
  }

  package static let scoreField = Field("score", .float64)
  package static let decisionField = Field("decision", .string)
  package static let reasonsField = Field("reasons", .string)

  package static let addedFields = [scoreField, decisionField, reasonsField]

  /// The columns that reasons may speak of: the incoming ones and the score.
  package static func reasonSchema(_ input: Schema) -> Schema { input.appending([scoreField]) }

  package var outputSchema: Schema {
    inputSchema.appending(Self.addedFields)
  }

  /// Reasons are bits of a word while they are found.
  package static let mostReasons = 64

  /// Whether a column can be an input of a model: a number or a truth.
  package static func isInput(_ type: ColumnType) -> Bool {
    switch type {
    case .int64, .float64, .bool, .decimal: true
    case .timestamp, .string: false
    }
  }

  package func encode(into writer: inout ByteWriter) {
    writer.write(inputSchema)
    var bytes: [UInt8] = []
    model.encode(into: &bytes)
    writer.write(bytes)
    writer.write(inputs) { $1.write(UInt32($0)) }
    writer.write(review) { $1.write($0) }
    writer.write(decline) { $1.write($0) }
    writer.write(reasons) { reason, writer in
      writer.write(reason.name)
      reason.condition.encode(into: &writer)
    }
  }

  package init(from reader: inout ByteReader) throws(MalformedBytes) {
    let schema: Schema = try reader.read()
    let bytes: [UInt8] = try reader.read()
    let model: ScoringModel
    do { model = try ScoringModel(decoding: bytes) } catch { throw reader.malformed("a model (\(error))") }
    let inputs = try reader.read { (reader) throws(MalformedBytes) in
      let index = Int(try reader.read(UInt32.self))
      guard schema.fields.indices.contains(index), Self.isInput(schema.fields[index].type) else {
        throw reader.malformed("a column that a model can read")
      }
      return index
    }
    guard inputs.count == model.featureCount else { throw reader.malformed("as many inputs as the model has") }
    let review = try reader.readOptional { (reader) throws(MalformedBytes) in try reader.read(Double.self) }
    let decline = try reader.readOptional { (reader) throws(MalformedBytes) in try reader.read(Double.self) }
    let reasonSchema = Self.reasonSchema(schema)
    let reasons = try reader.read { (reader) throws(MalformedBytes) in
      let name: String = try reader.read()
      let condition = try Expression(from: &reader, schema: reasonSchema)
      guard condition.type == .bool else { throw reader.malformed("a condition that is true or false") }
      return Reason(name: name, condition: condition)
    }
    guard reasons.count <= Self.mostReasons else { throw reader.malformed("at most \(Self.mostReasons) reasons") }
    self.init(
      inputSchema: schema,
      model: model,
      inputs: inputs,
      review: review,
      decline: decline,
      reasons: reasons
    )
  }
}
