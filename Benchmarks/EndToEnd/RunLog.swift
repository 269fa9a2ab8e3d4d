internal import Foundation

/// What a program said on stderr.
struct RunLog {
  let text: String

  init(_ text: String) { self.text = text }

  /// What stands behind `label` in the closing summary of `sluice run`.
  func summary(_ label: String) throws -> String {
    for line in text.split(separator: "\n") where line.hasPrefix("  \(label) ") {
      return line.dropFirst(label.count + 2).trimmingCharacters(in: .whitespaces)
    }
    throw BenchmarkFailure("the summary has no line `\(label)`:\n\(text)")
  }

  /// A number of rows in that summary.
  func rows(_ label: String) throws -> Int {
    let text = try summary(label)
    guard let rows = Int(text.filter { $0 != "," }) else {
      throw BenchmarkFailure("`\(label)` is '\(text)', which is no number of rows")
    }
    return rows
  }

  /// From when rows were scheduled to arrive to when the sink had written them.
  func latency() throws -> Percentiles {
    let text = try summary("latency")
    guard let latency = Percentiles(text) else { throw BenchmarkFailure("'\(text)' are no percentiles") }
    return latency
  }

  /// The peak memory of each worker, `customer/0 31 MB`, as the summary lists them.
  func memory() throws -> [(worker: String, size: String)] {
    try summary("memory").components(separatedBy: ", ").map { entry in
      let words = entry.split(separator: " ", maxSplits: 1)
      guard words.count == 2 else { throw BenchmarkFailure("'\(entry)' is no worker with its memory") }
      return (String(words[0]), String(words[1]))
    }
  }

  /// The rows that the floor has read: `rows 123 seconds ...`.
  func floorRows() throws -> Int {
    let words = text.split { $0 == " " || $0 == "\n" }
    guard words.count > 1, words[0] == "rows", let rows = Int(words[1]) else {
      throw BenchmarkFailure("the floor did not say how many rows it read:\n\(text)")
    }
    return rows
  }
}
