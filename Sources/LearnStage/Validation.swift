internal import Dataflow
internal import Records

/// How good a model was at rows before it learned from them: each score as it was given is held against the label when that came
/// (progressive validation: Blum, Kalai, Langford 1999, "Beating the hold-out"), in memory that does not grow.
struct Validation: Equatable {
  private(set) var rows: Int64 = 0
  private(set) var frauds: Int64 = 0
  /// The sum over rows of -ln of the chance that the score gave to what was so.
  private var loss = 0.0
  /// Genuine rows and frauds by their scores, in steps of 1/32 of a power of two.
  private var genuine: [Int64]
  private var fraud: [Int64]

  /// Scores below 2^-40 share the first step.
  private static let least = (1023 - 40) << 5
  private static let steps = 40 << 5 + 2

  init() {
    genuine = Array(repeating: 0, count: Self.steps)
    fraud = genuine
  }

  mutating func add(_ score: Double, isFraud: Bool) {
    rows += 1
    // A score of 0 or 1 that was wrong would cost without end.
    loss -= Elementary.ln(max(isFraud ? score : 1 - score, 1e-15))
    let step = Int(truncatingIfNeeded: score.bitPattern >> 47) - Self.least
    let place = min(max(step, 0), Self.steps - 1)
    if isFraud {
      frauds += 1
      fraud[place] += 1
    } else {
      genuine[place] += 1
    }
  }

  /// The mean of that; nil before the first row.
  var logLoss: Double? { rows > 0 ? loss / Double(rows) : nil }

  /// The chance that a fraud had a higher score than a genuine row, those of one step counted as equal; nil without either.
  var areaUnderCurve: Double? {
    guard frauds > 0, frauds < rows else { return nil }
    var (below, pairs) = (0.0, 0.0)
    for step in genuine.indices {
      pairs += Double(fraud[step]) * (below + Double(genuine[step]) / 2)
      below += Double(genuine[step])
    }
    return pairs / (Double(frauds) * Double(rows - frauds))
  }

  func encode(into writer: inout ByteWriter) {
    writer.write(loss)
    // Most steps are empty.
    for counts in [genuine, fraud] {
      writer.write(counts.indices.filter { counts[$0] != 0 }) { step, writer in
        writer.write(UInt16(step))
        writer.write(counts[step])
      }
    }
  }

  init(from reader: inout ByteReader) throws(MalformedBytes) {
    self.init()
    loss = try reader.read()
    guard loss.isFinite else { throw reader.malformed("a finite number") }
    genuine = try Self.counts(&reader)
    fraud = try Self.counts(&reader)
    frauds = fraud.reduce(0, +)
    rows = frauds + genuine.reduce(0, +)
  }

  private static func counts(_ reader: inout ByteReader) throws(MalformedBytes) -> [Int64] {
    var counts = Array(repeating: Int64(0), count: steps)
    let pairs = try reader.read { (reader) throws(MalformedBytes) in
      (step: Int(try reader.read(UInt16.self)), count: try reader.read(Int64.self))
    }
    for (step, count) in pairs {
      // So few that no sum of them overflows.
      guard step < steps, counts[step] == 0, 0..<1 << 48 ~= count else { throw reader.malformed("a count of scores") }
      counts[step] = count
    }
    return counts
  }
}
