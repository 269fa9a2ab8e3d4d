import ModelFiles
import Models
import Testing

/// Contributions beside XGBoost's `pred_contribs` and LightGBM's `pred_contrib` for the same rows.
@Suite struct ContributionTests {
  private func worst(_ name: String, _ rows: [Double], divisor: Float = 1) throws -> Double {
    let model = try ModelFile.load(path: Fixture.path(name)).model
    let width = model.featureCount
    let expected = try Fixture.floats("\(PredictionTests.stem(name)).contributions").map { $0 / divisor }
    var explainer = try #require(Explainer(model))
    #expect(expected.count == 150 * (width + 1))
    var worst = 0.0
    for row in 0..<150 {
      var contributions = [Double](repeating: 0, count: width)
      var span = contributions.mutableSpan
      explainer.explain(rows.span.extracting(row * width..<(row + 1) * width), into: &span)
      // What comes on top stands last.
      for (place, value) in (contributions + [explainer.base]).enumerated() {
        worst = max(worst, abs(value - Double(expected[row * (width + 1) + place])))
      }
    }
    return worst
  }

  @Test(arguments: PredictionTests.names) func contributionsAreXGBoosts(name: String) throws {
    let worst = try worst("\(name).json", GeneratedRows.rows(seed: 3, count: 150))
    #expect(worst <= 1e-5, "\(name): a contribution differs by \(worst)")
  }

  @Test(arguments: PredictionTests.mixed) func contributionsWithCategoriesAreTheLibrarys(name: String) throws {
    // LightGBM leaves the contributions to the mean of trees undivided: they add up to the trees' sum.
    let worst = try worst(
      name,
      GeneratedRows.mixed(seed: 13, count: 150),
      divisor: name == "l-rf.txt" ? 5 : 1
    )
    #expect(worst <= 1e-5, "\(name): a contribution differs by \(worst)")
  }
}
