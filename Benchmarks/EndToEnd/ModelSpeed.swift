internal import Foundation
internal import ModelFiles
internal import Models

/// What a model costs a row by itself, in this process: one call a row, each timed, beside the libraries that trained it.
struct ModelSpeed {
  let rounds: Int

  private static let rows = 20_000
  /// Microseconds: of a score through 100 trees of depth 6, and of its explanation through 100 of depth 3.
  private static let scoreBudget = 2.0
  private static let reasonBudget = 50.0

  func run(on bench: Workbench) throws {
    Report.heading("one row and one model, in process, \(rounds) rounds of \(Self.rows) rows")
    var table = [["model", "call", "p50 us", "least p50", "greatest p50", "p99 us"]]
    let (trees, lightGBM) = ("trees.json", "trees.txt")
    let own = try add(trees, bench, "XGBoost, 100 trees of depth 6", ModelLibraries.xgboost, to: &table)
    let other = try add(lightGBM, bench, "LightGBM, 100 trees of depth 6", ModelLibraries.lightGBM, to: &table)
    let reasons = try addReasons("depth3.ubj", bench, "XGBoost, 100 trees of depth 3", to: &table)
    addLearning(to: &table)
    Report.table(table)
    for (name, value, budget) in [
      ("XGBoost's", own, Self.scoreBudget), ("LightGBM's", other, Self.scoreBudget),
      ("contributions", reasons, Self.reasonBudget),
    ] {
      Report.line(
        "  \(name): budget at most \(Figures.fixed(budget, 0)) us, \(value <= budget ? "met" : "missed"): "
          + Figures.fixed(value, 2)
      )
    }
  }

  /// Rows in the ranges of the reference pipeline's features, some values missing.
  private func rows(_ features: Int) -> [[Double]] {
    let ranges = [300.0, 2, 2, 12, 200, 45, 150, 160, 120, 12, 1, 60, 1, 220, 1]
    var state: UInt64 = 1
    return (0..<Self.rows).map { _ in
      (0..<features).map { feature in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let part = Double(state >> 33) / Double(1 << 31)
        if state >> 20 & 31 == 0 { return .nan }
        let range = ranges[feature % ranges.count]
        return range > 1 ? (part * range).rounded(.down) : part
      }
    }
  }

  private func add(
    _ file: String,
    _ bench: Workbench,
    _ name: String,
    _ library: (String, Int) -> ModelLibraries.Predict?,
    to table: inout [[String]]
  ) throws -> Double {
    let path = bench.repository.appending(path: "Benchmarks/Models/\(file)").path
    let model = try load(path)
    let rows = rows(model.featureCount)
    var score = [0.0]
    let own = time(rows) { row in
      var result = score.mutableSpan
      model.score(rows: row.span, count: 1, into: &result)
      return result[0]
    }
    table.append([name, "Sluice"] + own.texts)
    guard let library = library(path, model.featureCount) else {
      table.append([name, "the library's is not here", "-", "-", "-", "-"])
      return own.p50.median
    }
    for row in rows.prefix(1000) {
      var result = score.mutableSpan
      model.score(rows: row.span, count: 1, into: &result)
      let (ours, theirs) = (result[0], library(row))
      guard abs(ours - theirs) <= 1e-6 else {
        throw BenchmarkFailure("\(name): the library's score is \(theirs), ours \(ours)")
      }
    }
    table.append([name, "the library's own"] + time(rows, library).texts)
    return own.p50.median
  }

  private func addReasons(_ file: String, _ bench: Workbench, _ name: String, to table: inout [[String]]) throws
    -> Double
  {
    let model = try load(bench.repository.appending(path: "Benchmarks/Models/\(file)").path)
    guard var explainer = Explainer(model) else { throw BenchmarkFailure("\(file) has no covers") }
    var contributions = [Double](repeating: 0, count: model.featureCount)
    let own = time(rows(model.featureCount)) { row in
      var result = contributions.mutableSpan
      explainer.explain(row.span, into: &result)
      return result[0]
    }
    table.append([name, "contributions"] + own.texts)
    return own.p50.median
  }

  /// Models that learn, of as many inputs as the reference pipeline's: each call scores a row, and then learns from it.
  private func addLearning(to table: inout [[String]]) {
    let rows = rows(15)
    var (row, isFraud) = ([Double](repeating: .nan, count: 15), false)
    func take(_ inputs: [Double]) {
      for input in inputs.indices { row[input] = inputs[input] }
      isFraud = inputs[0] > 290
    }
    var logistic = OnlineLogistic(.init(), inputs: 15)
    let learning = time(rows) { inputs in
      take(inputs)
      var target = row.mutableSpan
      logistic.take(&target)
      let score = logistic.score(row.span)
      logistic.learn(row.span, isFraud: isFraud)
      return score
    }
    table.append(["logistic regression that learns", "score, learn"] + learning.texts)
    var forest = IsolationForest(.init(), inputs: 15)
    let growing = time(rows) { inputs in
      take(inputs)
      var target = row.mutableSpan
      forest.take(&target)
      let score = forest.score(row.span)
      forest.learn(row.span)
      return score
    }
    table.append(["isolation forest, 100 trees", "score, learn"] + growing.texts)
  }

  private func load(_ path: String) throws -> ScoringModel {
    do { return try ModelFile.load(path: path).model } catch { throw BenchmarkFailure("\(path): \(error)") }
  }

  /// Percentiles of the calls of each round.
  private struct Times {
    var p50 = Measurement()
    var p99 = Measurement()
    /// So that no call can be left out.
    var sum = 0.0

    var texts: [String] { p50.texts { Figures.fixed($0, 2) } + [Figures.fixed(p99.median, 2)] }
  }

  private func time(_ rows: [[Double]], _ call: ([Double]) -> Double) -> Times {
    var times = Times()
    // The first round fills the caches.
    for round in 0...rounds {
      var samples: [Double] = []
      samples.reserveCapacity(rows.count)
      for row in rows {
        let start = ContinuousClock.now
        times.sum += call(row)
        samples.append((ContinuousClock.now - start) / .microseconds(1))
      }
      samples.sort()
      guard round > 0 else { continue }
      times.p50.add(samples[samples.count / 2])
      times.p99.add(samples[samples.count * 99 / 100])
    }
    return times
  }
}
