internal import Models

/// Makes the model of a LightGBM file, or says which field stands against it.
struct LightGBMConversion {
  private let text: LightGBMText

  init(_ text: LightGBMText) { self.text = text }

  func load() throws(ModelFileError) -> LoadedModel {
    let header = text.header
    for name: Substring in ["num_class", "num_tree_per_iteration"] {
      guard let count = header[name], count != "1" else { continue }
      throw ModelFileError(
        message: "\(name) is \(count): the model has several outputs",
        remedy: "train a model with one output, such as binary"
      )
    }
    guard let last = header["max_feature_idx"], let last = Int(last), last >= 0 else {
      throw .unsound("max_feature_idx is \"\(header["max_feature_idx"] ?? "")\", not a number")
    }
    let most = ScoringModel.maxFeatureCount(.double)
    guard last < most else {
      throw ModelFileError(
        message: "max_feature_idx is \(last): the model has more than \(most) features",
        remedy: "train the model on so many features at most"
      )
    }
    let featureCount = last + 1
    let names = (header["feature_names"] ?? "").split(separator: " ").map(String.init)
    guard names.isEmpty || names.count == featureCount else {
      throw .unsound("feature_names has \(names.count) entries, not \(featureCount)")
    }
    if let sizes = header["tree_sizes"]?.split(separator: " "), sizes.count != text.trees.count {
      throw .unsound("there are \(text.trees.count) trees, not \(sizes.count)")
    }
    var trees: [SourceTree] = []
    for (index, tree) in text.trees.enumerated() {
      trees.append(try LightGBMTree(tree, "Tree=\(index)").sourceTree())
    }
    let output = try output()
    do {
      let model = try ScoringModel(
        trees: trees,
        featureCount: featureCount,
        precision: .double,
        averages: header["average_output"] != nil,
        output: output
      )
      // Without names of their own, features are called so.
      let isNamed = names != (0..<featureCount).map { "Column_\($0)" }
      return LoadedModel(model, featureNames: isNamed ? names : [], categories: categories(trees, featureCount))
    } catch {
      throw explain(error)
    }
  }

  /// The features that the training was told are categories, and those by which trees split so.
  private func categories(_ trees: [SourceTree], _ featureCount: Int) -> [Int: LoadedModel.Categories] {
    let told = text.categoricalFeatures.filter { 0..<featureCount ~= $0 }.sorted()
    var categories: [Int: LoadedModel.Categories] = [:]
    for feature in told { categories[feature] = .numbered }
    for tree in trees {
      for node in tree.categories.keys { categories[Int(tree.features[node])] = .numbered }
    }
    // The frame's categorical columns stand in its order. Where they are not those of the training, they say nothing.
    guard told.count == text.pandasCategories.count else { return categories }
    for (feature, values) in zip(told, text.pandasCategories) { categories[feature] = values }
    return categories
  }

  private func output() throws(ModelFileError) -> ScoringModel.Output {
    let words = (text.header["objective"] ?? "").split(separator: " ")
    switch words.first ?? "custom" {
    case "binary":
      let steepness = words.compactMap { $0.hasPrefix("sigmoid:") ? Double($0.dropFirst(8)) : nil }.first ?? 1
      return .logistic(steepness: steepness)
    case "cross_entropy": return .probability
    case "regression", "regression_l1", "quantile", "mape", "fair", "huber":
      return words.contains("sqrt") ? .square : .margin
    case "poisson", "gamma", "tweedie": return .exponential
    case "lambdarank", "rank_xendcg", "custom", "none": return .margin
    default:
      throw ModelFileError(
        message: "objective is \"\(words[0])\"",
        remedy: "train the model with an objective of one output, such as binary"
      )
    }
  }

  private func explain(_ fault: ModelFault) -> ModelFileError {
    switch fault {
    case .featureCount(let count): return .unsound("max_feature_idx is \(count - 1)")
    case .sumNotFinite: return .unsound("the leaf values add up beyond double precision")
    case .tree(let index, let fault):
      let place = "Tree=\(index)"
      switch fault {
      case .shape, .missingRule, .cover: return .unsound("\(place) is no tree")
      case .leftOutOfRange(let node): return .unsound("\(place): left_child[\(node)] is no node of the tree")
      case .rightOutOfRange(let node): return .unsound("\(place): right_child[\(node)] is no node of the tree")
      case .reachedTwice: return .unsound("\(place): left_child and right_child lead to a node twice: this is no tree")
      case .featureOutOfRange(let node): return .unsound("\(place): split_feature[\(node)] is above max_feature_idx")
      case .notFinite: return .unsound("\(place): a threshold or leaf_value is not a finite number")
      case .tooWide:
        return ModelFileError(
          message: "\(place) has more leaves on a level than can be addressed",
          remedy: "train with fewer num_leaves"
        )
      }
    }
  }
}
