internal import Foundation

/// The simulation's rows at an even pace: one each second of event time, so that `--speed 20000x` schedules 20,000 rows
/// a second. Where its rows end it begins again; transactions are numbered from 0.
struct SteadyData {
  let rows: Int
  /// Whether three rows in ten are of one customer, whom nobody else is.
  let hasHotKey: Bool

  private static let hotCustomer = Array("1000000".utf8)
  private static let comma = UInt8(ascii: ",")
  private static let piece = 1 << 20

  /// Whether a transaction is the hot customer's, where there is one.
  static func isHot(_ transaction: Int) -> Bool {
    // Scattered, as another customer's rows are: the golden ratio's multiples fill the range evenly.
    UInt32(truncatingIfNeeded: transaction) &* 2_654_435_769 < UInt32.max / 10 * 3
  }

  func file(_ bench: Workbench) throws -> URL {
    let source = try bench.data()
    return try bench.data("steady\(hasHotKey ? "-hot" : "")-\(rows).csv") { try write(from: source, to: $0) }
  }

  private func write(from source: URL, to target: URL) throws {
    guard FileManager.default.createFile(atPath: target.path, contents: nil) else {
      throw BenchmarkFailure("cannot write \(target.path)")
    }
    let file = try FileHandle(forWritingTo: target)
    var reader = try LineReader(source)
    guard let header = try reader.next() else { throw BenchmarkFailure("\(source.path) is empty") }
    var buffer = Array(header)
    buffer.reserveCapacity(Self.piece * 2)
    buffer.append(UInt8(ascii: "\n"))
    var clock = SteadyClock()
    var row = 0
    while row < rows {
      guard let line = try reader.next() else {
        reader = try LineReader(source)
        _ = try reader.next()
        continue
      }
      let fields = line.split(separator: Self.comma, maxSplits: 3)
      guard fields.count == 4 else {
        throw BenchmarkFailure("a row of \(source.path) has fewer columns than it should")
      }
      buffer.append(contentsOf: String(row).utf8)
      buffer.append(Self.comma)
      clock.appendNext(to: &buffer)
      buffer.append(Self.comma)
      if hasHotKey && Self.isHot(row) {
        buffer.append(contentsOf: Self.hotCustomer)
      } else {
        buffer.append(contentsOf: fields[2])
      }
      buffer.append(Self.comma)
      buffer.append(contentsOf: fields[3])
      buffer.append(UInt8(ascii: "\n"))
      if buffer.count > Self.piece {
        try file.write(contentsOf: buffer)
        buffer.removeAll(keepingCapacity: true)
      }
      row += 1
    }
    try file.write(contentsOf: buffer)
    try file.close()
  }
}

/// The texts of one second after the other, from 2018-04-01 00:00:00 on.
struct SteadyClock {
  private var second = 0
  private var date: [UInt8] = []

  private static let start = Date(timeIntervalSince1970: 1_522_540_800)
  private static let daySeconds = 86400

  mutating func appendNext(to buffer: inout [UInt8]) {
    let ofDay = second % Self.daySeconds
    if ofDay == 0 {
      let day = Self.start.addingTimeInterval(Double(second))
      date = Array(day.formatted(.iso8601.year().month().day()).utf8)
    }
    buffer += date
    buffer.append(UInt8(ascii: " "))
    append(ofDay / 3600, to: &buffer)
    buffer.append(UInt8(ascii: ":"))
    append(ofDay / 60 % 60, to: &buffer)
    buffer.append(UInt8(ascii: ":"))
    append(ofDay % 60, to: &buffer)
    second += 1
  }

  /// Two digits.
  private func append(_ number: Int, to buffer: inout [UInt8]) {
    buffer.append(UInt8(ascii: "0") + UInt8(number / 10))
    buffer.append(UInt8(ascii: "0") + UInt8(number % 10))
  }
}
