internal import Foundation
internal import Models
internal import Records

/// Makes the model of a document, or says which field stands against it.
struct XGBoostConversion {
  private let learner: XGBoostDocument.Learner

  init(_ learner: XGBoostDocument.Learner) { self.learner = learner }

  func load() throws(ModelFileError) -> LoadedModel {
    let parameters = learner.learner_model_param
    let place = "learner.learner_model_param"
    for (name, text) in [("num_class", parameters.num_class), ("num_target", parameters.num_target)] {
      guard let text else { continue }
      guard try integer(text, "\(place).\(name)") <= 1 else {
        throw ModelFileError(
          message: "\(place).\(name) is \(text): the model has several outputs",
          remedy: "train a model with one output, such as binary:logistic"
        )
      }
    }
    let featureCount = try integer(parameters.num_feature, "\(place).num_feature")
    guard 1...ScoringModel.maxFeatureCount(.single) ~= featureCount else {
      throw ModelFileError(
        message: "\(place).num_feature is \(featureCount), not 1 to \(ScoringModel.maxFeatureCount(.single))",
        remedy: "train the model on so many features"
      )
    }
    let names = learner.feature_names ?? []
    guard names.isEmpty || names.count == featureCount else {
      throw .damaged("learner.feature_names has \(names.count) entries, not \(featureCount)")
    }
    let types = learner.feature_types ?? []
    guard types.isEmpty || types.count == featureCount else {
      throw .damaged("learner.feature_types has \(types.count) entries, not \(featureCount)")
    }
    let (output, link) = try objective()
    let baseMargin = try baseMargin(link)
    var categories: [Int: LoadedModel.Categories] = [:]
    let model: ScoringModel
    do {
      if let linear = learner.gradient_booster.linear {
        let place = "learner.gradient_booster.model.weights"
        try expect(linear.weights.count, is: featureCount + 1, in: place)
        model = try ScoringModel(
          weights: Array(linear.weights.dropLast()),
          bias: linear.weights[featureCount],
          baseMargin: baseMargin,
          output: output
        )
      } else if let forest = learner.gradient_booster.forest {
        let trees = try trees(of: forest)
        categories = XGBoostCategories.names(of: trees, types: types, forest.cats)
        model = try ScoringModel(
          trees: trees,
          featureCount: featureCount,
          baseMargin: baseMargin,
          output: output
        )
      } else {
        throw ModelFileError(
          message:
            "learner.gradient_booster.name is \"\(learner.gradient_booster.name)\", not gbtree, dart or gblinear",
          remedy: "train the model with one of these boosters"
        )
      }
    } catch let fault as ModelFault {
      throw explain(fault)
    } catch let error as ModelFileError {
      throw error
    } catch {
      throw .damaged("the model cannot be used")
    }
    return LoadedModel(model, featureNames: names, categories: categories)
  }

  // MARK: Parameters

  /// How a score becomes a sum: the base score is one.
  private enum Link {
    case none, logit, log
  }

  private func objective() throws(ModelFileError) -> (output: ScoringModel.Output, link: Link) {
    let name = learner.objective.name
    switch name {
    case "binary:logistic", "reg:logistic": return (.probability, .logit)
    case "binary:hinge": return (.side, .none)
    case "count:poisson", "reg:gamma", "reg:tweedie", "survival:cox", "survival:aft": return (.exponential, .log)
    case "binary:logitraw", "reg:squarederror", "reg:linear", "reg:squaredlogerror", "reg:pseudohubererror",
      "reg:absoluteerror", "reg:quantileerror", "rank:pairwise", "rank:ndcg", "rank:map":
      return (.margin, .none)
    default:
      throw ModelFileError(
        message: "learner.objective.name is \"\(name)\"",
        remedy: "train the model with an objective of one output, such as binary:logistic"
      )
    }
  }

  /// Where sums begin. The file has a score: for `binary:logistic` a probability (0 or 1 when all labels were the
  /// same).
  private func baseMargin(_ link: Link) throws(ModelFileError) -> Float {
    let text = learner.learner_model_param.base_score
    let place = "learner.learner_model_param.base_score"
    // Since 3.1 it is a list, with an entry for each output.
    var digits = Substring(text)
    if digits.hasPrefix("["), digits.hasSuffix("]") { digits = digits.dropFirst().dropLast() }
    guard !digits.contains(",") else {
      throw ModelFileError(
        message: "\(place) is \"\(text)\": the model has several outputs",
        remedy: "train a model with one output, such as binary:logistic"
      )
    }
    guard let score = Float(digits), score.isFinite else { throw .damaged("\(place) is \"\(text)\", not a number") }
    switch link {
    case .none: return score
    case .logit:
      guard score >= 0, score <= 1 else {
        throw .damaged("\(place) is \"\(text)\", not a probability from 0 to 1")
      }
      // The bounds, and the odds in single precision, are XGBoost's.
      let odds = 1 / min(max(score, 1e-6), 1 - 1e-6) - 1
      return Float(-Elementary.ln(Double(odds)))
    case .log:
      guard score > 0 else { throw .damaged("\(place) is \"\(text)\", not above 0") }
      return Float(Elementary.ln(Double(score)))
    }
  }

  private func integer(_ text: String, _ place: String) throws(ModelFileError) -> Int {
    guard let value = Int(text), value >= 0 else { throw .damaged("\(place) is \"\(text)\", not a count") }
    return value
  }

  private func expect(_ count: Int, is expected: Int, in place: String) throws(ModelFileError) {
    guard count == expected else { throw .damaged("\(place) has \(count) entries, not \(expected)") }
  }

  // MARK: Trees

  /// Where the trees stand in the file.
  private var place: String {
    learner.gradient_booster.name == "dart" ? "learner.gradient_booster.gbtree.model" : "learner.gradient_booster.model"
  }

  private func trees(of forest: XGBoostDocument.Forest) throws(ModelFileError) -> [SourceTree] {
    if let parameters = forest.gbtree_model_param {
      let count = try integer(parameters.num_trees, "\(place).gbtree_model_param.num_trees")
      try expect(forest.trees.count, is: count, in: "\(place).trees")
    }
    if let weights = learner.gradient_booster.weight_drop {
      try expect(weights.count, is: forest.trees.count, in: "learner.gradient_booster.weight_drop")
    }
    var trees: [SourceTree] = []
    for (index, tree) in forest.trees.enumerated() {
      let weight = learner.gradient_booster.weight_drop?[index] ?? 1
      trees.append(try convert(tree, "\(place).trees[\(index)]", weight: weight))
    }
    return trees
  }

  private func convert(
    _ tree: XGBoostDocument.Tree,
    _ place: String,
    weight: Float
  ) throws(ModelFileError) -> SourceTree {
    let sizeText = tree.tree_param.size_leaf_vector ?? "1"
    guard try integer(sizeText, "\(place).tree_param.size_leaf_vector") <= 1 else {
      throw ModelFileError(
        message: "\(place).tree_param.size_leaf_vector is \(sizeText): the model has several outputs",
        remedy: "train a model with one output, such as binary:logistic"
      )
    }
    let count = try integer(tree.tree_param.num_nodes, "\(place).tree_param.num_nodes")
    guard count > 0 else { throw .damaged("\(place).tree_param.num_nodes is 0") }
    try expect(tree.left_children.count, is: count, in: "\(place).left_children")
    try expect(tree.right_children.count, is: count, in: "\(place).right_children")
    try expect(tree.split_indices.count, is: count, in: "\(place).split_indices")
    try expect(tree.split_conditions.count, is: count, in: "\(place).split_conditions")
    try expect(tree.default_left.count, is: count, in: "\(place).default_left")
    if let types = tree.split_type { try expect(types.count, is: count, in: "\(place).split_type") }
    if let covers = tree.sum_hessian { try expect(covers.count, is: count, in: "\(place).sum_hessian") }
    var values = tree.split_conditions.map { $0 ?? .nan }
    for node in 0..<count where tree.left_children[node] == -1 { values[node] *= weight }
    return SourceTree(
      left: tree.left_children,
      right: tree.right_children,
      features: tree.split_indices,
      values: values.map(Double.init),
      missing: tree.default_left.map { $0.isSet ? .goesLeft : .goesRight },
      categories: try XGBoostCategories.sets(of: tree, place),
      covers: tree.sum_hessian?.map(Double.init) ?? []
    )
  }

  // MARK: Faults

  private func explain(_ fault: ModelFault) -> ModelFileError {
    switch fault {
    case .featureCount(let count): return .damaged("learner.learner_model_param.num_feature is \(count)")
    case .sumNotFinite: return .damaged("learner.gradient_booster holds values beyond single precision")
    case .tree(let index, let fault):
      let tree = learner.gradient_booster.forest?.trees[index]
      let nodes = tree?.left_children.count ?? 0
      let place = "\(place).trees[\(index)]"
      func text(_ values: [Int32]?, _ node: Int) -> String { values.map { "\($0[node])" } ?? "" }
      switch fault {
      case .shape: return .damaged("\(place) has arrays of different lengths")
      case .leftOutOfRange(let node):
        return .damaged(
          "\(place).left_children[\(node)] is \(text(tree?.left_children, node)), not one of \(nodes) nodes"
        )
      case .rightOutOfRange(let node):
        return .damaged(
          "\(place).right_children[\(node)] is \(text(tree?.right_children, node)), not one of \(nodes) nodes"
        )
      case .reachedTwice(let node):
        return .damaged("\(place).left_children and right_children lead to node \(node) twice: this is no tree")
      case .featureOutOfRange(let node):
        let features = learner.learner_model_param.num_feature
        return .damaged(
          "\(place).split_indices[\(node)] is \(text(tree?.split_indices, node)), not below num_feature, \(features)"
        )
      case .notFinite(let node): return .damaged("\(place).split_conditions[\(node)] is not a finite number")
      case .cover(let node): return .damaged("\(place).sum_hessian[\(node)] is not a number from 0 on")
      case .missingRule(let node): return .damaged("\(place).default_left[\(node)] is no truth")
      case .tooWide:
        return ModelFileError(
          message: "\(place) has more leaves on a level than can be addressed",
          remedy: "train with max_depth 15 or less, or with max_leaves"
        )
      }
    }
  }
}
