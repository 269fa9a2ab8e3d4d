import Dataflow
import Records
import TestSupport
import Testing
import WindowStage

/// Rows that go through a window stage in several epochs, each with another number of workers, which go on from what those
/// before have saved.
enum Epochs {
  /// Of each worker, its blocks.
  typealias Saved = [[StateBlock: [UInt8]]]

  /// - Parameters:
  ///   - most: rows of an epoch but the last.
  ///   - run: what `count` workers that go on from `saved` leave of `rows`, behind which `next` comes, and what they save.
  static func run(
    _ rows: [Row],
    most: Int = 150,
    _ random: inout SeededRandom,
    _ run: (
      _ rows: [Row], _ next: Row?, _ count: Int, _ saved: Saved, _ random: inout SeededRandom
    ) throws -> (left: [Row], saved: Saved)
  ) throws -> [Row] {
    var left: [Row] = []
    var rest = rows[...]
    var saved: Saved = []
    for epoch in 0..<4 {
      let part = Array(rest.prefix(epoch == 3 ? rest.count : Int.random(in: 0...most, using: &random)))
      rest = rest.dropFirst(part.count)
      let count = try #require(WindowStateTests.parallelisms.randomElement(using: &random))
      let next = epoch == 3 ? nil : rest.first
      let outcome = try run(part, next, count, saved, &random)
      left += outcome.left
      saved = outcome.saved
    }
    return left
  }

  /// The rows that windows give to each of their own, in the order of these.
  static func results(
    _ plan: WindowPlan,
    _ rows: [Row],
    most: Int = 150,
    _ random: inout SeededRandom
  ) throws -> [Row] {
    try run(rows, most: most, &random) { part, _, count, saved, random in
      var workers = try WindowWorkers(plan, count: count, from: saved, &random)
      return (try workers.run(part, &random), workers.saved)
    }
    .sorted { $0.ordinal < $1.ordinal }
  }
}
