internal import Models

/// One tree of a LightGBM file. Its splits are numbered from 0; leaf n stands as -n - 1 where a child is named.
struct LightGBMTree {
  private let fields: [Substring: Substring]
  private let place: String

  /// Bounds what the sets of a tree take.
  private static let mostWords = 1 << 22

  /// - Parameter place: how errors name the tree.
  init(_ fields: [Substring: Substring], _ place: String) {
    self.fields = fields
    self.place = place
  }

  func sourceTree() throws(ModelFileError) -> SourceTree {
    if let isLinear = fields["is_linear"], isLinear != "0" {
      throw ModelFileError(
        message: "\(place): is_linear is \(isLinear): its leaves hold linear models",
        remedy: "train the model with linear_tree=false"
      )
    }
    guard let leaves = fields["num_leaves"].flatMap({ Int($0) }), leaves > 0 else {
      throw .unsound("\(place): num_leaves is \"\(fields["num_leaves"] ?? "")\", not a count")
    }
    let values: [Double] = try numbers("leaf_value", leaves)
    let splits = leaves - 1
    guard splits > 0 else {
      return SourceTree(
        left: [-1],
        right: [-1],
        features: [0],
        values: values,
        missing: [.goesRight],
        covers: fields["leaf_count"] == nil ? [] : [1]
      )
    }
    let features: [Int32] = try numbers("split_feature", splits)
    let decisions: [UInt8] = try numbers("decision_type", splits)
    let thresholds: [Double] = try numbers("threshold", splits)
    let left: [Int32] = try numbers("left_child", splits)
    let right: [Int32] = try numbers("right_child", splits)
    let sets = try sets()
    var missing: [MissingRule] = []
    var categories: [Int: [UInt32]] = [:]
    for (node, decision) in decisions.enumerated() {
      if decision & 1 != 0 {
        // A missing value belongs to no category.
        missing.append(.goesRight)
        guard let set = Int(exactly: thresholds[node]), sets.indices.contains(set) else {
          throw .unsound(
            "\(place): threshold[\(node)] is \(thresholds[node]), not one of \(sets.count) sets of categories"
          )
        }
        categories[node] = sets[set]
        continue
      }
      let goesLeft = decision & 2 != 0
      switch decision >> 2 {
      case 0: missing.append(.isZero)
      case 1: missing.append(goesLeft ? .zeroGoesLeft : .zeroGoesRight)
      case 2: missing.append(goesLeft ? .goesLeft : .goesRight)
      default: throw .unsound("\(place): decision_type[\(node)] is \(decision)")
      }
    }
    /// A leaf's place is behind the splits.
    func child(_ number: Int32) -> Int32 { number < 0 ? Int32(clamping: splits - 1 - Int(number)) : number }
    let none = [Int32](repeating: -1, count: leaves)
    return SourceTree(
      left: left.map(child) + none,
      right: right.map(child) + none,
      features: features + [Int32](repeating: 0, count: leaves),
      values: thresholds + values,
      missing: missing + [MissingRule](repeating: .goesRight, count: leaves),
      categories: categories,
      covers: try covers(splits, leaves)
    )
  }

  private func covers(_ splits: Int, _ leaves: Int) throws(ModelFileError) -> [Double] {
    guard fields["internal_count"] != nil, fields["leaf_count"] != nil else { return [] }
    let inner: [Double] = try numbers("internal_count", splits)
    let outer: [Double] = try numbers("leaf_count", leaves)
    guard (inner + outer).allSatisfy({ $0.isFinite && $0 >= 0 }) else {
      throw .unsound("\(place): internal_count or leaf_count holds what is no count")
    }
    return inner + outer
  }

  /// Sets of categories, one after the other in `cat_threshold`, each from its bound in `cat_boundaries` to the next.
  private func sets() throws(ModelFileError) -> [[UInt32]] {
    guard let count = Int(fields["num_cat"] ?? "0"), count >= 0 else {
      throw .unsound("\(place): num_cat is \"\(fields["num_cat"] ?? "")\", not a count")
    }
    guard count > 0 else { return [] }
    guard count < Int32.max else { throw .unsound("\(place): num_cat is \(count)") }
    let bounds: [Int] = try numbers("cat_boundaries", count + 1)
    guard let end = bounds.last, bounds[0] == 0, zip(bounds, bounds.dropFirst()).allSatisfy({ $0 <= $1 }),
      end <= Self.mostWords
    else { throw .unsound("\(place): cat_boundaries do not rise from 0") }
    let words: [UInt32] = try numbers("cat_threshold", end)
    return zip(bounds, bounds.dropFirst()).map { Array(words[$0..<$1]) }
  }

  /// The numbers of a field, so many of them.
  private func numbers<T: LosslessStringConvertible>(_ name: Substring, _ count: Int) throws(ModelFileError) -> [T] {
    guard let text = fields[name] else { throw .unsound("\(place): \(name) is missing") }
    let words = text.split(separator: " ")
    guard words.count == count else { throw .unsound("\(place): \(name) has \(words.count) entries, not \(count)") }
    var numbers: [T] = []
    numbers.reserveCapacity(count)
    for (index, word) in words.enumerated() {
      guard let number = T(String(word)) else { throw .unsound("\(place): \(name)[\(index)] is \"\(word)\"") }
      numbers.append(number)
    }
    return numbers
  }
}
