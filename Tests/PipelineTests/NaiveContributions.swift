import Foundation
import Testing

/// The contributions of an XGBoost model's inputs by Shapley's formula, leaf by leaf: a leaf is a game whose players are the inputs
/// on the way to it, and every coalition of them is looked at.
struct NaiveContributions {
  private(set) var base: Double
  private(set) var contributions: [Double]

  private struct Tree: Decodable {
    let leftChildren: [Int]
    let rightChildren: [Int]
    let splitIndices: [Int]
    let splitConditions: [Float]
    let defaultLeft: [Int]
    let sumHessian: [Double]
  }

  /// Of one input on the way to a leaf: whether the row goes there, and which part of the training data does.
  private struct Player {
    var follows = 1.0
    var share = 1.0
  }

  /// - Parameters:
  ///   - path: of the model, with `binary:logistic` as its objective.
  ///   - row: nil where a value is missing.
  init(_ path: String, _ row: [Double?]) throws {
    let file = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: path))) as? [String: Any]
    let learner = try #require(file?["learner"] as? [String: Any])
    let parameters = try #require(learner["learner_model_param"] as? [String: String])
    let probability = try #require(Double(parameters["base_score"]?.trimming("[]") ?? ""))
    let booster = try #require((learner["gradient_booster"] as? [String: Any])?["model"] as? [String: Any])
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    let trees = try decoder.decode(
      [Tree].self,
      from: JSONSerialization.data(withJSONObject: try #require(booster["trees"]))
    )
    base = log(probability / (1 - probability))
    contributions = Array(repeating: 0, count: row.count)
    for tree in trees { add(tree, 0, row, [:]) }
  }

  private mutating func add(_ tree: Tree, _ node: Int, _ row: [Double?], _ players: [Int: Player]) {
    guard tree.leftChildren[node] >= 0 else { return add(Double(tree.splitConditions[node]), players) }
    let input = tree.splitIndices[node]
    let goesLeft = row[input].map { Float($0) < tree.splitConditions[node] } ?? (tree.defaultLeft[node] != 0)
    for (child, isLeft) in [(tree.leftChildren[node], true), (tree.rightChildren[node], false)] {
      var players = players
      var player = players[input] ?? Player()
      if isLeft != goesLeft { player.follows = 0 }
      player.share *= tree.sumHessian[child] / tree.sumHessian[node]
      players[input] = player
      add(tree, child, row, players)
    }
  }

  private mutating func add(_ leaf: Double, _ players: [Int: Player]) {
    let inputs = players.keys.sorted()
    let all = inputs.map { players[$0] ?? Player() }
    func gain(_ coalition: Int) -> Double {
      all.indices.reduce(leaf) { $0 * (coalition >> $1 & 1 == 1 ? all[$1].follows : all[$1].share) }
    }
    base += gain(0)
    func factorial(_ number: Int) -> Double { number < 2 ? 1 : (2...number).reduce(1) { $0 * Double($1) } }
    for (place, input) in inputs.enumerated() {
      for coalition in 0..<1 << all.count where coalition >> place & 1 == 0 {
        let size = coalition.nonzeroBitCount
        let weight = factorial(size) * factorial(all.count - size - 1) / factorial(all.count)
        contributions[input] += weight * (gain(coalition | 1 << place) - gain(coalition))
      }
    }
  }
}

extension String {
  fileprivate func trimming(_ characters: String) -> String {
    trimmingCharacters(in: CharacterSet(charactersIn: characters))
  }
}
