internal import Models
package import Records

extension LearnPlan {
  package func encode(into writer: inout ByteWriter) {
    writer.write(inputSchema)
    writer.write(column)
    switch model {
    case .logistic(let settings):
      writer.write(UInt8(0))
      writer.write(settings.rate)
      writer.write(settings.l1)
      writer.write(settings.l2)
      writer.write(settings.fraudWeight)
    case .isolationForest(let settings):
      writer.write(UInt8(1))
      writer.write(UInt32(settings.trees))
      writer.write(UInt32(settings.sample))
      writer.write(UInt32(settings.recent))
      writer.write(settings.seed)
    }
    writer.write(inputs) { $1.write(UInt32($0)) }
    writer.write(labels) { labels, writer in
      switch labels {
      case .rows(let label, let id, let within, let isGenuineAfter):
        writer.write(UInt8(0))
        writer.write(UInt32(label))
        writer.write(UInt32(id))
        writer.write(within)
        writer.write(isGenuineAfter)
      case .own(let label, let after):
        writer.write(UInt8(1))
        writer.write(UInt32(label))
        writer.write(after)
      }
    }
    writer.write(warmUp)
    writer.write(reasons) { $0.encode(into: &$1) }
  }

  package init(from reader: inout ByteReader) throws(MalformedBytes) {
    let schema: Schema = try reader.read()
    let column: String = try reader.read()
    guard schema.index(of: column) == nil else { throw reader.malformed("the name of a new column") }
    let model = try Model(from: &reader)
    let inputs = try reader.read { (reader) throws(MalformedBytes) in
      try reader.readColumn(of: schema) { $0.isNumber }
    }
    guard 1...Self.mostInputs ~= inputs.count else { throw reader.malformed("1 to \(Self.mostInputs) inputs") }
    let labels = try reader.readOptional { (reader) throws(MalformedBytes) in try Labels(from: &reader, schema) }
    if case .logistic = model, labels == nil { throw reader.malformed("labels to learn from") }
    let warmUp: Int64 = try reader.read()
    guard 0...Self.greatestWarmUp ~= warmUp else { throw reader.malformed("how many rows it warms up on") }
    let reasons = try reader.readOptional { (reader) throws(MalformedBytes) in
      guard case .logistic = model, schema.index(of: Self.reasonsField(column).name) == nil else {
        throw reader.malformed("a model that gives reasons")
      }
      return try ModelReasons(from: &reader, inputs: inputs.count)
    }
    self.init(
      inputSchema: schema,
      column: column,
      model: model,
      inputs: inputs,
      labels: labels,
      warmUp: warmUp,
      reasons: reasons
    )
  }
}

extension LearnPlan.Model {
  fileprivate init(from reader: inout ByteReader) throws(MalformedBytes) {
    switch try reader.read(UInt8.self) {
    case 0:
      let settings = OnlineLogistic.Settings(
        rate: try reader.read(),
        l1: try reader.read(),
        l2: try reader.read(),
        fraudWeight: try reader.read()
      )
      guard settings.isSound else { throw reader.malformed("how a logistic regression learns") }
      self = .logistic(settings)
    case 1:
      let settings = IsolationForest.Settings(
        trees: Int(try reader.read(UInt32.self)),
        sample: Int(try reader.read(UInt32.self)),
        recent: Int(try reader.read(UInt32.self)),
        seed: try reader.read()
      )
      guard settings.isSound else { throw reader.malformed("how an isolation forest grows") }
      self = .isolationForest(settings)
    default: throw reader.malformed("a kind of model")
    }
  }
}

extension LearnPlan.Labels {
  fileprivate init(from reader: inout ByteReader, _ schema: Schema) throws(MalformedBytes) {
    switch try reader.read(UInt8.self) {
    case 0:
      let label = try reader.readColumn(of: schema, LearnPlan.isLabel)
      let id = try reader.readColumn(of: schema, LearnPlan.isID)
      let within = try reader.readAge()
      self = .rows(label: label, id: id, within: within, isGenuineAfter: try reader.read())
    case 1:
      self = .own(label: try reader.readColumn(of: schema, LearnPlan.isLabel), after: try reader.readAge())
    default: throw reader.malformed("where labels come from")
    }
  }
}

extension ByteReader {
  fileprivate mutating func readColumn(
    of schema: Schema,
    _ isSuited: (ColumnType) -> Bool
  ) throws(MalformedBytes) -> Int {
    let column = Int(try read(UInt32.self))
    guard schema.fields.indices.contains(column), isSuited(schema.fields[column].type) else {
      throw malformed("a column of the right type")
    }
    return column
  }

  fileprivate mutating func readAge() throws(MalformedBytes) -> Int64 {
    let age: Int64 = try read()
    guard age > 0 else { throw malformed("an age above 0") }
    return age
  }
}
