internal import Models
package import Records

extension ScorePlan {
  package func encode(into writer: inout ByteWriter) {
    writer.write(inputSchema)
    encodeScoring(into: &writer)
    writer.write(challengers) { $0.encode(into: &$1) }
  }

  /// All but the columns and the challengers.
  func encodeScoring(into writer: inout ByteWriter) {
    writer.write(model) { model, writer in
      var bytes: [UInt8] = []
      model.model.encode(into: &bytes)
      writer.write(bytes)
      writer.write(model.inputs) { $1.write(UInt32($0)) }
      writer.write(model.categories) { codes, writer in writer.write(codes) { $0.encode(into: &$1) } }
      writer.write(model.reasons) { $0.encode(into: &$1) }
      writer.write(model.reasonsColumn) { $1.write(UInt32($0)) }
    }
    writer.write(review) { $1.write($0) }
    writer.write(decline) { $1.write($0) }
    writer.write(match.rawValue)
    writer.write(rules) { $0.encode(into: &$1) }
  }

  package init(from reader: inout ByteReader) throws(MalformedBytes) {
    let schema: Schema = try reader.read()
    try self.init(scoringFrom: &reader, schema) { (reader) throws(MalformedBytes) in
      let challengers = try reader.read { (reader) throws(MalformedBytes) in try Challenger(from: &reader, schema) }
      guard challengers.count <= Self.mostChallengers else {
        throw reader.malformed("at most \(Self.mostChallengers) challengers")
      }
      return challengers
    }
  }

  /// Reads what `encodeScoring` has written, and then the challengers.
  init(
    scoringFrom reader: inout ByteReader,
    _ schema: Schema,
    challengers: (inout ByteReader) throws(MalformedBytes) -> [Challenger]
  ) throws(MalformedBytes) {
    let model = try reader.readOptional { (reader) throws(MalformedBytes) in try Model(from: &reader, schema) }
    let review = try reader.readOptional { (reader) throws(MalformedBytes) in try reader.read(Double.self) }
    let decline = try reader.readOptional { (reader) throws(MalformedBytes) in try reader.read(Double.self) }
    guard let match = Rule.Match(rawValue: try reader.read()) else { throw reader.malformed("which rules count") }
    let ruleSchema = Self.ruleSchema(schema, hasModel: model != nil)
    let rules = try reader.read { (reader) throws(MalformedBytes) in try Rule(from: &reader, schema: ruleSchema) }
    guard rules.count <= Self.mostRules else { throw reader.malformed("at most \(Self.mostRules) rules") }
    self.init(
      inputSchema: schema,
      model: model,
      review: review,
      decline: decline,
      match: match,
      rules: rules,
      challengers: try challengers(&reader)
    )
  }
}

extension ScorePlan.Model {
  fileprivate init(from reader: inout ByteReader, _ schema: Schema) throws(MalformedBytes) {
    let bytes: [UInt8] = try reader.read()
    let model: ScoringModel
    do { model = try ScoringModel(decoding: bytes) } catch { throw reader.malformed("a model (\(error))") }
    let inputs = try reader.read { (reader) throws(MalformedBytes) in
      let index = Int(try reader.read(UInt32.self))
      guard schema.fields.indices.contains(index) else { throw reader.malformed("a column that a model can read") }
      return index
    }
    guard inputs.count == model.featureCount else { throw reader.malformed("as many inputs as the model has") }
    let categories = try reader.read { (reader) throws(MalformedBytes) in
      try reader.readOptional { (reader) throws(MalformedBytes) in try CategoryCodes(from: &reader) }
    }
    guard categories.isEmpty || categories.count == inputs.count else {
      throw reader.malformed("categories of every input, or of none")
    }
    for (place, input) in inputs.enumerated() {
      let type = schema.fields[input].type
      let codes = categories.isEmpty ? nil : categories[place]
      guard codes.map({ $0.reads(type) }) ?? type.isNumber else {
        throw reader.malformed("a column that a model can read")
      }
    }
    let reasons = try reader.readOptional { (reader) throws(MalformedBytes) in
      try ModelReasons(from: &reader, inputs: inputs.count)
    }
    guard reasons == nil || Explainer(model) != nil else { throw reader.malformed("a model that can be explained") }
    let reasonsColumn = try reader.readOptional { (reader) throws(MalformedBytes) in
      let column = Int(try reader.read(UInt32.self))
      guard schema.fields.indices.contains(column), schema.fields[column].type == .string, reasons == nil else {
        throw reader.malformed("a column of texts")
      }
      return column
    }
    self.init(model, inputs: inputs, categories: categories, reasons: reasons, reasonsColumn: reasonsColumn)
  }
}
