import Foundation
import TestSupport
import Testing

/// Keys that never come again: state is kept for those within their windows, however many there have been.
@Suite struct BoundedStateTests {
  static let pipeline = """
    pipeline: keys
    stages:
      in:
        source:
          csv: '-'
          time: at
          columns: { at: timestamp, card: int64, amount: decimal(2) }
      window:
        from: in
        window:
          key: card
          features:
            count_1h: count over 1h
            sum_1d: sum(amount) over 1d
      out:
        from: window
        where: count_1h > 1
        sink:
          stdout: jsonl
    """

  /// Keys, each with one row, a second apart: 86,400 of them are within a day.
  static let keys = ProcessInfo.processInfo.environment["SLUICE_KEYS"].flatMap(Int.init) ?? 10_000_000

  /// Writes a row for each key.
  private static func write(_ count: Int, to file: FileHandle) throws {
    var text = "at,card,amount\n"
    text.reserveCapacity(1 << 17)
    let start = 17_622 * 86_400
    for key in 0..<count {
      let second = start + key
      let (day, time) = (second / 86_400 - 17_622, second % 86_400)
      // Days of months of 28, which every calendar has.
      let (year, month) = (2018 + day / 336, day / 28 % 12 + 1)
      text += "\(year)-\(two(month))-\(two(day % 28 + 1)) \(two(time / 3600)):\(two(time / 60 % 60)):\(two(time % 60))"
      text += ",\(key &* 2_654_435_761 & 0xFFFF_FFFF_FFFF),1.00\n"
      if text.utf8.count > 1 << 16 {
        try file.write(contentsOf: Data(text.utf8))
        text.removeAll(keepingCapacity: true)
      }
    }
    try file.write(contentsOf: Data(text.utf8))
    try file.close()
  }

  private static func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }

  /// Bytes of the window's worker at its peak, and the summary.
  private static func peak(_ count: Int) throws -> (megabytes: Int, log: String) {
    let folder = try TemporaryFolder()
    let path = try folder.write("keys.yaml", pipeline)
    let pipe = Pipe()
    let program = try Program("sluice", ["run", path], in: folder, input: pipe)
    try? pipe.fileHandleForReading.close()
    let writer = pipe.fileHandleForWriting
    let thread = Thread { try? write(count, to: writer) }
    thread.start()
    let run = program.finish()
    #expect(run.status == 0 && run.output == "", "\(run.log)")
    #expect(run.log.contains("rows in             \(count.grouped)\n"), "\(run.log)")
    let match = try #require(run.log.firstMatch(of: /window\/0 ([0-9]+) MB/), "\(run.log)")
    return (try #require(Int(match.1)), run.log)
  }

  @Test func memoryGrowsWithTheKeysOfADayAndNotWithAllThatThereWere() throws {
    let (some, _) = try Self.peak(200_000)
    let (many, log) = try Self.peak(Self.keys)
    // Two days of keys fill what any number of days does; the rest is chance.
    #expect(many <= some + some / 4 + 4, "\(some) MB after 200,000 keys, \(many) MB after \(Self.keys): \(log)")
    let keys = try #require(log.firstMatch(of: /live keys +window ([0-9,]+) \(/), "\(log)")
    let live = try #require(Int(keys.1.filter { $0 != "," }))
    #expect(86_400...2 * 86_400 ~= live, "\(live) live keys of the \(Self.keys) that there were")
  }
}

extension Int {
  fileprivate var grouped: String {
    var text = "\(self)"
    var place = text.count - 3
    while place > 0 {
      text.insert(",", at: text.index(text.startIndex, offsetBy: place))
      place -= 3
    }
    return text
  }
}
