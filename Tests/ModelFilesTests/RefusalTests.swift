import Foundation
import ModelFiles
import Models
import Testing

/// Files that are no models, or models of another kind.
@Suite struct RefusalTests {
  private func error(_ bytes: [UInt8]) -> ModelFileError? {
    do throws(ModelFileError) {
      _ = try ModelFile.load(bytes: bytes)
      return nil
    } catch {
      return error
    }
  }

  /// The fixture with the value at a path replaced, or removed when there is none.
  private func changed(_ name: String, _ path: [any Sendable], _ value: (any Sendable)?) throws -> [UInt8] {
    func change(_ node: Any, _ path: ArraySlice<any Sendable>) -> Any? {
      guard let step = path.first else { return value }
      if let key = step as? String, var fields = node as? [String: Any] {
        fields[key] = change(fields[key] ?? [String: Any](), path.dropFirst())
        return fields
      }
      guard let index = step as? Int, var items = node as? [Any] else { return node }
      if let item = change(items[index], path.dropFirst()) { items[index] = item } else { items.remove(at: index) }
      return items
    }
    let root = try JSONSerialization.jsonObject(with: Data(try Fixture.bytes(name)))
    let result = try #require(change(root, path[...]))
    return [UInt8](try JSONSerialization.data(withJSONObject: result))
  }

  private static let tree: [any Sendable] = ["learner", "gradient_booster", "model", "trees", 3]
  private static let treeName = "learner.gradient_booster.model.trees[3]"
  private static let parameters: [any Sendable] = ["learner", "learner_model_param"]
  private static let parametersName = "learner.learner_model_param"

  @Test func inconsistentTreesAreRefusedByName() throws {
    let cases: [([any Sendable], (any Sendable)?, String)] = [
      (["left_children"], [1, -1], "left_children has 2 entries, not 3"),
      (["right_children"], [1], "right_children has 1 entries, not 3"),
      (["split_indices"], [] as [Int], "split_indices has 0 entries, not 3"),
      (["split_conditions"], [0.5], "split_conditions has 1 entries, not 3"),
      (["default_left"], [0], "default_left has 1 entries, not 3"),
      (["split_type"], [0], "split_type has 1 entries, not 3"),
      (["left_children", 0], 99, "left_children[0] is 99, not one of 3 nodes"),
      (["right_children", 0], -7, "right_children[0] is -7, not one of 3 nodes"),
      (["left_children", 0], 0, "left_children and right_children lead to node 0 twice: this is no tree"),
      (["left_children", 0], "x", "left_children[0] is not a number"),
      (["left_children"], nil, "left_children is missing"),
      (["split_indices", 0], 9, "split_indices[0] is 9, not below num_feature, 9"),
      (["split_indices", 0], -1, "split_indices[0] is -1, not below num_feature, 9"),
      (["tree_param", "num_nodes"], "many", "tree_param.num_nodes is \"many\", not a count"),
      (
        ["split_type", 0], 1,
        "split_type[0] is 1, and learner.gradient_booster.model.trees[3].categories_nodes does not have the node"
      ),
      (["categories_nodes"], [0], "categories_segments has 0 entries, not 1"),
      (["sum_hessian"], [0.5], "sum_hessian has 1 entries, not 3"),
      (["sum_hessian", 0], -1, "sum_hessian[0] is not a number from 0 on"),
      (["tree_param", "size_leaf_vector"], "3", "tree_param.size_leaf_vector is 3: the model has several outputs"),
    ]
    for (path, value, message) in cases {
      let error = error(try changed("depth1.json", Self.tree + path, value))
      #expect(error?.message == "\(Self.treeName).\(message)", "\(path)")
      #expect(error?.remedy.isEmpty == false)
    }
  }

  @Test func modelsOfAnotherKindAreRefused() throws {
    let cases: [([any Sendable], (any Sendable)?, String)] = [
      (Self.parameters + ["num_class"], "3", "\(Self.parametersName).num_class is 3: the model has several outputs"),
      (Self.parameters + ["num_target"], "2", "\(Self.parametersName).num_target is 2: the model has several outputs"),
      (Self.parameters + ["num_feature"], "0", "\(Self.parametersName).num_feature is 0, not 1 to 32768"),
      (Self.parameters + ["base_score"], "x", "\(Self.parametersName).base_score is \"x\", not a number"),
      (
        Self.parameters + ["base_score"], "[1.5]",
        "\(Self.parametersName).base_score is \"[1.5]\", not a probability from 0 to 1"
      ),
      (
        Self.parameters + ["base_score"], "[0.1,0.2]",
        "\(Self.parametersName).base_score is \"[0.1,0.2]\": the model has several outputs"
      ),
      (["learner", "objective", "name"], "multi:softmax", "learner.objective.name is \"multi:softmax\""),
      (
        ["learner", "gradient_booster", "name"], "forest",
        "learner.gradient_booster.name is \"forest\", not gbtree, dart or gblinear"
      ),
      (["learner", "feature_names"], ["a"], "learner.feature_names has 1 entries, not 9"),
      (
        ["learner", "gradient_booster", "model", "trees", 5], nil,
        "learner.gradient_booster.model.trees has 59 entries, not 60"
      ),
      (["learner"], nil, "learner is missing"),
      (["learner"], [1], "learner is not an object"),
    ]
    for (path, value, message) in cases {
      #expect(error(try changed("depth1.json", path, value))?.message == message, "\(path)")
    }
    let weights: [any Sendable] = ["learner", "gradient_booster", "model", "weights"]
    #expect(
      error(try changed("linear.json", weights + [0], nil))?.message
        == "learner.gradient_booster.model.weights has 9 entries, not 10"
    )
    let drop: [any Sendable] = ["learner", "gradient_booster", "weight_drop", 0]
    #expect(
      error(try changed("dart.json", drop, nil))?.message
        == "learner.gradient_booster.weight_drop has 19 entries, not 20"
    )
  }

  @Test func modelsOfXGBoost1AreRead() throws {
    var bytes = try changed("depth1.json", Self.parameters + ["num_target"], nil)
    let text = String(decoding: bytes, as: UTF8.self)
      .replacing("\"default_left\":[1,0,0]", with: "\"default_left\":[true,false,false]")
      .replacing("\"size_leaf_vector\":\"1\"", with: "\"size_leaf_vector\":\"0\"")
      .replacing("\"base_score\":\"[", with: "\"base_score\":\"")
      .replacing("]\"", with: "\"")
      .replacing("\"split_type\"", with: "\"unused\"")
    bytes = Array(text.utf8)
    #expect(text.contains("true") && text.contains("unused") && text.contains("\"size_leaf_vector\":\"0\""))
    let rows = GeneratedRows.rows(seed: 9, count: 100)
    let expected = try ModelFile.load(path: Fixture.path("depth1.json"))
    #expect(scores(try ModelFile.load(bytes: bytes).model, rows) == scores(expected.model, rows))
  }

  @Test func setsOfCategoriesThatDoNotFitAreRefused() throws {
    let tree: [any Sendable] = ["learner", "gradient_booster", "model", "trees", 0]
    let place = "learner.gradient_booster.model.trees[0]"
    let cases: [([any Sendable], (any Sendable)?, String)] = [
      (["categories_sizes"], [] as [Int], "categories_sizes has 0 entries, not 4"),
      (["categories_nodes", 0], 99, "categories_nodes[0] is 99, which does not split by category"),
      (["categories_nodes", 0], -1, "categories_nodes[0] is -1, which does not split by category"),
      (["categories_segments", 0], 99, "categories_segments[0] is 99, beyond the 4 categories"),
      (["categories_segments", 0], -1, "categories_segments[0] is -1, beyond the 4 categories"),
      (["categories_sizes", 0], 99, "categories_segments[0] is 0, beyond the 4 categories"),
      (["categories", 0], -1, "categories[0] is -1"),
      (["categories", 0], 1 << 24, "categories[0] is 16777216"),
    ]
    for (path, value, message) in cases {
      #expect(error(try changed("x-logistic3.json", tree + path, value))?.message == "\(place).\(message)", "\(path)")
    }
  }

  /// XGBoost 3.2 cuts texts with such characters off.
  @Test func categoriesBeyondASCIIHaveNoNames() throws {
    let values: [any Sendable] = ["learner", "gradient_booster", "model", "cats", "enc", 1, "values"]
    let loaded = try ModelFile.load(bytes: try changed("x-pandas.json", values + [1], -61))
    #expect(loaded.categories[1] == .numbered && loaded.categories[2] == .integers([-5, 7, 10, 20, 30]))
  }

  @Test func aThresholdThatIsNoNumberIsRefused() throws {
    let text = String(decoding: try changed("depth1.json", Self.tree + ["split_conditions", 0], "?"), as: UTF8.self)
    #expect(
      error(Array(text.replacing("\"?\"", with: "NaN").utf8))?.message
        == "\(Self.treeName).split_conditions[0] is not a finite number"
    )
    #expect(error(Array(text.utf8))?.message == "\(Self.treeName).split_conditions[0] is not a number")
  }

  @Test func baseScoresBeyondTheObjectiveAreRefused() throws {
    for (objective, score, message) in [
      ("count:poisson", "0", "not above 0"), ("reg:gamma", "-1", "not above 0"),
      ("reg:logistic", "1.5", "not a probability from 0 to 1"),
    ] {
      let name: [any Sendable] = ["learner", "objective", "name"]
      let text = String(decoding: try changed("depth1.json", name, objective), as: UTF8.self)
      let part = try #require(text.range(of: #""base_score":"[^"]*""#, options: .regularExpression))
      let bytes = Array(text.replacingCharacters(in: part, with: "\"base_score\":\"\(score)\"").utf8)
      #expect(error(bytes)?.message == "\(Self.parametersName).base_score is \"\(score)\", \(message)")
    }
  }

  @Test func filesThatAreNoModelsAreRefused() throws {
    func failure(_ path: String) -> ModelFileError? {
      do throws(ModelFileError) {
        _ = try ModelFile.load(path: path)
        return nil
      } catch {
        return error
      }
    }
    let binary = error(Array("binf".utf8) + [0, 1, 2])
    #expect(binary?.message == "this is a binary model of an old version of XGBoost")
    #expect(binary?.remedy.contains("save it as .json") == true)
    #expect(failure(Fixture.path("nothing.json"))?.message == "there is no such file")
    #expect(failure(Fixture.path(""))?.message == "this is not a regular file")
    #expect(failure("/dev/zero")?.message == "this is not a regular file")
    #expect(error([])?.message == "the file is empty")
    #expect(error(Array("hello".utf8))?.message == "this is no model file")
    #expect(error(Array("{\"kind\": \"tree\"}".utf8))?.message == "kind is \"tree\"")
    let invalid = "this is not valid JSON, or a number in it is out of range"
    #expect(error(Array("{\"learner\": ]}".utf8))?.message == invalid)
    #expect(error(try changed("depth1.json", Self.tree + ["split_conditions", 1], 1e300))?.message == invalid)
    #expect(error(try changed("depth1.json", Self.tree + ["right_children", 0], 1 << 40))?.message == invalid)
    #expect(error(Array("{}".utf8))?.message == "learner is missing")
    let deep = Array("{\"learner\":".utf8) + [UInt8](repeating: UInt8(ascii: "["), count: 1_000_000)
    #expect(error(deep) != nil)
  }

  @Test(arguments: ["depth1.json", "dart.json", "linear.json", "binary.ubj", "x-gamma.ubj", "l-huber.txt"])
  func everyCutIsRefused(name: String) throws {
    let bytes = try Fixture.bytes(name)
    // What follows the trees of a text says nothing of them.
    let text = String(decoding: bytes, as: UTF8.self)
    let whole = text.range(of: "end of trees").map { text[..<$0.upperBound].utf8.count } ?? bytes.count
    for length in stride(from: 0, to: whole - 1, by: max(1, whole / 400)) {
      let error = error(Array(bytes[..<length]))
      #expect(error != nil, "\(name) cut at \(length)")
      let messages = [
        "json": "the JSON ends before it is complete: the file is truncated",
        "ubj": "the UBJ document ends before it is complete: the file is truncated",
        "txt": "the file ends before \"end of trees\": it is truncated",
      ]
      guard length > 5, let message = messages[String(name.suffix(3))] else { continue }
      // A count of what is cut off is no count.
      let isCount = name.hasSuffix(".ubj") && error?.message.contains("more than the file holds") == true
      #expect(error?.message == message || isCount, "\(name) at \(length): \(error?.message ?? "")")
    }
  }

  @Test(arguments: 0..<8) func mutatedFilesAreRefusedOrCanBeScored(seed: UInt64) throws {
    var state = seed
    func below(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
    let signs = Array("0123456789-+eE.,:[]{}\"\\ntfa".utf8)
    let values = GeneratedRows.rows(seed: 9, count: 100)
    for round in 0..<120 {
      let name = ["logitraw.json", "linear.json", "x-gamma.ubj", "l-huber.txt", "binary.ubj"][round % 5]
      var bytes = try Fixture.bytes(name)
      for _ in 0...below(3) {
        bytes[below(bytes.count)] = name.hasSuffix(".ubj") ? UInt8(below(256)) : signs[below(signs.count)]
      }
      guard let model = try? ModelFile.load(bytes: bytes).model else { continue }
      guard model.featureCount * 10 <= values.count else { continue }
      let rows = Array(values.prefix(model.featureCount * 10))
      #expect(scores(model, rows).count == 10, "seed \(seed)")
      guard var explainer = Explainer(model) else { continue }
      var contributions = [Double](repeating: 0, count: model.featureCount)
      var span = contributions.mutableSpan
      explainer.explain(rows.span.extracting(0..<model.featureCount), into: &span)
      if model.isForest { #expect(contributions.allSatisfy { $0.isFinite }, "seed \(seed)") }
    }
  }
}
