internal import Models

/// What XGBoost's files say of categories.
enum XGBoostCategories {
  /// Categories that XGBoost itself takes.
  private static let most = 1 << 24
  /// Bounds what the sets of a tree take, in words of 32 categories.
  private static let mostWords = 1 << 22

  /// The sets of the nodes that split by category.
  ///
  /// - Parameter place: of the tree in the file. Its arrays by node are as long as `split_indices`.
  static func sets(of tree: XGBoostDocument.Tree, _ place: String) throws(ModelFileError) -> [Int: [UInt32]] {
    let nodes = tree.categories_nodes ?? []
    let (starts, sizes) = (tree.categories_segments ?? [], tree.categories_sizes ?? [])
    let categories = tree.categories ?? []
    for (name, other) in [("categories_segments", starts), ("categories_sizes", sizes)] {
      guard other.count == nodes.count else {
        throw .damaged("\(place).\(name) has \(other.count) entries, not \(nodes.count)")
      }
    }
    var sets: [Int: [UInt32]] = [:]
    var words = 0
    for (index, node) in nodes.enumerated() {
      guard tree.split_indices.indices.contains(node), tree.split_type?[node] == 1 else {
        throw .damaged("\(place).categories_nodes[\(index)] is \(node), which does not split by category")
      }
      let (start, size) = (starts[index], sizes[index])
      guard start >= 0, start <= categories.count, size >= 0, size <= categories.count - start else {
        throw .damaged("\(place).categories_segments[\(index)] is \(start), beyond the \(categories.count) categories")
      }
      var set: [UInt32] = []
      for (number, category) in categories[start..<start + size].enumerated() {
        guard 0..<most ~= category else { throw .damaged("\(place).categories[\(start + number)] is \(category)") }
        let missing = category / 32 + 1 - set.count
        if missing > 0 { set += repeatElement(0, count: missing) }
        set[category / 32] |= 1 << UInt32(category % 32)
      }
      words += set.count
      guard words <= mostWords else {
        throw ModelFileError(
          message: "\(place).categories has numbers that are too great for so many splits",
          remedy: "number the categories from 0 on, without gaps"
        )
      }
      sets[node] = set
    }
    for (node, type) in (tree.split_type ?? []).enumerated() where type != 0 && sets[node] == nil {
      throw .damaged("\(place).split_type[\(node)] is \(type), and \(place).categories_nodes does not have the node")
    }
    return sets
  }

  /// The features that the training took as categories, or by which the trees split so, with what their categories are
  /// where the file says so.
  ///
  /// - Parameter types: of the features: `c` for categories.
  static func names(
    of trees: [SourceTree],
    types: [String],
    _ stored: XGBoostDocument.Categories?
  ) -> [Int: LoadedModel.Categories] {
    var features = Set(types.indices.filter { types[$0] == "c" })
    for tree in trees { features.formUnion(tree.categories.keys.map { Int(tree.features[$0]) }) }
    return features.reduce(into: [:]) { names, feature in
      let values = stored.flatMap { $0.enc.indices.contains(feature) ? $0.enc[feature] : nil }
      names[feature] = values.map(meaning) ?? .numbered
    }
  }

  private static func meaning(_ stored: XGBoostDocument.Categories.Values) -> LoadedModel.Categories {
    guard let offsets = stored.offsets else { return stored.values.isEmpty ? .numbered : .integers(stored.values) }
    let bytes = stored.values.map { UInt8(truncatingIfNeeded: $0) }
    // XGBoost 3.2 counts characters where it should count bytes, and cuts the texts off: they are not to be trusted.
    guard bytes.allSatisfy({ $0 < 0x80 }) else { return .numbered }
    var texts: [String] = []
    for (start, end) in zip(offsets, offsets.dropFirst()) {
      guard start >= 0, start <= end, end <= bytes.count else { return .numbered }
      texts.append(String(decoding: bytes[start..<end], as: UTF8.self))
    }
    return texts.isEmpty ? .numbered : .texts(texts)
  }
}
