import ModelFiles
import Models
import Testing

/// Scores beside the predictions of XGBoost and LightGBM for the same rows, an eighth of whose values are missing.
@Suite struct PredictionTests {
  static let names = [
    "depth1", "depth3", "depth6", "depth10", "dart", "linear", "squarederror", "logitraw", "constant",
  ]

  /// Models with splits by category, of either library.
  static let mixed = [
    "x-logistic6.ubj", "x-logistic3.json", "x-poisson.ubj", "x-gamma.ubj", "x-tweedie.ubj", "x-hinge.ubj",
    "x-absolute.ubj", "x-rank.ubj", "x-dart.ubj", "l-binary.txt", "l-sigmoid.txt", "l-nomissing.txt", "l-l1.txt",
    "l-huber.txt", "l-sqrt.txt", "l-poisson.txt", "l-tweedie.txt", "l-entropy.txt", "l-rf.txt", "l-dart.txt",
    "l-deep.txt", "l-constant.txt",
    "x-old1.json", "x-old2.ubj",
  ]

  static func stem(_ name: String) -> String { String(name.prefix { $0 != "." }) }

  @Test func theRowsAreThoseOfTheScript() throws {
    func texts(_ rows: [Double]) -> [String] { rows.map { $0.isNaN ? "-" : "\($0)" } }
    let expected = try Fixture.floats("first.rows").map(Double.init)
    #expect(texts(GeneratedRows.rows(seed: 3, count: 4)) == texts(expected))
    #expect(texts(GeneratedRows.mixed(seed: 13, count: 4)) == texts(try Fixture.doubles("mixed.rows")))
  }

  /// The greatest difference, relative where a prediction is beyond 1.
  private func worst(_ scores: [Double], _ predictions: [Float]) -> Double {
    zip(scores, predictions).map { abs($0 - Double($1)) / max(1, abs(Double($1))) }.max() ?? .infinity
  }

  @Test(arguments: names) func scoresAreXGBoostsPredictions(name: String) throws {
    let loaded = try ModelFile.load(path: Fixture.path("\(name).json"))
    let predictions = try Fixture.floats("\(name).predictions")
    #expect(predictions.count == 2500)
    let scores = scores(loaded.model, GeneratedRows.rows(seed: 3, count: predictions.count))
    let worst = worst(scores, predictions)
    #expect(worst <= 1e-6, "\(name): a score differs by \(worst)")
    #expect(loaded.model.featureCount == GeneratedRows.featureCount)
    #expect(loaded.featureNames == (name == "depth3" ? (0..<9).map { "f_\($0)" } : []))
  }

  @Test(arguments: mixed) func scoresWithCategoriesAreTheLibrarysPredictions(name: String) throws {
    let loaded = try ModelFile.load(path: Fixture.path(name))
    let predictions = try Fixture.floats("\(Self.stem(name)).predictions")
    #expect(predictions.count >= 2500)
    let scores = scores(loaded.model, GeneratedRows.mixed(seed: 13, count: predictions.count))
    let worst = worst(scores, predictions)
    #expect(worst <= 1e-6, "\(name): a score differs by \(worst)")
    #expect(loaded.featureNames == [])
    #expect(Set(loaded.categories.keys).isSubset(of: [6, 7]))
  }

  @Test(arguments: ["x-pandas.json", "l-pandas.txt"]) func categoriesOfAFrameHaveTheirNames(name: String) throws {
    let loaded = try ModelFile.load(path: Fixture.path(name))
    #expect(loaded.featureNames == ["amount", "colour", "size"])
    #expect(loaded.categories == [1: .texts(["a b", "blue", "green", "red"]), 2: .integers([-5, 7, 10, 20, 30])])
  }

  /// A value of a category in place of a missing one changes some score, where trees split by it.
  @Test func theFixturesHaveSplitsByCategory() throws {
    let rows = GeneratedRows.mixed(seed: 5, count: 200)
    let without = rows.enumerated().map { [6, 7].contains($0.offset % 8) ? .nan : $0.element }
    let with = try Self.mixed.filter {
      let model = try ModelFile.load(path: Fixture.path($0)).model
      return scores(model, rows) != scores(model, without)
    }
    #expect(with.count >= 20, "\(with)")
  }

  @Test(arguments: names.map { "\($0).json" } + mixed) func aModelSurvivesItsBinaryForm(name: String) throws {
    let model = try ModelFile.load(path: Fixture.path(name)).model
    var bytes: [UInt8] = []
    model.encode(into: &bytes)
    let rows =
      Self.mixed.contains(name)
      ? GeneratedRows.mixed(seed: 4, count: 500) : GeneratedRows.rows(seed: 4, count: 500)
    let copy = try ScoringModel(decoding: bytes)
    #expect(scores(copy, rows) == scores(model, rows))
    var again: [UInt8] = []
    copy.encode(into: &again)
    #expect(again == bytes)
  }
}
