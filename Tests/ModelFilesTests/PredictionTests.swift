import ModelFiles
import Models
import Testing

/// Scores beside the predictions of XGBoost 3.2.0 for the same rows, an eighth of whose values are missing.
@Suite struct PredictionTests {
  static let names = [
    "depth1", "depth3", "depth6", "depth10", "dart", "linear", "squarederror", "logitraw", "constant",
  ]

  @Test func theRowsAreThoseOfTheScript() throws {
    let expected = try Fixture.floats("first.rows")
    let rows = GeneratedRows.rows(seed: 3, count: 4)
    #expect(rows.map { $0.isNaN ? "-" : "\($0)" } == expected.map { $0.isNaN ? "-" : "\($0)" })
  }

  @Test(arguments: names) func scoresAreXGBoostsPredictions(name: String) throws {
    let loaded = try XGBoostJSON.load(path: Fixture.path("\(name).json"))
    let predictions = try Fixture.floats("\(name).predictions")
    #expect(predictions.count == 2500)
    let scores = scores(loaded.model, GeneratedRows.rows(seed: 3, count: predictions.count))
    let worst = zip(scores, predictions).map { abs($0 - Double($1)) }.max() ?? .infinity
    #expect(worst <= 1e-6, "\(name): a score differs by \(worst)")
    #expect(loaded.model.featureCount == GeneratedRows.featureCount)
    #expect(loaded.featureNames == (name == "depth3" ? (0..<9).map { "f_\($0)" } : []))
  }

  @Test(arguments: names) func aModelSurvivesItsBinaryForm(name: String) throws {
    let model = try XGBoostJSON.load(path: Fixture.path("\(name).json")).model
    var bytes: [UInt8] = []
    model.encode(into: &bytes)
    let rows = GeneratedRows.rows(seed: 4, count: 500)
    #expect(scores(try ScoringModel(decoding: bytes), rows) == scores(model, rows))
  }
}
