import Foundation
import ModelFiles
import Models
import Testing

/// Our own JSON: logistic regressions and scorecards.
@Suite struct PlainModelTests {
  private func load(_ text: String) throws(ModelFileError) -> LoadedModel {
    try ModelFile.load(bytes: Array(text.utf8))
  }

  @Test func aLogisticRegressionIsRead() throws {
    let loaded = try load(
      #"{"kind": "logistic", "intercept": -1, "coefficients": {"b": 0.5, "a": 2, "c": 1}, "missing": {"a": 0.25}}"#
    )
    #expect(loaded.featureNames == ["a", "b", "c"])
    for (row, sum) in [([1, 2, 3], 5.0), ([.nan, .nan, .nan], -0.5), ([0.0, -2, 0], -2)] {
      let score = scores(loaded.model, row)[0]
      #expect(abs(score - 1 / (1 + exp(-sum))) < 1e-15, "\(row)")
    }
  }

  @Test func aScorecardIsRead() throws {
    let loaded = try load(
      """
      {"kind": "scorecard", "base_points": 100, "scale": {"points": 600, "odds": 0.02, "points_to_double": -20},
       "features": [
        {"name": "age", "bins": [{"below": 25, "points": 200}, {"below": 40, "points": 260}, {"points": 300}], "missing": 220},
        {"name": "amount", "bins": [{"below": 100.5, "points": 200}, {"points": 180}], "missing": 190}]}
      """
    )
    #expect(loaded.featureNames == ["age", "amount"])
    // Twenty points less double the odds of fraud, which are 1 to 50 at 600 points.
    for (row, points) in [
      ([40, 100.5], 580.0), ([39.9, 100.4], 560), ([24, 0], 500), ([.nan, .nan], 510), ([25, 1e9], 540),
    ] {
      let odds = 0.02 * pow(2, (600 - points) / 20)
      let score = scores(loaded.model, row)[0]
      #expect(abs(score - odds / (1 + odds)) < 1e-12, "\(row)")
    }
  }

  @Test func wrongFilesAreRefusedByName() {
    let scale = #""scale": {"points": 600, "odds": 1, "points_to_double": 20}"#
    let bin = #"{"below": 1, "points": 1}"#
    let cases: [(String, String)] = [
      (#"{"kind": "logistic", "coefficients": {"a": 1}}"#, "intercept is missing"),
      (#"{"kind": "logistic", "intercept": "x", "coefficients": {"a": 1}}"#, "intercept is not a number"),
      (#"{"kind": "logistic", "intercept": 0, "coefficients": {}}"#, "it has 0 features, not 1 to 32768"),
      (
        #"{"kind": "logistic", "intercept": 0, "coefficients": {"a": 1}, "missing": {"b": 1}}"#,
        "missing.b is of a feature that has no coefficient"
      ),
      (#"{"kind": "scorecard", "features": []}"#, "scale is missing"),
      (#"{"kind": "scorecard", "features": [], \#(scale)}"#, "it has 0 features, not 1 to 32768"),
      (
        #"{"kind": "scorecard", "features": [], "scale": {"points": 1, "odds": 0, "points_to_double": 1}}"#,
        "scale.odds is not above 0, or scale.points_to_double is 0"
      ),
      (
        #"{"kind": "scorecard", "features": [{"name": "a", "bins": [], "missing": 0}], \#(scale)}"#,
        "features[0].bins: each bin but the last has a `below`"
      ),
      (
        #"{"kind": "scorecard", "features": [{"name": "a", "bins": [\#(bin)], "missing": 0}], \#(scale)}"#,
        "features[0].bins: each bin but the last has a `below`"
      ),
      (
        #"{"kind": "scorecard", "features": [{"name": "a", "bins": [\#(bin), \#(bin), {"points": 0}], "missing": 0}], \#(scale)}"#,
        "features[0].bins: the bounds do not rise"
      ),
      (
        #"{"kind": "scorecard", "features": [{"name": "a", "bins": [{"points": 0}]}], \#(scale)}"#,
        "features[0].missing is missing"
      ),
    ]
    for (text, message) in cases {
      do throws(ModelFileError) {
        _ = try load(text)
        Issue.record("accepted: \(text)")
      } catch {
        #expect(error.message == message, "\(text)")
        #expect(error.remedy.contains("models.md"))
      }
    }
  }
}
