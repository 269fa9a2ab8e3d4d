import Expressions
import Foundation
import Records
import TestSupport
import Testing

/// Files of time zones, with Foundation as the judge.
@Suite struct TimeZoneTests {
  /// A file without any change, only with the rule by which the zone goes on.
  static func file(offset: Int32, rule: String, changes: [(Int64, UInt8)] = []) -> [UInt8] {
    func bytes<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
      stride(from: T.bitWidth - 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> T($0)) }
    }
    func header(_ times: Int) -> [UInt8] {
      Array("TZif2".utf8) + Array(repeating: 0, count: 15)
        + [0, 0, 0, Int32(times), 1, 4].flatMap { bytes($0 as Int32) }
    }
    let type = bytes(offset) + [0, 0] + Array("XXX\0".utf8)
    return header(0) + type + header(changes.count) + changes.flatMap { bytes($0.0) } + changes.map(\.1) + type
      + Array("\n\(rule)\n".utf8)
  }

  static let vienna = TimeZoneRules(file: file(offset: 3600, rule: "CET-1CEST,M3.5.0,M10.5.0/3"))

  static func local(_ rules: TimeZoneRules?, _ times: [Int64]) throws -> [String] {
    let schema = Schema([Field("t", .timestamp)])
    let names = ExpressionNames(zone: { _ in rules })
    let parts = ["year", "month", "day", "hour", "minute", "weekday"]
    var projection = Projection(
      input: schema,
      compute: try parts.map { ($0, try Expression.compile("\($0)(t, 'z')", schema: schema, names: names)) },
      filter: nil
    )
    let rows = times.enumerated().map { Row(time: $1, ordinal: UInt64($0), values: [.int($1)]) }
    let batch = try #require(projection.apply(LooseRows(.of(schema, rows))).rows).assembled()
    return (0..<times.count).map { row in (1...6).map { "\(batch.column($0).int64(row))" }.joined(separator: " ") }
  }

  static func judged(_ zone: TimeZone, _ times: [Int64]) -> [String] {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = zone
    return times.map { time in
      let date = Date(timeIntervalSince1970: Double(time / 1_000_000))
      let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .weekday], from: date)
      let weekday = ((parts.weekday ?? 0) + 5) % 7 + 1
      return [parts.year, parts.month, parts.day, parts.hour, parts.minute, weekday].map { "\($0 ?? 0)" }
        .joined(separator: " ")
    }
  }

  static let folder = "/usr/share/zoneinfo/"

  @Test(
    .enabled(if: FileManager.default.fileExists(atPath: folder + "Europe/Vienna"), "this machine has no time zones"),
    arguments: [
      "Europe/Vienna", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "America/Sao_Paulo", "Europe/Dublin",
      "Pacific/Auckland", "UTC",
    ]
  )
  func readsTheSystemsZones(name: String) throws {
    let rules = try #require(TimeZoneRules(file: [UInt8](Data(contentsOf: URL(filePath: Self.folder + name)))))
    let zone = try #require(TimeZone(identifier: name))
    var random = SeededRandom(seed: 1)
    var times = (0..<3000).map { _ in Int64.random(in: 0...2_145_000_000, using: &random) * 1_000_000 }
    // The hours around changes, which random times miss.
    var next: Date? = Date(timeIntervalSince1970: 0)
    while let change = next, change.timeIntervalSince1970 < 2_145_000_000 {
      let time = Int64(change.timeIntervalSince1970) * 1_000_000
      times += [-1, 0, 1].map { time + $0 * 1_000_000 }
      next = zone.nextDaylightSavingTimeTransition(after: change)
    }
    times.removeAll { $0 < 0 }
    #expect(try Self.local(rules, times) == Self.judged(zone, times))
  }

  @Test func followsTheRuleBeyondTheLastChange() throws {
    var random = SeededRandom(seed: 2)
    let times = (0..<2000).map { _ in Int64.random(in: 1_000_000_000...7_000_000_000, using: &random) * 1_000_000 }
    let zone = try #require(TimeZone(identifier: "Europe/Vienna"))
    let known = times.filter { $0 < 2_100_000_000_000_000 }
    #expect(try Self.local(Self.vienna, known) == Self.judged(zone, known))
    // A summer's and a winter's noon of 2150.
    let later = [5_695_963_200_000_000, 5_680_324_800_000_000] as [Int64]
    #expect(try Self.local(Self.vienna, later).map { $0.split(separator: " ")[3] } == ["14", "13"])
  }

  @Test func rulesOfOtherShapes() throws {
    let noon: Int64 = 1_688_212_800_000_000
    let winter: Int64 = 1_672_574_400_000_000
    for (rule, summerHour, winterHour) in [
      ("<+03>-3", "12", "12"), ("EST5EDT,M3.2.0,M11.1.0", "8", "7"), ("AAA3BBB,J60/0,J300/0", "10", "9"),
      ("AAA-10BBB-10:30,M10.1.0,M4.1.0", "22", "22"), ("AAA0BBB-2,59/-24,299/167", "14", "12"),
    ] {
      // Without a summer time the rule only repeats what the last change says: nothing here.
      let rules = try #require(TimeZoneRules(file: Self.file(offset: 0, rule: rule)), "\(rule)")
      let hours = try Self.local(rules, [noon, winter]).map { String($0.split(separator: " ")[3]) }
      #expect(hours == [summerHour, winterHour], "\(rule)")
    }
  }

  @Test func damagedFilesAreRefusedOrHarmless() {
    let sound = Self.file(offset: 3600, rule: "CET-1CEST,M3.5.0,M10.5.0/3", changes: [(0, 0), (100_000, 0)])
    #expect(TimeZoneRules(file: sound) != nil)
    for length in 0..<sound.count - 1 { _ = TimeZoneRules(file: Array(sound[..<length])) }
    for seed in Seeds.range(3000) {
      var random = SeededRandom(seed: seed)
      var bytes = sound
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
      }
      if let rules = TimeZoneRules(file: bytes) { _ = try? Self.local(rules, [.min, 0, .max]) }
    }
    #expect(TimeZoneRules(file: Self.file(offset: 0, rule: "CET-1CEST,M13.5.0,M10.5.0/3")) == nil)
    #expect(TimeZoneRules(file: []) == nil)
  }
}
