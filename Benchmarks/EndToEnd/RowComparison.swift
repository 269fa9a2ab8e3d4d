internal import Foundation

/// Whether two files of result rows hold the same.
///
/// Two ways to add the same numbers may round differently, so a score may differ in its last digits; nothing else may.
struct RowComparison {
  private var rows = 0
  private var differentScores = 0

  private static let tolerance = 1e-9
  private static let label = Array(#""score":"#.utf8)

  var text: String {
    let scores =
      differentScores == 0
      ? "byte for byte"
      : "but for the last digits of \(Figures.grouped(Double(differentScores))) scores (by at most \(Self.tolerance) of them)"
    return "\(Figures.grouped(Double(rows))) out, the same from both \(scores)"
  }

  /// Compares line by line; throws at the first row that is not the same.
  static func compare(_ floor: URL, _ pipeline: URL) throws -> RowComparison {
    var comparison = RowComparison()
    var left = try LineReader(floor)
    var right = try LineReader(pipeline)
    while true {
      let first = try left.next()
      let second = try right.next()
      if first == nil && second == nil { break }
      comparison.rows += 1
      if first == second { continue }
      guard let first, let second, haveSameMeaning(first, second) else {
        throw BenchmarkFailure(
          """
          the floor and the pipeline differ in row \(comparison.rows):
            floor    \(first.map { String(decoding: $0, as: UTF8.self) } ?? "has no such row")
            pipeline \(second.map { String(decoding: $0, as: UTF8.self) } ?? "has no such row")
          """
        )
      }
      comparison.differentScores += 1
    }
    guard comparison.rows > 0 else { throw BenchmarkFailure("neither the floor nor the pipeline wrote a row") }
    return comparison
  }

  private static func haveSameMeaning(_ first: ArraySlice<UInt8>, _ second: ArraySlice<UInt8>) -> Bool {
    guard let one = score(of: first), let other = score(of: second) else { return false }
    return one.before == other.before && one.after == other.after
      && abs(one.score - other.score) <= tolerance * max(abs(one.score), abs(other.score))
  }

  private static func score(
    of line: ArraySlice<UInt8>
  ) -> (before: ArraySlice<UInt8>, score: Double, after: ArraySlice<UInt8>)? {
    guard let found = line.firstRange(of: label) else { return nil }
    let tail = line[found.upperBound...]
    let end = tail.firstIndex(of: UInt8(ascii: ",")) ?? tail.endIndex
    guard let score = Double(String(decoding: tail[..<end], as: UTF8.self)) else { return nil }
    return (line[..<found.upperBound], score, tail[end...])
  }
}
