internal import Records

/// Brings inputs of any size to one scale: less the mean of what has come so far, in units of its standard deviation.
///
/// A value that is missing, or beyond any real one, becomes 0, as if it were the mean. Mean and variance by Welford (1962), "Note
/// on a method for calculating corrected sums of squares and products".
struct RunningScale: Sendable, Equatable {
  /// Of each input: how many values there were, their mean, and the sum of their squared distances from it.
  private var counts: [Double]
  private var means: [Double]
  private var squares: [Double]

  /// What is scaled lies at most so many standard deviations from 0: one wild value must not outweigh a thousand others.
  static let reach = 10.0
  /// Values beyond are taken as missing, so that no sum of squares overflows.
  static let greatest = 1e100

  init(inputs: Int) {
    counts = Array(repeating: 0, count: inputs)
    means = counts
    squares = counts
  }

  /// Takes in the inputs of a row, and scales them.
  mutating func take(_ row: inout MutableSpan<Double>) {
    for input in counts.indices {
      let value = row[input]
      guard abs(value) <= Self.greatest else {
        row[input] = 0
        continue
      }
      let count = counts[input] + 1
      let distance = value - means[input]
      let mean = means[input] + distance / count
      let sum = squares[input] + distance * (value - mean)
      counts[input] = count
      means[input] = mean
      squares[input] = sum
      let deviation = (sum / count).squareRoot()
      row[input] = deviation > 0 ? min(max((value - mean) / deviation, -Self.reach), Self.reach) : 0
    }
  }

  func encode(into writer: inout ByteWriter) {
    for values in [counts, means, squares] { for value in values { writer.write(value) } }
  }

  init(inputs: Int, from reader: inout ByteReader) throws(MalformedBytes) {
    self.init(inputs: inputs)
    for input in 0..<inputs { counts[input] = try reader.readPositive() }
    for input in 0..<inputs { means[input] = try reader.readFinite() }
    for input in 0..<inputs { squares[input] = try reader.readPositive() }
  }
}

extension ByteReader {
  mutating func readFinite() throws(MalformedBytes) -> Double {
    let value = try read(Double.self)
    guard value.isFinite else { throw malformed("a finite number") }
    return value
  }

  /// A finite number that is not negative.
  mutating func readPositive() throws(MalformedBytes) -> Double {
    let value = try readFinite()
    guard value >= 0 else { throw malformed("a number from 0 on") }
    return value
  }
}
