internal import Records

/// The compact form in which a plan carries a model, little-endian:
///
///     "SLM1", output u8, kind u8 (0 trees, 1 linear), base margin f32, feature count u32
///     trees:  tree count u32, each: node count u32, each node: link u32, threshold or leaf value f32
///     linear: bias f32, each weight f32
extension ScoringModel {
  private static let magic: UInt32 = 0x314D_4C53

  /// Appends the model.
  package func encode(into bytes: inout [UInt8]) {
    var writer = ByteWriter()
    writer.write(Self.magic)
    writer.write(output.rawValue)
    let kind: UInt8
    switch predictor {
    case .forest: kind = 0
    case .linear: kind = 1
    }
    writer.write(kind)
    writer.write(baseMargin.bitPattern)
    writer.write(UInt32(featureCount))
    switch predictor {
    case .forest(let forest):
      writer.write(UInt32(forest.trees.count))
      for tree in forest.trees {
        writer.write(UInt32(tree.nodeCount))
        for index in tree.root..<tree.root + tree.nodeCount {
          writer.write(forest.nodes[index].link)
          writer.write(forest.values[index].bitPattern)
        }
      }
    case .linear(let weights, let bias):
      writer.write(bias.bitPattern)
      for weight in weights { writer.write(weight.bitPattern) }
    }
    bytes += writer.bytes
  }

  /// Reads what `encode` wrote, and nothing after it; any other bytes are an error. Whatever is accepted can be scored.
  package init(decoding bytes: [UInt8]) throws(MalformedModel) {
    var reader = ByteReader(bytes)
    do throws(MalformedBytes) {
      guard try reader.read() == Self.magic else { throw reader.malformed("a model") }
      guard let output = Output(rawValue: try reader.read()) else { throw reader.malformed("a kind of score") }
      let kind = try reader.read(UInt8.self)
      let baseMargin = Float(bitPattern: try reader.read())
      let featureCount = Int(try reader.read(UInt32.self))
      guard featureCount > 0, featureCount <= Self.maxFeatureCount else {
        throw reader.malformed("1 to 32768 features")
      }
      let predictor: Predictor
      switch kind {
      case 0: predictor = .forest(try Self.readForest(&reader, featureCount))
      case 1:
        let bias = Float(bitPattern: try reader.read())
        var weights: [Float] = []
        for _ in 0..<featureCount { weights.append(Float(bitPattern: try reader.read())) }
        predictor = .linear(weights: weights, bias: bias)
      default: throw reader.malformed("trees or weights")
      }
      guard reader.isAtEnd else { throw reader.malformed("the end of the model") }
      do {
        try self.init(predictor, featureCount: featureCount, baseMargin: baseMargin, output: output)
      } catch {
        throw reader.malformed("finite sums")
      }
    } catch {
      throw MalformedModel(expected: error.expected, offset: error.offset)
    }
  }

  private static func readForest(
    _ reader: inout ByteReader,
    _ featureCount: Int
  ) throws(MalformedBytes) -> Forest {
    var forest = Forest(featureCount: featureCount)
    let treeCount = try reader.read(UInt32.self)
    for _ in 0..<treeCount {
      let entries = try reader.read { (reader) throws(MalformedBytes) in
        Forest.Entry(link: try reader.read(), value: Float(bitPattern: try reader.read()))
      }
      guard forest.append(entries) else { throw reader.malformed("a tree whose children follow their parents") }
    }
    return forest
  }
}

/// Bytes that are not an encoded model.
package struct MalformedModel: Error, CustomStringConvertible {
  /// What should have stood there.
  package let expected: String
  package let offset: Int

  package var description: String { "malformed model: expected \(expected) at byte \(offset)" }
}
