internal import Records

/// The compact form in which a plan carries a model, little-endian:
///
///     "SLM2", output u8 (steepness f64 of a logistic), kind u8, base margin f32, averages u8, feature count u32
///     0, 1 trees: tree count u32, each tree: node count u32, each node: link u32, threshold or leaf value f32 or f64;
///                 sets u32, each: node u32, words u32, each u32; covers u32, each f32
///     2 linear:   bias f32, each weight f32
///     3 additive: start f64, each term: 0 weight f64, missing f64; 1 bounds u32, each f64, values u32, each f64,
///                 missing f64
extension ScoringModel {
  private static let magic: UInt32 = 0x324D_4C53

  /// Appends the model.
  package func encode(into bytes: inout [UInt8]) {
    var writer = ByteWriter()
    writer.write(Self.magic)
    output.encode(into: &writer)
    let kind: UInt8
    var averages = false
    switch predictor {
    case .forest(let forest): (kind, averages) = (0, forest.trees.count > 1 && divisor != 1)
    case .doubleForest(let forest): (kind, averages) = (1, forest.trees.count > 1 && divisor != 1)
    case .linear: kind = 2
    case .additive: kind = 3
    }
    writer.write(kind)
    writer.write(baseMargin.bitPattern)
    writer.write(averages)
    writer.write(UInt32(featureCount))
    switch predictor {
    case .forest(let forest): forest.encode(into: &writer) { $1.write($0.bitPattern) }
    case .doubleForest(let forest): forest.encode(into: &writer) { $1.write($0.bitPattern) }
    case .linear(let weights, let bias):
      writer.write(bias.bitPattern)
      for weight in weights { writer.write(weight.bitPattern) }
    case .additive(let model):
      writer.write(model.start)
      for term in model.terms { term.encode(into: &writer) }
    }
    bytes += writer.bytes
  }

  /// Reads what `encode` wrote, and nothing after it; any other bytes are an error. Whatever is accepted can be scored.
  package init(decoding bytes: [UInt8]) throws(MalformedModel) {
    var reader = ByteReader(bytes)
    do throws(MalformedBytes) {
      guard try reader.read() == Self.magic else { throw reader.malformed("a model") }
      let output = try Output(from: &reader)
      let kind = try reader.read(UInt8.self)
      let baseMargin = Float(bitPattern: try reader.read())
      let averages = try reader.read(Bool.self)
      let featureCount = Int(try reader.read(UInt32.self))
      let most = Self.maxFeatureCount(kind == 1 ? .double : .single)
      guard featureCount > 0, featureCount <= most else { throw reader.malformed("1 to \(most) features") }
      let predictor: Predictor
      switch kind {
      case 0:
        predictor = .forest(
          try Forest(from: &reader, featureCount) { (reader) throws(MalformedBytes) in
            Float(bitPattern: try reader.read())
          }
        )
      case 1:
        predictor = .doubleForest(
          try Forest(from: &reader, featureCount) { (reader) throws(MalformedBytes) in
            try reader.read(Double.self)
          }
        )
      case 2:
        let bias = Float(bitPattern: try reader.read())
        var weights: [Float] = []
        for _ in 0..<featureCount { weights.append(Float(bitPattern: try reader.read())) }
        predictor = .linear(weights: weights, bias: bias)
      case 3:
        let start = try reader.read(Double.self)
        var terms: [AdditiveModel.Term] = []
        for _ in 0..<featureCount { terms.append(try AdditiveModel.Term(from: &reader)) }
        predictor = .additive(AdditiveModel(start: start, terms: terms))
      default: throw reader.malformed("trees, weights or terms")
      }
      guard reader.isAtEnd else { throw reader.malformed("the end of the model") }
      do {
        try self.init(
          predictor,
          featureCount: featureCount,
          baseMargin: baseMargin,
          averages: averages,
          output: output
        )
      } catch {
        throw reader.malformed("finite sums")
      }
    } catch {
      throw MalformedModel(expected: error.expected, offset: error.offset)
    }
  }
}

extension Forest {
  fileprivate func encode(into writer: inout ByteWriter, _ number: (Number, inout ByteWriter) -> Void) {
    writer.write(trees) { tree, writer in
      let layout = layout(tree)
      writer.write(layout.entries) { entry, writer in
        writer.write(entry.link)
        number(entry.value, &writer)
      }
      writer.write(layout.categories) { set, writer in
        writer.write(UInt32(set.node))
        writer.write(set.words) { $1.write($0) }
      }
      writer.write(layout.covers) { $1.write($0.bitPattern) }
    }
  }

  fileprivate init(
    from reader: inout ByteReader,
    _ featureCount: Int,
    _ number: (inout ByteReader) throws(MalformedBytes) -> Number
  ) throws(MalformedBytes) {
    self.init(featureCount: featureCount)
    let treeCount = try reader.read(UInt32.self)
    for _ in 0..<treeCount {
      let entries = try reader.read { (reader) throws(MalformedBytes) in
        Entry(link: try reader.read(), value: try number(&reader))
      }
      let categories = try reader.read { (reader) throws(MalformedBytes) in
        let node = Int(try reader.read(UInt32.self))
        return (node: node, words: try reader.read { (reader) throws(MalformedBytes) in try reader.read(UInt32.self) })
      }
      let covers = try reader.read { (reader) throws(MalformedBytes) in Float(bitPattern: try reader.read()) }
      guard append(Layout(entries: entries, categories: categories, covers: covers)) else {
        throw reader.malformed("a tree whose children follow their parents")
      }
    }
  }
}

extension ModelOutput {
  fileprivate func encode(into writer: inout ByteWriter) {
    switch self {
    case .margin: writer.write(UInt8(0))
    case .logistic(let steepness):
      writer.write(UInt8(1))
      writer.write(steepness)
    case .exponential: writer.write(UInt8(2))
    case .side: writer.write(UInt8(3))
    case .square: writer.write(UInt8(4))
    }
  }

  fileprivate init(from reader: inout ByteReader) throws(MalformedBytes) {
    switch try reader.read(UInt8.self) {
    case 0: self = .margin
    case 1: self = .logistic(steepness: try reader.read())
    case 2: self = .exponential
    case 3: self = .side
    case 4: self = .square
    default: throw reader.malformed("a kind of score")
    }
  }
}

extension AdditiveModel.Term {
  fileprivate func encode(into writer: inout ByteWriter) {
    switch self {
    case .weight(let weight, let missing):
      writer.write(UInt8(0))
      writer.write(weight)
      writer.write(missing)
    case .bins(let bounds, let values, let missing):
      writer.write(UInt8(1))
      writer.write(bounds) { $1.write($0) }
      writer.write(values) { $1.write($0) }
      writer.write(missing)
    }
  }

  fileprivate init(from reader: inout ByteReader) throws(MalformedBytes) {
    switch try reader.read(UInt8.self) {
    case 0: self = .weight(try reader.read(), missing: try reader.read())
    case 1:
      let bounds = try reader.read { (reader) throws(MalformedBytes) in try reader.read(Double.self) }
      let values = try reader.read { (reader) throws(MalformedBytes) in try reader.read(Double.self) }
      self = .bins(bounds: bounds, values: values, missing: try reader.read())
    default: throw reader.malformed("a weight or bins")
    }
  }
}

/// Bytes that are not an encoded model.
package struct MalformedModel: Error, CustomStringConvertible {
  /// What should have stood there.
  package let expected: String
  package let offset: Int

  package var description: String { "malformed model: expected \(expected) at byte \(offset)" }
}
